package dockerfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// stage is one stage for one platform, or for all of them.
type stage struct {
	from  string // what follows FROM
	lines []string
}

func (s *stage) add(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// run adds a RUN with mounts and other options, whose commands depend on each other.
func (s *stage) run(options []string, commands ...string) {
	head := strings.Join(append([]string{"RUN"}, options...), " ")
	text := strings.Join(commands, " && \\\n    ")
	if len(options) == 0 {
		s.add("RUN %s", text)
		return
	}
	s.add("%s \\\n    %s", head, text)
}

// env adds variables, each KEY=value and quoted already.
func (s *stage) env(list []string) {
	if len(list) > 0 {
		s.add("ENV %s", wrap(list, "    "))
	}
}

// width is where lists are wrapped.
const width = 110

// wrap joins words by spaces, over several lines of an instruction where they are long.
func wrap(words []string, indent string) string {
	var lines []string
	line := ""
	for _, w := range words {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+w, " ")
	}
	return strings.Join(append(lines, line), " \\\n"+indent)
}

// text is the stage without its name, FROM and ARG lines included.
func (e *emitter) text(s *stage, name string) string {
	body := strings.Join(s.lines, "\n")
	var args []string
	for _, v := range []string{"TARGETOS", "TARGETARCH", "TARGETVARIANT"} {
		if regexp.MustCompile(`\$\{?` + v + `\b`).MatchString(body) {
			args = append(args, v)
		}
	}
	for _, v := range e.in.Vars {
		if strings.Contains(body, "${"+v.Name+"}") {
			args = append(args, v.Name)
		}
	}
	out := "FROM " + s.from + " AS " + name + "\n"
	if len(args) > 0 {
		out += "ARG " + strings.Join(args, " ") + "\n"
	}
	if body != "" {
		out += body + "\n"
	}
	return out
}

// self stands for a stage's own name in its text.
const self = "\x00"

// texts are the stages of one thing, by platform; "" where a stage is nil, for a platform
// that lacks the thing.
func (e *emitter) texts(stages []*stage) []string {
	out := make([]string, len(stages))
	for i, s := range stages {
		if s != nil {
			out[i] = e.text(s, self)
		}
	}
	return out
}

// stage writes the stages of one thing for each platform, and gives the name that stands for
// the one of the platform that is built. An equal one that is there already is used.
func (e *emitter) stage(hint, about string, platforms []ocispecs.Platform, stages []*stage) string {
	texts := e.texts(stages)
	key := strings.Join(slices.Compact(slices.Clone(texts)), self+self)
	if name, ok := e.made[key]; ok {
		return name
	}
	name := e.name(hint)
	e.made[key] = name
	if name != hint { // said before
		about = ""
	}
	e.place(name, about, platforms, texts)
	return name
}

// place writes the stages of that name: a single one where all platforms are alike.
func (e *emitter) place(name, about string, platforms []ocispecs.Platform, texts []string) {
	all := slices.DeleteFunc(distinct(texts), func(s string) bool { return s == "" })
	if len(all) == 1 {
		e.write(about, strings.ReplaceAll(all[0], self, name))
		return
	}
	e.perPlatform(name, about, platforms, texts)
}

// perPlatform writes a stage for each text and a last one that chooses among them.
func (e *emitter) perPlatform(name, about string, platforms []ocispecs.Platform, texts []string) {
	by := map[string]string{} // text to stage
	for i, text := range texts {
		own := name + "-" + label(platforms[i])
		switch same, ok := by[text]; {
		case text == "":
			continue
		case ok:
			e.write("", fmt.Sprintf("FROM %s AS %s\n", same, own))
		default:
			by[text] = own
			e.write(about, strings.ReplaceAll(text, self, own))
			about = ""
		}
		e.taken[own] = true
	}
	variant := ""
	if slices.ContainsFunc(platforms, func(p ocispecs.Platform) bool { return p.Variant != "" }) {
		variant = "$TARGETVARIANT"
	}
	e.write("", fmt.Sprintf("FROM %s-$TARGETOS-$TARGETARCH%s AS %s\n", name, variant, name))
}

// label names a platform as the args TARGETOS, TARGETARCH and TARGETVARIANT do.
func label(p ocispecs.Platform) string { return p.OS + "-" + p.Architecture + p.Variant }

func (e *emitter) write(about, text string) {
	e.out.WriteString("\n")
	if about != "" {
		for line := range strings.Lines(about) {
			e.out.WriteString("# " + comment(line) + "\n")
		}
	}
	e.out.WriteString(text)
}

var notInName = regexp.MustCompile(`[^a-z0-9_.-]+`)

// name gives a stage a name that no other one has: hint, if it can.
func (e *emitter) name(hint string) string {
	hint = notInName.ReplaceAllString(strings.ToLower(hint), "-")
	if hint == "" || hint[0] < 'a' || hint[0] > 'z' {
		hint = "x" + hint
	}
	name := hint
	for i := 2; e.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", hint, i)
	}
	e.taken[name] = true
	return name
}
