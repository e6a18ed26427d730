package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the result in Markdown. Goals that refer to a row which was not measured are not judged.
func report(rows []*row) string {
	byName := map[string]*row{}
	for _, r := range rows {
		byName[r.name] = r
	}
	var w strings.Builder
	w.WriteString("# What a build costs, with its caches in every state\n\n" +
		"Written by `make bench-cache`.\n\n")
	about(&w, rows)
	w.WriteString("| scenario | xbuild | Dockerfile | Dockerfile, listed | gen dockerfile | `go build` | ratio | target | met |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.state != export {
			fmt.Fprintf(&w, "| %s | %s |\n", r.name, strings.Join(append(r.times(), r.verdict(byName)...), " | "))
		}
	}
	w.WriteString("\nSeconds, the median and of how many runs. ¹ It takes over 100 s and was measured once.\n")
	for _, r := range rows {
		if r.state == export {
			exports(&w, r)
		}
	}
	ran(&w, rows)
	explain(&w, rows, byName)
	return w.String()
}

// about says what is compared.
func about(w *strings.Builder, rows []*row) {
	fmt.Fprintf(w, "%s on %d cores of %s, %s.", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOARCH, runtime.Version())
	var seen []string
	for _, r := range rows {
		p := r.program
		if slices.Contains(seen, p.name) {
			continue
		}
		seen = append(seen, p.name)
		fmt.Fprintf(w, " `%s` is %d packages, %d binaries.", p.name, p.size, len(p.mains))
	}
	bump := ""
	if i := slices.IndexFunc(rows, func(r *row) bool { return r.program.bump != "" }); i >= 0 {
		bump = rows[i].program.bump
	}
	fmt.Fprintf(w, ` All is built for %s.

* **xbuild**, and the three Dockerfiles, are run by "docker buildx build", each on a daemon of its own, and push an image to
  one registry on the loopback. A build counts from the start of the command to its end.
* **Dockerfile** is [mounts.Dockerfile](mounts.Dockerfile), with cache mounts for modules and for what is compiled;
  **Dockerfile, listed** is [listed.Dockerfile](listed.Dockerfile), which compiles a list of dependencies, kept by hand, in a
  layer; **gen dockerfile** is what gen dockerfile writes of the spec. All have a .dockerignore without docs.
* **go build** is the go command of this machine, both platforms at once; with no build cache and no modules where it says cold.
* **warm** is a daemon that has built the program as it was before the edit; **fresh** is a new daemon that has pulled
  nothing and imports the cache that a warm one of the same contestant exported to the registry (mode=max, zstd).
* Every build of a run has the same edit, which is new in each run, and all contestants make the same binaries, bit for bit: that is checked.
* The module that is bumped, and its version in each run: %s.

`, strings.Join(platforms(), " and "), bump)
}

// times are the cells of the contestants.
func (r *row) times() (cells []string) {
	for _, c := range []string{xbuild, dockerfile, listedDeps, generated, goBuild} {
		s := r.median(c)
		if s == nil || c == goBuild && r.state == fresh {
			cells = append(cells, "–")
			continue
		}
		cell := fmt.Sprintf("%.2f (%d)", s.took.Seconds(), len(r.samples[c]))
		if r.takesTooLong(c) {
			cell += "¹"
		}
		cells = append(cells, cell)
	}
	return cells
}

// missed is the verdict on a target that is not met.
const missed = "**no**"

// verdict are the cells ratio, target and met, where there is a target.
func (r *row) verdict(rows map[string]*row) []string {
	var ratios, targets, met []string
	add := func(ratio, target, word string) {
		ratios, targets, met = append(ratios, ratio), append(targets, target), append(met, word)
	}
	word := map[bool]string{true: "yes", false: missed}
	took := r.median(xbuild)
	for _, g := range r.goals {
		other := rows[cmp.Or(g.row, r.name)].median(g.contestant)
		if took == nil || other == nil {
			add("–", g.String(), "not measured")
			continue
		}
		add(g.ratio(took.took, other.took), g.String(), word[g.met(took.took, other.took)])
	}
	for _, s := range r.steps {
		if took == nil {
			add("steps", s.text, "not measured")
			continue
		}
		add("steps", s.text, word[r.holds(s)])
	}
	return []string{strings.Join(ratios, "<br>"), strings.Join(targets, "<br>"), strings.Join(met, "<br>")}
}

// holds reports whether the rule holds in every run of xbuild.
func (r *row) holds(s stepRule) bool {
	return !slices.ContainsFunc(r.samples[xbuild], func(got *sample) bool { return !s.holds(r.program, got.ran()) })
}

// missedAny reports whether a goal is not met, or a rule.
func (r *row) missedAny(rows map[string]*row) bool {
	return slices.ContainsFunc(r.verdict(rows), func(cell string) bool { return strings.Contains(cell, missed) })
}
