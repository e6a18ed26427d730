package plan_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// FuzzNew holds that every spec that parses gives, for every target, a plan whose parts fit,
// or mistakes: of New, of Explain and of what clients get as data.
func FuzzNew(f *testing.F) {
	for _, pattern := range []string{"../spec/testdata/good/*.yaml", "../spec/testdata/bad/*.yaml", "../examples/*/*.yaml", "../examples/*/Dockerfile"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for _, target := range []string{"", "binaries", "dist", "test", "deps", "own"} {
				f.Add(string(data), target, "linux/arm64")
			}
		}
	}
	modules := []scan.Module{{Dir: ".", Path: "example.com/shop", Go: "1.26", Requires: true}, {Dir: "tools", Path: "example.com/tools"}}
	found := facts(modules, "cmd/shop", "cmd/worker", "cmd/importer", "tools/x")
	f.Fuzz(func(t *testing.T, text, target, platform string) {
		s, err := spec.Parse("x.yaml", []byte(text))
		if err != nil {
			return
		}
		req := request(target)
		if p, err := spec.ParsePlatform(platform); err == nil {
			req.Platforms = append(req.Platforms, p)
		}
		plan.ScanRequest(s, req)
		p, err := plan.New(s, found, req)
		if err != nil {
			var list diag.List
			if !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("no list of mistakes: %v", err)
			}
			return
		}
		checkSteps(t, p)
		p.Explain()
		if _, err := json.Marshal(p); err != nil {
			t.Fatal(err)
		}
	})
}
