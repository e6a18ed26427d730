package integration

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// proxy is a Go module proxy on a port of 127.0.0.1, which the host's go command and the steps of a
// build both reach. https://go.dev/ref/mod#goproxy-protocol
type proxy struct {
	*httptest.Server
	modCache string // GOMODCACHE of the host's go commands

	mu      sync.Mutex
	fetched []string // path@version of each module whose files were asked for
	held    *held
}

// held keeps those waiting who ask for a module's files.
type held struct {
	once            sync.Once
	asked, released chan struct{}
}

// hold lets nobody have more than half of a module's files until release is called. asked is closed once somebody waits.
func (p *proxy) hold() (asked <-chan struct{}, release func()) {
	h := &held{asked: make(chan struct{}), released: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = h
	return h.asked, sync.OnceFunc(func() { close(h.released) })
}

// admit notes who is asked for, and waits while files are held.
func (p *proxy) admit(ctx context.Context, m gomod.Version) {
	p.mu.Lock()
	p.fetched = append(p.fetched, m.String())
	h := p.held
	p.mu.Unlock()
	if h == nil {
		return
	}
	h.once.Do(func() { close(h.asked) })
	select {
	case <-h.released:
	case <-ctx.Done():
	}
}

// serveModules serves files, which are named path@version/file. A version without a go.mod is
// served as one that has none.
func serveModules(t *testing.T, files map[string]string) *proxy {
	t.Helper()
	versions := map[gomod.Version]map[string]string{}
	for name, data := range files {
		path, rest, _ := strings.Cut(name, "@")
		version, file, _ := strings.Cut(rest, "/")
		m := gomod.Version{Path: path, Version: version}
		if versions[m] == nil {
			versions[m] = map[string]string{}
		}
		versions[m][file] = data
	}
	p := &proxy{modCache: t.TempDir()}
	mux := http.NewServeMux()
	for m, files := range versions {
		p.serve(t, mux, m, files)
	}
	lists := map[string][]string{}
	for m := range versions {
		lists[m.Path] = append(lists[m.Path], m.Version)
	}
	for path, list := range lists {
		slices.Sort(list)
		serveText(mux, "/"+escaped(t, path)+"/@v/list", strings.Join(list, "\n")+"\n")
	}
	p.Server = &httptest.Server{Listener: listen(t), Config: &http.Server{Handler: mux}}
	p.Start()
	t.Cleanup(p.Close)
	return p
}

// listen listens on a port of 127.0.0.1 that is the same in every run of the test, if it is free: a daemon
// that is kept then finds the steps that name it in its cache.
func listen(t *testing.T) net.Listener {
	t.Helper()
	h := fnv.New32a()
	h.Write([]byte(t.Name()))
	for i := range uint32(8) { // a test may have several
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+(h.Sum32()+i)%10_000)); err == nil {
			return l
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (p *proxy) serve(t *testing.T, mux *http.ServeMux, m gomod.Version, files map[string]string) {
	t.Helper()
	var packed bytes.Buffer
	if err := zip.CreateFromDir(&packed, m, project(t, files)); err != nil {
		t.Fatalf("%s: %v", m, err)
	}
	mod, ok := files["go.mod"]
	if !ok {
		mod = "module " + m.Path + "\n"
	}
	base := "/" + escaped(t, m.Path) + "/@v/" + m.Version
	serveText(mux, base+".info", `{"Version":"`+m.Version+`","Time":"2020-01-01T00:00:00Z"}`)
	serveText(mux, base+".mod", mod)
	mux.HandleFunc(base+".zip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(packed.Len()))
		half := packed.Len() / 2
		w.Write(packed.Bytes()[:half])
		p.admit(r.Context(), m)
		w.Write(packed.Bytes()[half:])
	})
}

func serveText(mux *http.ServeMux, path, text string) {
	mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(text)) })
}

func escaped(t *testing.T, path string) string {
	t.Helper()
	esc, err := gomod.EscapePath(path)
	if err != nil {
		t.Fatal(err)
	}
	return esc
}

// zips gives the modules whose files were fetched since the last call, each once.
func (p *proxy) zips() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.Compact(slices.Sorted(slices.Values(p.fetched)))
	p.fetched = nil
	return out
}

// spec is the part of a spec that makes a build download from the proxy.
func (p *proxy) spec() string {
	return "# syntax=acme/xbuild\ngo:\n  proxy: \"" + p.URL + "\"\n  env: {GOSUMDB: \"off\"}\n"
}

// command is the host's go command in dir, which downloads from the proxy alone.
func (p *proxy) command(t *testing.T, dir, platform string, args ...string) *exec.Cmd {
	t.Helper()
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=-modcacherw", "GOENV=off", "GOTOOLCHAIN=local", "GOPROXY="+p.URL, "GOSUMDB=off", "GOMODCACHE="+p.modCache)
	return cmd
}

func (p *proxy) run(t *testing.T, dir string, args ...string) {
	t.Helper()
	if said, err := p.command(t, dir, native(), args...).CombinedOutput(); err != nil {
		t.Fatalf("go %v in %s: %v\n%s", args, dir, err, said)
	}
}

// goBuild gives what go build makes outside of any container of the package pkg in dir, and
// what it says.
func (p *proxy) goBuild(t *testing.T, dir, pkg, platform string, flags ...string) (binary []byte, said string, err error) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out}, flags...)
	log, err := p.command(t, dir, platform, append(args, pkg)...).CombinedOutput()
	if err != nil {
		return nil, string(log), err
	}
	binary, err = os.ReadFile(out)
	return binary, string(log), err
}
