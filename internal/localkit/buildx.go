package localkit

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// builder is buildx with a builder selected.
type builder struct {
	program string
	env     []string // NAME=value, in place of the variables that owns names
}

// owns reports whether the variable v, as NAME=value, would point buildx at a builder, an engine or a
// configuration other than the kit's.
func (b builder) owns(v string) bool {
	name, _, _ := strings.Cut(v, "=")
	switch name {
	case "DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_CONFIG", "BUILDX_BUILDER", "BUILDKIT_HOST":
		return true
	}
	return false
}

// useBuildx makes a builder of the kit's own. The folder docker of the state serves as DOCKER_CONFIG
// of a docker command too: buildx is a plugin in it.
func (k *Kit) useBuildx(ctx context.Context, program, driver, endpoint string) error {
	config := filepath.Join(k.state, "docker")
	if err := os.RemoveAll(config); err != nil {
		return err
	}
	plugins := filepath.Join(config, "cli-plugins")
	if err := os.MkdirAll(plugins, 0o755); err != nil {
		return err
	}
	if err := os.Symlink(program, filepath.Join(plugins, "docker-buildx")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(config, "config.json"), []byte("{}\n"), 0o644); err != nil {
		return err
	}
	name := "xbuild-" + filepath.Base(k.state)
	k.builder = builder{program: program, env: []string{
		"DOCKER_CONFIG=" + config,
		"BUILDX_CONFIG=" + filepath.Join(config, "buildx"),
	}}
	args := []string{"create", "--driver", driver, "--name", name}
	if endpoint != "" {
		args = append(args, endpoint)
	}
	return k.createBuilder(ctx, name, args)
}

func (k *Kit) createBuilder(ctx context.Context, name string, args []string) error {
	if out, err := k.Buildx(ctx, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("buildx create: %w%s", err, lastLines(out, 10))
	}
	k.builder.env = append(k.builder.env, "BUILDX_BUILDER="+name)
	return nil
}

// outsideBuilder is a BuildKit that runs already; the zero value is none.
type outsideBuilder struct {
	host   string // address of a daemon
	engine string // else the address of a Docker engine
	plugin string // and its buildx program
}

// findOutside looks where [Options].External says.
func findOutside(ctx context.Context) outsideBuilder {
	if host := os.Getenv("BUILDKIT_HOST"); host != "" {
		return outsideBuilder{host: host}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ask := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "docker", args...).Output()
		if err != nil {
			return "" // no engine is the usual case
		}
		return strings.TrimSpace(string(out))
	}
	if ask("version", "--format", "{{.Server.Version}}") == "" || ask("buildx", "version") == "" {
		return outsideBuilder{}
	}
	var info struct {
		ClientInfo struct {
			Plugins []struct{ Name, Path string }
		}
	}
	if json.Unmarshal([]byte(ask("info", "--format", "{{json .}}")), &info) != nil {
		return outsideBuilder{}
	}
	plugins := info.ClientInfo.Plugins
	i := slices.IndexFunc(plugins, func(p struct{ Name, Path string }) bool { return p.Name == "buildx" })
	engine := ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
	if i < 0 || engine == "" {
		return outsideBuilder{}
	}
	return outsideBuilder{engine: engine, plugin: plugins[i].Path}
}

// useOutside makes a builder for a BuildKit that runs already. On a Docker engine that is a container,
// because the engine's own builder need not know several platforms.
func (k *Kit) useOutside(ctx context.Context, o outsideBuilder) error {
	if o.host != "" {
		fmt.Fprintf(k.log, "using the BuildKit at %s\n", o.host)
		k.addr = o.host
		programs, err := Tools(ctx, k.log, Buildx, Buildctl)
		if err != nil {
			return err
		}
		k.buildctl = programs[Buildctl]
		return k.useBuildx(ctx, programs[Buildx], "remote", o.host)
	}
	fmt.Fprintf(k.log, "using the Docker engine at %s\n", o.engine)
	if err := k.useBuildx(ctx, o.plugin, "docker-container", o.engine); err != nil {
		return err
	}
	k.undo = append(k.undo, func() error {
		remove, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		args := []string{"rm", "--force"}
		if k.keep {
			args = append(args, "--keep-state")
		}
		out, err := k.Buildx(remove, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("buildx rm: %w%s", err, lastLines(out, 5))
		}
		return nil
	})
	return nil
}
