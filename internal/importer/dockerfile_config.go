package importer

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/acme/xbuild/spec"
)

// config takes a command of the last stages: what the image is.
func (f *dockerfileImport) config(st *stage, env vars, dir string, compiles bool, c instructions.Command) {
	p := at{lineOf(c.Location()), strings.ToUpper(c.Name())}
	name := "images." + f.image + "."
	switch c := c.(type) {
	case *instructions.EnvCommand:
		f.env(st, p, compiles, c)
	case *instructions.LabelCommand:
		for _, kv := range c.Labels {
			key := f.pathOf(st, kv.Key)
			f.text(st, p.sub(" %s", key), name+"labels", kv.Value, func(i *spec.Image, s string) { put(&i.Labels, key, s) })
		}
	case *instructions.WorkdirCommand:
		if compiles {
			f.dropped(p, "it is where go build ran")
			return
		}
		f.text(st, p, name+"workdir", dir, func(i *spec.Image, s string) { i.WorkDir = s })
	case *instructions.UserCommand:
		f.text(st, p, name+"user", c.User, func(i *spec.Image, s string) { i.User = s })
	case *instructions.ExposeCommand:
		for _, port := range c.Ports {
			for s := range strings.FieldsSeq(f.pathOf(st, port)) {
				f.set(p.sub(" %s", s), name+"ports", f.change(func(i *spec.Image) { i.Ports = append(i.Ports, s) }))
			}
		}
	case *instructions.VolumeCommand:
		for _, v := range c.Volumes {
			s := f.pathOf(st, v)
			f.set(p.sub(" %s", s), name+"volumes", f.change(func(i *spec.Image) { i.Volumes = append(i.Volumes, s) }))
		}
	case *instructions.StopSignalCommand:
		s := f.pathOf(st, c.Signal)
		f.set(p, name+"stopsignal", f.change(func(i *spec.Image) { i.StopSignal = s }))
	case *instructions.EntrypointCommand:
		words := commandOf(c.ShellDependantCmdLine)
		f.set(p, name+"entrypoint", f.change(func(i *spec.Image) { i.Entrypoint, i.Cmd = words, nil }))
	case *instructions.CmdCommand:
		words := commandOf(c.ShellDependantCmdLine)
		f.set(p, name+"cmd", f.change(func(i *spec.Image) { i.Cmd = words }))
	case *instructions.HealthCheckCommand:
		f.health(p, c)
	case *instructions.CopyCommand:
		f.copy(st, p, dir, compiles, c)
	case *instructions.AddCommand:
		f.add(st, p, dir, compiles, c)
	case *instructions.MaintainerCommand:
		f.text(st, p, name+"labels", c.Maintainer, func(i *spec.Image, s string) { put(&i.Labels, "maintainer", s) })
	case *instructions.RunCommand, *instructions.ArgCommand:
	default:
		f.lost(p, "a spec has nothing like it")
	}
}

// commandOf gives the words of ENTRYPOINT or CMD; a text is for the shell.
func commandOf(c instructions.ShellDependantCmdLine) (out []string) {
	words := c.CmdLine
	if c.PrependShell {
		words = append([]string{"/bin/sh", "-c"}, strings.Join(c.CmdLine, " "))
	}
	for _, w := range words {
		out = append(out, literal(w))
	}
	return out
}

// text takes a text that may be a template.
func (f *dockerfileImport) text(st *stage, p at, to, word string, g func(*spec.Image, string)) {
	text, known, err := f.parts.expand(f.lex, word, st.env)
	if err == nil && !known {
		err = fmt.Errorf("it holds a variable that is not known here")
	}
	if err == nil {
		text, err = f.resolve(p, text)
	}
	if err != nil {
		f.lost(p, "%v", err)
		return
	}
	f.set(p, to, f.change(func(i *spec.Image) { g(i, text) }))
}

func (f *dockerfileImport) env(st *stage, p at, compiles bool, c *instructions.EnvCommand) {
	for _, kv := range c.Env {
		p := p.sub(" %s", kv.Key)
		if compiles && (strings.HasPrefix(kv.Key, "GO") || strings.HasPrefix(kv.Key, "CGO_")) {
			f.dropped(p, "what go build reads of it is in the binaries")
			continue
		}
		f.text(st, p, "images."+f.image+".env", kv.Value, func(i *spec.Image, s string) { put(&i.Env, kv.Key, s) })
	}
}

func (f *dockerfileImport) health(p at, c *instructions.HealthCheckCommand) {
	written := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	h := c.Health
	f.set(p, "images."+f.image+".healthcheck", f.change(func(i *spec.Image) {
		i.Healthcheck = &spec.Healthcheck{
			Test: h.Test, Interval: written(h.Interval), Timeout: written(h.Timeout),
			StartPeriod: written(h.StartPeriod), StartInterval: written(h.StartInterval), Retries: h.Retries,
		}
	}))
}

var (
	ownerRE = regexp.MustCompile(`^[0-9]+(:[0-9]+)?$`)
	// archiveRE are names of what ADD unpacks.
	archiveRE = regexp.MustCompile(`\.(tar|tgz|tbz2?|txz|tzst)(\.[a-z0-9]+)?$`)
	modeRE    = regexp.MustCompile(`^[0-7]{3,4}$`)
)

// file gives a file with what COPY says of owner and mode.
func (f *dockerfileImport) file(st *stage, p at, chown, chmod string) (out spec.File) {
	switch chown := f.pathOf(st, chown); {
	case ownerRE.MatchString(chown):
		out.Owner = chown
	case chown == "nonroot" || chown == "nonroot:nonroot":
		out.Owner = "65532:65532"
	case chown != "":
		f.lost(p.sub(" --chown"), "%s: an owner is a number, as 65532:65532", chown)
	}
	switch chmod := f.pathOf(st, chmod); {
	case modeRE.MatchString(chmod):
		out.Mode = chmod
	case chmod != "":
		f.lost(p.sub(" --chmod"), "%s: a mode is 3 or 4 octal digits", chmod)
	}
	return out
}

// copy takes a COPY of the last stages.
func (f *dockerfileImport) copy(st *stage, p at, dir string, compiles bool, c *instructions.CopyCommand) {
	if c.From == "" && compiles {
		f.dropped(p, "xbuild takes of the source what is compiled; files says what else the image holds")
		return
	}
	for _, s := range c.SourceContents {
		f.lost(p.sub(" %s", s.Path), "a file of a spec is in the context")
	}
	if len(c.ExcludePatterns) > 0 || c.Parents {
		f.lost(p, "a file of a spec has no --exclude and no --parents")
	}
	from := f.byName(c.From, len(f.stages))
	for _, src := range c.SourcePaths {
		p := p.sub(" %s", src)
		if c.From == "" {
			f.fromContext(st, p, dir, f.pathOf(st, src), c)
			continue
		}
		if from != nil {
			f.fromStage(st, from, p, dir, src, c)
			continue
		}
		ref := f.pathOf(st, c.From)
		f.addFile(p, dir, f.pathOf(st, src), f.pathOf(st, c.DestPath), len(c.SourcePaths), false, f.fileOf(st, p, c), ref)
	}
}

func (f *dockerfileImport) fileOf(st *stage, p at, c *instructions.CopyCommand) spec.File {
	return f.file(st, p, c.Chown, c.Chmod)
}

func (f *dockerfileImport) fromContext(st *stage, p at, dir, src string, c *instructions.CopyCommand) {
	rel := strings.TrimPrefix(path.Clean("/"+src), "/")
	f.addFile(p, dir, rel, f.pathOf(st, c.DestPath), len(c.SourcePaths), f.isDir(rel), f.fileOf(st, p, c), "")
}

// fromStage takes what a COPY takes of another stage: binaries, what that has of the context, or of
// its base.
func (f *dockerfileImport) fromStage(st, from *stage, p at, dir, src string, c *instructions.CopyCommand) {
	abs := inDir("/", f.pathOf(st, src))
	rel, ok := from.contextOf(abs)
	switch n := f.copyBinary(st, from, dir, src, c); {
	case n > 0:
		f.taken(p, "images."+f.image+".binaries")
	case f.final.base == "scratch" && isCertFile(abs):
		f.dropped(p, "an image on scratch has certificates, time zones, users and /tmp by certs")
	case ok:
		f.addFile(p, dir, rel, f.pathOf(st, c.DestPath), len(c.SourcePaths), f.isDir(rel), f.fileOf(st, p, c), "")
	case !from.runs && len(from.copies) == 0:
		f.addFile(p, dir, abs, f.pathOf(st, c.DestPath), len(c.SourcePaths), false, f.fileOf(st, p, c), from.base)
	default:
		f.lost(p, "a command of the stage %s makes it; files takes files of the context, of images and from URLs", plain(c.From))
	}
}

// addFile adds a file. What COPY puts into a directory is a file of it, and of a directory all that
// it holds.
func (f *dockerfileImport) addFile(p at, dir, src, dest string, sources int, isDir bool, file spec.File, ref string) {
	into := strings.HasSuffix(dest, "/") || dest == "." || sources > 1
	file.From, file.Image, file.To = src, ref, inDir(dir, dest)
	if src == "" {
		file.From = "."
	}
	if into && !isDir {
		file.To = strings.TrimSuffix(file.To, "/") + "/"
	}
	if ref != "" {
		file.From = inDir("/", src)
	}
	f.set(p, "images."+f.image+".files: "+file.To, f.change(func(i *spec.Image) { i.Files = append(i.Files, file) }))
}

// add takes an ADD: a file from a URL with its checksum, or what COPY takes too.
func (f *dockerfileImport) add(st *stage, p at, dir string, compiles bool, c *instructions.AddCommand) {
	for _, src := range c.SourcePaths {
		p := p.sub(" %s", src)
		src, dest := f.pathOf(st, src), f.pathOf(st, c.DestPath)
		file := f.file(st, p, c.Chown, c.Chmod)
		switch {
		case strings.HasPrefix(src, "http://") || strings.HasPrefix(src, "https://"):
			file.URL, file.Checksum, file.To = src, c.Checksum, inDir(dir, dest)
			if strings.HasSuffix(dest, "/") {
				file.To = strings.TrimSuffix(file.To, "/") + "/"
			}
			f.set(p, "images."+f.image+".files: "+file.To, f.change(func(i *spec.Image) { i.Files = append(i.Files, file) }))
		case strings.Contains(src, "://") || strings.HasPrefix(src, "git@"):
			f.lost(p, "files takes files of the context, of images and from URLs")
		case archiveRE.MatchString(src) && !compiles:
			f.lost(p, "ADD unpacks archives, and files does not")
		case compiles:
			f.dropped(p, "xbuild takes of the source what is compiled")
		default:
			rel := strings.TrimPrefix(path.Clean("/"+src), "/")
			f.addFile(p, dir, rel, dest, len(c.SourcePaths), f.isDir(rel), file, "")
		}
	}
}
