package spec

import "slices"

// targets checks the targets that images have besides themselves: variants, and the image
// to debug. No two targets have the same name.
func (v *validator) targets() {
	taken := map[string]string{}
	for name := range v.Images {
		taken[name] = "image " + quote(name)
	}
	for image, img := range each(v.Images) {
		at := keyPath{"images", image}
		if by := taken[DebugTarget(image)]; by != "" && img.Debug {
			v.value(at.to("debug"), "duplicate-target", "", "the target %s is taken by %s", quote(DebugTarget(image)), by)
		} else if img.Debug {
			taken[DebugTarget(image)] = "debug of image " + quote(image)
		}
		for name, levels := range each(img.Variants) {
			at := at.to("variants", name)
			v.variant(at, name, levels)
			if by := taken[name]; by != "" {
				v.key(at, "duplicate-target", "", "the target %s is taken by %s", quote(name), by)
			}
			taken[name] = "a variant of image " + quote(image)
		}
	}
}

func (v *validator) variant(at keyPath, name string, set Levels) {
	v.imageName(at, name)
	broken := slices.ContainsFunc(levels, func(l level) bool { return v.broken(at.to(l.key)) })
	if set == (Levels{}) && !broken {
		v.key(at, "missing-key", "", "variant %s needs a level, as goamd64: v3", quote(name))
	}
	v.levels(at, set)
}

func (v *validator) imageName(at keyPath, name string) {
	switch {
	case IsBuiltinTarget(name):
		v.key(at, "reserved-name", "", "%s is a target of its own; name the image otherwise", quote(name))
	case !nameRE.MatchString(name):
		v.key(at, "bad-name", lowered(name), "%s can't name an image: %s", quote(name), nameForm)
	}
}
