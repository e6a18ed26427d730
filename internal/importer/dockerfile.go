package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/acme/xbuild/spec"
)

// argStamps are what build args are commonly named that a spec has a stamp for.
var argStamps = map[string]string{
	"VERSION": "{{.Version}}", "APP_VERSION": "{{.Version}}", "BUILD_VERSION": "{{.Version}}", "GIT_VERSION": "{{.Version}}",
	"COMMIT": "{{.Revision}}", "GIT_COMMIT": "{{.Revision}}", "COMMIT_SHA": "{{.Revision}}", "GIT_SHA": "{{.Revision}}",
	"REVISION": "{{.Revision}}", "GIT_REVISION": "{{.Revision}}", "VCS_REF": "{{.Revision}}", "COMMIT_HASH": "{{.Revision}}",
	"DATE": "{{.Date}}", "BUILD_DATE": "{{.Date}}", "BUILD_TIME": "{{.Date}}", "CREATED": "{{.Date}}",
	"TARGETOS": "{{.OS}}", "TARGETARCH": "{{.Arch}}", "TARGETVARIANT": "{{.Variant}}",
}

// stage is a stage of a Dockerfile.
type stage struct {
	instructions.Stage
	at
	parent *stage // whose image it starts from, if that is a stage
	base   string // the image that it starts from, in the end
	env    vars
	own    vars // of env, what ENV of this stage and its parents sets
	dir    string
	copies []copied
	builds []*goBuild
	runs   bool
}

// copied is what COPY takes of the context.
type copied struct{ src, dest string }

// goBuild is a go build in a Dockerfile that the spec has as a binary.
type goBuild struct {
	at
	name   string // in the spec
	out    string // absolute path in its stage
	copied string // absolute path in the image, "" while it is not there
}

// dockerfileImport is the state of one Dockerfile.
type dockerfileImport struct {
	*draft
	lex      *shell.Lex
	stages   []*stage
	defaults map[string]string // of build args, by the atom that stands for each
	final    *stage
	image    string // in the spec
}

// dockerfile takes a Dockerfile, and gives the name of the image of its last stage.
// https://docs.docker.com/reference/dockerfile
func (d *draft) dockerfile() (img string, err error) {
	defer func() {
		if r := recover(); r != nil { // BuildKit's parser is not ours
			img, err = "", fmt.Errorf("not a Dockerfile: %v", r)
		}
	}()
	if hasAtom(string(d.in.Data)) {
		return "", errPrivateUse
	}
	ast, err := parser.Parse(bytes.NewReader(d.in.Data))
	if err != nil {
		return "", fmt.Errorf("not a Dockerfile: %w", err)
	}
	stages, metaArgs, err := instructions.Parse(ast.AST, nil)
	if err != nil {
		return "", fmt.Errorf("not a Dockerfile: %w", err)
	}
	if len(stages) == 0 {
		return "", errors.New("not a Dockerfile: it has no FROM")
	}
	f := &dockerfileImport{draft: d, lex: shell.NewLex(ast.EscapeToken), defaults: map[string]string{}}
	meta := f.metaArgs(metaArgs)
	for i := range stages {
		f.stage(&stages[i], meta, i == len(stages)-1)
	}
	return f.image, nil
}

// metaArgs are the args before the first FROM, by their defaults.
func (f *dockerfileImport) metaArgs(args []instructions.ArgCommand) vars {
	meta := vars{}
	for i := range args {
		for _, a := range args[i].Args {
			value, _, err := f.parts.expand(f.lex, a.ValueString(), meta)
			p := at{lineOf(args[i].Location()), "ARG " + a.Key}
			if err != nil || a.Value == nil {
				f.lost(p, "it has no default")
				continue
			}
			meta[a.Key] = value
			f.taken(p, "its default stands where it is used")
		}
	}
	return meta
}

func lineOf(r []parser.Range) int {
	if len(r) == 0 {
		return 0
	}
	return r[0].Start.Line
}

// stage goes through one stage.
func (f *dockerfileImport) stage(in *instructions.Stage, meta vars, last bool) {
	st := &stage{Stage: *in, at: at{lineOf(in.Location), "FROM"}, env: vars{}, own: vars{}, dir: "/"}
	f.stages = append(f.stages, st)
	base, _, err := f.parts.expand(f.lex, in.BaseName, meta)
	if err != nil {
		base = in.BaseName
	}
	st.base = base
	if p := f.byName(base, len(f.stages)-1); p != nil {
		st.parent, st.base, st.dir = p, p.base, p.dir
		st.env, st.own = maps.Clone(p.own), maps.Clone(p.own)
		st.copies, st.builds, st.runs = slices.Clone(p.copies), slices.Clone(p.builds), p.runs
	}
	for _, c := range st.Commands {
		f.scan(st, meta, c)
	}
	if last {
		f.final = st
		f.finish()
	}
}

// byName gives a stage before the one with that index.
func (f *dockerfileImport) byName(name string, before int) *stage {
	for i := before - 1; i >= 0; i-- {
		if strings.EqualFold(f.stages[i].Name, name) && name != "" || name == itoa(i) {
			return f.stages[i]
		}
	}
	return nil
}

// scan takes of a command what later ones depend on, and what is compiled.
func (f *dockerfileImport) scan(st *stage, meta vars, c instructions.Command) {
	p := at{lineOf(c.Location()), strings.ToUpper(c.Name())}
	switch c := c.(type) {
	case *instructions.ArgCommand:
		for _, a := range c.Args {
			f.arg(st, meta, p.sub(" %s", a.Key), a)
		}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if value, _, err := f.parts.expand(f.lex, kv.Value, st.env); err == nil {
				st.env[kv.Key], st.own[kv.Key] = value, value
			}
		}
	case *instructions.WorkdirCommand:
		if dir, _, err := f.parts.expand(f.lex, c.Path, st.env); err == nil {
			st.dir = inDir(st.dir, dir)
		}
	case *instructions.CopyCommand:
		if c.From == "" {
			f.copied(st, c.SourcePaths, c.DestPath)
		}
	case *instructions.AddCommand:
		f.copied(st, c.SourcePaths, c.DestPath)
	case *instructions.RunCommand:
		st.runs = true
		f.run(st, p, c)
	}
}

// arg declares what stands for a build arg in the stage.
func (f *dockerfileImport) arg(st *stage, meta vars, p at, a instructions.KeyValuePairOptional) {
	value, ok := meta[a.Key]
	if a.Value != nil {
		v, _, err := f.parts.expand(f.lex, *a.Value, st.env)
		value, ok = v, err == nil
	}
	part := argStamps[a.Key]
	switch {
	case part != "":
		f.taken(p, part)
		f.hint(p, part)
	case strings.HasPrefix(a.Key, "BUILD") && slices.Contains([]string{"BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"}, a.Key) || a.Key == "TARGETPLATFORM":
		f.dropped(p, "the platform decides it")
		part = "$" + a.Key
	default:
		part = argTemplate(a.Key)
		put(&f.args, a.Key, p)
	}
	atom, err := f.parts.add(part)
	if err != nil {
		f.lost(p, "%v", err)
		return
	}
	if ok {
		f.defaults[atom] = value
	}
	if _, set := st.own[a.Key]; !set {
		st.env[a.Key] = atom
	}
}

// inDir gives a path that may be relative to dir.
func inDir(dir, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join("/", dir, p)
}

// copied records what a stage has of the context.
func (f *dockerfileImport) copied(st *stage, sources []string, to string) {
	dest, _, err := f.parts.expand(f.lex, to, st.env)
	if err != nil {
		return
	}
	into := strings.HasSuffix(dest, "/") || dest == "." || len(sources) > 1
	dest = inDir(st.dir, dest)
	for _, s := range sources {
		src, _, err := f.parts.expand(f.lex, s, st.env)
		if err != nil || strings.Contains(src, "://") {
			continue
		}
		src = strings.TrimPrefix(path.Clean("/"+src), "/")
		if into && !f.isDir(src) {
			st.copies = append(st.copies, copied{src, path.Join(dest, path.Base("/"+src))})
		} else {
			st.copies = append(st.copies, copied{src, dest})
		}
	}
}

// isDir reports whether a path of the context is a directory, as its name says where the context
// is not known.
func (f *dockerfileImport) isDir(p string) bool {
	if p == "" || p == "." {
		return true
	}
	if f.in.Context != nil && fs.ValidPath(p) {
		if info, err := fs.Stat(f.in.Context, p); err == nil {
			return info.IsDir()
		}
	}
	return !strings.Contains(path.Base(p), ".") && !spec.IsPattern(p)
}

// contextOf gives what a path of a stage is in the context.
func (st *stage) contextOf(p string) (string, bool) {
	for _, c := range slices.Backward(st.copies) {
		rest, below := strings.CutPrefix(p, strings.TrimSuffix(c.dest, "/")+"/")
		switch {
		case p == c.dest:
			return path.Join(".", c.src), true
		case below:
			return path.Join(c.src, rest), true
		}
	}
	return "", false
}

// resolve gives a text whose atoms stand for variables as a text of the spec, which may be a
// template.
func (f *dockerfileImport) resolve(p at, text string) (string, error) {
	var out, plain strings.Builder
	for _, r := range text {
		i, ok := f.parts.index(r)
		if !ok {
			plain.WriteRune(r)
			continue
		}
		part, atom := f.parts[i], string(r)
		name, isArg := strings.CutPrefix(part, "{{.Args.")
		switch {
		case isArg:
			name = strings.TrimSuffix(name, "}}")
			if _, ok := f.spec.Args[name]; !ok {
				value, err := f.fixed(f.defaults[atom])
				if err == nil {
					err = f.try(func(s *spec.Spec) { put(&s.Args, name, value) })
				}
				if err != nil {
					return "", err
				}
			}
		case !strings.HasPrefix(part, "{{"):
			return "", fmt.Errorf("%s is known only where the command runs", part)
		}
		out.WriteString(literal(plain.String()) + part)
		plain.Reset()
	}
	return out.String() + literal(plain.String()), nil
}

// fixed gives a text whose atoms stand for build args with their defaults, for where a spec takes
// no template.
func (f *dockerfileImport) fixed(text string) (string, error) {
	for range 8 { // a default may name another arg
		if !hasAtom(text) {
			return text, nil
		}
		var out strings.Builder
		for _, r := range text {
			if out.Len() > maxExpanded {
				return "", errTooLong
			}
			i, ok := f.parts.index(r)
			value, known := f.defaults[string(r)]
			switch {
			case !ok:
				out.WriteRune(r)
			case !known:
				return "", fmt.Errorf("%s is known only in a build", f.parts[i])
			default:
				out.WriteString(value)
			}
		}
		text = out.String()
	}
	return "", errTooLong
}
