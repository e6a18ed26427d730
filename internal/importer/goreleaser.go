package importer

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/spec"
)

// What a spec has nothing like, by key of a .goreleaser.yaml.
const (
	noCommands  = "xbuild runs no commands"
	noPackages  = "xbuild makes no packages of systems"
	noPublish   = "xbuild publishes nothing but images: a release is for CI"
	noSigning   = "xbuild signs nothing: sign what it makes in CI"
	byBuildKit  = "BuildKit makes it: docker buildx build --sbom=true --provenance=true"
	byPlatforms = "one build makes an image of all its platforms, with its index"
)

// goreleaserSkips says why keys at the top of the file are not taken.
var goreleaserSkips = map[string]string{
	"before": noCommands, "after": noCommands, "after_publish": noCommands, "before_publish": noCommands,
	"nfpms": noPackages, "snapcrafts": noPackages, "brews": noPackages, "homebrew_casks": noPackages, "scoops": noPackages,
	"winget": noPackages, "aurs": noPackages, "aur_sources": noPackages, "krews": noPackages, "nix": noPackages,
	"chocolateys": noPackages, "dmg": noPackages, "msi": noPackages, "msix": noPackages, "pkgs": noPackages, "app_bundles": noPackages,
	"flatpaks": noPackages, "makeselfs": noPackages, "srpms": noPackages, "scoop": noPackages, "npms": noPackages,
	"release": noPublish, "announce": noPublish, "publishers": noPublish, "milestones": noPublish, "changelog": noPublish,
	"blobs": noPublish, "uploads": noPublish, "artifactories": noPublish, "github_urls": noPublish, "gitlab_urls": noPublish,
	"gitea_urls": noPublish, "force_token": noPublish, "fury": noPublish, "cloudsmiths": noPublish, "docker_digest": noPublish, "mcp": noPublish,
	"signs": noSigning, "docker_signs": noSigning, "binary_signs": noSigning, "notarize": noSigning,
	"sboms": byBuildKit, "universal_binaries": "xbuild builds for one platform at a time", "upx": "xbuild packs no programs",
	"source": "xbuild archives no source", "partial": "the request says which platforms are built",
	"git": "the client says the revision, and the request the version", "snapshot": "the build arg VERSION is the version",
	"nightly": "the build arg VERSION is the version", "template_files": "xbuild fills in no files", "monorepo": "the build context is the project",
	"includes": "a spec is one file; import what it includes too", "variables": "there are build args: args", "aliases": "a spec has anchors of its own",
}

// goreleaserDrops says why keys at the top of the file need not be taken.
var goreleaserDrops = map[string]string{
	"version": "it is that of GoReleaser's format", "dist": "docker buildx build --output says where", "report_sizes": "it only makes GoReleaser say more",
	"metadata": "it is for files that GoReleaser writes", "docker_manifests": byPlatforms, "pro": "it is for GoReleaser",
}

// releaser is the state of one .goreleaser.yaml.
type releaser struct {
	*draft
	builds    []*releaseBuild
	platforms []string // in the order in which builds name them
}

// releaseBuild is an element of builds that the spec has as a binary.
type releaseBuild struct {
	id, name  string
	platforms []string
}

// goreleaser takes a .goreleaser.yaml. https://goreleaser.com/customization
func (d *draft) goreleaser() error {
	root, err := loadYAML(d.in.Data)
	if err != nil {
		return err
	}
	n := node{Node: root}
	if root == nil {
		n.Node = emptyNode
	}
	r := &releaser{draft: d}
	d.project = cmp.Or(n.text("project_name"), moduleName(d.in.Module))
	h := handlers{
		"project_name": r.projectName,
		"env":          r.env,
		"builds":       r.allBuilds,
		"archives":     r.archives,
		"checksum":     r.checksum,
		"dockers":      r.dockers,
		"dockers_v2":   r.dockersV2,
		"kos":          r.kos,
		"gomod":        r.gomod,
	}
	for key, why := range goreleaserSkips {
		h[key] = d.skip(why)
	}
	for key, why := range goreleaserDrops {
		h[key] = d.drop(why)
	}
	if _, ok := n.get("builds"); !ok {
		r.allBuilds(node{listNode(mappingNode()), at{0, "builds"}})
	}
	if _, ok := n.get("archives"); !ok {
		d.set(at{0, "archives"}, "dist.archive: tar.gz, which is GoReleaser's default", func(s *spec.Spec) { s.Dist.Archive = "tar.gz" })
	}
	d.mapping(n, h, "project_name", "env", "gomod", "builds")
	return nil
}

func (r *releaser) projectName(n node) {
	r.set(n.at, "name", func(s *spec.Spec) { s.Name = imageName(n.Value) })
}

// env takes the environment of all that GoReleaser runs, which templates may name too.
func (r *releaser) env(n node) {
	for _, c := range r.texts(n) {
		if name, value, ok := strings.Cut(c.Value, "="); ok && !strings.Contains(value, "{{") {
			put(&r.draft.env, name, value)
		}
	}
	r.envList(n, build{})
}

func (r *releaser) gomod(n node) {
	r.mapping(n, handlers{
		"env":   func(n node) { r.envList(n, build{}) },
		"proxy": r.skip("what is built is the build context"),
		"mod":   r.skip("write it as build.flags: -mod=…"),
		"dir":   r.skip("the build context is the project"),
	})
}

// allBuilds takes the builds, and the platforms of all of them.
func (r *releaser) allBuilds(n node) {
	for _, item := range n.items() {
		if item.Kind != yamlMapping {
			r.lost(item.at, "it is no mapping")
			continue
		}
		r.build(item)
	}
	differ := false
	for _, b := range r.builds {
		differ = differ || !slices.Equal(b.platforms, r.builds[0].platforms)
		for _, p := range b.platforms {
			if !slices.Contains(r.platforms, p) {
				r.platforms = append(r.platforms, p)
			}
		}
	}
	p := n.sub(": platforms")
	for _, name := range r.platforms {
		r.platform(p, name)
	}
	if differ {
		r.note(p, "note: ", "the builds have different platforms; a spec has every binary for all of them")
	}
}

// build takes one element of builds.
func (r *releaser) build(n node) {
	if b := n.text("builder"); b != "" && b != "go" {
		r.lost(n.at, "xbuild builds Go, not %s", b)
		return
	}
	if n.text("skip") == "true" {
		r.dropped(n.at, "it is skipped")
		return
	}
	main, err := r.template(n.at, n.text("main"))
	dir, dirErr := r.template(n.at, n.text("dir"))
	if err = cmp.Or(err, dirErr); err != nil {
		r.lost(n.at, "%v", err)
		return
	}
	dir = mainDir(dir, main)
	b := &releaseBuild{id: cmp.Or(n.text("id"), r.project), platforms: r.matrix(n)}
	if b.name = r.addBinary(n.at, r.binaryOf(n, dir), dir); b.name == "" {
		return
	}
	r.builds = append(r.builds, b)
	r.compile(n, build{b.name})
}

// binaryOf is what GoReleaser names the program of a build.
func (r *releaser) binaryOf(n node, dir string) string {
	name, err := r.template(n.at, n.text("binary"))
	switch {
	case err != nil:
		r.lost(n.sub(".binary"), "%v", err)
	case name != "" && !strings.Contains(name, "{{"):
		return path.Base(name)
	case name != "":
		r.lost(n.sub(".binary"), "a name is no template")
	}
	if name := cmp.Or(r.project, n.text("id")); name != "" {
		return name
	}
	return koName("", dir, r.in.Module)
}

// defaultLDFlags are GoReleaser's, but for the one that says that it was GoReleaser.
const defaultLDFlags = "-s -w -X main.version={{.Version}} -X main.commit={{.Commit}} -X main.date={{.Date}}"

// compile takes how a binary is compiled.
func (r *releaser) compile(n node, b build) {
	inName, inPlatforms := r.drop("it is in the name and main of the binary"), r.drop("it is in the platforms")
	h := handlers{
		"id": inName, "main": inName, "dir": inName, "binary": inName,
		"goos": inPlatforms, "goarch": inPlatforms, "goarm": inPlatforms, "goamd64": inPlatforms, "goarm64": inPlatforms,
		"ignore": inPlatforms, "targets": inPlatforms,
		"env":                func(n node) { r.envList(n, b) },
		"flags":              func(n node) { r.flagList(n, b) },
		"ldflags":            func(n node) { r.ldflagList(n, b) },
		"tags":               func(n node) { r.words(n, b, "tags") },
		"gcflags":            func(n node) { r.words(n, b, "gcflags") },
		"asmflags":           func(n node) { r.words(n, b, "asmflags") },
		"buildmode":          func(n node) { r.goFlag(n.at, b, "buildmode", n.Value, true, r.template) },
		"builder":            r.drop("it is the default"),
		"skip":               r.drop("it is the default"),
		"mod_timestamp":      r.drop("the time of every file is the build arg SOURCE_DATE_EPOCH"),
		"no_unique_dist_dir": r.skip("dist names its own files"),
		"no_main_check":      r.skip("a binary is of a main package"),
		"hooks":              r.hooks,
		"overrides":          r.skip("it replaces what it names, where overrides of a spec add to it: write them anew"),
		"tool":               r.skip("go.version and go.image say what compiles"),
		"gobinary":           r.skip("go.version and go.image say what compiles"),
		"command":            r.skip("xbuild runs go build"),
		"buildvcs":           r.drop("it is always false"),
	}
	for _, key := range []string{"go386", "gomips", "gomips64", "goppc64", "goriscv64"} {
		h[key] = func(n node) { r.level(n, b, key) }
	}
	if _, ok := n.get("ldflags"); !ok {
		r.ldflags(n.sub(": default ldflags"), b, defaultLDFlags, r.template)
	}
	r.mapping(n, h, "env", "flags")
}

func (r *releaser) hooks(n node) {
	for _, f := range n.fields() {
		r.lost(f.at, noCommands)
	}
}

// words takes a list of build tags or compiler flags.
func (r *releaser) words(n node, b build, name string) {
	for _, c := range r.texts(n) {
		if s, err := r.template(c.at, c.Value); err != nil {
			r.lost(c.at, "%v", err)
		} else {
			r.goFlag(c.at, b, name, s, true, r.template)
		}
	}
}

// level takes one level of an instruction set; a spec has no two for a platform.
func (r *releaser) level(n node, b build, key string) {
	for i, c := range r.texts(n) {
		if i > 0 {
			r.lost(c.at, "a binary has one level for a platform; variants of an image have others")
			continue
		}
		r.buildEnv(c.at, b, strings.ToUpper(key), c.Value, r.template)
	}
}

// archives takes what dist packs.
func (r *releaser) archives(n node) {
	for i, item := range n.items() {
		if i > 0 {
			r.lost(item.at, "dist makes one kind of archive")
			continue
		}
		r.archive(item)
	}
}

func (r *releaser) archive(n node) {
	named := r.skip("dist names its own files")
	format := func(node) {} // it is said of all three at once
	r.format(n)
	r.mapping(n, handlers{
		"id": r.drop("dist makes one kind of archive"), "format": format, "formats": format, "format_overrides": format,
		"builds": r.skip("dist holds every binary"), "ids": r.skip("dist holds every binary"),
		"name_template": named, "wrap_in_directory": named, "strip_binary_directory": named, "allow_different_binary_count": named,
		"files":       r.archiveFiles,
		"builds_info": r.skip("binaries are 0755, and of root"),
		"meta":        r.skip("an archive holds a binary"),
		"hooks":       r.hooks,
	})
	if _, ok := n.get("files"); !ok {
		r.lost(n.sub(".files"), "GoReleaser adds LICENSE*, README* and CHANGELOG*; dist.files names files one by one")
	}
}

// format takes the kinds of archives.
func (r *releaser) format(n node) {
	p, formats := n.sub(".format"), []string(nil)
	for _, key := range []string{"format", "formats"} {
		if f, ok := n.get(key); ok {
			p = f.at
			for _, c := range r.texts(f) {
				formats = append(formats, c.Value)
			}
		}
	}
	archive := "tar.gz"
	if len(formats) > 0 {
		archive = formats[0]
	}
	for _, f := range formats[min(1, len(formats)):] {
		r.lost(p, "%s: dist makes one kind of archive", f)
	}
	if archive == "tgz" {
		archive = "tar.gz"
	}
	if archive == "binary" {
		archive = "none"
	}
	overrides, _ := n.get("format_overrides")
	for _, o := range overrides.items() {
		formats, _ := o.get("formats")
		to := o.text("format")
		if items := formats.items(); len(items) > 0 {
			to = items[0].Value
		}
		if cmp.Or(o.text("goos"), "windows") == "windows" && to == "zip" && archive == "tar.gz" {
			archive = "auto"
		} else {
			r.lost(o.at, "dist makes zip for Windows and tar.gz for all others, or one kind for all")
		}
	}
	r.set(p, "dist.archive: "+archive, func(s *spec.Spec) { s.Dist.Archive = archive })
}

func (r *releaser) archiveFiles(n node) {
	for _, c := range n.items() {
		name := c.Value
		if c.Kind == yamlMapping {
			name = c.text("src")
			for _, f := range c.fields() {
				if f.name != "src" {
					r.lost(f.at, "dist.files are at the top of the archive under their own names")
				}
			}
		}
		r.set(c.at, "dist.files", func(s *spec.Spec) { s.Dist.Files = append(s.Dist.Files, name) })
	}
}

func (r *releaser) checksum(n node) {
	r.mapping(n, handlers{
		"name_template": r.skip("dist writes SHA256SUMS"),
		"algorithm": func(n node) {
			if n.Value == "sha256" {
				r.dropped(n.at, "dist writes SHA256SUMS")
			} else {
				r.lost(n.at, "dist writes SHA256SUMS")
			}
		},
		"split":       r.skip("dist writes one file, SHA256SUMS"),
		"disable":     r.skip("dist always writes SHA256SUMS"),
		"ids":         r.skip("SHA256SUMS is of all files"),
		"extra_files": r.skip("SHA256SUMS is of what dist makes"),
	})
}
