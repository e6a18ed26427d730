package plan

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// The built-in targets.
const (
	TargetBinaries = "binaries" // the bare binaries of each platform
	TargetDist     = "dist"     // those of all platforms in one tree, with their checksums
	TargetTest     = "test"
	TargetVet      = "vet"
	TargetDeps     = "deps" // compiled dependencies, as an image of their layers
	TargetOwn      = "own"  // compiled packages of the project's own, as an image
)

// binDir is where binaries land in an image.
const binDir = "/usr/local/bin"

// image is the image that a request is for.
type image struct {
	name string
	of   string // the spec's image that it is, or is a variant of
	spec.Image
	levels spec.Levels // of a variant
	debug  bool
}

// binaryNames are the names of its binaries, in its order.
func (img image) binaryNames() (names []string) {
	for _, bin := range img.Binaries {
		names = append(names, bin.Name)
	}
	return names
}

// built gives the binaries as the image has them built.
func (img *image) built(binaries map[string]binary) map[string]binary {
	if img == nil || !img.debug && img.levels == (spec.Levels{}) {
		return binaries
	}
	out := map[string]binary{}
	for name, bin := range binaries {
		bin.variant, bin.debug = img.levels, img.debug
		out[name] = bin
	}
	return out
}

// images gives the spec's, else one for each binary, each with its list of binaries
// filled in, and their variants.
func (b *builder) images(binaries map[string]binary) map[string]image {
	if len(b.spec.Images) == 0 {
		return b.imagePerBinary(binaries)
	}
	out := map[string]image{}
	names := sortedKeys(binaries)
	for _, name := range sortedKeys(b.spec.Images) {
		img := b.spec.Images[name]
		if len(img.Binaries) == 0 {
			for _, bin := range b.defaultBinaries(name, names) {
				img.Binaries = append(img.Binaries, spec.ImageBinary{Name: bin})
			}
		}
		for i, bin := range img.Binaries {
			if _, ok := binaries[bin.Name]; !ok && len(b.spec.Binaries) == 0 && len(names) > 0 {
				b.errs.AddHint(b.spec.Pos("images", name, "binaries", i), "unknown-binary", diag.Nearest(bin.Name, names),
					"image %q: no binary %q; the main packages found are %s", name, bin.Name, strings.Join(names, ", "))
			}
		}
		out[name] = image{name: name, of: name, Image: img}
		for variant, levels := range img.Variants {
			out[variant] = image{name: variant, of: name, Image: img, levels: levels}
		}
		if img.Debug {
			debug := spec.DebugTarget(name)
			out[debug] = image{name: debug, of: name, Image: img, debug: true}
		}
	}
	return out
}

func (b *builder) imagePerBinary(binaries map[string]binary) map[string]image {
	out := map[string]image{}
	for _, name := range sortedKeys(binaries) {
		img := strings.ToLower(name)
		if _, ok := out[img]; ok || spec.IsBuiltinTarget(img) {
			b.errs.Add(binaries[name].pos, "ambiguous-name", "an image named %q for binary %q would clash with another target; name it under images:", img, name)
			continue
		}
		out[img] = image{name: img, of: img, Image: spec.Image{Binaries: []spec.ImageBinary{{Name: name}}}}
	}
	return out
}

func (b *builder) defaultBinaries(image string, binaries []string) []string {
	switch {
	case slices.Contains(binaries, image):
		return []string{image}
	case len(binaries) == 1:
		return binaries
	case len(binaries) > 1:
		b.errs.Add(b.spec.KeyPos("images", image), "missing-binaries", "image %q: say which binaries it holds, of %s", image, strings.Join(binaries, ", "))
	}
	return nil
}

// base is what the image is built on for a platform: a reference, or "" for scratch.
func (b *builder) base(img *image, p ocispecs.Platform) (ref string, pos diag.Pos) {
	for _, os := range []string{p.OS, ""} {
		if ref, ok := img.Base[os]; ok {
			if ref == "scratch" {
				return "", diag.Pos{}
			}
			pos := b.spec.Pos("images", img.of, "base", os)
			return b.checked(pos, "bad-image", ref, p, spec.CheckImage), pos
		}
	}
	return "", diag.Pos{}
}

// emitImage adds the steps and the target of the image for one platform.
func (b *builder) emitImage(p ocispecs.Platform, binaries map[string]binary, img *image) {
	t := Target{Name: img.name, Platform: p}
	t.Base, t.BasePos = b.base(img, p)
	t.Config = b.config(img, p)
	t.Annotations = b.annotations(img, p)
	onScratch := t.Base == ""
	if onScratch && p.OS == "linux" && (img.Certs == nil || *img.Certs) {
		t.Layers = append(t.Layers, b.add(Layer{
			From: b.add(System{}), Src: "/", Dest: "/", Name: "/etc, /usr/share/zoneinfo, /tmp",
		}))
	}
	for _, item := range img.Binaries {
		bin := binaries[item.Name]
		if !b.builds(bin, p) { // checkBuilds allowed it
			continue
		}
		if onScratch {
			b.warnLoader(item.Name, bin, p)
		}
		out, dest := outputName(item.Name, bin, p), b.binaryDest(item, bin, p)
		t.Layers = append(t.Layers, b.add(Layer{
			From: b.capable(img, p, b.compile(item.Name, bin, p), out, item.Dest(), dest), Src: out, Dest: dest,
			Perm: 0o755, Name: dest, Pos: bin.pos,
		}))
		for _, id := range b.kodata(bin) {
			if !slices.Contains(t.Layers, id) { // of several programs from one package
				t.Layers = append(t.Layers, id)
			}
		}
	}
	if img.debug {
		t.Layers = append(t.Layers, b.add(Layer{From: b.delve(p), Src: "dlv", Dest: path.Join(binDir, "dlv"), Perm: 0o755, Name: path.Join(binDir, "dlv")}))
	}
	t.Layers = append(t.Layers, b.fileLayers(img, p)...)
	b.checkCapabilities(img, p)
	b.plan.Targets = append(b.plan.Targets, t)
}

// binaryDest is the path of a binary in an image.
func (b *builder) binaryDest(item spec.ImageBinary, bin binary, p ocispecs.Platform) string {
	dest := item.Dest()
	return path.Join(path.Dir(dest), outputName(path.Base(dest), bin, p))
}

// emitBinaries adds the steps and the target of the bare binaries for one platform.
func (b *builder) emitBinaries(p ocispecs.Platform, names []string, binaries map[string]binary) {
	t := Target{Name: TargetBinaries, Platform: p}
	for _, name := range names {
		bin := binaries[name]
		if !b.builds(bin, p) {
			continue
		}
		for _, out := range outputs(name, bin, p) {
			t.Layers = append(t.Layers, b.add(Layer{
				From: b.compile(name, bin, p), Src: out, Dest: path.Join("/", out),
				Perm: outputPerm(out), Name: path.Join("/", out), Pos: bin.pos,
			}))
		}
	}
	b.plan.Targets = append(b.plan.Targets, t)
}

// capable adds, where the image has it so, the step that gives the file in from its
// capabilities, which are Linux's. It may have one of several paths in the spec.
func (b *builder) capable(img *image, p ocispecs.Platform, from StepID, file string, paths ...string) StepID {
	for _, path := range paths {
		if caps, ok := img.Capabilities[path]; ok && p.OS == "linux" {
			pos := b.spec.KeyPos("images", img.of, "capabilities", path)
			return b.add(Setcap{From: from, Src: file, Capabilities: caps, Pos: pos})
		}
	}
	return from
}

// checkCapabilities reports those of a path that nothing in the image has.
func (b *builder) checkCapabilities(img *image, p ocispecs.Platform) {
	var paths []string
	for _, item := range img.Binaries {
		paths = append(paths, item.Dest(), b.binaryDest(item, b.named[item.Name], p))
	}
	for _, f := range img.Files {
		if dest := f.Dest(); f.Link == "" && dest != "" {
			paths = append(paths, dest)
		}
	}
	for _, path := range sortedKeys(img.Capabilities) {
		pos := b.spec.KeyPos("images", img.of, "capabilities", path)
		reported := func(e *diag.Error) bool { return e.Pos == pos && e.Rule == "unknown-path" }
		if !slices.Contains(paths, path) && !slices.ContainsFunc(b.errs, reported) { // once for all platforms
			b.errs.AddHint(pos, "unknown-path", diag.Nearest(path, paths), "image %q has no file %s; its files are %s", img.of, path, strings.Join(slices.Compact(slices.Sorted(slices.Values(paths))), ", "))
		}
	}
}

// koData is where ko's users look for static files. https://ko.build/features/static-assets/
const koData = "/var/run/ko"

// kodata is the layer of the folder kodata beside the binary's main package, if there is one.
func (b *builder) kodata(bin binary) []StepID {
	if !b.hasKodata(bin) {
		return nil
	}
	return []StepID{b.add(Layer{
		From: b.context, Src: path.Join(bin.main, "kodata"), Dest: koData, Mode: ReadableMode, Name: koData, Pos: bin.pos,
	})}
}

func (b *builder) hasKodata(bin binary) bool {
	return slices.ContainsFunc(b.facts.Mains, func(m scan.Main) bool { return m.Dir == bin.main && m.Kodata })
}

// warnLoader says that a program does not start on scratch: one with cgo wants the C
// library of its toolchain, a position-independent one its dynamic loader.
func (b *builder) warnLoader(name string, bin binary, p ocispecs.Platform) {
	why := ""
	switch {
	case p.OS != "linux":
	case bin.cgo() && !bin.CGo.Static:
		why = "cgo: true"
	case bin.BuildMode == "pie" && !bin.cgo():
		why = "buildmode: pie"
	}
	if why != "" {
		b.warn(bin.pos, "needs-loader", "binary %q has %s, so it needs a dynamic loader, which scratch lacks; give the image a base that has one", name, why)
	}
}

func (b *builder) fileLayers(img *image, p ocispecs.Platform) []StepID {
	var out []StepID
	for i, f := range img.Files {
		pos := b.spec.Pos("images", img.of, "files", i)
		l := Layer{From: NoStep, Dest: f.To, Name: f.To, Pos: pos}
		l.UID, l.GID = owner(f.Owner)
		if f.Link != "" {
			l.Link = f.Link
			out = append(out, b.add(l))
			continue
		}
		l.Mode, l.Perm = fileMode(f.Mode)
		switch {
		case f.URL != "":
			l.From = b.add(HTTP{URL: f.URL, Checksum: f.Checksum, Pos: pos})
			l.Src, l.Dest = HTTPFile, f.Dest()
		case f.Image != "":
			l.From = b.add(Image{Ref: b.checked(pos, "bad-image", f.Image, p, spec.CheckImage), Platform: p, Pos: pos})
			l.Src = f.From
		default:
			l.From, l.Src = b.context, path.Clean(f.From)
		}
		l.Wildcard = spec.IsPattern(l.Src) && f.URL == ""
		if from := b.capable(img, p, l.From, l.Src, f.Dest()); from != l.From {
			l.From, l.Src = from, path.Base(l.Src)
		}
		out = append(out, b.add(l))
	}
	return out
}

// owner reads uid[:gid]; the group is the user's number where there is none.
func owner(s string) (uid, gid int) {
	if s == "" {
		return 0, 0
	}
	user, group, ok := strings.Cut(s, ":")
	if !ok {
		group = user
	}
	uid, err1 := strconv.Atoi(user)
	gid, err2 := strconv.Atoi(group)
	if err1 != nil || err2 != nil {
		panic(fmt.Sprintf("plan: owner %q was not validated", s))
	}
	return uid, gid
}

// ReadableMode makes files readable for all and writable for the owner, whatever the
// umask of a checkout was; directories and executable files keep that.
const ReadableMode = "u=rwX,go=rX"

// fileMode gives an octal mode in symbols, where X lets directories be entered by
// those who may read them, and executable files be run. "" is ReadableMode.
func fileMode(octal string) (symbols string, perm uint32) {
	if octal == "" {
		return ReadableMode, 0
	}
	bits, err := strconv.ParseUint(octal, 8, 32)
	if err != nil {
		panic(fmt.Sprintf("plan: mode %q was not validated", octal))
	}
	var clauses []string
	for i, who := range []string{"u", "g", "o"} {
		m := bits >> (6 - 3*i) & 7
		set := who + "="
		for j, c := range []string{"r", "w", "x"} {
			if m>>(2-j)&1 == 1 {
				set += c
			}
		}
		if m&4 != 0 && m&1 == 0 {
			set += "X"
		}
		clauses = append(clauses, set)
	}
	for _, s := range []struct {
		bit  uint64
		text string
	}{{0o4000, "u+s"}, {0o2000, "g+s"}, {0o1000, "+t"}} {
		if bits&s.bit != 0 {
			clauses = append(clauses, s.text)
		}
	}
	return strings.Join(clauses, ","), uint32(bits)
}
