package importer

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/spec"
)

// imageOf names the image of the spec that an element of dockers, dockers_v2 or kos is for, and
// adds it with the binaries of the builds with those ids, all without ids. It is "" when the
// spec can't have it.
func (r *releaser) imageOf(p at, ref string, ids []string) string {
	name := cmp.Or(r.project, "image")
	if s, err := r.template(p, ref); err == nil {
		if base := path.Base(repository(s)); ref != "" && !strings.Contains(base, "{{") {
			name = base
		}
	}
	name = imageName(name)
	if _, ok := r.spec.Images[name]; ok {
		return name
	}
	var binaries []spec.ImageBinary
	for _, b := range r.builds {
		if len(ids) == 0 || slices.Contains(ids, b.id) {
			binaries = append(binaries, spec.ImageBinary{Name: b.name})
		}
	}
	if len(binaries) == 0 {
		r.lost(p, "none of the builds that it names is in the spec")
		return ""
	}
	var entrypoint []string
	if len(binaries) > 1 && !slices.ContainsFunc(binaries, func(b spec.ImageBinary) bool { return b.Name == name }) {
		entrypoint = []string{binaries[0].Dest()}
	}
	if !r.set(p, "images."+name, image(name, func(i *spec.Image) { i.Binaries, i.Entrypoint = binaries, entrypoint })) {
		return ""
	}
	return name
}

// ids are the texts of a list.
func ids(n node) (out []string) {
	for _, c := range n.items() {
		out = append(out, c.Value)
	}
	return out
}

func first(n node) string { return strings.Join(ids(n)[:min(1, len(ids(n)))], "") }

const pushed = "docker buildx build --tag says what an image is called where it is pushed"

// dockers takes images that are built of a Dockerfile and binaries, one for each platform.
func (r *releaser) dockers(n node) {
	for _, item := range n.items() {
		templates, _ := item.get("image_templates")
		list, _ := item.get("ids")
		known := len(r.spec.Images)
		name := r.imageOf(item.at, first(templates), ids(list))
		if name == "" {
			continue
		}
		if len(r.spec.Images) > known {
			r.configOf(item, name)
		}
		again := r.drop(byPlatforms)
		r.mapping(item, handlers{
			"id": again, "goos": again, "goarch": again, "goarm": again, "goamd64": again, "use": again,
			"ids":                  r.drop("they are the image's binaries"),
			"dockerfile":           r.drop("what it says was looked for"),
			"image_templates":      r.skip(pushed),
			"skip_push":            r.skip(pushed),
			"skip_build":           r.skip(pushed),
			"push_flags":           r.skip(pushed),
			"build_flag_templates": func(n node) { r.buildFlags(n, name) },
			"extra_files":          r.skip("images." + name + ".files says what the image holds of the source"),
			"templated_files":      r.skip("xbuild fills in no files"),
			"retry":                r.skip(pushed),
		})
	}
}

// buildFlags takes flags of docker build.
func (r *releaser) buildFlags(n node, img string) {
	for _, c := range r.texts(n) {
		flag, value, _ := strings.Cut(c.Value, "=")
		key, text, _ := strings.Cut(value, "=")
		p := c.sub(" %s %s", flag, key)
		switch flag {
		case "--label":
			r.label(p, img, "labels", key, text)
		case "--annotation":
			r.label(p, img, "annotations", key, text)
		case "--platform":
			r.dropped(p, byPlatforms)
		case "--pull":
			r.dropped(p, "references are looked up in each build")
		default:
			r.lost(p, "a spec has no flags of docker build")
		}
	}
}

// label takes a label or an annotation.
func (r *releaser) label(p at, img, kind, key, text string) {
	text, err := r.template(p, text)
	if err == nil {
		key, err = r.template(p, key)
	}
	if err != nil {
		r.lost(p, "%v", err)
		return
	}
	if _, ok := r.spec.Images[img].Labels[key]; ok && kind == "labels" {
		r.dropped(p, "the image has that label")
		return
	}
	r.set(p, "images."+img+"."+kind+"."+key, image(img, func(i *spec.Image) {
		if kind == "labels" {
			put(&i.Labels, key, text)
		} else {
			put(&i.Annotations, key, text)
		}
	}))
}

func (r *releaser) labelMap(n node, img, kind string) {
	for _, f := range n.fields() {
		r.label(f.at, img, kind, f.name, f.Value)
	}
}

// dockersV2 takes images that are built of a Dockerfile and binaries, for all platforms.
func (r *releaser) dockersV2(n node) {
	for _, item := range n.items() {
		images, _ := item.get("images")
		list, _ := item.get("ids")
		name := r.imageOf(item.at, first(images), ids(list))
		if name == "" {
			continue
		}
		r.configOf(item, name)
		r.mapping(item, handlers{
			"id":          r.drop("an image is named after its repository"),
			"ids":         r.drop("they are the image's binaries"),
			"dockerfile":  r.drop("what it says was looked for"),
			"images":      r.skip(pushed),
			"tags":        r.skip(pushed),
			"labels":      func(n node) { r.labelMap(n, name, "labels") },
			"annotations": func(n node) { r.labelMap(n, name, "annotations") },
			"platforms":   r.skip("the request says for which of the platforms an image is built"),
			"sbom":        r.skip(byBuildKit),
			"build_args":  r.skip("a spec has its own args"),
			"flags":       r.skip("a spec has no flags of docker build"),
			"extra_files": r.skip("images." + name + ".files says what the image holds of the source"),
			"hooks":       r.hooks,
			"disable":     r.skip("an image that is not asked for is not built"),
			"skip_push":   r.skip(pushed),
			"retry":       r.skip(pushed),
		})
	}
}

// kos takes images that ko makes.
func (r *releaser) kos(n node) {
	for _, item := range n.items() {
		build := cmp.Or(item.text("build"), item.text("id"))
		i := slices.IndexFunc(r.builds, func(b *releaseBuild) bool { return b.id == build })
		if i < 0 && len(r.builds) == 1 && item.text("build") == "" {
			i = 0
		}
		if i < 0 {
			r.lost(item.at, "none of the builds that it names is in the spec")
			continue
		}
		name := r.imageOf(item.at, r.builds[i].name, []string{r.builds[i].id})
		if name == "" {
			continue
		}
		if _, ok := item.get("base_image"); !ok {
			r.setBase(item.sub(".base_image"), name, koBase)
		}
		r.koSettings(item, name)
	}
}

func (r *releaser) setBase(p at, img, ref string) {
	ref, err := r.template(p, ref)
	if err != nil {
		r.lost(p, "%v", err)
		return
	}
	r.set(p, "images."+img+".base: "+ref, image(img, func(i *spec.Image) { i.Base = spec.Base{"": ref} }))
}

func (r *releaser) koSettings(item node, name string) {
	same := r.skip("the image holds the binary as its build says")
	r.mapping(item, handlers{
		"id": r.drop("an image is named after its binary"), "build": r.drop("an image is named after its binary"),
		"base_image":  func(n node) { r.setBase(n.at, name, n.Value) },
		"labels":      func(n node) { r.labelMap(n, name, "labels") },
		"annotations": func(n node) { r.labelMap(n, name, "annotations") },
		"user": func(n node) {
			r.set(n.at, "images."+name+".user", image(name, func(i *spec.Image) { i.User = n.Value }))
		},
		"main": same, "working_dir": same, "env": same, "flags": same, "ldflags": same,
		"repository": r.skip(pushed), "repositories": r.skip(pushed), "tags": r.skip(pushed), "bare": r.skip(pushed),
		"preserve_import_paths": r.skip(pushed), "base_import_paths": r.skip(pushed), "local_domain": r.skip(pushed), "disable": r.skip(pushed),
		"platforms": r.skip("the request says for which of the platforms an image is built"),
		"sbom":      r.skip(byBuildKit), "sbom_directory": r.skip(byBuildKit),
		"creation_time": r.drop("the time is the build arg SOURCE_DATE_EPOCH"), "ko_data_creation_time": r.drop("the time is the build arg SOURCE_DATE_EPOCH"),
	})
}

// configOf takes what the Dockerfile of an image says of all but the binaries.
func (r *releaser) configOf(item node, name string) {
	file := cmp.Or(item.text("dockerfile"), "Dockerfile")
	p := item.sub(".dockerfile")
	if n, ok := item.get("dockerfile"); ok {
		p = n.at
	}
	if r.in.Context == nil || !fs.ValidPath(path.Clean(file)) {
		r.lost(p, "%s could not be read: base, entrypoint and files are those of the spec's defaults", file)
		return
	}
	data, err := fs.ReadFile(r.in.Context, path.Clean(file))
	if err != nil || len(data) > maxInput {
		r.lost(p, "%s could not be read: base, entrypoint and files are those of the spec's defaults", file)
		return
	}
	sub := &draft{in: Input{File: file, Kind: Dockerfile, Data: data, Context: r.in.Context}}
	img, err := sub.dockerfile()
	if err != nil {
		r.lost(p, "%s: %v", file, err)
		return
	}
	for _, n := range sub.notes {
		if n.Text == notTaken+noBuild { // its binaries are those of builds
			continue
		}
		n.Text = strings.ReplaceAll(n.Text, "images."+img, "images."+name)
		r.notes = append(r.notes, Note{Line: p.line, Key: file + ":" + itoa(n.Line) + ": " + n.Key, Text: n.Text})
	}
	r.adopt(p, name, sub.spec.Images[img])
}

// adopt gives an image what another says of all but its binaries, which may be among its files.
func (r *releaser) adopt(p at, name string, from spec.Image) {
	own := r.spec.Images[name]
	from.Binaries = slices.Clone(own.Binaries)
	var files []spec.File
	for _, f := range from.Files {
		i := slices.IndexFunc(from.Binaries, func(b spec.ImageBinary) bool { return b.Name == path.Base(f.From) && f.Image == "" })
		if i < 0 {
			files = append(files, f)
			continue
		}
		if from.Binaries[i].Path = f.Dest(); from.Binaries[i].Path == path.Join("/usr/local/bin", from.Binaries[i].Name) {
			from.Binaries[i].Path = ""
		}
	}
	from.Files = files
	if len(from.Entrypoint) == 0 {
		from.Entrypoint = own.Entrypoint
	}
	if err := r.try(image(name, func(i *spec.Image) { *i = from })); err != nil {
		r.lost(p, "%v", err)
	}
}
