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
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
)

// A seed is an image of the target deps, of an earlier build: the results of its deps steps, a
// folder for each, and a label for each folder that says what the result was made from. Using
// it changes no key and no result, only how much a deps step has to compile.

// seedLabel is the label of a folder.
func seedLabel(d plan.Deps) string { return "xbuild." + d.Folder() }

// origin is what the result of a deps step is made from.
type origin struct {
	alike   string   // hash of what enters the compilation of every package
	modules string   // hash of the go.mod, go.sum and go.work that the go command begins with
	rest    string   // hash of what else makes another step of it
	imports []string // short hashes of the packages that it is for
	tests   bool     // it is what tests import
}

// label is o as the value of a label.
func (o origin) label() string {
	return strings.Join([]string{o.alike, o.modules, o.rest, strings.Join(o.imports, ",")}, " ")
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

// seeds gives the images of the plan's seed. Those that can't be had are not among them.
func (f *frontend) seeds(ctx context.Context, p *plan.Plan) map[llb.ImageKey]llb.Image {
	uses := map[llb.ImageKey]plan.ImageUse{}
	for _, d := range seedable(p) {
		use := seedOf(p, d)
		uses[llb.Key(use)] = use
	}
	found := map[llb.ImageKey]llb.Image{}
	if p.Seed == "" {
		return found
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

// seedOf is the image that has the folder of a deps step.
func seedOf(p *plan.Plan, d plan.Deps) plan.ImageUse {
	return plan.ImageUse{Ref: p.Seed, Platform: d.Platform}
}

// seed fills the builder's own build cache from seeds, for deps steps of which it has not built
// the like. What fails there is left to the deps steps. The target deps gets its labels.
func (f *frontend) seed(ctx context.Context, p *plan.Plan, b *llb.Build, toolchain llb.Image, seeds map[llb.ImageKey]llb.Image) error {
	deps := seedable(p)
	if len(deps) == 0 || len(seeds) == 0 && p.Target != plan.TargetDeps {
		return nil
	}
	origins, err := f.origins(ctx, p, b, toolchain)
	if err != nil {
		return err
	}
	if p.Target == plan.TargetDeps {
		label(p, b, origins)
	}
	version := goVersion(toolchain.Config)
	if version != "" && plan.OlderGo(version, firstWithProtocol) {
		return nil
	}
	var wg sync.WaitGroup
	for _, d := range deps {
		img, ok := seeds[llb.Key(seedOf(p, d))]
		if ok && origins[d.Folder()].helps(img.Config.Config.Labels[seedLabel(d)]) {
			wg.Go(func() { f.fill(ctx, b, d, version, img) })
		}
	}
	wg.Wait()
	return ctx.Err()
}

// firstWithProtocol is the first Go whose deps steps take something from the builder's build cache.
const firstWithProtocol = "1.24"

// fill fills the builder's build cache for a deps step, unless it was built here lately. An error
// of a step is one that the client has seen, and none of the build.
func (f *frontend) fill(ctx context.Context, b *llb.Build, d plan.Deps, version string, img llb.Image) {
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
	f.evaluate(ctx, b, b.Seed(d, img.State, string(state)))
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

// label sets the labels of the target deps.
func label(p *plan.Plan, b *llb.Build, origins map[string]origin) {
	for i, t := range p.Targets {
		labels := maps.Clone(b.Targets[i].Image.Config.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		for _, d := range p.DepsOf(t) {
			if o, ok := origins[d.Folder()]; ok {
				labels[seedLabel(d)] = o.label()
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
		if out[d.Folder()], err = originOf(p, d, toolchain, program, modulesOf(ctx, ref, d), strings.Fields(string(imports))); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// modulesOf gives the contents of what the go command begins with, in the narrowed source. What is not
// there is left out.
func modulesOf(ctx context.Context, ref client.Reference, d plan.Deps) (files []string) {
	for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum", "vendor/modules.txt"} {
		data, err := ref.ReadFile(ctx, client.ReadRequest{Filename: path.Join(d.Set, "mod", d.Dir, name)})
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
	if o.rest, err = hash(toolchain.Ref, program, d.Dir, d.Profile, d.Download, len(d.Outside)); err != nil {
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
