package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// gitHost is a host of private git repositories, over HTTPS on the usual port of a loopback address.
type gitHost struct {
	name     string // of the host
	ip       string
	token    string // the password that it takes
	user     string // with that name; "" for any
	repos    string // folder of OWNER/NAME.git
	ca       []byte // PEM
	mu       sync.Mutex
	refused  int
	accepted int
}

// authority is a CA of the test alone.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "xbuild test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	der, a.key = sign(t, a.cert, nil)
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

// sign gives the certificate and its key; without an authority it is its own.
func sign(t *testing.T, cert *x509.Certificate, by *authority) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := cert, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// config is the TLS configuration of a server of that name.
func (a *authority) config(t *testing.T, host string) *tls.Config {
	t.Helper()
	der, key := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{host},
	}, a)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// serveTLS serves handler as host until the end of the test.
func (a *authority) serveTLS(t *testing.T, l net.Listener, host string, handler http.Handler) {
	t.Helper()
	server := &http.Server{Handler: handler, TLSConfig: a.config(t, host), ErrorLog: log.New(io.Discard, "", 0)}
	go server.ServeTLS(l, "", "")
	t.Cleanup(func() { server.Close() })
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
		h.mu.Lock()
		if ok {
			h.accepted++
		} else {
			h.refused++
		}
		h.mu.Unlock()
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// connectProxy is an HTTP proxy that leads every tunnel to one address.
type connectProxy struct {
	to    string
	mu    sync.Mutex
	hosts []string // that tunnels were asked to
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "tunnels only", http.StatusMethodNotAllowed)
		return
	}
	p.mu.Lock()
	p.hosts = append(p.hosts, r.Host)
	p.mu.Unlock()
	to, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close()
	w.WriteHeader(http.StatusOK)
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	go io.Copy(to, from)
	io.Copy(from, to)
}

// asked gives the hosts, each once.
func (p *connectProxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(p.hosts)))
}

// attrs are the options of a build that finds the host.
func (h *gitHost) attrs() map[string]string {
	return map[string]string{"target": "binaries", "add-hosts": h.name + "=" + h.ip}
}
