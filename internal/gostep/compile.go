package gostep

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/acme/xbuild/internal/gocache"
)

// runCompile runs a go build command line, which names its result with -o, and checks
// the result against the command line and the environment that it ran with. The build
// cache entries in deps are added to GOCACHE before.
func runCompile(deps string, args []string, stderr io.Writer) error {
	want, err := expected(args, os.Getenv)
	if err != nil {
		return err
	}
	added, err := gocache.Dir(os.Getenv("GOCACHE")).Seed(gocache.Dir(deps))
	if err != nil {
		return err
	}
	if added > 0 {
		fmt.Fprintf(stderr, "compile %s: %d cache files from the dependency layer\n", want.target(), added)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = stderr, stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	found, err := want.verify()
	if err != nil {
		return fmt.Errorf("%s is not what was asked for: %w", want.file, err)
	}
	fmt.Fprintf(stderr, "compile %s: %s\n", want.target(), found)
	return nil
}

// binary is what a go build command line and its environment say of their result.
type binary struct {
	file         string
	goos, goarch string
	settings     map[string]string // of the build info, without those that are left to go
	static       bool              // without a dynamic loader and shared libraries
	noSymbols    bool              // -s
	noDWARF      bool              // -w, which -s implies
}

func (b binary) target() string { return b.goos + "/" + b.goarch }

// levels are the variables of which go records the one of GOARCH.
var levels = map[string]string{
	"386": "GO386", "amd64": "GOAMD64", "arm": "GOARM", "arm64": "GOARM64",
	"mips": "GOMIPS", "mipsle": "GOMIPS", "mips64": "GOMIPS64", "mips64le": "GOMIPS64",
	"ppc64": "GOPPC64", "ppc64le": "GOPPC64", "riscv64": "GORISCV64",
}

// expected reads the command line of a go build and the environment.
func expected(args []string, env func(string) string) (binary, error) {
	b := binary{goos: env("GOOS"), goarch: env("GOARCH"), settings: map[string]string{"GOOS": env("GOOS"), "GOARCH": env("GOARCH")}}
	if b.goos == "" || b.goarch == "" {
		return b, fmt.Errorf("GOOS and GOARCH must be set")
	}
	if v := env("CGO_ENABLED"); v != "" {
		b.settings["CGO_ENABLED"] = v
	}
	if key := levels[b.goarch]; key != "" && env(key) != "" {
		b.settings[key] = env(key)
	}
	pie := false
	for i, arg := range args {
		flag, value, _ := strings.Cut(arg, "=")
		switch flag {
		case "-o":
			if i+1 < len(args) {
				b.file = args[i+1]
			}
		case "-trimpath":
			b.settings["-trimpath"] = "true"
		case "-tags":
			b.settings["-tags"] = value
		case "-buildmode":
			pie = value == "pie"
		case "-ldflags":
			words := strings.Fields(value)
			for _, w := range words {
				b.noSymbols = b.noSymbols || w == "-s"
				b.noDWARF = b.noDWARF || w == "-s" || w == "-w"
			}
		}
	}
	if b.file == "" {
		return b, fmt.Errorf("no -o in %q", args)
	}
	// A position-independent program names a loader; other systems link to their libc.
	b.static = b.goos == "linux" && b.settings["CGO_ENABLED"] == "0" && !pie
	return b, nil
}
