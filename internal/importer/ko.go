package importer

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/acme/xbuild/spec"
)

func itoa(n int) string { return strconv.Itoa(n) }

// koBase is the base that ko takes when the file names none.
const koBase = "cgr.dev/chainguard/static:latest"

// ko takes a .ko.yaml. https://ko.build/configuration
func (d *draft) ko() error {
	root, err := loadYAML(d.in.Data)
	if err != nil {
		return err
	}
	n := node{Node: root}
	if root == nil {
		n.Node = emptyNode
	}
	mains := d.koMains(n)
	base := d.koDefaultBase(n)
	if _, ok := n.get("builds"); !ok {
		for _, m := range mains {
			m.name = d.addBinary(at{0, "main package"}, m.name, m.dir)
		}
	}
	all := build{}
	d.mapping(n, handlers{
		"defaultBaseImage":   func(node) {}, // with the images
		"baseImageOverrides": func(n node) { d.koOverrides(n, mains) },
		"defaultPlatforms":   d.koPlatforms,
		"defaultEnv":         func(n node) { d.envList(n, all) },
		"defaultFlags":       func(n node) { d.flagList(n, all) },
		"defaultLdflags":     func(n node) { d.ldflagList(n, all) },
		"builds":             func(n node) { d.koBuilds(n, mains) },
		"verbose":            d.drop("xbuild says what it does by BuildKit's progress"),
	}, "defaultEnv", "defaultFlags", "defaultLdflags", "builds", "baseImageOverrides")
	d.koImages(base, mains)
	return nil
}

// koMain is a main package that ko builds.
type koMain struct {
	name  string // of the binary; "" when the spec can't have it
	dir   string // ./cmd/shop
	build node   // its element of builds; empty without one
	based bool   // baseImageOverrides has its base
}

// koMains are the main packages that builds name, else those of the module.
func (d *draft) koMains(n node) (out []*koMain) {
	builds, _ := n.get("builds")
	for _, b := range builds.items() {
		if b.Kind != yamlMapping {
			continue
		}
		main := b.text("main")
		dir := mainDir(b.text("dir"), main)
		out = append(out, &koMain{name: koName(b.text("id"), dir, d.in.Module), dir: dir, build: b})
	}
	if len(out) > 0 {
		return out
	}
	for _, m := range d.in.Mains {
		out = append(out, &koMain{name: m.Name, dir: mainDir(m.Dir), build: node{Node: emptyNode}})
	}
	return out
}

// koName is what ko calls the program of a package: the last element of its path.
func koName(id, dir, module string) string {
	dir = strings.TrimSuffix(dir, "/main.go")
	switch name := path.Base(dir); {
	case dir != "." && name != ".." && name != "/":
		return name
	case moduleName(module) != "":
		return moduleName(module)
	case id != "":
		return id
	}
	return "app"
}

func (d *draft) koBuilds(n node, mains []*koMain) {
	if n.Kind != yamlSequence {
		d.lost(n.at, "it is no list")
		return
	}
	for _, item := range n.items() {
		if item.Kind != yamlMapping {
			d.lost(item.at, "it is no mapping")
		}
	}
	for _, m := range mains {
		d.koBuild(m)
	}
}

// koBuild takes one element of builds.
func (d *draft) koBuild(m *koMain) {
	p := m.build.at
	if m.name = d.addBinary(p, m.name, m.dir); m.name == "" {
		return
	}
	b := build{m.name}
	in := func(n node) { d.dropped(n.at, "it is in the main of the binary") }
	d.mapping(m.build, handlers{
		"id":                 d.drop("a binary is named after its package"),
		"dir":                in,
		"main":               in,
		"env":                func(n node) { d.envList(n, b) },
		"flags":              func(n node) { d.flagList(n, b) },
		"ldflags":            func(n node) { d.ldflagList(n, b) },
		"linux_capabilities": func(n node) { d.koCapabilities(n, m.name) },
	}, "env", "flags")
}

// koCapabilities takes the file capabilities of a program.
func (d *draft) koCapabilities(n node, name string) {
	var caps []string
	for _, c := range d.texts(n) {
		for w := range strings.FieldsSeq(strings.ReplaceAll(c.Value, ",", " ")) {
			if w = strings.ToLower(w); !strings.HasPrefix(w, "cap_") {
				w = "cap_" + w
			}
			caps = append(caps, w)
		}
	}
	img := imageName(name)
	value := strings.Join(caps, ",") + "=+ep"
	d.set(n.at, "images."+img+".capabilities", func(s *spec.Spec) {
		image(img, func(i *spec.Image) {
			i.Binaries = []spec.ImageBinary{{Name: name}}
			put(&i.Capabilities, "/usr/local/bin/"+name, value)
		})(s)
	})
}

// envList takes a list of NAME=value.
func (d *draft) envList(n node, b build) {
	for _, c := range d.texts(n) {
		name, value, ok := strings.Cut(c.Value, "=")
		if !ok {
			d.lost(c.at, "it is no NAME=value")
			continue
		}
		d.buildEnv(c.sub(" %s", name), b, name, value, d.template)
	}
}

// flagList takes flags of go build: a list of words, or a text of several.
func (d *draft) flagList(n node, b build) {
	var words []string
	p := n.at
	flush := func() {
		d.flagWords(p, b, words)
		words = nil
	}
	for _, c := range d.texts(n) {
		list := []string{c.Value}
		if n.Kind != yamlSequence {
			list = strings.Fields(c.Value)
		}
		for _, w := range list {
			w, err := d.template(c.at, w)
			if err != nil {
				d.lost(c.at, "%v", err)
				continue
			}
			if strings.HasPrefix(w, "-") && len(words) > 0 {
				flush()
			}
			if len(words) == 0 {
				p = c.at
			}
			words = append(words, w)
		}
	}
	flush()
}

// ldflagList takes flags of the linker: a list of texts, or one.
func (d *draft) ldflagList(n node, b build) {
	all := ""
	for _, c := range d.texts(n) {
		all += " " + c.Value + " "
		d.ldflags(c.at, b, c.Value, d.template)
	}
	if !strings.Contains(all, " -s ") || !strings.Contains(all, " -w ") {
		d.note(n.at, "note: ", "xbuild adds -s and -w")
	}
}

func (d *draft) koPlatforms(n node) {
	for _, c := range d.texts(n) {
		for name := range strings.SplitSeq(c.Value, ",") {
			if name == "all" {
				d.dropped(c.at, "without platforms a spec is for all")
				continue
			}
			d.platform(c.at, name)
		}
	}
}

// platform adds a platform, if it is not there.
func (d *draft) platform(p at, name string) {
	d.set(p, "platforms: "+name, func(s *spec.Spec) { s.Platforms = append(s.Platforms, name) })
}

// koDefaultBase gives what images without an override are built on, and where that stands.
func (d *draft) koDefaultBase(n node) node {
	base, ok := n.get("defaultBaseImage")
	if !ok {
		base.Node, base.at = textNode(koBase), at{0, "defaultBaseImage"}
	}
	return base
}

// koOverrides takes the bases of certain import paths.
func (d *draft) koOverrides(n node, mains []*koMain) {
	for _, f := range n.fields() {
		m := d.koFind(f.name, mains)
		if m == nil || m.name == "" {
			d.lost(f.at, "no binary of the spec is the program of that path")
			continue
		}
		m.based = d.koImage(f.node, m)
	}
}

// koFind gives the main package of an import path.
func (d *draft) koFind(importPath string, mains []*koMain) *koMain {
	importPath = strings.TrimPrefix(importPath, "ko://")
	for _, m := range mains {
		if d.in.Module != "" && path.Join(d.in.Module, m.dir) == path.Clean(importPath) {
			return m
		}
	}
	for _, m := range mains {
		if dir := strings.TrimPrefix(m.dir, "./"); d.in.Module == "" && dir != "." && strings.HasSuffix("/"+importPath, "/"+dir) {
			return m
		}
	}
	return nil
}

// koImage gives the image of a main package its base.
func (d *draft) koImage(base node, m *koMain) bool {
	img := imageName(m.name)
	return d.set(base.at, fmt.Sprintf("images.%s.base: %s", img, base.Value), image(img, func(i *spec.Image) {
		i.Base = spec.Base{"": literal(base.Value)}
		i.Binaries = []spec.ImageBinary{{Name: m.name}}
	}))
}

// koImages gives an image to each main package, on the default base where none is said.
func (d *draft) koImages(base node, mains []*koMain) {
	if len(mains) == 0 {
		d.lost(base.at, "%s: an image of a spec has a base, and which images there are is not known: builds names no program, and no module with one is here", base.Value)
		return
	}
	for _, m := range mains {
		if m.name == "" {
			continue
		}
		if !m.based {
			d.koImage(base, m)
		}
	}
	d.note(at{0, "images"}, "note: ", "a program is at /usr/local/bin/NAME; ko puts it at /ko-app/NAME")
}
