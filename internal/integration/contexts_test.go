package integration

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
)

// watched hands every status of a build to see, too.
func watched(r request, see func(*client.SolveStatus)) request {
	r.gateway = func(ctx context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error) {
		seen, done := make(chan *client.SolveStatus), make(chan struct{})
		go func() {
			defer close(done)
			defer close(ch)
			for s := range seen {
				see(s)
				ch <- s
			}
		}()
		defer func() { <-done }()
		return c.Solve(ctx, nil, opt, seen)
	}
	return r
}

// sent counts the bytes of the build contexts that a build for linux/amd64 transfers.
func sent(t *testing.T, r request) (total int64) {
	t.Helper()
	last := map[string]int64{}
	r.platforms = "linux/amd64"
	build(t, kit(t), watched(r, func(s *client.SolveStatus) {
		for _, st := range s.Statuses {
			if strings.HasPrefix(st.ID, "transferring ") {
				last[st.Vertex.String()] = st.Current
			}
		}
	}))
	for _, n := range last {
		total += n
	}
	if total == 0 {
		t.Error("no transfer was seen")
	}
	return total
}

// TestContextTransfer has files beside the code that nothing reads, and one that is in the image.
func TestContextTransfer(t *testing.T) {
	const gigabyte, megabyte = 1 << 30, 1 << 20
	stamp := fmt.Sprint(time.Now().UnixNano()) // new to the daemon, which keeps what it was sent
	dir := project(t, with(tiny, map[string]string{"stamp.go": "package main\n\nconst stamp = " + stamp + "\n"}))
	for _, name := range []string{"dump.sql", "testdata/dump.json", ".git/objects/pack/a.pack", "docs/film.mp4", "lib_test.go"} {
		write(t, filepath.Join(dir, name), "")
		if err := os.Truncate(filepath.Join(dir, name), gigabyte); err != nil {
			t.Fatal(err)
		}
	}
	if n := sent(t, request{dir: dir}); n > megabyte {
		t.Errorf("%d bytes of the context are sent, of code that has %d files", n, len(tiny)+1)
	}

	write(t, filepath.Join(dir, "Dockerfile"), "# syntax=acme/xbuild\nimages:\n  tiny:\n    files: [{from: docs, to: /docs}]\n")
	write(t, filepath.Join(dir, "docs/film.mp4"), strings.Repeat(stamp, 2*megabyte/len(stamp)))
	if n := sent(t, request{dir: dir}); n < megabyte || n > gigabyte {
		t.Errorf("%d bytes of the context are sent, of which 2 MB are for the image", n)
	}
}

// TestRemoteContext builds from contexts that arrive whole. A change of the docs runs no compile.
func TestRemoteContext(t *testing.T) {
	k := kit(t)
	for _, c := range []struct {
		name   string
		serve  func(t *testing.T) (url string, publish func(files map[string]string))
		source string // begins the name of the vertex that fetches it
	}{
		{"tarball", serveTarball, "[internal] load remote build context"},
		{"git", serveGit, "[internal] load git source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, publish := c.serve(t)
			stamp := fmt.Sprintf("%s %d", c.name, time.Now().UnixNano()) // new to the shared daemon's cache
			files := with(tiny, map[string]string{
				"main.go":   "package main\n\nfunc main() { println(\"" + stamp + "\") }\n",
				"README.md": "one\n",
			})
			const compile = "[tiny linux/amd64] compile"
			request := request{dir: t.TempDir(), platforms: "linux/amd64", attrs: map[string]string{"context": url, "target": "binaries"}}

			publish(files)
			first := build(t, k, request)
			if !first.executed(compile) {
				t.Errorf("no compile: ran %v", first.ran())
			}
			if !strings.Contains(string(first.data["tiny"]), stamp) {
				t.Error("the binary is not that of the context")
			}

			files["README.md"] = "two\n"
			publish(files)
			second := build(t, k, request)
			if !second.executed(c.source) {
				t.Errorf("the change did not arrive: %v", second.vertices)
			}
			if second.executed(compile) {
				t.Errorf("docs are compiled: ran %v", second.ran())
			}
			if !bytes.Equal(first.data["tiny"], second.data["tiny"]) {
				t.Error("another binary")
			}
		})
	}
}

// executed reports whether a vertex was executed whose name begins with prefix.
func (r *result) executed(prefix string) bool {
	for name, vs := range r.vertices {
		if strings.HasPrefix(name, prefix) && slices.ContainsFunc(vs, executed) {
			return true
		}
	}
	return false
}

// serveTarball serves the published files as a tar archive.
func serveTarball(t *testing.T) (string, func(map[string]string)) {
	t.Helper()
	var packed []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(packed) }))
	t.Cleanup(server.Close)
	return server.URL + "/context.tar.gz", func(files map[string]string) {
		var b bytes.Buffer
		compressed := gzip.NewWriter(&b)
		if _, err := compressed.Write(tarball(t, files)); err != nil {
			t.Fatal(err)
		}
		if err := compressed.Close(); err != nil {
			t.Fatal(err)
		}
		packed = b.Bytes()
	}
}

// tarball is a tar file of files.
func tarball(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	archive := tar.NewWriter(&b)
	if err := archive.AddFS(os.DirFS(project(t, files))); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// serveGit serves a repository in which each publication is a commit.
func serveGit(t *testing.T) (string, func(map[string]string)) {
	t.Helper()
	root := t.TempDir()
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "--quiet", "--bare", "--initial-branch=main", "project.git")
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(git("--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
	})
	t.Cleanup(server.Close)
	return server.URL + "/project.git#main", func(files map[string]string) {
		at := []string{"--git-dir=project.git", "--work-tree=" + project(t, files)}
		git(append(at, "add", "--all")...)
		git(append(at, "commit", "--quiet", "--message=change")...)
	}
}
