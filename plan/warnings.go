package plan

import (
	"slices"
	"strings"

	"github.com/acme/xbuild/spec"
)

// warnAll adds the warnings about the spec that concern the request.
func (b *builder) warnAll(binaries map[string]binary, img *image) {
	if len(b.spec.Images) > 0 {
		b.warnUnused(binaries)
	}
	if img == nil || len(b.spec.Images) == 0 {
		return
	}
	for _, t := range b.plan.Targets {
		user, _, _ := strings.Cut(t.Config.User, ":")
		if user == "root" || user == "0" || user == "" && t.Base == "" {
			b.warn(b.spec.Pos("images", img.of, "user"), "root-user", "image %q runs as root; set user: 65532", img.name)
		}
		if t.Base != "" && !strings.Contains(t.Base, "@") {
			b.warn(t.BasePos, "unpinned-base", "base %s can change; pin it by digest, as %s@sha256:…", t.Base, t.Base)
		}
	}
}

// warnUnused says which of the spec's binaries no image holds.
func (b *builder) warnUnused(binaries map[string]binary) {
	used := map[string]bool{}
	for _, name := range sortedKeys(b.spec.Images) {
		list := b.spec.Images[name].Binaries
		if len(list) == 0 {
			for _, bin := range b.defaultBinaries(name, sortedKeys(binaries)) {
				list = append(list, spec.ImageBinary{Name: bin})
			}
		}
		for _, item := range list {
			used[item.Name] = true
		}
	}
	names := slices.DeleteFunc(sortedKeys(b.spec.Binaries), func(n string) bool { return used[n] })
	for _, name := range names {
		b.warn(b.spec.KeyPos("binaries", name), "unused-binary", "no image holds binary %q", name)
	}
}
