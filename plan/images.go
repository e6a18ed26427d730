package plan

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// TargetBinaries is the built-in target of the bare binaries.
const TargetBinaries = "binaries"

// binDir is where binaries land in an image.
const binDir = "/usr/local/bin"

// image is the image that a request is for.
type image struct {
	name string
	spec.Image
}

// images gives the spec's, else one for each binary, each with its list of binaries
// filled in.
func (b *builder) images(binaries map[string]binary) map[string]spec.Image {
	if len(b.spec.Images) == 0 {
		return b.imagePerBinary(binaries)
	}
	out := map[string]spec.Image{}
	names := sortedKeys(binaries)
	for _, name := range sortedKeys(b.spec.Images) {
		img := b.spec.Images[name]
		if len(img.Binaries) == 0 {
			img.Binaries = b.defaultBinaries(name, names)
		}
		for i, bin := range img.Binaries {
			if _, ok := binaries[bin]; !ok && len(b.spec.Binaries) == 0 && len(names) > 0 {
				b.errs.AddHint(b.spec.Pos("images", name, "binaries", i), "unknown-binary", diag.Nearest(bin, names),
					"image %q: no binary %q; the main packages found are %s", name, bin, strings.Join(names, ", "))
			}
		}
		out[name] = img
	}
	return out
}

func (b *builder) imagePerBinary(binaries map[string]binary) map[string]spec.Image {
	out := map[string]spec.Image{}
	for _, name := range sortedKeys(binaries) {
		img := strings.ToLower(name)
		if _, ok := out[img]; ok || spec.IsBuiltinTarget(img) {
			b.errs.Add(binaries[name].pos, "ambiguous-name", "an image named %q for binary %q would clash with another target; name it under images:", img, name)
			continue
		}
		out[img] = spec.Image{Binaries: []string{name}}
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

// emit adds the steps and the target for one platform; img is nil for the bare
// binaries.
func (b *builder) emit(p ocispecs.Platform, names []string, binaries map[string]binary, img *image) {
	t := Target{Name: TargetBinaries, Platform: p}
	dir := "/"
	if img != nil {
		dir = binDir
		t.Name, t.Annotations = img.name, img.Annotations
		if img.Base != "scratch" {
			t.Base, t.BasePos = img.Base, b.spec.Pos("images", img.name, "base")
		}
		t.Config = b.config(img, p)
	}
	for _, name := range names {
		bin := binaries[name]
		if !b.builds(bin, p) { // checkBuilds allowed it
			continue
		}
		if img != nil && t.Base == "" {
			b.warnLoader(name, bin, p)
		}
		out := outputName(name, p)
		t.Layers = append(t.Layers, b.add(Layer{
			From: b.compile(name, bin, p), Src: out, Dest: path.Join(dir, out),
			Perm: 0o755, Name: path.Join(dir, out), Pos: bin.pos,
		}))
	}
	if img != nil {
		t.Layers = append(t.Layers, b.fileLayers(img)...)
	}
	b.plan.Targets = append(b.plan.Targets, t)
}

// warnLoader says that a program does not start on scratch: one with cgo wants the C
// library of its toolchain, a position-independent one its dynamic loader.
func (b *builder) warnLoader(name string, bin binary, p ocispecs.Platform) {
	why := ""
	switch {
	case p.OS != "linux":
	case bin.cgo():
		why = "cgo: true"
	case bin.BuildMode == "pie":
		why = "buildmode: pie"
	}
	if why == "" {
		return
	}
	w := &diag.Error{Pos: bin.pos, Rule: "needs-loader",
		Msg: fmt.Sprintf("binary %q has %s, so it needs a dynamic loader, which scratch lacks; give the image a base that has one", name, why)}
	if !slices.ContainsFunc(b.warnings, func(o *diag.Error) bool { return *o == *w }) {
		b.warnings = append(b.warnings, w)
	}
}

func (b *builder) fileLayers(img *image) []StepID {
	var out []StepID
	for i, f := range img.Files {
		mode, perm := fileMode(f.Mode)
		out = append(out, b.add(Layer{
			From: b.context, Src: path.Clean(f.From), Dest: f.To, Mode: mode, Perm: perm,
			Name: f.To, Pos: b.spec.Pos("images", img.name, "files", i),
		}))
	}
	return out
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

func (b *builder) config(img *image, p ocispecs.Platform) Config {
	c := Config{
		User:       img.User,
		Entrypoint: img.Entrypoint,
		Cmd:        img.Cmd,
		Env:        envList(img.Env),
		WorkDir:    img.WorkDir,
		Ports:      expandPorts(img.Ports),
		Volumes:    img.Volumes,
		StopSignal: img.StopSignal,
		Labels:     maps.Clone(img.Labels),
	}
	if len(b.req.Labels) > 0 {
		if c.Labels == nil {
			c.Labels = map[string]string{}
		}
		maps.Copy(c.Labels, b.req.Labels)
	}
	if len(c.Entrypoint) == 0 {
		name := img.name // one of several: the spec was validated
		if len(img.Binaries) == 1 {
			name = img.Binaries[0]
		}
		c.Entrypoint = []string{path.Join(binDir, outputName(name, p))}
	}
	return c
}

// expandPorts gives each port with its protocol, once: 8000-8001/udp is two.
func expandPorts(ports []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range ports {
		nums, proto, ok := strings.Cut(s, "/")
		if !ok {
			proto = "tcp"
		}
		first, last, ok := strings.Cut(nums, "-")
		if !ok {
			last = first
		}
		lo, err1 := strconv.Atoi(first)
		hi, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprintf("plan: port %q was not validated", s))
		}
		for n := lo; n <= hi; n++ {
			if port := fmt.Sprintf("%d/%s", n, proto); !seen[port] {
				seen[port] = true
				out = append(out, port)
			}
		}
	}
	return out
}
