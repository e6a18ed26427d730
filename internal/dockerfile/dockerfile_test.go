package dockerfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/dockerfile"
	"github.com/acme/xbuild/internal/golden"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	"github.com/google/go-cmp/cmp"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var amd64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// input is what a Dockerfile of a directory is made of.
func input(t *testing.T, root, name string, data []byte, targets ...string) dockerfile.Input {
	t.Helper()
	s, err := spec.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	req := plan.Request{BuildPlatform: amd64}
	if len(targets) == 0 {
		targets = s.Platforms
	}
	if len(targets) == 0 {
		targets = []string{"linux/amd64", "linux/arm64"}
	}
	for _, name := range targets {
		req.Platforms = append(req.Platforms, platforms.MustParse(name))
	}
	facts, err := scan.Dir(root, plan.ScanRequest(s, req))
	if err != nil {
		t.Fatal(err)
	}
	in := dockerfile.Input{Spec: name, Default: dockerfile.Default(s, facts, req)}
	if in.Plans, in.Vars, err = dockerfile.Plans(s, data, facts, req); err != nil {
		t.Fatal(err)
	}
	builds, dir := dockerfile.Builds(in.Plans), t.TempDir()
	if err := scan.Narrow(root, dir, builds); err != nil {
		t.Fatal(err)
	}
	if in.Sets, err = dockerfile.ReadSets(os.DirFS(dir), builds); err != nil {
		t.Fatal(err)
	}
	return in
}

// example reads the spec of a directory.
func example(t *testing.T, dir string) (name string, data []byte) {
	t.Helper()
	for _, name := range []string{"xbuild.yaml", "Dockerfile"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return name, data
		}
	}
	t.Fatalf("no spec in %s", dir)
	return "", nil
}

func emit(t *testing.T, in dockerfile.Input) []byte {
	t.Helper()
	data, _, err := dockerfile.Emit(in)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func examples(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("../../examples/*/go.*")
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range dirs {
		dirs[i] = filepath.Dir(d)
	}
	dirs = slices.Compact(dirs)
	if len(dirs) < 5 {
		t.Fatalf("%d examples", len(dirs))
	}
	return dirs
}

func TestExamples(t *testing.T) {
	for _, dir := range examples(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			name, data := example(t, dir)
			got := emit(t, input(t, dir, name, data))
			golden.Equal(t, filepath.Join(dir, "want", "Dockerfile"), got)
		})
	}
}

// goBuild is a step that makes a binary: what a Dockerfile and LLB of ours must agree on.
type goBuild struct {
	Output   string
	Env      map[string]string // what decides how go compiles
	Flags    []string
	Package  string
	Dir      string
	Image    string // of the root file system, at the bottom
	Platform string // that it runs on
	Network  string
}

// TestSameAsLLB compares, of every target of every example and platform, the steps that
// make binaries and the image config with those of our LLB.
func TestSameAsLLB(t *testing.T) {
	compared := 0
	for _, dir := range append(examples(t), "../../bench/apps/fleet", "../../bench/apps/cloud", "../../bench/apps/own", "testdata/all", "testdata/outside") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			name, data := example(t, dir)
			in := input(t, dir, name, data)
			text := emit(t, in)
			for _, p := range in.Plans {
				if p.Whole {
					continue
				}
				compared += compare(t, p, text, in.Vars)
			}
		})
	}
	if compared < 50 {
		t.Errorf("%d binaries were compared", compared)
	}
}

// compare compares one plan with the target of the Dockerfile, and gives how many binaries it saw.
func compare(t *testing.T, p *plan.Plan, text []byte, vars []dockerfile.Var) (n int) {
	t.Helper()
	found := map[llb.ImageKey]llb.Image{}
	for _, use := range p.Images() {
		st := bk.Image(use.Ref, bk.Platform(use.Platform))
		img := imageConfig(use.Platform)
		found[llb.Key(use)] = llb.Image{State: st, Config: dockerspec.DockerOCIImage{
			Image: ocispecs.Image{Platform: img.Platform}, Config: dockerspec.DockerOCIImageConfig{ImageConfig: img.Config},
		}}
	}
	named := func(name string) (bk.State, bool, error) { return bk.Local(name), true, nil }
	build, err := llb.Emit(p, llb.Options{Tool: bk.Local("gostep"), Images: found, Named: named})
	if err != nil {
		t.Fatal(err)
	}
	for i, target := range p.Targets {
		def, err := build.Marshal(t.Context(), build.Targets[i].State)
		if err != nil {
			t.Fatal(err)
		}
		res := convert(t, text, p.Target, target.Platform, vars)
		other, err := res.State.Marshal(t.Context(), bk.Platform(amd64))
		if err != nil {
			t.Fatal(err)
		}
		want, got := ours(t, def), theirs(t, other)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s (-LLB +Dockerfile):\n%s", p.Target, platforms.Format(target.Platform), diff)
		}
		n += len(got)
		if p.Target == plan.TargetBinaries {
			continue
		}
		own, plain := build.Targets[i].Image, *res.Image
		own.Created, own.History, own.RootFS = nil, nil, ocispecs.RootFS{}
		plain.Created, plain.History, plain.RootFS = nil, nil, ocispecs.RootFS{}
		if own.Config.WorkingDir == "" { // a Dockerfile gives scratch one
			own.Config.WorkingDir = plain.Config.WorkingDir
		}
		//lint:ignore SA1019 BuildKit says so of each CMD of a Dockerfile; it means something on Windows alone
		plain.Config.ArgsEscaped = false
		for _, c := range []*dockerspec.DockerOCIImage{&own, &plain} {
			c.Config.WorkingDir = strings.ReplaceAll(c.Config.WorkingDir, `\`, "/") // on Windows
		}
		if diff := cmp.Diff(own, plain); diff != "" {
			t.Errorf("config of %s %s (-LLB +Dockerfile):\n%s", p.Target, platforms.Format(target.Platform), diff)
		}
	}
	return n
}

// convert is BuildKit's own reading of a Dockerfile. What its linter says fails, as with
// check=error=true.
func convert(t *testing.T, text []byte, target string, p ocispecs.Platform, vars []dockerfile.Var) *dockerfile2llb.Result {
	t.Helper()
	caps := pb.Caps.CapSet(pb.Caps.All())
	args := map[string]string{}
	for _, v := range vars { // the tokens are in the plans that are compared with
		args[v.Name] = v.Token
	}
	opt := dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs: args, Target: target, BuildPlatforms: []ocispecs.Platform{amd64}, TargetPlatforms: []ocispecs.Platform{p}, MultiPlatformRequested: true,
		},
		TargetPlatform: &p,
		MetaResolver:   images{},
		LLBCaps:        &caps,
		Warn: func(rule, description, _, msg string, loc []parser.Range) {
			if !skipped(text, rule) {
				t.Errorf("linter: %s: %s %v", rule, msg, loc)
			}
		},
	}
	res, err := dockerfile2llb.Dockerfile2LLB(t.Context(), text, opt)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return res
}

// skipped reports whether the Dockerfile says that the linter's rule is not for it.
func skipped(text []byte, rule string) bool {
	_, after, _ := bytes.Cut(text, []byte("# check="))
	line, _, _ := bytes.Cut(after, []byte("\n"))
	cfg, err := linter.ParseLintOptions(string(line))
	return err == nil && slices.Contains(cfg.SkipRules, rule)
}

// images gives each image the same config.
type images struct{}

func imageConfig(p ocispecs.Platform) ocispecs.Image {
	return ocispecs.Image{Platform: p, Config: ocispecs.ImageConfig{Env: []string{"PATH=/usr/local/go/bin:/bin"}, Cmd: []string{"sh"}, WorkingDir: "/go"}}
}

func (images) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	p := amd64
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		p = *opt.ImageOpt.Platform
	}
	img := imageConfig(p)
	img.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}} // one without layers is scratch
	data, err := json.Marshal(img)
	return ref, digest.FromBytes(data), data, err
}

// operations are those of a definition by digest.
func operations(t *testing.T, def *bk.Definition) map[string]*pb.Op {
	t.Helper()
	out := map[string]*pb.Op{}
	for _, data := range def.Def {
		op := &pb.Op{}
		if err := op.Unmarshal(data); err != nil {
			t.Fatal(err)
		}
		out[digest.FromBytes(data).String()] = op
	}
	return out
}

// rootImage is the image at the bottom of a root file system.
func rootImage(ops map[string]*pb.Op, op *pb.Op) string {
	for {
		if s := op.GetSource(); s != nil {
			ref, _, _ := strings.Cut(strings.TrimPrefix(s.Identifier, "docker-image://"), "@")
			return ref
		}
		at := int64(0)
		if f := op.GetFile(); f != nil {
			at = f.Actions[0].Input
		}
		if at < 0 || len(op.Inputs) == 0 {
			return "scratch"
		}
		op = ops[op.Inputs[at].Digest]
	}
}

var decisive = []string{
	"GOOS", "GOARCH", "GOAMD64", "GOARM", "GOARM64", "GO386", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64", "CGO_ENABLED", "GOFLAGS", "GOENV",
	"GOTOOLCHAIN", "GOEXPERIMENT", "GODEBUG", "GOWORK", "CGO_CFLAGS", "CGO_LDFLAGS", "GOFIPS140",
}

// buildEnv is the part of an environment that decides how go compiles for its architecture.
func buildEnv(env []string) map[string]string {
	all := map[string]string{}
	for _, kv := range env {
		key, value, _ := strings.Cut(kv, "=")
		all[key] = value
	}
	out := map[string]string{}
	for _, key := range decisive {
		level := strings.HasPrefix(key, "GO") && strings.EqualFold(strings.TrimPrefix(key, "GO"), all["GOARCH"])
		if value, ok := all[key]; ok && (level || !isLevel(key)) {
			out[key] = value
		}
	}
	return out
}

func isLevel(key string) bool {
	return slices.Contains([]string{"GOAMD64", "GOARM", "GOARM64", "GO386", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64"}, key)
}

// ours are the binaries that a definition of ours makes.
func ours(t *testing.T, def *bk.Definition) (out []goBuild) {
	t.Helper()
	ops := operations(t, def)
	for _, op := range ops {
		e := op.GetExec()
		if e == nil || !slices.Contains([]string{"compile", "link"}, e.Meta.Args[1]) || !slices.Contains(e.Meta.Args, "-o") {
			continue
		}
		args := e.Meta.Args
		flags := args[slices.Index(args, "--")+3:]
		root := op
		for _, o := range ops { // a compile runs on what prune took of the toolchain
			if p := o.GetExec(); p != nil && len(p.Meta.Args) > 1 && p.Meta.Args[1] == "prune" && e.Meta.Env != nil && rootImage(ops, op) == "scratch" {
				root = o
			}
		}
		out = append(out, goBuild{
			Output: path.Base(args[slices.Index(args, "-o")+1]), Env: buildEnv(e.Meta.Env), Flags: flags[:len(flags)-1], Package: flags[len(flags)-1],
			Dir: e.Meta.Cwd, Image: rootImage(ops, root), Platform: platforms.Format(op.Platform.Spec()), Network: e.Network.String(),
		})
	}
	return inOrder(out)
}

// theirs are those that the definition of a Dockerfile makes.
func theirs(t *testing.T, def *bk.Definition) (out []goBuild) {
	t.Helper()
	ops := operations(t, def)
	for _, op := range ops {
		e := op.GetExec()
		if e == nil {
			continue
		}
		if p := platforms.Format(op.Platform.Spec()); p != "linux/amd64" {
			t.Errorf("runs on %s: %s", p, e.Meta.Args)
		}
		words := lastCommand(t, e.Meta)
		at := slices.Index(words, "-o")
		if at < 0 || len(words) < 3 || words[1] != "build" {
			continue
		}
		out = append(out, goBuild{
			Output: path.Base(words[at+1]), Env: buildEnv(e.Meta.Env), Flags: words[2:at], Package: words[at+2],
			Dir: e.Meta.Cwd, Image: rootImage(ops, op), Platform: platforms.Format(op.Platform.Spec()), Network: e.Network.String(),
		})
	}
	return inOrder(out)
}

// lastCommand are the words of the last command of a shell line, as the shell sees them.
func lastCommand(t *testing.T, m *pb.Meta) []string {
	t.Helper()
	line := m.Args[len(m.Args)-1]
	for _, kv := range m.Env {
		key, value, _ := strings.Cut(kv, "=")
		line = strings.ReplaceAll(line, "${"+key+"}", value)
	}
	if !strings.Contains(line, "go build") {
		return nil
	}
	return shellWords(t, line)
}

// shellWords are the words of the last go command of a line, as a real shell reads it. No
// program is run.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	const fake = `cp() { :; }; mkdir() { :; }; find() { :; }; printf() { :; }; dpkg() { :; }; rm() { :; }
		cat() { :; }; git() { :; }; unzip() { :; }; ln() { :; }
		xargs() { while read -r _; do :; done; }
		go() { echo; for w in go "$@"; do command printf '%s\0' "$w"; done; }
		`
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", fake+strings.ReplaceAll(line, "GOCACHE=/cache go", "go"))
	cmd.Env = []string{"PATH=/nowhere"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	calls := strings.Split(string(out), "\ngo\x00")
	return append([]string{"go"}, strings.Split(strings.TrimSuffix(calls[len(calls)-1], "\x00"), "\x00")...)
}

func inOrder(list []goBuild) []goBuild {
	for i := range list {
		for j, f := range list[i].Flags { // what go takes quotes off is the same without them
			if rest, ok := strings.CutPrefix(f, "-ldflags="); ok {
				list[i].Flags[j] = "-ldflags=" + strings.ReplaceAll(rest, "'", "")
			}
		}
	}
	slices.SortFunc(list, func(a, b goBuild) int { return strings.Compare(a.Output+fmt.Sprint(a.Env), b.Output+fmt.Sprint(b.Env)) })
	return list
}
