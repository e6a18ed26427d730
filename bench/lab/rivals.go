package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// configure writes the configuration that the embedded template makes.
func configure(name, file string) func(p *Program, dir string) error {
	return func(p *Program, dir string) error {
		t, err := template.New(name).Funcs(template.FuncMap{"target": target}).ParseFS(embedded, name)
		if err != nil {
			return err
		}
		var text strings.Builder
		if err := t.Execute(&text, p); err != nil {
			return err
		}
		return write(dir, map[string]string{file: text.String()})
	}
}

// Binaries are the names that go build gives to those of Mains, in their order.
func (p *Program) Binaries() (names []string) {
	for _, m := range p.Mains {
		name := path.Base(m)
		if name == "." {
			name = p.Target
		}
		names = append(names, name)
	}
	return names
}

// target is a platform as GoReleaser writes it: linux_arm64.
func target(platform string) string { return strings.ReplaceAll(platform, "/", "_") }

// rival is a host on which another program runs the go command.
type rival struct {
	*Host
	program  string
	registry *localkit.Registry
}

func (l *Lab) newRival(ctx context.Context, tool string) (*rival, error) {
	programs, err := localkit.Tools(ctx, l.Log, tool)
	if err != nil {
		return nil, err
	}
	h, err := l.NewHost()
	return &rival{h, programs[tool], l.Registry}, err
}

// timed runs the program. Its home and its Docker configuration are the host's own, and empty at first.
func (r *rival) timed(ctx context.Context, q request, env []string, args ...string) (*Sample, error) {
	cmd := r.command(ctx, q.dir, "", r.program, args...)
	cmd.Env = append(cmd.Env, "HOME="+r.dir, "DOCKER_CONFIG="+r.dir, "GOFLAGS=-modcacherw", "VERSION="+q.version)
	cmd.Env = append(cmd.Env, env...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	s := &Sample{Took: time.Since(start)}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", localkit.CommandLine(cmd), err, out)
	}
	return s, nil
}

// ko pushes an image of the one main package to the registry.
type ko struct{ *rival }

// emptyBase is the repository of what ko builds upon: for each platform an image of no files.
const emptyBase = "bench/empty:1"

func (l *Lab) newKo(ctx context.Context) (machine, error) {
	var images []v1.Image
	for _, platform := range Platforms() {
		img, err := localkit.NewImage(platform, v1.Config{}, localkit.Files{})
		if err != nil {
			return nil, err
		}
		images = append(images, img)
	}
	index, err := localkit.NewIndex(images...)
	if err != nil {
		return nil, err
	}
	if _, err := l.Registry.Push(ctx, emptyBase, index); err != nil {
		return nil, err
	}
	r, err := l.newRival(ctx, localkit.Ko)
	return ko{r}, err
}

func (k ko) build(ctx context.Context, r request) (*Sample, error) {
	if len(r.Mains) != 1 {
		return nil, errors.New("ko makes an image for each main package, and the others one for all")
	}
	env := []string{"KO_DOCKER_REPO=" + k.registry.Ref(r.image), "KO_DEFAULTBASEIMAGE=" + k.registry.Ref(emptyBase)}
	return k.timed(ctx, r, env, "build", "--bare", "--sbom=none", "--insecure-registry", "--platform="+strings.Join(r.Platforms, ","), r.Mains[0])
}

func (k ko) look(ctx context.Context, r request, s *Sample) error {
	return s.addPushed(ctx, k.registry, r.image, r.Platforms)
}

// goReleaser makes binaries of the platforms, and no image.
type goReleaser struct{ *rival }

func (l *Lab) newGoReleaser(ctx context.Context) (machine, error) {
	r, err := l.newRival(ctx, localkit.GoReleaser)
	return goReleaser{r}, err
}

func (g goReleaser) build(ctx context.Context, r request) (*Sample, error) {
	return g.timed(ctx, r, nil, "build", "--snapshot", "--clean")
}

func (g goReleaser) look(_ context.Context, r request, s *Sample) error {
	dist := filepath.Join(r.dir, "dist")
	return errors.Join(s.addFolder(filepath.Join(dist, "bin")), os.RemoveAll(dist))
}

// emulating is a daemon on a machine that runs the programs of both platforms.
type emulating struct {
	*Daemon
	undo func() error
}

// newEmulating fails with [localkit.ErrUnsupported] where nothing can be emulated.
func (l *Lab) newEmulating(ctx context.Context) (machine, error) {
	if err := l.kit.PublishToolchainFor(ctx, nativeFrom(), foreign()); err != nil {
		return nil, err
	}
	undo, err := localkit.Emulate(ctx, l.Log, foreign())
	if err != nil {
		return nil, err
	}
	d, err := l.NewDaemon(ctx)
	if err != nil {
		return nil, errors.Join(err, undo())
	}
	return emulating{d, undo}, nil
}

func (e emulating) Close() error { return errors.Join(e.Daemon.Close(), e.undo()) }

// foreign is the architecture of the [Platforms] that is not this machine's.
func foreign() string {
	if runtime.GOARCH == "arm64" {
		return "amd64"
	}
	return "arm64"
}
