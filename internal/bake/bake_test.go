package bake

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/google/go-cmp/cmp"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/zclconf/go-cty/cty"
)

var amd64, arm64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}, ocispecs.Platform{OS: "linux", Architecture: "arm64"}

// project are the facts of a module with two programs, one of which takes a module from outside.
func project() *scan.Facts {
	return &scan.Facts{
		Modules: []scan.Module{{Dir: ".", Path: "example.com/shop", Go: "1.26", Requires: true, Outside: []scan.Outside{{Path: "example.com/lib", Dir: "../lib"}}}},
		Mains:   []scan.Main{{Dir: "cmd/shop", Module: "."}, {Dir: "cmd/worker", Module: "."}},
	}
}

func options() Options {
	return Options{File: "xbuild.yaml", Context: ".", Dockerfile: "xbuild.yaml", Request: plan.Request{Platforms: []ocispecs.Platform{amd64, arm64}, BuildPlatform: amd64}}
}

func newFile(t *testing.T, text string, o Options) (*Result, error) {
	t.Helper()
	s, err := spec.Parse("xbuild.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return New(s, project(), o)
}

// TestFile holds what a bake file says, in both formats, for one environment.
func TestFile(t *testing.T) {
	cached := options()
	cached.Cache = "ghcr.io/acme/shop:cache"
	split := cached
	split.Split = true
	windows := options()
	windows.Request.Platforms = append(windows.Request.Platforms, ocispecs.Platform{OS: "windows", Architecture: "amd64"})
	inline := options()
	inline.Inline = "name: ${HOME}\n"
	tests := []struct {
		name, spec string
		opt        Options
		env        map[string]cty.Value
		at         string // kind.name.attribute
		want       []string
	}{
		{"default group", "", options(), nil, "group.default.targets", []string{"shop", "worker"}},
		{"variants and debug", "images:\n  shop: {variants: {shop-v3: {goamd64: v3}}, debug: true}\n", options(), nil, "group.default.targets", []string{"shop"}},
		{"all", "images:\n  shop: {variants: {shop-v3: {goamd64: v3}}, debug: true}\n", options(), nil, "group.all.targets", []string{"shop", "shop-debug", "shop-v3"}},
		{"dots", "images:\n  shop.v1: {binaries: [shop]}\n", options(), nil, "target.shop_v1.target", []string{"shop.v1"}},
		{"tags", "", options(), nil, "target.shop.tags", []string{"shop:latest"}},
		{"tags of a registry", "", options(), vars("REGISTRY", "r.io/acme", "VERSION", "v1.2.3+4"), "target.shop.tags", []string{"r.io/acme/shop:latest", "r.io/acme/shop:v1.2.3_4"}},
		{"registry of the cache", "", cached, nil, "target.shop.tags", []string{"ghcr.io/acme/shop:latest"}},
		{"platforms", "", options(), nil, "target.shop.platforms", []string{"linux/amd64", "linux/arm64"}},
		{"no image for Windows", "", windows, nil, "target.shop.platforms", []string{"linux/amd64", "linux/arm64"}},
		{"an image for Windows", "images:\n  shop: {base: {windows: 'example.com/win:1'}}\n", windows, nil, "target.shop.platforms", []string{"linux/amd64", "linux/arm64", "windows/amd64"}},
		{"binaries for Windows", "", windows, nil, "target.binaries.platforms", []string{"linux/amd64", "linux/arm64", "windows/amd64"}},
		{"no cache", "", options(), nil, "target._common.cache-from", nil},
		{"imports", "", cached, nil, "target._common.cache-from", refs("shop", "worker", "binaries", "dist", "test")},
		{"exports", "", cached, nil, "target.shop.cache-to", []string{"type=registry,ref=ghcr.io/acme/shop:cache-shop,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"}},
		{"exports of tests", "", cached, vars("CACHE", "r.io/x:y"), "target.test.cache-to", []string{"type=registry,ref=r.io/x:y-test,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"}},
		{"no exports", "", cached, map[string]cty.Value{"CACHE_EXPORT": cty.False}, "target.shop.cache-to", nil},
		{"cache of the spec", "cache: {registry: 'localhost:5000/c'}\n", options(), nil, "variable.CACHE.default", []string{"localhost:5000/c:latest"}},
		{"a seed is built by default", seed, options(), nil, "group.default.targets", []string{"shop", "worker", "deps", "own"}},
		{"a seed", seed, options(), nil, "target.deps.output", []string{"type=image,name=r.io/shop:seed,push=true,compression=zstd,oci-mediatypes=true"}},
		{"a seed of own packages", seed, options(), nil, "target.own.output", []string{"type=image,name=r.io/shop:seed-own,push=true,compression=zstd,oci-mediatypes=true"}},
		{"no seed in a pull request", seed, options(), map[string]cty.Value{"CACHE_EXPORT": cty.False}, "target.deps.output", []string{"type=cacheonly"}},
		{"a seed of all platforms", seed, split, nil, "target.deps.platforms", []string{"linux/amd64", "linux/arm64"}},
		{"the cache of a seed", seed, cached, nil, "target._common.cache-from", refs("shop", "worker", "binaries", "dist", "test", "deps", "own")},
		{"no seed", "", options(), nil, "target.deps.output", nil},
		{"split", "", split, nil, "group.shop.targets", []string{"shop-linux-amd64", "shop-linux-arm64"}},
		{"split by platform", "", split, nil, "group.linux-arm64.targets", []string{"shop-linux-arm64", "worker-linux-arm64"}},
		{"split platforms", "", split, nil, "target.shop-linux-arm64.platforms", []string{"linux/arm64"}},
		{"split tags", "", split, vars("VERSION", "1"), "target.shop-linux-arm64.tags", []string{"ghcr.io/acme/shop:latest-linux-arm64", "ghcr.io/acme/shop:1-linux-arm64"}},
		{"split imports", "", split, nil, "target._common.cache-from", refs("shop-linux-amd64", "shop-linux-arm64", "worker-linux-amd64", "worker-linux-arm64", "binaries-linux-amd64", "binaries-linux-arm64", "dist", "test")},
		{"split output", "", split, nil, "target.binaries-linux-arm64.output", []string{"type=local,dest=dist/linux_arm64"}},
		{"secrets", private, options(), nil, "target.shop.secret", []string{"id=git-token,env=GIT_TOKEN", "id=corp.netrc,env=CORP_NETRC"}},
		{"agents", private, options(), nil, "target.test.ssh", []string{"default"}},
		{"spec on standard input", "", inline, nil, "target._common.dockerfile-inline", []string{"name: ${HOME}\n"}},
		{"attestations", "", options(), nil, "target._image.attest", []string{"type=provenance,mode=min"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := newFile(t, tt.spec, tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			at := strings.SplitN(tt.at, ".", 3)
			json, hcl := readBoth(t, res.File, tt.env)
			if got := texts(json[at[0]][at[1]][at[2]]); !slices.Equal(got, tt.want) {
				t.Errorf("%s is %q in JSON, want %q", tt.at, got, tt.want)
			}
			if got := texts(hcl[at[0]][at[1]][at[2]]); !slices.Equal(got, tt.want) {
				t.Errorf("%s is %q in HCL, want %q", tt.at, got, tt.want)
			}
		})
	}
}

const seed = "cache: {seed: 'r.io/shop:seed'}\n"

const private = "go:\n  private:\n    a.example.com: {secret: git-token}\n    b.example.com: {netrc: corp.netrc}\n    c.example.com: {ssh: default}\n"

func vars(pairs ...string) map[string]cty.Value {
	out := map[string]cty.Value{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = cty.StringVal(pairs[i+1])
	}
	return out
}

func refs(targets ...string) (out []string) {
	for _, t := range targets {
		out = append(out, "type=registry,ref=ghcr.io/acme/shop:cache-"+t)
	}
	return out
}

// TestMaps holds labels, args and contexts: what is nothing in an environment, and what the
// spec's own text becomes.
func TestMaps(t *testing.T) {
	res, err := newFile(t, "args: {channel: '${HOME} %{if}'}\nimages:\n  shop: {labels: {org.opencontainers.image.source: 'https://example.com'}}\n", options())
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"JSON", "HCL"} {
		json, hcl := readBoth(t, res.File, vars("VERSION", "v1"))
		b := json["target"]
		if format == "HCL" {
			b = hcl["target"]
		}
		null := cty.NullVal(cty.String)
		for name, want := range map[string]cty.Value{
			"args":     cty.ObjectVal(map[string]cty.Value{"VERSION": cty.StringVal("v1"), "SOURCE_DATE_EPOCH": null, "channel": cty.StringVal("${HOME} %{if}")}),
			"labels":   cty.ObjectVal(map[string]cty.Value{"org.opencontainers.image.version": cty.StringVal("v1"), "org.opencontainers.image.revision": null, "org.opencontainers.image.source": null}),
			"contexts": cty.ObjectVal(map[string]cty.Value{"example.com/lib": cty.StringVal("../lib")}),
		} {
			target := map[string]string{"args": common, "labels": anImage, "contexts": "shop"}[name]
			if got := b[target][name]; !got.RawEquals(want) {
				t.Errorf("%s: %s are %#v, want %#v", format, name, got, want)
			}
		}
		if own := b["shop"]["labels"]; own.LengthInt() != 1 || !own.GetAttr("org.opencontainers.image.source").IsNull() {
			t.Errorf("%s: the spec's own label is not left to it: %#v", format, own)
		}
	}
}

// TestNeeds holds what whoever runs bake has to give.
func TestNeeds(t *testing.T) {
	res, err := newFile(t, private, options())
	if err != nil {
		t.Fatal(err)
	}
	got := [][]string{res.Allow, res.Secrets, res.SSH}
	if diff := cmp.Diff([][]string{{"fs.read=../lib", "ssh"}, {"CORP_NETRC", "GIT_TOKEN"}, {"default"}}, got); diff != "" {
		t.Error(diff)
	}
}

// TestMistakes holds what a bake file can't say.
func TestMistakes(t *testing.T) {
	with := func(change func(*Options)) Options {
		o := options()
		change(&o)
		return o
	}
	for _, tt := range []struct {
		name, spec, want string
		opt              Options
	}{
		{"clash", "images:\n  a.b: {binaries: [shop]}\n  a_b: {binaries: [shop]}\n", "its name in a bake file is a_b, which a.b has already [bake-name]", options()},
		{"reserved", "images:\n  docker-metadata-action: {binaries: [shop]}\n", "[bake-name]", options()},
		{"split clash", "images:\n  shop: {}\n  shop-linux-amd64: {binaries: [shop]}\n", "[bake-name]", with(func(o *Options) { o.Split = true })},
		{"split group", "images:\n  linux-arm64: {binaries: [shop]}\n", "which linux-arm64 has already", with(func(o *Options) { o.Split = true })},
		{"split default", "images:\n  default: {binaries: [shop]}\n", "which default has already", with(func(o *Options) { o.Split = true })},
		{"repository", "images:\n  shop-: {binaries: [shop]}\n", "no repository can be named so", options()},
		{"secrets", "go:\n  private:\n    a.example.com: {secret: a-b}\n    b.example.com: {secret: a.b}\n", "secrets a-b and a.b would both be taken from A_B", options()},
		{"digest", "", "has a digest", with(func(o *Options) { o.Cache = "a/b@sha256:" + strings.Repeat("0", 64) })},
		{"no reference", "", "invalid reference format", with(func(o *Options) { o.Cache = "a b" })},
		{"long tag", "", "longer than 128", with(func(o *Options) { o.Cache = "a/b:" + strings.Repeat("c", 125) })},
		{"plan", "images:\n  shop: {capabilities: {/x: cap_chown=ep}}\n", "[unknown-path]", options()},
		{"no Unicode", "", "can't say", with(func(o *Options) { o.Dockerfile = "a\xff" })},
		{"decomposed", "", "composed form", with(func(o *Options) { o.Context = "e\u0301" })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newFile(t, tt.spec, tt.opt)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
			var mistake *diag.Error
			if strings.Contains(tt.want, "bake-name") && !errors.As(err, &mistake) {
				t.Errorf("%v is no mistake of the spec", err)
			}
		})
	}
}

// FuzzText holds that text stays text: it never becomes an expression, another attribute or a
// comment's end.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"plain", "", "${HOME}", "$${x}", "%{ if true }x%{ endif }", "\"", "\\", "\\\"", "\n", "\r\n", "<<EOT\nx\nEOT\n", "# x", "*/", "$", "%", "$$", "`id`",
		"\x00\x01\x7f", "\u2028\u0085", "\xff", "e\u0301", "</script>", "a,b=c", "}\ntarget \"x\" {", "\ufeff", "{{.Version}}", "//", "for", "null", "\U000e0001",
	} {
		f.Add(s, "key")
		f.Add("value", s)
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		in := &File{
			Comment: []string{oneLine("from " + text)},
			Targets: []Target{{Name: "t", Attrs: []Attr{
				{"args", Map{{key, literal(text)}}},
				{"dockerfile-inline", literal(text)},
				{"secret", List{literal(text), literal(strings.Repeat(text, 3)), literal(strings.Repeat("long ", 20))}},
			}}},
		}
		if err := in.check(); err != nil {
			if utf8.ValidString(text) && utf8.ValidString(key) && cty.NormalizeString(text) == text && cty.NormalizeString(key) == key && isPlain(strings.Repeat(text, 3)) {
				t.Errorf("%q is refused: %v", text, err)
			}
			return
		}
		json, hcl := readBoth(t, in, nil)
		for format, b := range map[string]blocks{"JSON": json, "HCL": hcl} {
			if n := len(b["target"]); n != 1 || len(b["target"]["t"]) != 3 {
				t.Fatalf("%s: %d targets, %d attributes", format, n, len(b["target"]["t"]))
			}
			at := b["target"]["t"]
			if got := at["args"].AsValueMap()[key]; len(at["args"].AsValueMap()) != 1 || got == cty.NilVal || got.AsString() != text {
				t.Errorf("%s: args are %#v, want %q: %q", format, at["args"], key, text)
			}
			if got := at["dockerfile-inline"].AsString(); got != text {
				t.Errorf("%s: %q became %q", format, text, got)
			}
			if got := at["secret"].AsValueSlice(); len(got) != 3 || got[0].AsString() != text {
				t.Errorf("%s: %q became %#v", format, text, got)
			}
		}
	})
}

// TestEqualBytes holds that equal input gives equal bytes.
func TestEqualBytes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "multi", "xbuild.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var first string
	for range 20 {
		res, err := newFile(t, string(text), options())
		if err != nil {
			t.Fatal(err)
		}
		got := string(res.File.JSON()) + string(res.File.HCL())
		if first == "" {
			first = got
		}
		if got != first {
			t.Fatal(cmp.Diff(first, got))
		}
	}
}
