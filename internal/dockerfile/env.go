package dockerfile

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// levels are the variables that decide the level of an architecture.
// https://pkg.go.dev/cmd/go#hdr-Environment_variables
var levels = []string{"GOAMD64", "GOARM", "GOARM64", "GO386", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64"}

// stepEnv is the environment of a step that runs the go command, nil of any other.
func stepEnv(s plan.Step) []string {
	switch s := s.(type) {
	case plan.Std:
		return s.Env
	case plan.Deps:
		return s.Env
	case plan.Compile:
		return s.Env
	case plan.Link:
		return s.Env
	case plan.Test:
		return s.Env
	case plan.Tool:
		return s.Env
	default:
		return nil
	}
}

func envOf(p *plan.Plan, ids across) (out [][]string) {
	for _, id := range ids {
		if id == plan.NoStep {
			out = append(out, nil)
			continue
		}
		out = append(out, stepEnv(p.Steps[id]))
	}
	return out
}

// ofTarget reports whether a variable is for a target, or for the download of modules alone.
func ofTarget(key string) bool {
	return slices.Contains(levels, key) || key == "GOOS" || key == "GOARCH" || slices.Contains(moduleEnv, key)
}

// common is what all steps which run the go command have in their environment.
func (e *emitter) common() (out []string) {
	first := true
	for _, p := range e.in.Plans {
		for _, s := range p.Steps {
			env := stepEnv(s)
			if env == nil {
				continue
			}
			if first {
				out, first = slices.Clone(env), false
			}
			out = slices.DeleteFunc(out, func(kv string) bool { return !slices.Contains(env, kv) })
		}
	}
	return slices.DeleteFunc(out, func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return ofTarget(key)
	})
}

// environments gives what each platform's environment has besides the common one, as words of
// ENV. Where it can, it says the same for all platforms: what is for one architecture does
// no harm to others.
func (e *emitter) environments(platforms []ocispecs.Platform, envs [][]string) [][]string {
	shared := sharedLevels(platforms, envs)
	common := e.common()
	out := make([][]string, len(envs))
	for i, env := range envs {
		if env == nil {
			continue
		}
		set := maps.Clone(shared)
		for _, kv := range env {
			key, value, _ := strings.Cut(kv, "=")
			_, said := shared[key]
			if !said && !slices.Contains(common, kv) && !slices.Contains(moduleEnv, key) {
				set[key] = value
			}
		}
		for _, key := range slices.SortedFunc(maps.Keys(set), targetFirst) {
			out[i] = append(out[i], e.targetWord(platforms[i], key, set[key]))
		}
		out[i] = append(out[i], "GOPROXY=off")
	}
	return out
}

// targetFirst orders variables: GOOS, GOARCH and then others by name.
func targetFirst(a, b string) int {
	rank := map[string]int{"GOOS": -2, "GOARCH": -1}
	return cmp.Or(rank[a]-rank[b], strings.Compare(a, b))
}

// targetWord writes a variable of a platform by the args that BuildKit gives of it.
func (e *emitter) targetWord(p ocispecs.Platform, key, value string) string {
	switch {
	case key == "GOOS" && value == p.OS:
		return "GOOS=$TARGETOS"
	case key == "GOARCH" && value == p.Architecture:
		return "GOARCH=$TARGETARCH"
	case value == ofVariant:
		return key + "=${TARGETVARIANT#v}"
	default:
		return e.envWord(diag.Pos{}, key+"="+value)
	}
}

// ofVariant stands for the level that a platform's variant names.
const ofVariant = "\x00"

// sharedLevels are the levels that no two platforms say differently, that of arm by its variant
// where only arm has variants.
func sharedLevels(platforms []ocispecs.Platform, envs [][]string) map[string]string {
	out := map[string]string{}
	differ := map[string]bool{}
	for i, env := range envs {
		for _, kv := range env {
			key, value, _ := strings.Cut(kv, "=")
			if !slices.Contains(levels, key) {
				continue
			}
			if key == "GOARM" && "v"+value == platforms[i].Variant && onlyArmVaries(platforms) {
				value = ofVariant
			}
			old, ok := out[key]
			differ[key] = differ[key] || ok && old != value
			out[key] = value
		}
	}
	maps.DeleteFunc(out, func(key, _ string) bool { return differ[key] })
	return out
}

func onlyArmVaries(platforms []ocispecs.Platform) bool {
	return !slices.ContainsFunc(platforms, func(p ocispecs.Platform) bool { return p.Variant != "" && p.Architecture != "arm" })
}

// rest is list without what known has.
func rest(list, known []string) (out []string) {
	for _, kv := range list {
		if !slices.Contains(known, kv) {
			out = append(out, kv)
		}
	}
	return out
}

// envWord writes KEY=value as ENV takes it.
func (e *emitter) envWord(pos diag.Pos, kv string) string {
	key, value, _ := strings.Cut(kv, "=")
	for _, secret := range []string{"SECRET", "TOKEN", "PASSWORD", "PASSWD", "PWD", "KEY", "AUTH", "CREDENTIAL", "APIKEY"} {
		if strings.Contains(strings.ToUpper(key), secret) { // as it looks to BuildKit's linter
			e.skip = append(e.skip, "SecretsUsedInArgOrEnv")
			break
		}
	}
	if value == "" {
		return e.word(pos, key) + "="
	}
	return e.word(pos, key) + "=" + e.word(pos, value)
}
