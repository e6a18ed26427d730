package integration

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/acme/xbuild/internal/progress"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/tonistiigi/fsutil"
	"golang.org/x/sync/errgroup"
)

// request is one build, as `docker buildx build` would ask for it.
type request struct {
	dir       string            // build context
	file      string            // the spec in it, "Dockerfile" when empty
	frontend  string            // "dockerfile.v0" when empty, which follows the syntax line
	platforms string            // comma-separated, "" for the builder's own
	attrs     map[string]string // further frontend options
	push      string            // repository:tag in the kit's registry; "": files are exported
	imports   []client.CacheOptionsEntry
	exports   []client.CacheOptionsEntry
	gateway   gateway // runs the frontend in this process instead of its image
	locals    map[string]string
	session   []session.Attachable // secrets and SSH agents
}

type gateway = func(ctx context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error)

// result is what a build gave.
type result struct {
	files    map[string]*tar.Header // exported files by path, with contents
	data     map[string][]byte
	digest   string                        // of the pushed manifest or index
	vertices map[string][]*progress.Vertex // by their names
	logs     string
	warnings []string
	pulled   []string // digests of the blobs that were fetched from a registry
}

// build fails the test when the build fails.
func build(t *testing.T, k *localkit.Kit, r request) *result {
	t.Helper()
	res, err := tryBuild(t, k, r)
	if err != nil {
		t.Fatalf("build of %s: %v\n%s", r.dir, err, res.logs)
	}
	return res
}

func tryBuild(t *testing.T, k *localkit.Kit, r request) (*result, error) {
	t.Helper()
	c, err := k.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	opt := r.options(t)
	var out bytes.Buffer
	switch {
	case r.push != "":
		opt.Exports = []client.ExportEntry{{Type: client.ExporterImage, Attrs: map[string]string{"name": k.Registry.Ref(r.push), "push": "true"}}}
	default:
		opt.Exports = []client.ExportEntry{{Type: client.ExporterTar, Output: func(map[string]string) (io.WriteCloser, error) { return nopCloser{&out}, nil }}}
	}
	res := &result{vertices: map[string][]*progress.Vertex{}, files: map[string]*tar.Header{}, data: map[string][]byte{}}
	ch := make(chan *client.SolveStatus)
	eg, ctx := errgroup.WithContext(t.Context())
	eg.Go(func() error {
		solve := r.gateway
		if solve == nil {
			solve = func(ctx context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error) {
				return c.Solve(ctx, nil, opt, ch)
			}
		}
		resp, err := solve(ctx, c, opt, ch)
		if resp != nil {
			res.digest = resp.ExporterResponse["containerimage.digest"]
		}
		return err
	})
	eg.Go(func() error { res.watch(ch); return nil })
	if err := eg.Wait(); err != nil {
		return res, err
	}
	return res, res.read(&out)
}

func (r request) options(t *testing.T) client.SolveOpt {
	t.Helper()
	dir, err := fsutil.NewFS(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	attrs := map[string]string{"filename": cmp.Or(r.file, "Dockerfile")}
	if r.platforms != "" {
		attrs["platform"] = r.platforms
	}
	maps.Copy(attrs, r.attrs)
	opt := client.SolveOpt{
		Frontend:      cmp.Or(r.frontend, "dockerfile.v0"),
		FrontendAttrs: attrs,
		LocalMounts:   map[string]fsutil.FS{"context": dir, "dockerfile": dir},
		CacheImports:  r.imports,
		CacheExports:  r.exports,
		Session:       r.session,
	}
	for name, path := range r.locals {
		if opt.LocalMounts[name], err = fsutil.NewFS(path); err != nil {
			t.Fatal(err)
		}
	}
	return opt
}

// watch takes the events of a build.
func (r *result) watch(ch chan *client.SolveStatus) {
	var events progress.Recorder
	var logs strings.Builder
	for s := range ch {
		events.Add(s)
		for _, l := range s.Logs {
			logs.Write(l.Data)
		}
		for _, st := range s.Statuses {
			if strings.HasPrefix(st.ID, "sha256:") {
				r.pulled = append(r.pulled, st.ID)
			}
		}
	}
	b := events.Build()
	for _, v := range b.Vertices {
		r.vertices[v.Name] = append(r.vertices[v.Name], v)
	}
	for _, w := range b.Warnings {
		r.warnings = append(r.warnings, w.Short)
	}
	r.logs = logs.String()
}

// read takes the exported files apart.
func (r *result) read(in io.Reader) error {
	tr := tar.NewReader(in)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(h.Name, "./")
		r.files[name], r.data[name] = h, data
	}
}

// ran gives the names of the vertices that were executed, not served from the cache,
// without those that BuildKit or the client do for every build.
func (r *result) ran() []string {
	var names []string
	for name, vs := range r.vertices {
		if !progress.Service(name) && slices.ContainsFunc(vs, executed) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func executed(v *progress.Vertex) bool { return v.State == progress.Executed }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// copyTree gives the test its own copy of an example, to edit.
func copyTree(t *testing.T, src string) string {
	t.Helper()
	dst := t.TempDir()
	if err := os.CopyFS(dst, os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
	return dst
}

// project writes files, by path, into a folder of their own.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		write(t, filepath.Join(dir, name), data)
	}
	return dir
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func example(name string) string { return filepath.Join("..", "..", "examples", name) }

// goBuilt is what go build makes of a package outside of any container, for linux/amd64 where env,
// KEY=value parted by spaces, does not say otherwise.
func goBuilt(t *testing.T, dir, pkg, env string, flags ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	cmd := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"build", "-trimpath", "-buildvcs=false"}, flags, []string{"-o", file, pkg})...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=", "GOWORK=off")
	cmd.Env = append(cmd.Env, strings.Fields(env)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
