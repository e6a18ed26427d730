package integration

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gitHost is a host of private git repositories, over HTTPS on the usual port of a loopback address.
type gitHost struct {
	name  string // of the host
	ip    string
	token string // the password that it takes
	user  string // with that name; "" for any
	repos string // folder of OWNER/NAME.git
	ca    []byte // PEM
}

// listenHTTPS listens on port 443 of a loopback address that nobody uses.
func listenHTTPS(t *testing.T) net.Listener {
	t.Helper()
	var last error
	for i := range 200 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.77.%d.%d:443", os.Getpid()%250, i+1))
		if err == nil {
			return l
		}
		last = err
	}
	t.Fatalf("no port 443 on a loopback address: %v", last)
	return nil
}

// add makes a repository of the module in files, which are named path@version/file as
// serveModules takes them.
func (h *gitHost) add(t *testing.T, files map[string]string) {
	t.Helper()
	tree, repo := map[string]string{}, ""
	for file, data := range files {
		module, rest, _ := strings.Cut(file, "@")
		_, file, _ := strings.Cut(rest, "/")
		repo, tree[file] = strings.TrimSuffix(strings.TrimPrefix(module, h.name+"/"), ".git"), data
	}
	dir := project(t, tree)
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "one"}, {"tag", "v1.0.0"}, {"clone", "-q", "--bare", ".", filepath.Join(h.repos, repo+".git")},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, said)
		}
	}
}

// newGitHost is a host without repositories.
func newGitHost(t *testing.T, a *authority, name, token string) *gitHost {
	t.Helper()
	h := &gitHost{name: name, token: token, repos: t.TempDir(), ca: a.pem}
	core, err := exec.CommandContext(t.Context(), "git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(core)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + h.repos, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=x"},
	}
	l := listenHTTPS(t)
	h.ip, _, _ = net.SplitHostPort(l.Addr().String())
	a.serveTLS(t, l, name, h.login(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("go-get") == "1" {
			elems := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
			root := name + "/" + strings.Join(elems[:min(2, len(elems))], "/")
			fmt.Fprintf(w, `<meta name="go-import" content="%s git https://%s.git">`, root, root)
			return
		}
		backend.ServeHTTP(w, r)
	})))
	return h
}

// login lets in who has the token.
func (h *gitHost) login(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		ok := password == h.token && (h.user == "" || user == h.user)
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// attrs are the options of a build that finds the host.
func (h *gitHost) attrs() map[string]string {
	return map[string]string{"target": "binaries", "add-hosts": h.name + "=" + h.ip}
}
