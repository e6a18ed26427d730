package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
)

// Init writes a first spec of a project. What the project's Dockerfile says of images is in it
// where that can be planned. Notes are on that Dockerfile, and on what keeps the spec from
// being planned.
func Init(p *Project) (*Result, error) {
	mains := mainsOf(p.Facts)
	if len(mains) == 0 {
		return nil, errors.New("found no main package for Linux, in a module of the folder: there is nothing to build")
	}
	best, problem := p.draft(mains, p.Dockerfile)
	if problem != nil && p.Dockerfile != nil {
		without, left := p.draft(mains, nil)
		without.notes = append(without.notes, slices.DeleteFunc(best.notes, func(n Note) bool { return n.Line == 0 })...)
		without.lost(at{}, "the Dockerfile: %v", firstLine(problem))
		best, problem = without, left
	}
	if problem != nil {
		best.lost(at{}, "the spec has mistakes that its source makes: %v", firstLine(problem))
	}
	comments := p.comments()
	if best.spec.Default == "" {
		delete(comments, "default")
	}
	text, err := emit(&best.spec, comments)
	if err != nil {
		return nil, err
	}
	if _, err := spec.Parse("xbuild.yaml", text); err != nil {
		return nil, fmt.Errorf("what was written is no spec: %w", err)
	}
	sortNotes(best.notes)
	return &Result{Spec: text, Notes: best.notes}, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// draft makes the spec, perhaps with what a Dockerfile says, and plans it.
func (p *Project) draft(mains []Main, file *Input) (*draft, error) {
	d := &draft{in: Input{Module: modulePath(p.Facts, "."), Mains: mains}}
	d.must(func(s *spec.Spec) { s.Platforms = slices.Clone(firstPlatforms) })
	if len(p.CGo) > 0 {
		d.must(func(s *spec.Spec) { s.Build.CGo = &spec.CGo{Enabled: true} })
	}
	images := d.first(p, mains)
	if len(images) > 1 {
		name := imageName(moduleName(d.in.Module))
		if !slices.Contains(images, name) {
			name = images[0]
		}
		d.must(func(s *spec.Spec) { s.Default = name })
	}
	if file != nil {
		if err := d.adoptDockerfile(*file); err != nil {
			d.lost(at{}, "the Dockerfile: %v", err)
		}
	}
	for _, name := range sorted(d.spec.Images) {
		if img := d.spec.Images[name]; img.User == "" && len(img.Base) == 0 {
			d.must(image(name, func(i *spec.Image) { i.User = "65532:65532" }))
		}
	}
	d.pruneArgs()
	d.pruneImages()
	return d, d.plannable(p)
}

// must makes a change that is right in every spec; one that is not is left out.
func (d *draft) must(f func(*spec.Spec)) {
	if err := d.try(f); err != nil {
		d.lost(at{}, "%v", err)
	}
}

// first adds a binary and an image for each main package.
func (d *draft) first(p *Project, mains []Main) (images []string) {
	for _, m := range mains {
		if lacks := p.lacks(m.Dir); len(lacks) > 0 {
			d.lost(at{}, "%s: it is no main package for %s", plain(m.Dir), strings.Join(lacks, ", "))
			continue
		}
		name := d.freeName(m.Name)
		if err := d.try(func(s *spec.Spec) { put(&s.Binaries, name, spec.Binary{Main: mainDir(m.Dir)}) }); err != nil {
			d.lost(at{}, "%s: %v", plain(m.Dir), err)
		}
	}
	for _, name := range sorted(d.spec.Binaries) {
		img := free(imageName(name), func(s string) bool { return slices.Contains(images, s) })
		images = append(images, img)
		d.must(image(img, func(i *spec.Image) { i.Binaries = []spec.ImageBinary{{Name: name}} }))
	}
	return images
}

// lacks gives the platforms of a first spec that a directory holds no main package for.
func (p *Project) lacks(dir string) (out []string) {
	for i, t := range firstScan(len(p.CGo) > 0).Targets {
		for _, m := range p.Facts.Mains {
			if m.Dir == dir && len(m.Targets) > 0 && !slices.Contains(m.Targets, t.String()) {
				out = append(out, firstPlatforms[i])
			}
		}
	}
	return out
}

// adoptDockerfile gives images what a Dockerfile says of them, and binaries how it compiles them.
func (d *draft) adoptDockerfile(file Input) error {
	file.Module, file.Mains = d.in.Module, d.in.Mains
	sub := &draft{in: file}
	name, err := sub.dockerfile()
	if err != nil {
		return err
	}
	sub.pruneArgs()
	for _, n := range sub.notes {
		if strings.HasPrefix(n.Text, taken+"go.version") || strings.HasPrefix(n.Text, taken+"platforms") {
			n.Text = dropped + "a first spec leaves it to go.mod and to the request"
		}
		d.notes = append(d.notes, n)
	}
	d.must(func(s *spec.Spec) { s.Go, s.Go.Version = sub.spec.Go, "" })
	img := sub.spec.Images[name]
	target := ""
	for i, b := range img.Binaries {
		own, ok := d.binaryAt(sub.spec.Binaries[b.Name].Main)
		if !ok {
			return fmt.Errorf("it compiles %s, which is no main package here", plain(sub.spec.Binaries[b.Name].Main))
		}
		img.Binaries[i] = spec.ImageBinary{Name: own, Path: b.Dest()}
		if img.Binaries[i].Path == (spec.ImageBinary{Name: own}).Dest() {
			img.Binaries[i].Path = ""
		}
		if target == "" {
			target = imageName(own)
		}
		compiled := sub.spec.Binaries[b.Name].Build
		d.must(func(s *spec.Spec) {
			for arg, value := range sub.spec.Args {
				put(&s.Args, arg, value)
			}
			bin := s.Binaries[own]
			bin.Build = compiled
			s.Binaries[own] = bin
		})
	}
	if len(img.Binaries) == 0 && len(d.spec.Images) == 1 {
		target = sorted(d.spec.Images)[0]
		img.Binaries = d.spec.Images[target].Binaries
	}
	if _, ok := d.spec.Images[target]; !ok {
		return errors.New("none of the images is the one that it makes")
	}
	return d.try(func(s *spec.Spec) { s.Images[target] = img })
}

// binaryAt gives the binary of a main package.
func (d *draft) binaryAt(main string) (string, bool) {
	for _, name := range sorted(d.spec.Binaries) {
		if mainDir(d.spec.Binaries[name].Main) == mainDir(main) {
			return name, true
		}
	}
	return "", false
}

// plannable plans every image and every other target, and gives the first mistake.
func (d *draft) plannable(p *Project) error {
	text, err := emit(&d.spec, nil)
	if err != nil {
		return err
	}
	s, err := spec.Parse("xbuild.yaml", text)
	if err != nil {
		return err
	}
	req := plan.Request{BuildPlatform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	for _, name := range firstPlatforms {
		req.Platforms = append(req.Platforms, platforms.MustParse(name))
	}
	facts, err := p.Scan(plan.ScanRequest(s, req))
	if err != nil {
		return err
	}
	for _, target := range append(sorted(s.Images), spec.BuiltinTargets()...) {
		req.Target = target
		if _, err := plan.New(s, facts, req); err != nil {
			return err
		}
	}
	return nil
}

// comments are those of a first spec, by the keys that they stand before.
func (p *Project) comments() map[string]string {
	c := map[string]string{
		"": "# Every key is optional: https://github.com/acme/xbuild/blob/main/docs/spec.md has all of them.\n" +
			"# gen explain says what a build would do.\n",
		"platforms": "# What docker buildx build --platform may ask for.\n",
		"default":   "# What a build without --target makes.\n",
		"binaries":  "# The main packages, by the names of their programs.\n",
		"images":    "# Each image is a target: docker buildx build --target NAME.\n",
		"dist":      "# What --target dist packs: every binary for every platform, and SHA256SUMS.\n# dist: {archive: auto}\n",
	}
	if len(p.CGo) > 0 {
		c["build"] = "# C is in: " + comment(p.CGo) + ".\n"
	}
	if len(p.Hosts) > 0 {
		text := "# Modules are required from hosts that may not be public. Each is fetched with a secret, a netrc file or an\n" +
			"# SSH agent: docker buildx build --secret id=git-token,env=GIT_TOKEN\n# go:\n#   private:\n"
		for _, h := range p.Hosts {
			text += "#     " + h + ": {secret: git-token}\n"
		}
		c["go"] = text
	}
	return c
}

// comment lists directories in a line of a comment.
func comment(dirs []string) string {
	const most = 5
	var out []string
	for _, d := range dirs[:min(len(dirs), most)] {
		out = append(out, strings.Map(func(r rune) rune {
			if r == '\ufeff' || r == '\ufffe' || r == '\uffff' || r == '\ufffd' {
				return '?'
			}
			return r
		}, plain(d)))
	}
	if len(dirs) > most {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}
