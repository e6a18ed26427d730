package llb

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/plan"
	"github.com/moby/buildkit/util/system"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// epoch is the time of everything that the plan makes.
func (e *emitter) epoch() time.Time { return time.Unix(e.plan.Epoch, 0).UTC() }

// config gives the image config: the base's, and over it what the spec says.
func (e *emitter) config(t plan.Target, base *dockerspec.DockerOCIImage) dockerspec.DockerOCIImage {
	created := e.epoch()
	img := dockerspec.DockerOCIImage{}
	if base != nil {
		img = *base
		img.History = slices.Clone(base.History)
	}
	osVersion, osFeatures := img.OSVersion, img.OSFeatures
	img.Platform = t.Platform
	img.OSVersion, img.OSFeatures = osVersion, osFeatures
	img.Created = &created
	img.RootFS = ocispecs.RootFS{Type: "layers"} // the exporter fills in the layers
	for _, id := range t.Layers {
		l := e.plan.Steps[id].(plan.Layer)
		img.History = append(img.History, ocispecs.History{Created: &created, CreatedBy: "xbuild " + l.Name, Comment: "xbuild"})
	}

	c, own := &img.Config, t.Config
	c.Env = mergeEnv(c.Env, own.Env)
	if base == nil && t.Platform.OS != "windows" {
		c.Env = mergeEnv([]string{"PATH=" + system.DefaultPathEnv(t.Platform.OS)}, c.Env)
	}
	if len(own.Entrypoint) > 0 {
		c.Entrypoint, c.Cmd = own.Entrypoint, nil
	}
	if len(own.Cmd) > 0 {
		c.Cmd = own.Cmd
	}
	replace(&c.User, own.User)
	replace(&c.WorkingDir, own.WorkDir)
	replace(&c.StopSignal, own.StopSignal)
	if h := own.Healthcheck; h != nil {
		c.Healthcheck = &dockerspec.HealthcheckConfig{
			Test: h.Test, Interval: h.Interval, Timeout: h.Timeout, StartPeriod: h.StartPeriod, StartInterval: h.StartInterval, Retries: h.Retries,
		}
	}
	c.ExposedPorts = union(c.ExposedPorts, own.Ports)
	c.Volumes = union(c.Volumes, own.Volumes)
	if len(own.Labels) > 0 {
		labels := maps.Clone(c.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		maps.Copy(labels, own.Labels)
		c.Labels = labels
	}
	return img
}

func replace(dst *string, v string) {
	if v != "" {
		*dst = v
	}
}

func union(set map[string]struct{}, names []string) map[string]struct{} {
	if len(names) == 0 {
		return set
	}
	out := maps.Clone(set)
	if out == nil {
		out = map[string]struct{}{}
	}
	for _, n := range names {
		out[n] = struct{}{}
	}
	return out
}

// mergeEnv sets KEY=value pairs over a list, in place where the key is there already.
func mergeEnv(list, over []string) []string {
	out := slices.Clone(list)
	for _, kv := range over {
		key, _, _ := strings.Cut(kv, "=")
		i := slices.IndexFunc(out, func(s string) bool { return strings.HasPrefix(s, key+"=") })
		if i < 0 {
			out = append(out, kv)
			continue
		}
		out[i] = kv
	}
	return out
}
