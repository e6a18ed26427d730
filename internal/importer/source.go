package importer

import (
	gobuild "go/build"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/acme/xbuild/scan"
)

// Project is what is known of a folder that a first spec is for.
type Project struct {
	// Scan scans the folder: what is in it depends on the tags of a build.
	Scan func(scan.Request) (*scan.Facts, error)
	// Facts are those of a scan for the platforms of a first spec.
	Facts *scan.Facts
	// CGo are the directories of packages that are partly C.
	CGo []string
	// Hosts are those of required modules that are not known to be public.
	Hosts []string
	// Dockerfile is the one that was there, nil when there was none.
	Dockerfile *Input
}

// firstPlatforms are those of a first spec.
var firstPlatforms = []string{"linux/amd64", "linux/arm64"}

// firstScan looks for main packages for those platforms.
func firstScan(cgo bool) scan.Request {
	var r scan.Request
	for _, p := range firstPlatforms {
		os, arch, _ := strings.Cut(p, "/")
		r.Targets = append(r.Targets, scan.Target{GOOS: os, GOARCH: arch, CGo: cgo})
	}
	return r
}

// Source gives the path of the module in a folder, "" without one, and the main packages that
// are built for Linux.
func Source(root string) (module string, mains []Main, err error) {
	facts, err := scan.Dir(root, firstScan(true))
	if err != nil {
		return "", nil, err
	}
	return modulePath(facts, "."), mainsOf(facts), nil
}

// Look gives what is known of a folder.
func Look(root string) (*Project, error) {
	look := func(r scan.Request) (*scan.Facts, error) { return scan.Dir(root, r) }
	facts, err := look(firstScan(false))
	if err != nil {
		return nil, err
	}
	p := &Project{Scan: look, CGo: cgoPackages(root, facts), Hosts: hosts(root, facts)}
	p.Facts, err = look(firstScan(len(p.CGo) > 0))
	return p, err
}

// used reports whether a build of the folder uses a module of it, as a plan has it.
func used(facts *scan.Facts, module string) bool {
	switch w := facts.Work; {
	case w != nil:
		return slices.Contains(w.Use, module)
	case facts.ModuleOf(".") == ".":
		return module == "."
	}
	return true
}

// mainsOf names the main packages of modules that a build uses, each differently.
func mainsOf(facts *scan.Facts) (out []Main) {
	names := map[string]bool{}
	for _, m := range facts.Mains {
		if !used(facts, m.Module) {
			continue
		}
		name := path.Base(m.Dir)
		if m.Dir == "." {
			name = moduleName(modulePath(facts, "."))
		}
		if names[binaryName(name)] {
			name = strings.ReplaceAll(m.Dir, "/", "-")
		}
		name = free(binaryName(name), func(s string) bool { return names[s] })
		names[name] = true
		out = append(out, Main{Name: name, Dir: m.Dir})
	}
	return out
}

func modulePath(facts *scan.Facts, dir string) string {
	for _, m := range facts.Modules {
		if m.Dir == dir {
			return m.Path
		}
	}
	return ""
}

// cgoPackages gives the directories of packages with C in them, on Linux.
func cgoPackages(root string, facts *scan.Facts) (out []string) {
	dirs := slices.Clone(facts.Packages)
	for _, m := range facts.Mains {
		dirs = append(dirs, m.Dir)
	}
	slices.Sort(dirs)
	ctx := gobuild.Context{GOOS: "linux", GOARCH: "amd64", CgoEnabled: true, Compiler: "gc", ReleaseTags: gobuild.Default.ReleaseTags}
	for _, dir := range dirs {
		if !used(facts, facts.ModuleOf(dir)) {
			continue
		}
		if p, _ := ctx.ImportDir(filepath.Join(root, filepath.FromSlash(dir)), 0); p != nil && len(p.CgoFiles) > 0 {
			out = append(out, dir)
		}
	}
	return out
}

// publicHosts are hosts whose modules anybody can fetch, as far as they are in wide use. Of the
// repositories on forges some are private, which their address does not tell.
var publicHosts = []string{
	"bitbucket.org", "buf.build", "cloud.google.com", "codeberg.org", "cuelang.org", "dario.cat", "filippo.io", "git.sr.ht",
	"gitea.com", "github.com", "gitlab.com", "go.dev", "go.etcd.io", "go.mongodb.org", "go.opencensus.io", "go.opentelemetry.io",
	"go.starlark.net", "go.uber.org", "go.yaml.in", "go4.org", "gocloud.dev", "golang.org", "gonum.org", "google.golang.org",
	"gopkg.in", "gorm.io", "gotest.tools", "honnef.co", "k8s.io", "knative.dev", "mellium.im", "modernc.org", "mvdan.cc",
	"oras.land", "pgregory.net", "rsc.io", "sigs.k8s.io", "tailscale.com", "connectrpc.com", "charm.land", "software.sslmate.com",
	"cel.dev", "entgo.io", "lukechampine.com", "nhooyr.io", "zombiezen.com", "resty.dev", "rogchap.com", "helm.sh", "istio.io",
}

// hostRE is what an address of a module may begin with.
var hostRE = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$`)

// hosts gives those of required modules that are not known to be public.
func hosts(root string, facts *scan.Facts) (out []string) {
	for _, m := range facts.Modules {
		if !used(facts, m.Dir) {
			continue
		}
		name := filepath.Join(root, filepath.FromSlash(m.Dir), "go.mod")
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		f, err := modfile.ParseLax(name, data, nil)
		if err != nil {
			continue
		}
		for _, r := range f.Require {
			host, _, _ := strings.Cut(r.Mod.Path, "/")
			here := slices.ContainsFunc(facts.Modules, func(m scan.Module) bool { return m.Path == r.Mod.Path })
			if hostRE.MatchString(host) && !isPublic(host) && !here && !replaced(f, r.Mod.Path) {
				out = append(out, host)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func isPublic(host string) bool {
	return slices.ContainsFunc(publicHosts, func(p string) bool { return host == p || strings.HasSuffix(host, "."+p) })
}

// replaced reports whether a directory is in the place of a module.
func replaced(f *modfile.File, module string) bool {
	return slices.ContainsFunc(f.Replace, func(r *modfile.Replace) bool {
		return r.Old.Path == module && modfile.IsDirectoryPath(r.New.Path)
	})
}
