package integration

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// seeded is a program with modules, of which one is bumped, and a seed in the kit's registry.
type seeded struct {
	dir   string
	base  string // of the modules' paths
	proxy *proxy
	cache string // repository:tag of its registry cache
	seed  string // and of its seed
}

// seedModules is the number of modules that are never bumped.
const seedModules = 4

func newSeeded(t *testing.T, k *localkit.Kit, name string, extra string) seeded {
	t.Helper()
	base := fmt.Sprintf("example.com/s%d", time.Now().UnixNano()) // new to the shared daemon's caches
	files := map[string]string{}
	for _, version := range []string{"v1.0.0", "v1.1.0", "v1.2.0"} {
		at := base + "/bumped@" + version
		files[at+"/go.mod"] = "module " + base + "/bumped\n\ngo 1.21\n"
		files[at+"/b.go"] = "package bumped\n\nimport \"" + base + "/bumped/inner\"\n\nfunc Name() string { return inner.Name }\n"
		files[at+"/inner/i.go"] = "package inner\n\nconst Name = \"bumped " + version + " \"\n"
	}
	for i := range seedModules {
		at := fmt.Sprintf("%s/m%d@v1.0.0", base, i)
		files[at+"/go.mod"] = fmt.Sprintf("module %s/m%d\n\ngo 1.21\n", base, i)
		files[at+"/m.go"] = fmt.Sprintf("package m%d\n\nfunc Name() string { return \"m%d\" }\n", i, i)
	}
	s := seeded{base: base, proxy: serveModules(t, files), cache: "test/" + name + ":cache", seed: "test/" + name + ":seed"}
	s.dir = project(t, map[string]string{
		"Dockerfile":    s.proxy.spec() + "cache:\n  registry: " + k.Registry.Ref(s.cache) + "\n  seed: " + k.Registry.Ref(s.seed) + "\n" + extra,
		"go.mod":        "module example.com/own/seeded\n\ngo 1.26\n",
		"own/own.go":    "package own\n\nfunc Name() string { return \"own\" }\n",
		"small/main.go": "package main\n\nimport \"" + base + "/m0\"\n\nfunc main() { println(m0.Name()) }\n",
	})
	s.edit(t, "one")
	s.bump(t, "v1.0.0")
	return s
}

// edit writes the program.
func (s seeded) edit(t *testing.T, word string) {
	t.Helper()
	imports := "import \"" + s.base + "/bumped\"\nimport \"example.com/own/seeded/own\"\n"
	calls := "\tprintln(bumped.Name(), own.Name(), \"" + word + "\")\n"
	for i := range seedModules {
		imports += fmt.Sprintf("import \"%s/m%d\"\n", s.base, i)
		calls += fmt.Sprintf("\tprintln(m%d.Name())\n", i)
	}
	write(t, filepath.Join(s.dir, "main.go"), "package main\n\n"+imports+"\nfunc main() {\n"+calls+"}\n")
}

func (s seeded) bump(t *testing.T, version string) {
	t.Helper()
	s.proxy.run(t, s.dir, "get", s.base+"/bumped@"+version)
	s.proxy.run(t, s.dir, "mod", "tidy")
}

const seedPlatforms = "linux/amd64,linux/arm64"

func (s seeded) build(t *testing.T, k *localkit.Kit, r request) *result {
	t.Helper()
	r.dir, r.platforms = s.dir, seedPlatforms
	r.attrs = map[string]string{"target": "binaries"}
	res := build(t, k, r)
	for platform := range strings.SplitSeq(seedPlatforms, ",") {
		want, said, err := s.proxy.goBuild(t, s.dir, ".", platform)
		if err != nil {
			t.Fatalf("go build: %v\n%s", err, said)
		}
		if got := res.data[strings.ReplaceAll(platform, "/", "_")+"/seeded"]; !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, go build makes other %d", platform, len(got), len(want))
		}
	}
	return res
}

// publish pushes the seeds, as docker buildx build --target deps --tag … --push does, and says what the one of deps did.
func (s seeded) publish(t *testing.T, k *localkit.Kit) *result {
	t.Helper()
	build(t, k, request{dir: s.dir, platforms: seedPlatforms, attrs: map[string]string{"target": "own"}, push: s.seed + "-own"})
	return build(t, k, request{dir: s.dir, platforms: seedPlatforms, attrs: map[string]string{"target": "deps"}, push: s.seed})
}

// layers are the digests of the seed's layers.
func (s seeded) layers(t *testing.T, k *localkit.Kit, platform string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, l := range manifestOf(t, s.image(t, k, platform)).Layers {
		out[l.Digest.String()] = true
	}
	return out
}

func (s seeded) image(t *testing.T, k *localkit.Kit, platform string) v1.Image {
	t.Helper()
	p, err := v1.ParsePlatform(platform)
	if err != nil {
		t.Fatal(err)
	}
	img, err := k.Registry.Image(t.Context(), s.seed, *p)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func manifestOf(t *testing.T, img v1.Image) *v1.Manifest {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sameLayers holds that the cache has the layers of the seed's packages: nothing is uploaded twice.
func (s seeded) sameLayers(t *testing.T, k *localkit.Kit) {
	t.Helper()
	img, err := k.Registry.Image(t.Context(), s.cache, v1.Platform{})
	if err != nil {
		t.Fatal(err)
	}
	cached := manifestOf(t, img).Layers
	for platform := range strings.SplitSeq(seedPlatforms, ",") {
		shared := 0
		layers := s.layers(t, k, platform)
		for _, l := range cached {
			if layers[l.Digest.String()] {
				shared++
			}
		}
		if len(layers) != 2 || shared != 1 { // the summary is the other
			t.Errorf("%s: %d of %d layers are in the cache", platform, shared, len(layers))
		}
	}
}

// hostile pushes a seed that has the labels of the present one, and something else in it.
func (s seeded) hostile(t *testing.T, k *localkit.Kit) {
	t.Helper()
	var images []v1.Image
	for platform := range strings.SplitSeq(seedPlatforms, ",") {
		config, err := s.image(t, k, platform).ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		img, err := localkit.NewImage(platform, config.Config, localkit.Files{"/nothing": {Content: []byte("of use")}})
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, img)
	}
	index, err := localkit.NewIndex(images...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Registry.Push(t.Context(), s.seed, index); err != nil {
		t.Fatal(err)
	}
}

// depsRan says what each deps step did, by what it said.
func (r *result) depsRan() []string { return r.compiled("deps ") }

// compiled says how much each step compiled whose line begins so: "deps linux/amd64: 36 packages, 34 from cache, 2".
func (r *result) compiled(prefix string) (out []string) {
	for line := range strings.Lines(r.logs) {
		if strings.HasPrefix(line, prefix) && strings.Contains(line, " compiled, ") {
			line, _, _ = strings.Cut(line, " compiled, ")
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

// seedSteps are the steps of the seed that were executed.
func (r *result) seedSteps() []string {
	return slices.DeleteFunc(r.ran(), func(s string) bool { return !strings.HasPrefix(s, "[seed linux/") })
}

const (
	lookAMD64, fillAMD64 = "[seed linux/amd64] look for an earlier build", "[seed linux/amd64] fill the build cache"
	lookARM64, fillARM64 = "[seed linux/arm64] look for an earlier build", "[seed linux/arm64] fill the build cache"
	ownAMD64, ownARM64   = fillAMD64 + " with own packages", fillARM64 + " with own packages"
)

// TestSeed bumps a module on machines that share nothing but a registry.
func TestSeed(t *testing.T) {
	t.Parallel()
	first := kit(t)
	s := newSeeded(t, first, "seed", "")
	res := s.build(t, first, request{exports: registryCache(first.Registry.Ref(s.cache))})
	if steps := res.seedSteps(); len(steps) > 0 || len(res.warnings) > 0 || len(res.depsRan()) != 2 {
		t.Errorf("without a seed %q ran, warnings %q, %q", steps, res.warnings, res.depsRan())
	}
	published := s.publish(t, first)
	t.Run("its layers are those of the cache", func(t *testing.T) { s.sameLayers(t, first) })
	t.Run("docs edited, fresh", func(t *testing.T) {
		write(t, filepath.Join(s.dir, "README.md"), "edited\n")
		k := fresh(t)
		res := s.build(t, k, request{})
		if ran := res.ran(); slices.ContainsFunc(ran, func(s string) bool { return !strings.HasPrefix(s, "[source] ") }) {
			t.Errorf("ran %q; the seed was published by %q\n%s", ran, published.ran(), published.logs)
		}
		for digest := range s.layers(t, first, "linux/amd64") {
			if slices.Contains(res.pulled, digest) {
				t.Errorf("%s was pulled", digest)
			}
		}
		one := build(t, k, request{dir: s.dir, platforms: seedPlatforms, attrs: map[string]string{"target": "small"}})
		if steps := one.seedSteps(); len(steps) > 0 { // it takes a part of what the seed was made for
			t.Errorf("for one of the binaries %q ran", steps)
		}
	})

	s.bump(t, "v1.1.0")
	second := fresh(t)
	t.Run("a bump, fresh", func(t *testing.T) {
		res := s.build(t, second, request{exports: registryCache(first.Registry.Ref(s.cache))})
		if steps, want := res.seedSteps(), []string{fillAMD64, ownAMD64, lookAMD64, fillARM64, ownARM64, lookARM64}; !slices.Equal(steps, want) {
			t.Errorf("%q ran, want %q", steps, want)
		}
		for i, platform := range []string{"linux/amd64", "linux/arm64"} {
			if ran := res.depsRan(); len(ran) != 2 || !strings.HasPrefix(ran[i], "deps "+platform) || !strings.HasSuffix(ran[i], ", 2") {
				t.Errorf("%s: ran %q, want 2 packages compiled\n%s", platform, ran, res.logs)
			}
		}
		if ran := res.ran(); slices.ContainsFunc(ran, func(s string) bool { return strings.HasPrefix(s, "[std ") }) {
			t.Errorf("ran %q", ran)
		}
		s.publish(t, second)
	})
	t.Run("an edit after it, fresh", func(t *testing.T) {
		k := fresh(t)
		for _, edited := range []struct {
			word string
			seed []string
		}{{"two", []string{ownAMD64, ownARM64}}, {"three", nil}} {
			s.edit(t, edited.word)
			res := s.build(t, k, request{})
			if len(res.depsRan()) > 0 || !slices.Equal(res.seedSteps(), edited.seed) {
				t.Errorf("%s: ran %q\n%s", edited.word, res.ran(), res.logs)
			}
			for i, platform := range []string{"linux/amd64", "linux/arm64"} {
				if ran := res.compiled("compile "); len(ran) != 2 || !strings.HasPrefix(ran[i], "compile "+platform) || !strings.HasSuffix(ran[i], ", 1") {
					t.Errorf("%s, %s: ran %q, want the main package compiled\n%s", edited.word, platform, ran, res.logs)
				}
			}
		}
	})
	t.Run("a bump and a seed with other content than it says, fresh", func(t *testing.T) {
		s.bump(t, "v1.2.0")
		s.hostile(t, first)
		res := s.build(t, fresh(t), request{})
		if ran := res.depsRan(); len(ran) != 2 || !strings.Contains(res.logs, "seed: nothing in linux-amd64-") {
			t.Errorf("ran %q\n%s", ran, res.logs)
		}
	})
	t.Run("a bump, warm", func(t *testing.T) {
		res := s.build(t, second, request{})
		if steps, want := res.seedSteps(), []string{lookAMD64, lookARM64}; !slices.Equal(steps, want) {
			t.Errorf("%q ran, want %q", steps, want)
		}
		if ran := res.depsRan(); len(ran) != 2 || !strings.HasSuffix(ran[0], ", 2") || !strings.HasSuffix(ran[1], ", 2") {
			t.Errorf("ran %q, want 2 packages compiled", ran)
		}
	})
}

// TestSeedOfModulesOnly holds that a project without layers of compiled dependencies has no seed.
func TestSeedOfModulesOnly(t *testing.T) {
	t.Parallel()
	k := kit(t)
	s := newSeeded(t, k, "seedless", "  deps: false\n")
	res := s.publish(t, k)
	img := s.image(t, k, "linux/arm64")
	config, err := img.ConfigFile()
	if err != nil || len(config.Config.Labels) > 0 || res.digest == "" {
		t.Errorf("%v, labels %v", err, config.Config.Labels)
	}
	s.bump(t, "v1.1.0")
	if steps := s.build(t, fresh(t), request{}).seedSteps(); len(steps) > 0 {
		t.Errorf("ran %q", steps)
	}
}

// TestBakeSeed has bake push a seed, but not for a pull request.
func TestBakeSeed(t *testing.T) {
	t.Parallel()
	k := kit(t)
	s := newSeeded(t, k, "bakeseed", "")
	b := bakery{dir: s.dir, env: []string{"gen=" + genProgram(t) + " bake --platform " + seedPlatforms}}
	b.bake(t, k, `docker buildx bake -f - deps own < <($gen)`, "CACHE_EXPORT=false")
	for _, seed := range []string{s.seed, s.seed + "-own"} {
		if _, err := k.Registry.Index(t.Context(), seed); err == nil {
			t.Errorf("a pull request wrote %s", seed)
		}
	}
	b.bake(t, k, `docker buildx bake -f - < <($gen)`)
	for platform := range strings.SplitSeq(seedPlatforms, ",") {
		config, err := s.image(t, k, platform).ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		prefix := "xbuild." + strings.ReplaceAll(platform, "/", "-") + "-"
		if labels := keys(config.Config.Labels); len(labels) != 1 || !strings.HasPrefix(labels[0], prefix) {
			t.Errorf("%s: labels are %q", platform, labels)
		}
	}
	s.bump(t, "v1.1.0")
	res := b.bake(t, fresh(t), `docker buildx bake -f - < <($gen)`, "CACHE_EXPORT=false")
	var compiled []string // by the deps step of each image and platform: the small one imports nothing that was bumped
	for _, ran := range res.depsRan() {
		compiled = append(compiled, ran[strings.LastIndexByte(ran, ' ')+1:])
	}
	slices.Sort(compiled)
	if want := []string{"0", "0", "2", "2"}; !slices.Equal(compiled, want) {
		t.Errorf("%q packages were compiled, want %q\n%s", compiled, want, res.logs)
	}
}

// TestSeedOfSets has two binaries that are compiled in different ways: each takes its own part of the seeds, where that
// is of use.
func TestSeedOfSets(t *testing.T) {
	t.Parallel()
	k := kit(t)
	base := fmt.Sprintf("example.com/t%d", time.Now().UnixNano())
	p := serveModules(t, map[string]string{
		base + "/m@v1.0.0/go.mod": "module " + base + "/m\n\ngo 1.21\n",
		base + "/m@v1.0.0/m.go":   "package m\n\nfunc Name() string { return \"m\" }\n",
	})
	seed := k.Registry.Ref("test/sets:seed")
	program := "package main\n\nimport (\n\t\"" + base + "/m\"\n\t\"" + base + "/lib\"\n)\n\nfunc main() { println(m.Name(), lib.Name) }\n"
	dir := project(t, map[string]string{
		"Dockerfile":    p.spec() + "binaries: {a: ./cmd/a, b: {main: ./cmd/b, tags: [extra]}}\ncache: {seed: \"" + seed + "\"}\n",
		"go.mod":        "module " + base + "\n\ngo 1.26\n",
		"lib/plain.go":  "//go:build !extra\n\npackage lib\n\nconst Name = \"plain\"\n",
		"lib/extra.go":  "//go:build extra\n\npackage lib\n\nconst Name = \"extra\"\n",
		"cmd/a/main.go": program,
		"cmd/b/main.go": program,
	})
	p.run(t, dir, "get", base+"/m@v1.0.0")
	for target, push := range map[string]string{"deps": "test/sets:seed", "own": "test/sets:seed-own"} {
		build(t, k, request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": target}, push: push})
	}
	for _, tt := range []struct {
		name   string
		edited []string
		fills  int
	}{
		{"both", []string{"a", "b"}, 2},
		{"one", []string{"b"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"a", "b"} {
				text := program
				if slices.Contains(tt.edited, name) {
					text += "\nvar edited = 1\n"
				}
				write(t, filepath.Join(dir, "cmd", name, "main.go"), text)
			}
			res := build(t, fresh(t), request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries"}})
			if steps, n := res.seedSteps(), len(res.vertices[ownAMD64]); n != tt.fills || !slices.Equal(steps, []string{ownAMD64}) {
				t.Errorf("ran %q, %d of them with own packages, want %d", steps, n, tt.fills)
			}
			few := slices.DeleteFunc(res.compiled("compile "), func(line string) bool { return !strings.HasSuffix(line, ", 1") })
			if len(few) != tt.fills { // the other one takes nothing from a seed, and no cache is imported
				t.Errorf("%d binaries had only their main packages compiled, want %d\n%s", len(few), tt.fills, res.logs)
			}
			for name, flags := range map[string][]string{"a": nil, "b": {"-tags=extra"}} {
				want, said, err := p.goBuild(t, dir, "./cmd/"+name, "linux/amd64", flags...)
				if err != nil {
					t.Fatalf("go build: %v\n%s", err, said)
				}
				if !bytes.Equal(res.data[name], want) {
					t.Errorf("%s: %d bytes, go build makes other %d", name, len(res.data[name]), len(want))
				}
			}
		})
	}
}
