package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// outside is a program in a module of its own that uses spec, scan, plan and llb.
const outside = `package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client"
	bk "github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/tonistiigi/fsutil"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		log.Fatal(err)
	}
}

// logs prints what the steps say.
func logs() chan *client.SolveStatus {
	ch := make(chan *client.SolveStatus)
	go func() {
		for s := range ch {
			for _, l := range s.Logs {
				os.Stderr.Write(l.Data)
			}
		}
	}()
	return ch
}

func run(ctx context.Context, addr, gostep, dir, out string) error {
	s, err := spec.Parse("xbuild.yaml", []byte("binaries: {tool: .}\n"))
	if err != nil {
		return err
	}
	req := plan.Request{
		BuildPlatform: platforms.DefaultSpec(),
		Platforms:     []ocispecs.Platform{{OS: "linux", Architecture: "arm64"}},
	}
	facts, err := scan.Dir(dir, plan.ScanRequest(s, req))
	if err != nil {
		return err
	}
	p, err := plan.New(s, facts, req)
	if err != nil {
		return err
	}
	b, err := llb.Emit(p, llb.Options{Tool: bk.Local("gostep")})
	if err != nil {
		return err
	}
	def, err := b.Marshal(ctx, b.Targets[0].State)
	if err != nil {
		return err
	}
	c, err := client.New(ctx, addr)
	if err != nil {
		return err
	}
	defer c.Close()
	src, err := fsutil.NewFS(dir)
	if err != nil {
		return err
	}
	tool, err := fsutil.NewFS(gostep)
	if err != nil {
		return err
	}
	_, err = c.Solve(ctx, def, client.SolveOpt{
		LocalMounts: map[string]fsutil.FS{"context": src, "gostep": tool},
		Exports:     []client.ExportEntry{{Type: client.ExporterLocal, OutputDir: out}},
	}, logs())
	fmt.Println(b.Targets[0].Image.Config.Entrypoint)
	return err
}
`

// TestLibrary builds a state with the public packages, from outside this module, and
// solves it.
func TestLibrary(t *testing.T) {
	k := kit(t)
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := project(t, map[string]string{
		"main.go": outside,
		"go.sum":  string(sum),
		"go.mod": strings.Replace(string(mod), "module github.com/acme/xbuild", "module example.com/outside", 1) +
			"\nrequire github.com/acme/xbuild v0.0.0\n\nreplace github.com/acme/xbuild => " + root + "\n",
	})
	program := filepath.Join(dir, "outside")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", program, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	out := t.TempDir()
	cmd = exec.CommandContext(t.Context(), program, k.Addr(), gostep(t), project(t, tiny), out)
	var log strings.Builder
	cmd.Stderr = &log
	said, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	if got := strings.TrimSpace(string(said)); got != "[/usr/local/bin/tool]" {
		t.Errorf("entrypoint %s", got)
	}
	if _, err := os.Stat(filepath.Join(out, "usr/local/bin/tool")); err != nil {
		t.Error(err)
	}
}
