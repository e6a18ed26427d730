package gostep

import (
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// private says how modules are fetched that are not public. As options, each of which but
// the last may be given several times, with the beginning of module paths as a PREFIX:
//
//	-token PREFIX=FILE   FILE holds a token, or user:password
//	-netrc PREFIX=FILE   FILE is one as curl reads it
//	-ssh PREFIX=SOCKET   SOCKET is that of an agent
//	-ca FILE             CA certificates besides those of the system, when there is such a file
//
// A prefix may name a port, which is then that of the server, and may begin with *. for all
// hosts below one.
type private struct {
	tokens, netrcs, agents list
	ca                     string
}

func (p *private) options(f *flag.FlagSet) {
	f.Var(&p.tokens, "token", "")
	f.Var(&p.netrcs, "netrc", "")
	f.Var(&p.agents, "ssh", "")
	f.StringVar(&p.ca, "ca", "", "")
}

// way is one of the options.
type way struct {
	host, port, path string // of the prefix; path begins with a slash, or is ""
	file             string
}

func ways(l list) (out []way) {
	for _, s := range l {
		prefix, file, _ := strings.Cut(s, "=")
		w := way{file: file}
		w.host, w.path, _ = strings.Cut(prefix, "/")
		if w.path != "" {
			w.path = "/" + w.path
		}
		w.host, w.port, _ = strings.Cut(w.host, ":")
		if w.port != "" {
			w.port = ":" + w.port
		}
		out = append(out, w)
	}
	return out
}

// id is the name that the client gives a secret or an agent: the file is named KIND-ID.
func (w way) id() string {
	_, id, _ := strings.Cut(filepath.Base(w.file), "-")
	return id
}

// fetches reports whether modules of that path are fetched this way.
func (w way) fetches(modulePath string) bool {
	return module.MatchPrefixPatterns(w.host+w.path, modulePath)
}

// serves reports whether host, which may have a port, is one of the way's.
func (w way) serves(host string) bool {
	host, _, _ = strings.Cut(host, ":")
	ok, _ := path.Match(w.host, host)
	return ok
}

// on gives the way for each host that its pattern matches.
func (w way) on(hosts []string) (out []way) {
	if !strings.Contains(w.host, "*") {
		return []way{w}
	}
	for _, h := range hosts {
		if w.serves(h) {
			one := w
			one.host = h
			out = append(out, one)
		}
	}
	return out
}

// hostsOf gives the hosts of the modules that go.sum and go.work.sum files below src name,
// and of those that go.mod files require.
func hostsOf(src string) (hosts []string) {
	filepath.WalkDir(src, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !slices.Contains([]string{".mod", ".sum"}, filepath.Ext(file)) {
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil // the go command says it better
		}
		for line := range strings.Lines(string(data)) {
			for _, word := range strings.Fields(line) {
				host, _, _ := strings.Cut(word, "/")
				if strings.Contains(host, ".") && !slices.Contains(hosts, host) {
					hosts = append(hosts, host)
				}
			}
		}
		return nil
	})
	return hosts
}

// proxyHosts gives the hosts of GOPROXY, without ports.
func proxyHosts() (hosts []string) {
	for _, s := range strings.FieldsFunc(os.Getenv("GOPROXY"), func(r rune) bool { return r == ',' || r == '|' }) {
		_, rest, _ := strings.Cut(s, "://")
		host, _, _ := strings.Cut(rest, "/")
		host, _, _ = strings.Cut(host, ":")
		hosts = append(hosts, host)
	}
	return hosts
}
