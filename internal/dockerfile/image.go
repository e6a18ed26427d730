package dockerfile

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/internal/system"
	"github.com/acme/xbuild/plan"
)

// target writes the stages of a plan.
func (e *emitter) target(p *plan.Plan) {
	if !stageName.MatchString(p.Target) || p.Target == "scratch" || p.Target == "context" {
		e.unsaid(diag.Pos{}, "%q can't be the name of a stage: it begins with a letter, and has letters of lower case, digits, _, . and -", p.Target)
		return
	}
	switch p.Target {
	case plan.TargetTest, plan.TargetVet:
		e.test(p)
	default:
		e.image(p)
	}
}

// stageName is what BuildKit takes as the name of a stage, without those that it keeps to itself.
var stageName = regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`)

// image writes the stage of an image, or of the bare binaries, with the stages that it needs.
func (e *emitter) image(p *plan.Plan) {
	builds := e.builds(p)
	stages := make([]*stage, len(p.Targets))
	for i, t := range p.Targets {
		s := &stage{from: "scratch"}
		if t.Base != "" {
			s.from = e.word(t.BasePos, t.Base)
		}
		for _, id := range t.Layers {
			e.layer(s, p, p.Steps[id].(plan.Layer), builds)
		}
		e.config(s, t)
		stages[i] = s
	}
	e.place(p.Target, "", platformsOf(p), e.texts(stages))
}

// compiled are the binaries of a plan, in the order of its layers.
type compiled struct {
	name string
	ids  across
}

// builds writes the stages of a plan's binaries, and gives their names by the steps.
func (e *emitter) builds(p *plan.Plan) map[plan.StepID]string {
	var list []compiled
	for i, t := range p.Targets {
		for _, id := range t.Layers {
			from := p.Steps[id].(plan.Layer).From
			name := madeBy(p, from)
			if name == "" {
				continue
			}
			at := slices.IndexFunc(list, func(c compiled) bool { return c.name == name })
			if at < 0 {
				at = len(list)
				list = append(list, compiled{name, across(slices.Repeat([]plan.StepID{plan.NoStep}, len(p.Targets)))})
			}
			list[at].ids[i] = from
		}
	}
	out := map[plan.StepID]string{}
	for _, c := range list {
		stage := ""
		if c.name == delve {
			stage = e.tool(p, c.ids)
		} else {
			stage = e.build(p, platformsOf(p), c.ids)
		}
		for _, id := range c.ids {
			out[id] = stage
		}
	}
	return out
}

// delve stands where the name of a binary would, and is none.
const delve = "\x00tool"

// madeBy is the binary that a step makes, "" of any other step.
func madeBy(p *plan.Plan, id plan.StepID) string {
	if id == plan.NoStep {
		return ""
	}
	switch s := p.Steps[id].(type) {
	case plan.Compile:
		return s.Binary
	case plan.Link:
		return s.Binary
	case plan.Tool:
		return delve
	default:
		return ""
	}
}

// layer copies what a layer holds.
func (e *emitter) layer(s *stage, p *plan.Plan, l plan.Layer, builds map[plan.StepID]string) {
	var options []string
	if l.UID != 0 || l.GID != 0 {
		options = append(options, fmt.Sprintf("--chown=%d:%d", l.UID, l.GID))
	}
	if l.Mode != "" {
		options = append(options, "--chmod="+l.Mode)
	}
	if l.From == plan.NoStep {
		s.add("COPY --from=%s / /", e.link(p, l))
		return
	}
	src := l.Src
	if !l.Wildcard {
		src = literal(src)
	}
	switch from := p.Steps[l.From].(type) {
	case plan.Compile, plan.Link, plan.Tool:
		options, src = append(options, "--from="+builds[l.From]), path.Join(outDir, src)
	case plan.System:
		s.add("COPY --from=%s /system /", e.system(p))
		return
	case plan.Image:
		if hasArg(e.parts(from.Ref)) {
			e.unsaid(from.Pos, "a Dockerfile replaces no build args in the image that files are copied from: %s", e.readable(from.Ref))
		}
		options = append(options, "--from="+e.word(from.Pos, from.Ref))
	case plan.HTTP:
		s.add("ADD %s", strings.Join(append(options, "--checksum="+from.Checksum, e.jsonWords(l.Pos, []string{from.URL, l.Dest})), " "))
		return
	case plan.Setcap: // reported
		return
	case plan.Context:
	default:
		e.unsaid(l.Pos, "no copy from step %T", from)
		return
	}
	s.add("COPY %s", strings.Join(append(options, e.paths(l.Pos, src, l.Dest)), " "))
}

// paths writes where a copy is from and where to.
func (e *emitter) paths(pos diag.Pos, src, dest string) string {
	if plain.MatchString(src) && plain.MatchString(dest) && !strings.HasPrefix(src, "-") {
		return e.word(pos, src) + " " + e.word(pos, dest)
	}
	return e.jsonWords(pos, []string{src, dest})
}

// literal is a path that BuildKit reads as no pattern.
func literal(name string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]", `\`, `\\`).Replace(name)
}

// link is a stage with nothing but a symbolic link.
func (e *emitter) link(p *plan.Plan, l plan.Layer) string {
	made := &stage{from: e.toolchain(p)}
	at := path.Join("/link", l.Dest)
	made.run(nil, "mkdir -p "+e.sh(l.Pos, path.Dir(at)), "ln -s -- "+e.sh(l.Pos, l.Link)+" "+e.sh(l.Pos, at))
	if l.UID != 0 || l.GID != 0 {
		made.run(nil, fmt.Sprintf("chown -h %d:%d %s", l.UID, l.GID, e.sh(l.Pos, at)))
	}
	from := e.stage("linked", "", platformsOf(p)[:1], []*stage{made})
	only := &stage{from: "scratch"}
	only.add("COPY --from=%s /link /", from)
	return e.stage("link", "", platformsOf(p)[:1], []*stage{only})
}

// system is the stage with what programs expect of a system.
func (e *emitter) system(p *plan.Plan) string {
	if e.systemStage != "" {
		return e.systemStage
	}
	s := &stage{from: e.toolchain(p)}
	s.add(`RUN mkdir -p /system/etc/ssl/certs /system/usr/share && \
    cp -L /etc/ssl/certs/ca-certificates.crt /system/etc/ssl/certs/ && \
    if [ -d /usr/share/zoneinfo ]; \
        then cp -RL /usr/share/zoneinfo /system/usr/share/; \
        else unzip -q "$(go env GOROOT)/lib/time/zoneinfo.zip" -d /system/usr/share/zoneinfo; \
    fi && \
    mkdir -m 1777 /system/tmp`)
	s.add("COPY <<EOF /system/etc/passwd\n%sEOF", system.Passwd)
	s.add("COPY <<EOF /system/etc/group\n%sEOF", system.Group)
	e.systemStage = e.stage("system", "What programs expect of a system: CA certificates, time zones, users and /tmp.", platformsOf(p)[:1], []*stage{s})
	return e.systemStage
}

// config writes what the image config says.
func (e *emitter) config(s *stage, t plan.Target) {
	c, pos := t.Config, t.BasePos
	if len(t.Annotations.Manifest)+len(t.Annotations.ManifestDescriptor)+len(t.Annotations.Index)+len(t.Annotations.IndexDescriptor) > 0 {
		e.warn(diag.Pos{}, "a Dockerfile says no annotations: %s has them only where the build is given them, with --annotation", t.Name)
	}
	for _, kv := range c.Env {
		s.add("ENV %s", e.envWord(pos, kv))
	}
	for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
		if strings.Contains(key, "=") {
			e.unsaid(pos, "a Dockerfile can't have a label whose name holds =: %q", key)
		}
		s.add("LABEL %s=%s", e.word(pos, key), e.quoted(pos, c.Labels[key]))
	}
	if c.WorkDir != "" {
		s.add("WORKDIR %s", e.word(pos, c.WorkDir))
	}
	for _, port := range c.Ports {
		s.add("EXPOSE %s", e.word(pos, port))
	}
	if len(c.Volumes) > 0 {
		s.add("VOLUME %s", e.jsonWords(pos, c.Volumes))
	}
	if c.User != "" {
		s.add("USER %s", e.word(pos, c.User))
	}
	if c.StopSignal != "" {
		s.add("STOPSIGNAL %s", e.word(pos, c.StopSignal))
	}
	if c.Healthcheck != nil {
		e.healthcheck(s, pos, *c.Healthcheck)
	}
	if len(c.Entrypoint) > 0 {
		s.add("ENTRYPOINT %s", e.json(pos, c.Entrypoint))
	}
	if len(c.Cmd) > 0 {
		s.add("CMD %s", e.json(pos, c.Cmd))
	}
}

// quoted is a word, the empty one too.
func (e *emitter) quoted(pos diag.Pos, text string) string {
	if text == "" {
		return `""`
	}
	return e.word(pos, text)
}

func (e *emitter) healthcheck(s *stage, pos diag.Pos, h plan.Healthcheck) {
	var options []string
	for _, o := range []struct {
		name string
		d    time.Duration
	}{{"interval", h.Interval}, {"timeout", h.Timeout}, {"start-period", h.StartPeriod}, {"start-interval", h.StartInterval}} {
		if o.d != 0 {
			options = append(options, fmt.Sprintf("--%s=%s", o.name, o.d))
		}
	}
	if h.Retries != 0 {
		options = append(options, fmt.Sprintf("--retries=%d", h.Retries))
	}
	switch {
	case len(h.Test) == 1 && h.Test[0] == "NONE":
		s.add("HEALTHCHECK NONE")
	case len(h.Test) > 1 && h.Test[0] == "CMD":
		s.add("HEALTHCHECK %s", strings.Join(append(options, "CMD", e.json(pos, h.Test[1:])), " "))
	case len(h.Test) == 2 && h.Test[0] == "CMD-SHELL" && !strings.HasPrefix(strings.TrimSpace(h.Test[1]), "["):
		e.skip = append(e.skip, "JSONArgsRecommended")
		s.add("HEALTHCHECK %s", strings.Join(append(options, "CMD", e.shellLine(pos, h.Test[1])), " "))
	default:
		e.unsaid(pos, "a Dockerfile can't say this healthcheck: %q", h.Test)
	}
}

// shellLine is a command that BuildKit leaves to a shell.
func (e *emitter) shellLine(pos diag.Pos, text string) string {
	switch trimmed := strings.TrimSpace(e.checked(pos, text)); {
	case hasArg(e.parts(text)):
		e.unsaid(pos, "a Dockerfile replaces no build args in a command, and this is one: %q", e.readable(text))
		return ""
	case trimmed != text, strings.HasSuffix(text, `\`), strings.Contains(text, "<<"):
		e.unsaid(pos, "a Dockerfile can't say this command: %q", text)
		return ""
	default:
		return text
	}
}

// test writes a stage that runs go vet and go test, which fails with them.
func (e *emitter) test(p *plan.Plan) {
	s := &stage{}
	for _, step := range p.Steps {
		t, ok := step.(plan.Test)
		if !ok {
			continue
		}
		deps := p.Steps[t.Deps].(plan.Deps)
		if s.from == "" {
			e.testRoot(s, p, t, deps)
		}
		e.workdir(s, p, t.Dir)
		var lines []string
		for _, c := range t.Commands {
			lines = append(lines, wrap(append([]string{"GOCACHE=" + cacheDir}, e.flags(t.Pos, c)...), "      "))
		}
		options := []string{buildMount}
		if !t.Network {
			options = append([]string{offline}, options...)
		}
		s.run(options, lines...)
	}
	e.place(p.Target, "", platformsOf(p), e.texts([]*stage{s}))
}

// testRoot begins the stage with all of the source and what its tests import.
func (e *emitter) testRoot(s *stage, p *plan.Plan, t plan.Test, deps plan.Deps) {
	s.from = e.root(p, across{t.Toolchain})
	common := e.common()
	env := []string{}
	for _, kv := range t.Env {
		if key, _, _ := strings.Cut(kv, "="); key != "GOOS" && key != "GOARCH" && !slices.Contains(common, kv) {
			env = append(env, e.envWord(t.Pos, kv)) // tests run on the build platform, whichever that is
		}
	}
	s.env(append(env, "GOPROXY=off"))
	if deps.Download {
		s.add("COPY --from=%s %s %s", e.modules(p, deps), modDir, modDir)
	}
	e.outside(s, p)
	s.add("COPY . %s", sourceDir(p))
}

// tool is the stage whose /out holds a program of a module of its own.
func (e *emitter) tool(p *plan.Plan, ids across) string {
	env := e.environments(platformsOf(p), envOf(p, ids))
	stages := each(p, ids, func(i int, t plan.Tool) *stage {
		s := &stage{from: e.toolchain(p)}
		s.env(slices.DeleteFunc(env[i], func(kv string) bool { return kv == "GOPROXY=off" }))
		options, login := e.login(t.Private)
		s.run(append([]string{buildMount}, options...), append(login,
			"GOCACHE="+cacheDir+" go install -trimpath -buildvcs=false '-ldflags=-s -w' "+e.sh(diag.Pos{}, t.Package+"@"+t.Version),
			"mkdir -p "+outDir,
			`cp "$(find "$(go env GOPATH)/bin" -type f -name `+e.sh(diag.Pos{}, t.Output)+`)" `+outDir+"/")...)
		return s
	})
	return e.stage("delve", "", platformsOf(p), stages)
}
