package scan

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
)

// ImportsFile is the name of a list of imports that Narrow writes.
const ImportsFile = "imports.txt"

// set is what the builds that share a Set take from elsewhere.
type set struct {
	imports map[string]bool
	files   map[string]bool
}

// share adds to the build's set what it takes from elsewhere.
func (c *closure) share() {
	to := c.sets[c.Set]
	if to == nil {
		to = &set{imports: map[string]bool{}, files: map[string]bool{}}
		c.sets[c.Set] = to
	}
	for name := range c.files {
		switch path.Base(name) {
		case "go.mod", "go.sum", "go.work", "go.work.sum":
			to.files[name] = true
		}
		if name == c.Profile || c.isVendored(name) {
			to.files[name] = true
		}
	}
	for dir := range c.seen {
		if c.isVendored(dir) {
			continue
		}
		for _, imp := range slices.Concat(c.pkg(dir).imports, c.tests[dir]) {
			own := func(dir string) bool { return !c.isVendored(dir) && c.pkg(dir).hasGo() }
			if imp != "C" && !slices.ContainsFunc(c.resolve(imp), own) {
				to.imports[imp] = true
			}
		}
	}
}

// isVendored reports whether name is in the vendor directory of the build.
func (c *closure) isVendored(name string) bool { return strings.HasPrefix(name, c.vendor()+"/") }

func (n *narrower) writeSet(name string, s *set) error {
	for _, file := range slices.Sorted(maps.Keys(s.files)) {
		if err := n.copy(file, path.Join(name, "mod", file)); err != nil {
			return err
		}
	}
	if err := n.dst.MkdirAll(path.Join(name, "mod"), 0o755); err != nil {
		return err
	}
	if err := n.writeList(name, slices.Sorted(maps.Keys(s.imports))); err != nil {
		return err
	}
	return n.writeList(path.Join(name, "std"), n.stdlib(s))
}

// writeList writes the imports file of a directory.
func (n *narrower) writeList(dir string, list []string) error {
	if err := n.dst.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file := path.Join(dir, ImportsFile)
	if err := n.dst.WriteFile(file, []byte(strings.Join(list, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	return n.fix(file, 0o644)
}

// stdlib gives the part of the standard library to compile ahead for a set. It is one of
// two, so that an import more or a module bumped leaves it as it is: what most programs
// take, and with it what a program takes that speaks HTTP. Packages of neither cost little.
func (n *narrower) stdlib(s *set) []string {
	if n.speaksHTTP(s) {
		return slices.Sorted(slices.Values(slices.Concat(stdCommon, stdHTTP)))
	}
	return slices.Sorted(slices.Values(stdCommon))
}

// speaksHTTP reports whether a set imports net or what is below it, or has a module in
// its build list without which hardly a client or server of HTTP is written.
func (n *narrower) speaksHTTP(s *set) bool {
	for imp := range s.imports {
		if imp == "net" || strings.HasPrefix(imp, "net/") && imp != "net/url" && imp != "net/netip" {
			return true
		}
	}
	for file := range s.files {
		if path.Base(file) != "go.sum" {
			continue
		}
		if data, err := n.src.ReadFile(file); err == nil && bytes.Contains(data, []byte("golang.org/x/net v")) {
			return true
		}
	}
	return false
}

var stdCommon = []string{
	"bufio", "bytes", "context", "embed", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json", "errors", "flag", "fmt",
	"hash/fnv", "io", "io/fs", "log", "log/slog", "maps", "math/rand", "net/url", "os", "os/exec", "os/signal", "os/user", "path/filepath",
	"reflect", "regexp", "runtime/debug", "slices", "sort", "strconv", "strings", "sync", "text/tabwriter", "text/template", "time",
	"unicode/utf8",
}

var stdHTTP = []string{
	"archive/tar", "compress/gzip", "compress/zlib", "container/heap", "container/list", "crypto/ed25519", "crypto/tls", "database/sql",
	"encoding/csv", "encoding/pem", "encoding/xml", "expvar", "hash/crc32", "hash/crc64", "html/template", "math/big", "mime/multipart", "net",
	"net/http", "net/http/httptrace", "net/http/httputil", "net/http/pprof", "net/mail", "runtime/pprof", "runtime/trace",
}
