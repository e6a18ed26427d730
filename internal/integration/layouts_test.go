package integration

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLayouts builds modules that are laid out in other ways than one module at the root, and
// compares each binary with what go build makes outside.
func TestLayouts(t *testing.T) {
	k := kit(t)
	lib := func(pkg, name string) string {
		return "package " + pkg + "\n\nconst Name = \"" + name + "\"\n"
	}
	main := func(imp, pkg string) string {
		return "package main\n\nimport (\n\t\"fmt\"\n\n\t\"" + imp + "\"\n)\n\nfunc main() { fmt.Println(" + pkg + ".Name) }\n"
	}
	for _, c := range []struct {
		name   string
		files  map[string]string
		target string
		dir    string // that go build runs in
		pkg    string
		env    string
		vendor bool
	}{
		{name: "module", dir: ".", pkg: ".", target: "x", files: map[string]string{
			"go.mod": "module example.com/x\n\ngo 1.26\n", "main.go": main("example.com/x/internal/lib", "lib"), "internal/lib/lib.go": lib("lib", "module"),
		}},
		{name: "workspace", dir: ".", pkg: "./svc/cmd/svc", target: "svc", files: map[string]string{
			"go.work":    "go 1.26\n\nuse (\n\t./svc\n\t./lib\n\t./unused\n)\n",
			"svc/go.mod": "module example.com/svc\n\ngo 1.26\n", "svc/cmd/svc/main.go": main("example.com/lib", "lib"),
			"lib/go.mod": "module example.com/lib\n\ngo 1.26\n", "lib/lib.go": lib("lib", "workspace"),
			"unused/go.mod": "module example.com/unused\n\ngo 1.26\n", "unused/u.go": lib("unused", "u"),
		}},
		{name: "local replace", dir: ".", pkg: ".", target: "x", files: map[string]string{
			"go.mod":  "module example.com/x\n\ngo 1.26\n\nrequire example.com/other v1.0.0\n\nreplace example.com/other => ./fork\n",
			"main.go": main("example.com/other/sub", "sub"), "fork/go.mod": "module example.com/fork\n\ngo 1.26\n", "fork/sub/sub.go": lib("sub", "fork"),
		}},
		{name: "module in a subfolder, outside the workspace", dir: "tools", pkg: "./gen", target: "gen", env: "GOWORK=off", files: map[string]string{
			"Dockerfile":   "# syntax=acme/xbuild\nbinaries: {gen: ./tools/gen}\n",
			"go.work":      "go 1.26\n\nuse .\n",
			"go.mod":       "module example.com/x\n\ngo 1.26\n",
			"main.go":      "package main\n\nfunc main() {}\n",
			"tools/go.mod": "module example.com/x/tools\n\ngo 1.26\n", "tools/gen/main.go": main("example.com/x/tools/lib", "lib"), "tools/lib/lib.go": lib("lib", "tools"),
		}},
		{name: "vendored", dir: ".", pkg: ".", target: "cache", vendor: true, files: map[string]string{
			"go.mod": requiring,
			"go.sum": sums, "main.go": "package main\n\nimport \"rsc.io/sampler\"\n\nfunc main() { println(sampler.Hello()) }\n",
		}},
		{name: "embedded files and assembly", dir: ".", pkg: ".", target: "x", files: map[string]string{
			"go.mod":      "module example.com/x\n\ngo 1.26\n",
			"main.go":     "package main\n\nimport _ \"embed\"\n\n//go:embed testdata/hello.txt\nvar hello string\n\nfunc one() int\n\nfunc main() { println(hello, one()) }\n",
			"one_amd64.s": "#include \"inc/ret.h\"\n\nTEXT ·one(SB), 4, $0-8\n\tMOVQ $1, ret+0(FP)\n\tDONE\n", "inc/ret.h": "#define DONE RET\n",
			"testdata/hello.txt": "hello",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := project(t, with(map[string]string{"Dockerfile": tiny["Dockerfile"]}, c.files))
			gobuild := func(args ...string) {
				cmd := exec.CommandContext(t.Context(), "go", args...)
				cmd.Dir = filepath.Join(dir, c.dir)
				cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=", c.env)
				if said, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("go %v: %v\n%s", args, err, said)
				}
			}
			if c.vendor {
				gobuild("mod", "vendor")
			}
			out := filepath.Join(t.TempDir(), "out")
			gobuild("build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, c.pkg)
			want, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			res := build(t, k, request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries"}})
			if !bytes.Equal(res.data[c.target], want) {
				t.Errorf("%d bytes, go build makes other %d; exported were %v", len(res.data[c.target]), len(want), sortedNames(res.data))
			}
			if c.vendor && len(res.vertices["[std linux/amd64] compile"]) > 0 {
				t.Error("vendored modules are taken for some that can be bumped")
			}
		})
	}
}
