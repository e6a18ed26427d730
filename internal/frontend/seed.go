package frontend

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
)

// Seeds are images of the targets deps and own, of an earlier build: the results of its deps steps and
// of those that compile own packages, a folder for each, and a label for each folder that says what the result
// was made from. Using them changes no key and no result, only how much a deps or compile step has to compile.

// seedLabel is the label of a folder.
func seedLabel(folder string) string { return "xbuild." + folder }

// origin is what the results of a deps step, and of compile steps that use it, are made from.
type origin struct {
	alike   string   // hash of what enters the compilation of every package
	modules string   // hash of the go.mod, go.sum and go.work that the go command begins with
	rest    string   // hash of what else makes another step of it
	imports []string // short hashes of the packages that it is for
	tests   bool     // it is what tests import
	builds  []gostep.NarrowedBuild
	state   string // of the build cache, before this build
}

// label is o as the value of the label of the deps step's result.
func (o origin) label() string {
	return strings.Join([]string{o.alike, o.modules, o.rest, strings.Join(o.imports, ",")}, " ")
}

// ownLabel is o as the value of the label of the own packages.
func (o origin) ownLabel() string {
	var hashes []string
	for _, b := range o.builds {
		hashes = append(hashes, b.Hash)
	}
	return o.alike + " " + strings.Join(hashes, ",")
}

// helpsOwn reports whether own packages with that label have some that one from o takes too, and neither a cache is
// likely to have the binary nor this builder its packages.
func (o origin) helpsOwn(label string) bool {
	alike, hashes, ok := strings.Cut(label, " ")
	had := strings.Split(hashes, ",")
	return ok && alike == o.alike && !o.tests && slices.ContainsFunc(o.builds, func(b gostep.NarrowedBuild) bool {
		return !b.Known && !slices.Contains(had, b.Hash)
	})
}

// helps reports whether a result with that label has packages that one from o takes too, and no cache is likely to have
// the one from o: the seed is of all binaries, so it says nothing against a cache that one is for fewer imports. A seed is never of what
// tests import, so for them it has to have other modules.
func (o origin) helps(label string) bool {
	was := strings.Split(label, " ")
	if len(was) != 4 || was[0] != o.alike {
		return false
	}
	if was[1] != o.modules || o.tests {
		return was[1] != o.modules
	}
	had := strings.Split(was[3], ",")
	return was[2] != o.rest || slices.ContainsFunc(o.imports, func(i string) bool { return !slices.Contains(had, i) })
}

// seedable are the deps steps of the plan that compile something.
func seedable(p *plan.Plan) (out []plan.Deps) {
	for _, s := range p.Steps {
		if d, ok := s.(plan.Deps); ok && d.Compile {
			out = append(out, d)
		}
	}
	return out
}

// seeds gives the images of the plan's seeds. Those that can't be had are not among them.
func (f *frontend) seeds(ctx context.Context, p *plan.Plan) map[llb.ImageKey]llb.Image {
	found := map[llb.ImageKey]llb.Image{}
	if p.Seed == "" || f.IsNoCache("seed") { // which takes the cache mounts away too
		return found
	}
	uses := map[llb.ImageKey]plan.ImageUse{}
	for _, d := range seedable(p) {
		for _, use := range []plan.ImageUse{depsSeed(p, d), ownSeed(p, d)} {
			uses[llb.Key(use)] = use
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for key, use := range uses {
		wg.Go(func() {
			if img, err := f.resolve(ctx, use, "[internal] look for seed "+use.Ref); err == nil { // else the client has seen it
				mu.Lock()
				defer mu.Unlock()
				found[key] = img
			}
		})
	}
	wg.Wait()
	return found
}

// depsSeed is the image that has the folder of a deps step.
func depsSeed(p *plan.Plan, d plan.Deps) plan.ImageUse {
	return plan.ImageUse{Ref: p.Seed, Platform: d.Platform}
}

// ownSeed is the image that has the own packages of what uses a deps step.
func ownSeed(p *plan.Plan, d plan.Deps) plan.ImageUse {
	return plan.ImageUse{Ref: spec.CacheRef(p.Seed, plan.TargetOwn), Platform: d.Platform}
}

// seed fills the builder's own build cache from seeds, for deps and compile steps of which it has not built
// the like. What fails there is left to these. The targets deps and own get their labels.
func (f *frontend) seed(ctx context.Context, p *plan.Plan, b *llb.Build, toolchain llb.Image, seeds map[llb.ImageKey]llb.Image) error {
	labelled := p.Target == plan.TargetDeps || p.Target == plan.TargetOwn
	deps := seedable(p)
	if len(deps) == 0 || len(seeds) == 0 && !labelled {
		return nil
	}
	origins, err := f.origins(ctx, p, b, toolchain)
	if err != nil {
		return err
	}
	if labelled {
		label(p, b, origins)
	}
	version := goVersion(toolchain.Config)
	if version != "" && plan.OlderGo(version, firstWithProtocol) {
		return nil
	}
	var wg sync.WaitGroup
	for _, d := range deps {
		o := origins[d.Folder()]
		if img := seeds[llb.Key(depsSeed(p, d))]; o.helps(img.Config.Config.Labels[seedLabel(d.Folder())]) {
			wg.Go(func() { f.fillDeps(ctx, b, d, version, img.State) })
		}
		if img := seeds[llb.Key(ownSeed(p, d))]; o.helpsOwn(img.Config.Config.Labels[seedLabel(d.OwnFolder())]) {
			wg.Go(func() { f.evaluate(ctx, b, b.Seed(d, img.State, d.OwnFolder(), o.state)) })
		}
	}
	wg.Wait()
	return ctx.Err()
}

// firstWithProtocol is the first Go whose deps steps take something from the builder's build cache.
const firstWithProtocol = "1.24"

// fillDeps fills the builder's build cache for a deps step, unless it was built here lately. An error
// of a step is one that the client has seen, and none of the build.
func (f *frontend) fillDeps(ctx context.Context, b *llb.Build, d plan.Deps, version string, image bk.State) {
	ref, err := f.evaluate(ctx, b, b.IsNew(d, version))
	if err != nil {
		return
	}
	files, err := ref.ReadDir(ctx, client.ReadDirRequest{Path: "/"})
	if err != nil || len(files) == 0 {
		return
	}
	state, err := ref.ReadFile(ctx, client.ReadRequest{Filename: gostep.NewFile})
	if err != nil {
		return
	}
	f.evaluate(ctx, b, b.Seed(d, image, d.Folder(), string(state)))
}

// evaluate runs what a state takes, with no cache imported.
func (f *frontend) evaluate(ctx context.Context, b *llb.Build, st bk.State) (client.Reference, error) {
	def, err := b.Marshal(ctx, st)
	if err != nil {
		return nil, err
	}
	res, err := f.gw.Solve(ctx, client.SolveRequest{Definition: def.ToPB(), Evaluate: true})
	if err != nil {
		return nil, err
	}
	return res.SingleRef()
}

// label sets the labels of the target deps or own.
func label(p *plan.Plan, b *llb.Build, origins map[string]origin) {
	for i, t := range p.Targets {
		labels := maps.Clone(b.Targets[i].Image.Config.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		for _, d := range p.DepsOf(t) {
			if o, ok := origins[d.Folder()]; ok {
				labels[seedLabel(d.Folder())] = o.label()
			}
		}
		for _, s := range p.OwnOf(t) {
			d := p.Steps[s.Deps].(plan.Deps)
			if o, ok := origins[d.Folder()]; ok {
				labels[seedLabel(d.OwnFolder())] = o.ownLabel()
			}
		}
		b.Targets[i].Image.Config.Labels = labels
	}
}

// origins are those of the deps steps, by folder. The narrowed source says what they are about.
func (f *frontend) origins(ctx context.Context, p *plan.Plan, b *llb.Build, toolchain llb.Image) (map[string]origin, error) {
	program := stepProgram()
	out := map[string]origin{}
	for _, d := range seedable(p) {
		ref, err := f.evaluate(ctx, b, b.State(d.Source))
		if err != nil {
			return nil, err
		}
		imports, err := dockerui.ReadFile(ctx, ref, path.Join(d.Set, scan.ImportsFile))
		if err != nil {
			return nil, err
		}
		o, err := originOf(p, d, toolchain, program, modulesOf(ctx, ref, path.Join(d.Set, "mod", p.Root(), d.Dir)), strings.Fields(string(imports)))
		if err != nil {
			return nil, err
		}
		narrowed, err := narrowedOf(ctx, ref)
		if err != nil {
			return nil, err
		}
		o.state = narrowed.State
		for _, build := range p.BuildsOf(d) {
			o.builds = append(o.builds, narrowed.Builds[build.ID])
		}
		out[d.Folder()] = o
	}
	return out, nil
}

// narrowedOf reads what the narrow step says.
func narrowedOf(ctx context.Context, ref client.Reference) (n gostep.Narrowed, err error) {
	data, err := dockerui.ReadFile(ctx, ref, gostep.NarrowedFile)
	if err != nil {
		return n, err
	}
	return n, json.Unmarshal(data, &n)
}

// modulesOf gives the contents of what the go command begins with, in a directory of the narrowed source. What is not
// there is left out.
func modulesOf(ctx context.Context, ref client.Reference, dir string) (files []string) {
	for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum", "vendor/modules.txt"} {
		data, err := ref.ReadFile(ctx, client.ReadRequest{Filename: path.Join(dir, name)})
		if err != nil {
			data = nil
		}
		files = append(files, string(data))
	}
	return files
}

// originOf says what decides the result of a deps step. Pure Go is compiled alike by all images of
// the same Go. The program is a hash of the step program, modules is what modulesOf gives, imports the list
// of the set.
func originOf(p *plan.Plan, d plan.Deps, toolchain llb.Image, program string, modules, imports []string) (o origin, err error) {
	compiler, version := toolchain.Ref, goVersion(toolchain.Config)
	var cc plan.CC
	if d.Toolchain != plan.NoStep {
		cc = p.Steps[d.Toolchain].(plan.CC)
	} else if version != "" {
		compiler = "go" + version
	}
	cc.Pos = diag.Pos{}
	if o.alike, err = hash(compiler, cc, p.BuildPlatform, platforms.FormatAll(d.Platform), d.Flags, d.Env); err != nil {
		return o, err
	}
	if o.modules, err = hash(modules); err != nil {
		return o, err
	}
	if o.rest, err = hash(toolchain.Ref, program, p.Root(), d.Dir, d.Profile, d.Download); err != nil {
		return o, err
	}
	o.tests = p.Target == plan.TargetTest || p.Target == plan.TargetVet
	for _, i := range imports {
		o.imports = append(o.imports, fmt.Sprintf("%x", sha256.Sum256([]byte(i)))[:8])
	}
	return o, nil
}

// hash is one of the values as JSON.
func hash(values ...any) (string, error) {
	data, err := json.Marshal(values)
	return fmt.Sprintf("%x", sha256.Sum256(data)), err
}

// stepProgram is the hash of the step program, which is in the image that this process runs from;
// "" where it is in none.
func stepProgram() string {
	file, err := os.Open("/gostep")
	if err != nil {
		return ""
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return ""
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
