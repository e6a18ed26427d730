package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/bench/lab"
)

// contestants say what is behind the names of columns, in Markdown.
var contestants = []struct{ name, text string }{
	{lab.XBuild, "`docker buildx build` with the program's spec; it compiles with `GOGC=800`, where the machine has the memory, which changes no result"},
	{lab.Dockerfile, "`docker buildx build` with [mounts.Dockerfile](../bench/lab/mounts.Dockerfile): cache mounts for modules and for what is compiled"},
	{lab.Listed, "[listed.Dockerfile](../bench/lab/listed.Dockerfile): compiles a list of dependencies, kept by hand, in a layer"},
	{lab.Plain, "[plain.Dockerfile](../bench/lab/plain.Dockerfile): no cache mounts; the modules are a layer"},
	{lab.Generated, "the Dockerfile that [`gen dockerfile`](gen.md) writes of the spec"},
	{lab.GoBuild, "the go command of the machine, without containers or images, all platforms at once"},
}

// compared says what is compared, and how to do it again: the contestants of the tables, all when there are none.
func (s Site) compared(w *writer, tables []table) {
	w.line("## What is compared")
	var items []string
	for _, c := range contestants {
		if len(tables) == 0 || slices.ContainsFunc(tables, func(t table) bool { return slices.Contains(t.Columns, c.name) }) {
			items = append(items, fmt.Sprintf("* **%s**: %s", c.name, c.text))
		}
	}
	w.line("%s", strings.Join(items, "\n"))
	w.line(`They compile with the same flags: %s. Each has machines of its own (a BuildKit, or the folders of the go
command), which know nothing of the others; images are pushed to one registry on the same computer. Each Dockerfile has a
[.dockerignore](../bench/lab/dockerignore) without docs. A time counts from the start of the command to its end. Contestants take
turns, run by run, and get the same edits. Where they do the same work, the binaries that they make are compared: a row in which those
are not the same, bit for bit, is an error and has no result. What other columns are is said above their table.`,
		"`CGO_ENABLED=0`, `-trimpath`, `-buildvcs=false`, `-ldflags=\"-s -w\"`")
	w.line("## Measure it yourself")
	w.line(`On Linux, with Go, git and make; no Docker is needed:`)
	w.line("```sh\nmake bench FLAGS=-list   # what would be measured, and how long that takes\n" +
		"make bench               # all of it; stopped, the same command goes on where it was\n" +
		"make bench BENCH=cache   # one suite\n" +
		"make bench-page          # this page again, of bench/results.json, measuring nothing\n```")
}
