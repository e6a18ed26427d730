package localkit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Names of the pinned programs, for [Tools].
const (
	Buildkitd          = "buildkitd"
	Buildctl           = "buildctl"
	DockerfileFrontend = "dockerfile-frontend"
	Buildx             = "buildx"
	Runc               = "buildkit-runc"
	Ko                 = "ko"
	GoReleaser         = "goreleaser"
)

// tool is a program of the module tools/<module>.
type tool struct {
	module string
	source string // the module that versions it
	pkg    string // relative to source
	cgo    bool
	tags   string
	takes  string // on two cores, from empty caches
}

func pinned() map[string]tool {
	return map[string]tool{
		Buildkitd:          {module: "buildkit", source: "github.com/moby/buildkit", pkg: "cmd/buildkitd", takes: "2 minutes"},
		Buildctl:           {module: "buildkit", source: "github.com/moby/buildkit", pkg: "cmd/buildctl", takes: "30 seconds"},
		DockerfileFrontend: {module: "buildkit", source: "github.com/moby/buildkit", pkg: "frontend/dockerfile/cmd/dockerfile-frontend", takes: "20 seconds"},
		Buildx:             {module: "buildx", source: "github.com/docker/buildx", pkg: "cmd/buildx", takes: "1 minute"},
		Runc:               {module: "runc", source: "github.com/opencontainers/runc", cgo: true, tags: "seccomp", takes: "15 seconds"},
		Ko:                 {module: "ko", source: "github.com/google/ko", takes: "1 minute"},
		GoReleaser:         {module: "goreleaser", source: "github.com/goreleaser/goreleaser/v2", takes: "2 minutes"},
	}
}

// Tools gives the path of each named program, by name. What the cache lacks is compiled for this machine from
// tools/ of the repository around the working directory, with a line on log before and after. Processes
// that need the same program wait for one of them to make it.
//
// [Runc] is the runc or crun on PATH where there is one. Otherwise it is compiled with cgo
// against libseccomp, which is installed first where that takes only apt-get and root.
func Tools(ctx context.Context, log io.Writer, names ...string) (map[string]string, error) {
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	var root string
	paths := make(map[string]string, len(names))
	for _, name := range names {
		t, ok := pinned()[name]
		if !ok {
			return nil, fmt.Errorf("no pinned program is named %q", name)
		}
		if name == Runc {
			if path := installedRuntime(); path != "" {
				paths[name] = path
				continue
			}
		}
		if root == "" {
			if root, err = RepositoryRoot(); err != nil {
				return nil, err
			}
		}
		paths[name], err = t.path(ctx, log, name, filepath.Join(root, "tools", t.module), cache)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return paths, nil
}

func installedRuntime() string {
	for _, name := range []string{"runc", "crun"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// path is where the program is in the cache, compiled if it was not there.
func (t tool) path(ctx context.Context, log io.Writer, name, dir, cache string) (string, error) {
	key, err := t.key(ctx, dir)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(cache, "bin", t.module+"-"+key)
	path := filepath.Join(bin, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(cache, "bin", "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, t.compile(ctx, log, name, dir, path)
}

// key changes with everything that changes the program.
func (t tool) key(ctx context.Context, dir string) (string, error) {
	h := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		h.Write(b)
	}
	version, err := goCommand(ctx, dir, "env", "GOVERSION", "GOOS", "GOARCH")
	if err != nil {
		return "", err
	}
	io.WriteString(h, version)
	return fmt.Sprintf("%x", h.Sum(nil))[:16], nil
}

func (t tool) compile(ctx context.Context, log io.Writer, name, dir, path string) error {
	if t.cgo {
		if err := needSeccomp(ctx, log); err != nil {
			return err
		}
	}
	version, err := goCommand(ctx, dir, "list", "-m", "-f", "{{.Version}}", t.source)
	if err != nil {
		return err
	}
	label := name + " " + version
	fmt.Fprintf(log, "%s: compiling (about %s, once)\n", label, t.takes)
	start := time.Now()
	stop := heartbeat(log, label+": still compiling")
	defer stop()

	partial := path + ".partial"
	defer os.Remove(partial)
	pkg := strings.TrimSuffix(t.source+"/"+t.pkg, "/")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", partial, "-ldflags=-s -w", "-tags="+t.tags, pkg)
	cmd.Dir = dir
	cgo := "CGO_ENABLED=0"
	if t.cgo {
		cgo = "CGO_ENABLED=1"
	}
	cmd.Env = append(os.Environ(), "GOWORK=off", cgo)
	if err := run(cmd); err != nil {
		return err
	}
	stop()
	fmt.Fprintf(log, "%s: compiled in %s\n", label, time.Since(start).Round(time.Second))
	return os.Rename(partial, path)
}

// needSeccomp makes sure that a program can be compiled against libseccomp.
func needSeccomp(ctx context.Context, log io.Writer) error {
	if exec.CommandContext(ctx, "pkg-config", "--exists", "libseccomp").Run() == nil {
		return nil
	}
	packages := []string{"libseccomp-dev", "pkg-config", "gcc", "libc6-dev"}
	err := install(ctx, log, packages...)
	if errors.Is(err, errNoApt) {
		return fmt.Errorf("install runc or crun, or else the headers of libseccomp, pkg-config and gcc to compile it (Debian: %s)",
			strings.Join(packages, " "))
	}
	return err
}

func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var out bytes.Buffer
	cmd.Stdout = &out
	err := run(cmd)
	return strings.TrimSpace(out.String()), err
}

// run runs cmd; its error ends with the last lines that cmd wrote to an unset Stderr.
func run(cmd *exec.Cmd) error {
	var said bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &said
	}
	cmd.Stderr = &said
	if runtime.GOOS != "windows" {
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w%s", filepath.Base(cmd.Path), err, lastLines(said.Bytes(), 10))
	}
	return nil
}

// lastLines is a line break and the last n lines of text, indented; "" when it has none.
func lastLines(text []byte, n int) string {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	return "\n\t" + strings.Join(lines[max(0, len(lines)-n):], "\n\t")
}

// afterPrefix is the rest of the last line of text that begins with prefix; "" when none does.
func afterPrefix(text []byte, prefix string) string {
	var found string
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			found = strings.TrimSpace(rest)
		}
	}
	return found
}

// heartbeat writes what and the time passed to log every 20 seconds until stop is called.
func heartbeat(log io.Writer, what string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	finished := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(finished)
		tick := time.NewTicker(20 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				fmt.Fprintf(log, "%s (%s)\n", what, time.Since(start).Round(time.Second))
			}
		}
	}()
	return func() { cancel(); <-finished }
}
