package importer

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/acme/xbuild/spec"
)

const noBuild = "no go build is in it, so binaries are those of the module"

// chain gives the stages whose commands make the image of the last, in their order.
func (f *dockerfileImport) chain() (out []*stage) {
	for st := f.final; st != nil; st = st.parent {
		out = append([]*stage{st}, out...)
	}
	return out
}

// finish takes the image of the last stage.
func (f *dockerfileImport) finish() {
	all := f.stages
	chain := f.chain()
	var builds []*goBuild
	for _, st := range all {
		for _, b := range st.builds {
			if !slices.Contains(builds, b) {
				builds = append(builds, b)
			}
		}
	}
	compiles := len(f.final.builds) > 0
	if compiles {
		for _, b := range f.final.builds {
			b.copied = b.out
		}
	}
	f.name(builds)
	f.toolchain(all)
	if !f.set(f.final.at, "images."+f.image, image(f.image, func(*spec.Image) {})) {
		return
	}
	if compiles {
		f.lost(f.final.at, "%s: it is compiled in, and the image of a spec holds only what runs; images.%s.base says another", f.final.base, f.image)
	} else if f.final.base != "scratch" {
		f.base()
	}
	for _, st := range chain {
		env := vars{}
		dir := "/"
		for _, c := range st.Commands {
			if a, ok := c.(*instructions.WorkdirCommand); ok {
				if d, _, err := f.parts.expand(f.lex, a.Path, st.env); err == nil {
					dir = inDir(dir, d)
				}
			}
			f.config(st, env, dir, compiles, c)
		}
	}
	f.entrypoint()
	for _, st := range all {
		if !slices.Contains(chain, st) {
			f.others(st)
		}
	}
}

// name chooses the name of the image: that of its first binary. Binaries that the last stage holds
// are known only later, so the first that is copied there is looked for here.
func (f *dockerfileImport) name(builds []*goBuild) {
	f.copyBinaries()
	name := cmp.Or(moduleName(f.in.Module), "app")
	var binaries []spec.ImageBinary
	for _, b := range builds {
		if b.copied == "" {
			continue
		}
		bin := spec.ImageBinary{Name: b.name}
		if b.copied != bin.Dest() {
			bin.Path = b.copied
		}
		binaries = append(binaries, bin)
	}
	if len(binaries) > 0 {
		name = binaries[0].Name
	} else if len(builds) > 0 {
		name = builds[0].name
		binaries = []spec.ImageBinary{{Name: name}}
		f.lost(builds[0].at, "where it is in the image can't be told: it is at %s", binaries[0].Dest())
	} else {
		f.lost(f.final.at, noBuild)
	}
	f.image = imageName(name)
	var entrypoint []string
	if len(binaries) > 1 {
		entrypoint = []string{binaries[0].Dest()}
	}
	if err := f.try(image(f.image, func(i *spec.Image) { i.Binaries, i.Entrypoint = binaries, entrypoint })); err != nil {
		f.lost(f.final.at, "%v", err)
	}
}

// copyBinaries finds where COPY of the last stages puts the binaries.
func (f *dockerfileImport) copyBinaries() {
	for _, st := range f.chain() {
		dir := "/"
		for _, c := range st.Commands {
			switch c := c.(type) {
			case *instructions.WorkdirCommand:
				if d, _, err := f.parts.expand(f.lex, c.Path, st.env); err == nil {
					dir = inDir(dir, d)
				}
			case *instructions.CopyCommand:
				if from := f.byName(c.From, len(f.stages)); from != nil && from != st {
					for _, src := range c.SourcePaths {
						f.copyBinary(st, from, dir, src, c)
					}
				}
			}
		}
	}
}

// copyBinary says of the binaries that a source of a COPY holds where they are, and how many
// they are.
func (f *dockerfileImport) copyBinary(st, from *stage, dir, src string, c *instructions.CopyCommand) (n int) {
	src, dest := f.pathOf(st, src), f.pathOf(st, c.DestPath)
	into := strings.HasSuffix(dest, "/") || dest == "." || len(c.SourcePaths) > 1
	src, dest = inDir("/", src), inDir(dir, dest)
	for _, b := range from.builds {
		switch {
		case b.out == src || spec.IsPattern(src) && matches(src, b.out):
			if into {
				b.copied = path.Join(dest, path.Base(b.out))
			} else {
				b.copied = dest
			}
			n++
		case strings.HasPrefix(b.out, strings.TrimSuffix(src, "/")+"/") && src != "/":
			b.copied = path.Join(dest, strings.TrimPrefix(b.out, src))
			n++
		}
	}
	return n
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// pathOf expands a path of a COPY, by the defaults of build args.
func (f *dockerfileImport) pathOf(st *stage, p string) string {
	if s, _, err := f.parts.expand(f.lex, p, st.env); err == nil {
		if s, err := f.fixed(s); err == nil {
			return s
		}
	}
	return p
}

// toolchain takes the version of Go of the first stage that compiles.
func (f *dockerfileImport) toolchain(all []*stage) {
	for _, st := range all {
		if len(st.builds) == 0 {
			continue
		}
		ref, err := f.fixed(st.base)
		p := st.sub(" %s", ref)
		if err != nil {
			f.lost(p, "%v", err)
			return
		}
		repo := repository(ref)
		tag := strings.TrimPrefix(ref, repo)
		version, variant, _ := strings.Cut(strings.TrimPrefix(strings.Split(tag, "@")[0], ":"), "-")
		if !slices.Contains([]string{"golang", "docker.io/library/golang", "library/golang", "docker.io/golang"}, repo) {
			f.set(p, "go.image", func(s *spec.Spec) { s.Go.Image = ref })
			return
		}
		if version == "" || version == "latest" || version[0] < '0' || version[0] > '9' || !strings.Contains(version, ".") {
			f.dropped(p, "go.mod says which version of Go compiles")
			return
		}
		if f.set(p, "go.version: "+version, func(s *spec.Spec) { s.Go.Version = version }) && variant != "" {
			f.note(p, "note: ", "xbuild chooses among the official images; go.image names one")
		}
		return
	}
}

// base takes the image that the last stage starts from.
func (f *dockerfileImport) base() {
	p := f.final.at
	ref, err := f.fixed(f.final.base)
	if err != nil {
		f.lost(p, "%v", err)
		return
	}
	f.set(p, "images."+f.image+".base: "+ref, f.change(func(i *spec.Image) { i.Base = spec.Base{"": literal(ref)} }))
	if f.final.Platform != "" {
		f.dropped(p.sub(" --platform"), "the request says the platform")
	}
}

func (f *dockerfileImport) change(g func(*spec.Image)) func(*spec.Spec) { return image(f.image, g) }

// others says of a stage that only others use what is not taken of it.
func (f *dockerfileImport) others(st *stage) {
	for _, c := range st.Commands {
		p := at{lineOf(c.Location()), strings.ToUpper(c.Name())}
		switch c := c.(type) {
		case *instructions.RunCommand, *instructions.ArgCommand:
		case *instructions.CopyCommand:
			if c.From == "" {
				f.dropped(p, "xbuild takes of the source what is compiled")
			} else {
				f.dropped(p, "it is in a stage that the image is not made of")
			}
		case *instructions.EnvCommand:
			if len(st.builds) > 0 {
				f.dropped(p, "what go build reads of it is in the binaries")
				continue
			}
			f.dropped(p, "it is in a stage that the image is not made of")
		default:
			f.dropped(p, "it is in a stage that the image is not made of")
		}
	}
}

// entrypoint leaves to the spec's defaults what they are already.
func (f *dockerfileImport) entrypoint() {
	img := f.spec.Images[f.image]
	program := func(words []string) bool {
		return len(words) > 0 && slices.ContainsFunc(img.Binaries, func(b spec.ImageBinary) bool {
			return words[0] == b.Dest() || inDir(cmp.Or(img.WorkDir, "/"), words[0]) == b.Dest() || words[0] == b.Name && !strings.Contains(words[0], "/")
		})
	}
	absolute := func(words []string) []string {
		for _, b := range img.Binaries {
			if inDir(cmp.Or(img.WorkDir, "/"), words[0]) == b.Dest() || words[0] == b.Name {
				return append([]string{b.Dest()}, words[1:]...)
			}
		}
		return words
	}
	if len(img.Entrypoint) == 0 && len(img.Cmd) > 0 {
		if program(img.Cmd) {
			img.Entrypoint, img.Cmd = absolute(img.Cmd)[:1], img.Cmd[1:]
		} else {
			img.Entrypoint, img.Cmd = img.Cmd, nil
		}
		f.note(f.final.at, "note: ", "the image has no ENTRYPOINT: the program of CMD is the entrypoint of the spec")
	}
	if program(img.Entrypoint) {
		if img.Entrypoint = absolute(img.Entrypoint); len(img.Entrypoint) == 1 && (len(img.Binaries) == 1 || img.Entrypoint[0] == img.Binaries[0].Dest() && img.Binaries[0].Name == f.image) {
			img.Entrypoint = nil
		}
	}
	if err := f.try(f.change(func(i *spec.Image) { i.Entrypoint, i.Cmd = img.Entrypoint, img.Cmd })); err != nil {
		f.lost(f.final.at, "%v", err)
	}
}
