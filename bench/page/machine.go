package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/bench/result"
)

// origin is where a table is from, in parts that are told apart: the machine, the versions, the day and the commit.
type origin [4]string

func describe(m result.Machine) (o origin) {
	machine := []string{fmt.Sprintf("on %d CPUs", m.CPUs)}
	if m.CPU != "" {
		machine[0] += " (" + escape(m.CPU) + ")"
	}
	if m.Memory > 0 {
		machine = append(machine, fmt.Sprintf("%.1f GiB of memory", float64(m.Memory)/(1<<30)))
	}
	system := m.OS + "/" + m.Arch
	if m.Kernel != "" {
		system += ", kernel " + m.Kernel
	}
	o[0] = strings.Join(append(machine, escape(system)), ", ")
	var versions []string
	for _, v := range [][2]string{{"", m.Go}, {"BuildKit ", m.BuildKit}, {"buildx ", m.Buildx}} {
		if v[1] != "" {
			versions = append(versions, v[0]+escape(v[1]))
		}
	}
	if len(versions) > 0 {
		o[1] = "with " + strings.Join(versions, ", ")
	}
	if m.Date != "" {
		o[2] = "on " + escape(m.Date)
	}
	if m.Commit != "" {
		o[3] = "of xbuild " + escape(strings.TrimSuffix(m.Commit, "+"))
		if strings.HasSuffix(m.Commit, "+") {
			o[3] += " with changes"
		}
	}
	return o
}

// without leaves out what the other has, too.
func (o origin) without(other origin) origin {
	for i := range o {
		if o[i] == other[i] {
			o[i] = ""
		}
	}
	return o
}

func (o origin) String() string {
	return strings.Join(slices.DeleteFunc(o[:], func(s string) bool { return s == "" }), ", ")
}

// machines writes what all tables have in common, and gives it.
func machines(w *writer, tables []table) (common origin) {
	common = describe(tables[0].Machine)
	for _, t := range tables {
		common = common.without(common.without(describe(t.Machine)))
	}
	w.line("## Machine")
	switch text := common.String(); text {
	case "":
		w.line("Tables are of different machines; each says which.")
	default:
		w.line("Measured %s; where a table differs, it says so.", text)
	}
	return common
}
