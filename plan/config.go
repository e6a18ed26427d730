package plan

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// config is what the spec says of an image's config, for a platform.
func (b *builder) config(img *image, p ocispecs.Platform) Config {
	at := func(elems ...any) diag.Pos { return b.spec.Pos(append([]any{"images", img.of}, elems...)...) }
	c := Config{
		User:       b.checked(at("user"), "bad-user", img.User, p, spec.CheckUser),
		Entrypoint: b.texts(at("entrypoint"), img.Entrypoint, p),
		Cmd:        b.texts(at("cmd"), img.Cmd, p),
		WorkDir:    b.checked(at("workdir"), "bad-path", img.WorkDir, p, spec.CheckPath),
		Ports:      expandPorts(img.Ports),
		Volumes:    img.Volumes,
		StopSignal: img.StopSignal,
		Labels:     b.textMap(at("labels"), img.Labels, p),
	}
	env := b.textMap(at("env"), img.Env, p)
	for _, item := range img.Binaries {
		if b.hasKodata(b.named[item.Name]) {
			env = with(env, map[string]string{"KO_DATA_PATH": cmp.Or(env["KO_DATA_PATH"], koData)})
		}
	}
	c.Env = envList(env)
	if len(b.req.Labels) > 0 {
		c.Labels = with(c.Labels, b.req.Labels)
	}
	if h := img.Healthcheck; h != nil {
		c.Healthcheck = &Healthcheck{
			Test: h.Test, Interval: duration(h.Interval), Timeout: duration(h.Timeout),
			StartPeriod: duration(h.StartPeriod), StartInterval: duration(h.StartInterval), Retries: h.Retries,
		}
	}
	if len(c.Entrypoint) == 0 {
		start := img.Binaries[0]
		for _, item := range img.Binaries { // one of several is named so: the spec was validated
			if item.Name == img.of {
				start = item
			}
		}
		c.Entrypoint = []string{b.binaryDest(start, b.named[start.Name], p)}
	}
	if img.debug {
		c.Entrypoint = slices.Concat([]string{
			path.Join(binDir, "dlv"), "exec", "--headless", "--listen=:40000", "--api-version=2", "--accept-multiclient",
		}, c.Entrypoint[:1], []string{"--"}, c.Entrypoint[1:])
		c.Ports = expandPorts(append(slices.Clone(img.Ports), "40000/tcp"))
	}
	return c
}

// with gives m with what over has set over it.
func with(m, over map[string]string) map[string]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, over)
	return out
}

func duration(s string) time.Duration {
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		panic(fmt.Sprintf("plan: duration %q was not validated", s))
	}
	return d
}

// annotations sorts those of the spec by what they are on. A key without a level is the
// manifest's, as buildx has it.
func (b *builder) annotations(img *image, p ocispecs.Platform) Annotations {
	var a Annotations
	for _, key := range sortedKeys(img.Annotations) {
		value := b.text(b.spec.Pos("images", img.of, "annotations", key), img.Annotations[key], p)
		levels, name := spec.AnnotationLevels(key)
		for _, level := range levels {
			one := map[string]string{name: value}
			switch level {
			case "manifest":
				a.Manifest = with(a.Manifest, one)
			case "manifest-descriptor":
				a.ManifestDescriptor = with(a.ManifestDescriptor, one)
			case "index":
				a.Index = with(a.Index, one)
			case "index-descriptor":
				a.IndexDescriptor = with(a.IndexDescriptor, one)
			default:
				panic(fmt.Sprintf("plan: annotation %q was not validated", key))
			}
		}
	}
	return a
}

// expandPorts gives each port with its protocol, once: 8000-8001/udp is two.
func expandPorts(ports []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range ports {
		nums, proto, ok := strings.Cut(s, "/")
		if !ok {
			proto = "tcp"
		}
		first, last, ok := strings.Cut(nums, "-")
		if !ok {
			last = first
		}
		lo, err1 := strconv.Atoi(first)
		hi, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprintf("plan: port %q was not validated", s))
		}
		for n := lo; n <= hi; n++ {
			if port := fmt.Sprintf("%d/%s", n, proto); !seen[port] {
				seen[port] = true
				out = append(out, port)
			}
		}
	}
	return out
}
