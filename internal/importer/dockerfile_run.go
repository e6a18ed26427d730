package importer

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/acme/xbuild/spec"
)

// script gives the text that a RUN gives the shell.
func script(c *instructions.RunCommand) string {
	if !c.PrependShell {
		words := make([]string, len(c.CmdLine))
		for i, w := range c.CmdLine {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		return strings.Join(words, " ")
	}
	text := strings.Join(c.CmdLine, " ")
	if len(c.Files) > 0 && strings.HasPrefix(strings.TrimSpace(text), "<<") {
		return c.Files[0].Data
	}
	return text
}

// run takes a RUN: its go builds, and a word on each other command.
func (f *dockerfileImport) run(st *stage, p at, c *instructions.RunCommand) {
	commands, err := f.parts.commands(script(c))
	if err != nil {
		f.lost(p, "%v", err)
		return
	}
	sh := &session{stage: st, env: maps.Clone(st.env), dir: st.dir}
	for _, words := range commands {
		f.command(sh, p, words)
	}
}

// session is the state of a shell that runs a script in a stage.
type session struct {
	*stage
	env vars
	dir string
}

// command takes one command of a script.
func (f *dockerfileImport) command(sh *session, p at, raw []string) {
	set, raw := assignments(raw)
	env := maps.Clone(sh.env)
	for i, kv := range set {
		value, _, err := f.parts.expand(f.lex, kv[1], sh.env)
		if err != nil {
			f.lost(p, "%s: its value can't be told", kv[0])
			return
		}
		set[i][1], env[kv[0]] = value, value
	}
	if len(raw) == 0 {
		sh.env = env
		return
	}
	words := make([]string, len(raw))
	for i, w := range raw {
		var err error
		if words[i], _, err = f.parts.expand(f.lex, w, sh.env); err != nil {
			f.lost(p, "%s: it can't be read", w)
			return
		}
	}
	p = p.sub(" %s", strings.Join(words[:min(2, len(words))], " "))
	switch words[0] {
	case "cd":
		if len(words) > 1 {
			sh.dir = inDir(sh.dir, words[1])
		}
	case "export", "env":
		f.exported(sh, p, set, words)
	case "go":
		f.goCommand(sh, p, set, words[1:])
	default:
		f.otherCommand(p, words)
	}
}

// exported takes variables that export sets for what follows, or env for one command.
func (f *dockerfileImport) exported(sh *session, p at, set [][2]string, words []string) {
	more, rest := assignments(words[1:])
	set = append(slices.Clone(set), more...)
	if words[0] == "env" {
		if len(rest) > 1 && rest[0] == "go" {
			f.goCommand(sh, p, set, rest[1:])
		} else if len(rest) > 0 {
			f.otherCommand(p, rest)
		}
		return
	}
	for _, kv := range more {
		sh.env[kv[0]] = kv[1]
		put((*map[string]string)(&sh.own), kv[0], kv[1])
	}
}

// quietCommands are those that only prepare what others do.
var quietCommands = []string{"set", "mkdir", "true", ":", "echo", "ls", "pwd", "rm", "if", "then", "fi", "else", "[", "test"}

// why says of a command why a spec has nothing like it.
func why(words []string) string {
	switch words[0] {
	case "apk", "apt-get", "apt", "yum", "dnf", "microdnf":
		return "xbuild runs no commands: cgo.packages and cgo.libs name Debian packages that C needs, and base an image that has what the program needs"
	case "adduser", "addgroup", "useradd", "groupadd":
		return "xbuild runs no commands: a user may be a number that no file knows; on scratch there is nonroot, 65532"
	case "chmod", "chown":
		return "xbuild runs no commands: files have mode and owner"
	case "ln":
		return "xbuild runs no commands: a file with link is a symbolic link"
	case "setcap":
		return "xbuild runs no commands: capabilities are those of files"
	}
	return noCommands
}

func (f *dockerfileImport) otherCommand(p at, words []string) {
	if slices.Contains(quietCommands, words[0]) {
		f.dropped(p, "xbuild needs no preparation")
		return
	}
	f.lost(p, "%s", why(words))
}

// goCommand takes a command of go.
func (f *dockerfileImport) goCommand(sh *session, p at, env [][2]string, args []string) {
	if len(args) > 1 && args[0] == "-C" {
		sh = &session{stage: sh.stage, env: sh.env, dir: inDir(sh.dir, args[1])}
		args = args[2:]
	}
	if len(args) == 0 {
		return
	}
	switch args[0] {
	case "build", "install":
		f.goBuild(sh, p, env, args[0] == "install", args[1:])
	case "mod", "get", "env", "version", "clean", "work":
		f.dropped(p, "xbuild fetches modules in a step of its own")
	case "test", "vet":
		f.lost(p, "the targets test and vet are for that")
	default:
		f.lost(p, noCommands)
	}
}

// goBuild takes a go build or go install.
func (f *dockerfileImport) goBuild(sh *session, p at, env [][2]string, install bool, args []string) {
	flags, pkgs := splitFlags(args)
	out, dir := "", sh.dir
	for _, fl := range flags {
		switch fl.name {
		case "o":
			out = fl.value
		case "C":
			dir = inDir(dir, fl.value)
		}
	}
	if len(pkgs) == 0 {
		pkgs = []string{"."}
	}
	mains := f.packages(sh.stage, p, dir, pkgs)
	for _, main := range mains {
		name := koName("", main, f.in.Module)
		b := &goBuild{at: p, out: outputOf(dir, out, name, len(mains) > 1 || install)}
		if install {
			b.out = path.Join("/go/bin", name)
		}
		if text, err := f.fixed(path.Base(b.out)); err == nil {
			name = text
		}
		if fixed, err := f.fixed(b.out); err == nil {
			b.out = fixed
		}
		if b.name = f.addBinary(p, name, main); b.name == "" {
			continue
		}
		sh.builds = append(sh.builds, b)
		f.buildEnvs(sh, p, env, build{b.name})
		f.goFlags(p, build{b.name}, flags, f.resolve)
	}
}

// outputOf is where a go build in dir puts a program.
func outputOf(dir, out, name string, many bool) string {
	switch {
	case out == "":
		return inDir(dir, name)
	case many || strings.HasSuffix(out, "/") || out == ".":
		return inDir(dir, path.Join(out, name))
	}
	return inDir(dir, out)
}

// packages gives the directories in the context of what a go build in dir of a stage is given.
func (f *dockerfileImport) packages(st *stage, p at, dir string, pkgs []string) (out []string) {
	root, ok := st.contextOf(dir)
	if !ok { // the source is mounted, or copied in a way that can't be followed
		root = "."
	}
	for _, pkg := range pkgs {
		pkg, err := f.fixed(pkg)
		rest, below := strings.CutPrefix(pkg, f.in.Module)
		abs, known := st.contextOf(path.Clean(pkg))
		switch {
		case err != nil:
			f.lost(p, "%v", err)
		case f.in.Module != "" && below && (rest == "" || rest[0] == '/'):
			out = append(out, mainDir(strings.TrimPrefix(rest, "/")))
		case path.IsAbs(pkg) && known:
			out = append(out, mainDir(abs))
		case strings.HasSuffix(pkg, "..."):
			prefix := path.Join(root, strings.TrimSuffix(pkg, "..."))
			for _, m := range f.in.Mains {
				if prefix == "." || m.Dir == prefix || strings.HasPrefix(m.Dir, prefix+"/") {
					out = append(out, mainDir(m.Dir))
				}
			}
			if len(f.in.Mains) == 0 {
				f.lost(p, "%s: which main packages there are is not known", pkg)
			}
		case strings.Contains(strings.Split(pkg, "/")[0], ".") && !strings.HasPrefix(pkg, ".") && !strings.HasSuffix(pkg, ".go"):
			f.lost(p, "%s: its source is not in the build context", pkg)
		case strings.HasSuffix(pkg, ".go"):
			if dir := mainDir(root, path.Dir(pkg)); !slices.Contains(out, dir) {
				out = append(out, dir)
			}
		default:
			out = append(out, mainDir(root, pkg))
		}
	}
	return out
}

// buildEnvs takes the environment of a go build that Go or C reads.
func (f *dockerfileImport) buildEnvs(sh *session, p at, own [][2]string, b build) {
	env := maps.Clone(sh.own)
	if env == nil {
		env = vars{}
	}
	for _, kv := range own {
		env[kv[0]] = kv[1]
	}
	for _, name := range sorted(env) {
		p := p.sub(" %s", name)
		value, err := f.fixed(env[name])
		switch {
		case name == "GOOS" || name == "GOARCH" || name == "GOARM":
			if hasAtom(env[name]) || name == "GOARM" {
				f.dropped(p, "the platform decides it")
			}
		case name != "GOFLAGS" && name != "CC" && name != "CXX" && !strings.HasPrefix(name, "GO") && !strings.HasPrefix(name, "CGO_"):
		case name == "GOPATH" || name == "GOCACHE" || name == "GOMODCACHE" || name == "GOBIN" || name == "GOROOT":
			f.dropped(p, "xbuild keeps caches of its own")
		case err != nil:
			f.lost(p, "%v", err)
		default:
			f.buildEnv(p, b, name, value, f.verbatim)
		}
	}
	f.literalPlatform(p, env["GOOS"], env["GOARCH"])
}

// verbatim takes a text that is no template.
func (f *dockerfileImport) verbatim(_ at, text string) (string, error) { return literal(text), nil }

// literalPlatform takes a platform that a go build is for whatever the request says.
func (f *dockerfileImport) literalPlatform(p at, os, arch string) {
	if os == "" {
		os = "linux"
	}
	if arch == "" || hasAtom(os+arch) {
		return
	}
	name := os + "/" + arch
	if !slices.Contains(f.spec.Platforms, name) {
		f.set(p.sub(" GOARCH"), "platforms: "+name, func(s *spec.Spec) { s.Platforms = append(s.Platforms, name) })
	}
}
