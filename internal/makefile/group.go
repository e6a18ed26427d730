package makefile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
)

// group is what one go build makes: binaries that are compiled alike. One process loads their
// packages once, and compiles what they share once.
type group struct {
	name     string // linux-arm64, for the second of a platform linux-arm64-2
	binaries []binary
}

// platform is what the group is for.
func (g group) platform() string { return platforms.Format(g.binaries[0].platform) }

// grouped parts binaries by what they are compiled with, in their order.
func grouped(list []binary) (groups []group) {
	count := map[string]int{}
	for _, b := range list {
		i := slices.IndexFunc(groups, func(g group) bool { return g.takes(b) })
		if i >= 0 {
			groups[i].binaries = append(groups[i].binaries, b)
			continue
		}
		name := strings.ReplaceAll(platforms.Format(b.platform), "/", "-")
		if count[name]++; count[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, count[name])
		}
		groups = append(groups, group{name, []binary{b}})
	}
	return groups
}

// takes reports whether go build can make the binary along with those of the group.
func (g group) takes(b binary) bool {
	first := g.binaries[0]
	if b.library || first.library || b.profile || first.profile {
		return false
	}
	for _, o := range g.binaries {
		if o.made == b.made && o.pkg != b.pkg {
			return false
		}
	}
	return b.key() == first.key()
}

// key is equal for binaries that are compiled alike.
func (b binary) key() string {
	return fmt.Sprintf("%q %#v %#v %#v", platforms.Format(b.platform), b.dir, b.flags, b.env)
}
