package bake

import (
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Targets that others inherit. metadata is the one whose labels and args docker/metadata-action
// sets, in a bake file of its own.
const (
	common   = "_common"
	anImage  = "_image"
	metadata = "docker-metadata-action"
)

// Names of groups.
const (
	groupDefault = "default"
	groupAll     = "all"
)

// emit fills the file.
func (e *emitter) emit() error {
	e.file.Comment = []string{
		oneLine(fmt.Sprintf("Written by gen bake from %s, to be written again when that changes.", e.opt.File)),
		"docker buildx bake --push builds and pushes the images; bake test, bake dist and others do what their names say.",
	}
	e.reserve()
	var targets []Target
	for _, b := range e.builds {
		list, err := e.targets(b)
		if err != nil {
			return err
		}
		targets = append(targets, list...)
	}
	e.variables()
	e.groups()
	e.file.Targets = append([]Target{e.commonTarget(targets), imageTarget(), {Name: metadata}}, targets...)
	return nil
}

// reserve keeps names of the file from targets of the spec. A group may have the name of a target
// that is in it, but of no other group.
func (e *emitter) reserve() {
	names := []string{common, anImage, metadata}
	if e.opt.Split {
		names = append(names, groupDefault, groupAll)
		for _, b := range e.builds {
			for _, p := range b.platforms {
				names = append(names, PlatformName(p))
			}
		}
	}
	for _, name := range names {
		e.names[name] = name
	}
}

func (e *emitter) variables() {
	add := func(name, comment string, v Value) {
		e.file.Variables = append(e.file.Variables, Variable{name, comment, v})
	}
	add("REGISTRY", "Where images go: REGISTRY/IMAGE:TAG. Empty: images have no registry in their names.", literal(e.registry()))
	add("IMAGE_PREFIX", "What the names of images begin with.", expr(`REGISTRY != "" ? "${REGISTRY}/" : ""`))
	add("TAG", "The tag of images, which have VERSION as another.", literal("latest"))
	add("VERSION", "What {{.Version}} of the spec stands for, and org.opencontainers.image.version.", literal(""))
	add("REVISION", "The commit: org.opencontainers.image.revision.", literal(""))
	add("SOURCE", "The address of the repository: org.opencontainers.image.source.", literal(""))
	add("SOURCE_DATE_EPOCH", "The time of all files, in seconds since 1970. Empty: 0.", literal(""))
	add("DESTDIR", "The folder that binaries and dist write.", literal("dist"))
	if e.cache != "" {
		add("CACHE", "Where caches are: each target has a tag of its own, which begins so.", literal(e.cache))
	}
	if e.cache != "" || e.spec.Cache.Seed != "" {
		add("CACHE_EXPORT", "Whether caches are written, too. Pull requests only read them: who writes them decides what others link.", Bool(true))
	}
}

// registry is where the cache is, without its last element.
func (e *emitter) registry() string {
	if e.cache == "" {
		return ""
	}
	named, err := reference.ParseNormalizedNamed(e.cache)
	if err != nil {
		panic(fmt.Sprintf("bake: %v", err)) // setCache has parsed it
	}
	at := strings.LastIndexByte(named.Name(), '/')
	return named.Name()[:at]
}

// groups are those that people ask for. A group may have the name of an image that is in it.
func (e *emitter) groups() {
	var own, all []string
	byPlatform := map[string][]string{}
	for _, b := range e.builds {
		if e.split(b) {
			e.file.Groups = append(e.file.Groups, Group{targetName(b.target), e.splitNames(b)})
		}
		if isSeed(b.target) {
			own, all = append(own, targetName(b.target)), append(all, targetName(b.target))
		}
		if !b.image {
			continue
		}
		all = append(all, targetName(b.target))
		if b.optional {
			continue
		}
		own = append(own, targetName(b.target))
		for _, p := range b.platforms {
			byPlatform[PlatformName(p)] = append(byPlatform[PlatformName(p)], targetName(b.target)+"-"+PlatformName(p))
		}
	}
	groups := []Group{{groupDefault, own}}
	if len(all) > len(own) {
		groups = append(groups, Group{groupAll, all})
	}
	if e.opt.Split {
		for _, p := range slices.Sorted(maps.Keys(byPlatform)) {
			groups = append(groups, Group{p, byPlatform[p]})
		}
	}
	e.file.Groups = append(groups, e.file.Groups...)
}

// split reports whether a target is one for each of its platforms.
func (e *emitter) split(b build) bool {
	return e.opt.Split && (b.image || b.target == plan.TargetBinaries)
}

func (e *emitter) splitNames(b build) (names []string) {
	for _, p := range b.platforms {
		names = append(names, targetName(b.target)+"-"+PlatformName(p))
	}
	return names
}

// targets are what a target of the spec is in the file.
func (e *emitter) targets(b build) (out []Target, err error) {
	if !e.split(b) {
		t, err := e.target(b, targetName(b.target), b.platforms, "")
		return []Target{t}, err
	}
	if err := e.take(targetName(b.target), b.target); err != nil {
		return nil, err
	}
	for _, p := range b.platforms {
		t, err := e.target(b, targetName(b.target)+"-"+PlatformName(p), []ocispecs.Platform{p}, "-"+PlatformName(p))
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// target is one target of the file. The suffix sets its tags apart.
func (e *emitter) target(b build, name string, list []ocispecs.Platform, suffix string) (Target, error) {
	if err := e.take(name, b.target); err != nil {
		return Target{}, err
	}
	t := Target{Name: name}
	add := func(name string, v Value) { t.Attrs = append(t.Attrs, Attr{name, v}) }
	inherits := []string{common}
	if b.image {
		inherits = []string{common, anImage, metadata}
	}
	add("inherits", literals(inherits))
	add("target", literal(b.target))
	if len(list) > 0 {
		add("platforms", platformNames(list))
	}
	if b.image {
		if err := checkRepository(b.target); err != nil {
			return Target{}, e.mistake(b.target, "%w", err)
		}
		add("tags", tags(b.target, suffix))
		if labels := ownLabels(b.labels); len(labels) > 0 {
			add("labels", labels)
		}
	} else {
		add("output", e.output(b.target, suffix))
	}
	if len(b.contexts) > 0 {
		add("contexts", b.contexts)
	}
	credentials, err := e.credentials(b.private)
	if err != nil {
		return Target{}, err
	}
	t.Attrs = append(t.Attrs, credentials...)
	if e.cache != "" {
		if tag := e.cacheTag() + "-" + name; len(tag) > maxTag {
			return Target{}, e.mistake(b.target, "the tag %s of its cache is longer than %d characters; name a cache with a shorter one", tag, maxTag)
		}
		add("cache-to", cacheTo(name))
	}
	return t, nil
}

// take reserves a name in the file.
func (e *emitter) take(name, target string) error {
	if other, ok := e.names[name]; ok {
		return e.mistake(target, "its name in a bake file is %s, which %s has already", name, other)
	}
	e.names[name] = target
	return nil
}

// mistake is one about an image.
func (e *emitter) mistake(target, format string, args ...any) error {
	return &diag.Error{Pos: e.spec.KeyPos("images", target), Rule: "bake-name", Msg: fmt.Sprintf("target %q: %v", target, fmt.Errorf(format, args...))}
}

// maxTag is how long a tag may be.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
const maxTag = 128

func (e *emitter) cacheTag() string { return e.cache[strings.LastIndexByte(e.cache, ':')+1:] }

// checkRepository reports an image whose name can't be that of a repository.
func checkRepository(name string) error {
	if _, err := reference.ParseNormalizedNamed("registry.invalid/" + name); err != nil {
		return fmt.Errorf("no repository can be named so: want words of lower-case letters and digits, parted by one ., _, __ or dashes")
	}
	return nil
}

// targetName is a target's name in the file; bake takes a dot for an underscore.
func targetName(target string) string { return strings.ReplaceAll(target, ".", "_") }

// PlatformName is a platform as part of the name of a target or of a tag: linux-arm64.
func PlatformName(p ocispecs.Platform) string {
	return strings.NewReplacer("/", "-", ".", "_").Replace(platforms.Format(p))
}

func platformNames(list []ocispecs.Platform) (out List) {
	for _, p := range list {
		out = append(out, literal(platforms.Format(p)))
	}
	return out
}

// tags are TAG and, where there is one, VERSION; + is no character of a tag.
func tags(image, suffix string) List {
	version := fmt.Sprintf(`VERSION != "" ? "${IMAGE_PREFIX}%s:${replace(VERSION, "+", "_")}%s" : ""`, image, suffix)
	tag := Text{{Expr: "IMAGE_PREFIX"}, {Literal: image + ":"}, {Expr: `replace(TAG, "+", "_")`}}
	if suffix != "" {
		tag = append(tag, Part{Literal: suffix})
	}
	return List{tag, expr(version)}
}

// imageLabels are those that the variables set.
var imageLabels = []struct{ name, variable string }{
	{"org.opencontainers.image.version", "VERSION"},
	{"org.opencontainers.image.revision", "REVISION"},
	{"org.opencontainers.image.source", "SOURCE"},
}

// imageTarget is what all images inherit. Provenance says what they were made of; an SBOM
// would take a scanner image in every build.
func imageTarget() Target {
	var labels Map
	for _, l := range imageLabels {
		labels = append(labels, Attr{l.name, given(l.variable)})
	}
	return Target{Name: anImage, Attrs: []Attr{
		{"labels", labels},
		{"attest", List{literal("type=provenance,mode=min")}},
	}}
}

// ownLabels leaves to the spec the labels that it sets.
func ownLabels(own map[string]bool) (out Map) {
	for _, l := range imageLabels {
		if own[l.name] {
			out = append(out, Attr{l.name, expr("null")})
		}
	}
	return out
}

// given is the value of a variable, or nothing when that is empty.
func given(variable string) Text { return expr(variable + ` != "" ? ` + variable + " : null") }

// isSeed reports whether a target is an image that cache.seed stands for.
func isSeed(target string) bool { return target == plan.TargetDeps || target == plan.TargetOwn }

// output is where the result of a target goes that is no image of the spec. Seeds are written as
// caches are: with --push and without.
func (e *emitter) output(target, suffix string) Value {
	if isSeed(target) {
		ref := e.spec.Cache.Seed
		if target == plan.TargetOwn {
			ref = spec.CacheRef(ref, target)
		}
		return expr(fmt.Sprintf(`CACHE_EXPORT ? ["type=image,name=%s,push=true,compression=zstd,oci-mediatypes=true"] : ["type=cacheonly"]`, ref))
	}
	return List{folder(target, suffix)}
}

// folder is the output of a target to a folder, if it has one.
func folder(target, suffix string) Text {
	switch target {
	case plan.TargetBinaries:
		if suffix != "" { // of one platform, which then has no folder of its own
			return Text{{Literal: "type=local,dest="}, {Expr: "DESTDIR"}, {Literal: "/" + strings.ReplaceAll(suffix[1:], "-", "_")}}
		}
		return Text{{Literal: "type=local,dest="}, {Expr: "DESTDIR"}}
	case plan.TargetDist:
		return Text{{Literal: "type=local,dest="}, {Expr: "DESTDIR"}}
	default:
		return literal("type=cacheonly")
	}
}

// commonTarget is what all targets inherit: each imports the caches of all.
func (e *emitter) commonTarget(targets []Target) Target {
	t := Target{Name: common, Attrs: []Attr{{"context", literal(e.opt.Context)}}}
	if e.opt.Inline != "" {
		t.Attrs = append(t.Attrs, Attr{"dockerfile-inline", literal(e.opt.Inline)})
	} else {
		t.Attrs = append(t.Attrs, Attr{"dockerfile", literal(e.opt.Dockerfile)})
	}
	args := Map{{"VERSION", given("VERSION")}, {"SOURCE_DATE_EPOCH", given("SOURCE_DATE_EPOCH")}}
	for _, name := range slices.Sorted(maps.Keys(e.spec.Args)) {
		args = append(args, Attr{name, literal(e.spec.Args[name])})
	}
	t.Attrs = append(t.Attrs, Attr{"args", args})
	if e.cache != "" {
		var from List
		for _, other := range targets {
			from = append(from, Text{{Literal: "type=registry,ref="}, {Expr: "CACHE"}, {Literal: "-" + other.Name}})
		}
		t.Attrs = append(t.Attrs, Attr{"cache-from", from})
	}
	return t
}

func cacheTo(name string) Text {
	return expr(fmt.Sprintf(`CACHE_EXPORT ? ["type=registry,ref=${CACHE}-%s,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"] : []`, name))
}

// credentials are the secrets and agents of hosts. Secrets come from environment variables:
// bake would ask before it reads a file outside of the working directory.
func (e *emitter) credentials(hosts []plan.PrivateHost) (out []Attr, err error) {
	var secrets, ssh []string
	for _, h := range hosts {
		switch id := h.Secret + h.Netrc; {
		case h.SSH != "":
			ssh = with(ssh, h.SSH)
			e.out.SSH = with(e.out.SSH, h.SSH)
			e.allow("ssh")
		default:
			variable := SecretVariable(id)
			if other, ok := e.secrets[variable]; ok && other != id {
				return nil, &diag.Error{Pos: h.Pos, Rule: "bake-name", Msg: fmt.Sprintf("secrets %s and %s would both be taken from %s", other, id, variable)}
			}
			e.secrets[variable] = id
			secrets = with(secrets, record("id="+id, "env="+variable))
			e.out.Secrets = with(e.out.Secrets, variable)
		}
	}
	if len(secrets) > 0 {
		out = append(out, Attr{"secret", literals(secrets)})
	}
	if len(ssh) > 0 {
		out = append(out, Attr{"ssh", literals(ssh)})
	}
	return out, nil
}

// SecretVariable is the environment variable that a secret is taken from: github-token is
// in GITHUB_TOKEN.
func SecretVariable(id string) string {
	name := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(id))
	if name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}

// record is fields as buildx reads them.
func record(fields ...string) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	if err := w.Write(fields); err != nil {
		panic(fmt.Sprintf("bake: %v", err))
	}
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}

// oneLine is text as part of a comment.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' {
			return '?'
		}
		return r
	}, s)
}
