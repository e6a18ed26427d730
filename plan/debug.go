package plan

import ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

// The debugger of debug images. https://github.com/go-delve/delve
const (
	delvePackage = "github.com/go-delve/delve/cmd/dlv"
	delveVersion = "v1.27.2"
)

// delve adds the step that compiles the debugger for a platform.
func (b *builder) delve(p ocispecs.Platform) StepID {
	env := b.compileEnv("", binary{pos: b.spec.Pos("images")}, p)
	if b.spec.Go.Proxy != "" {
		env["GOPROXY"] = b.spec.Go.Proxy
	}
	return b.add(Tool{Package: delvePackage, Version: delveVersion, Platform: p, Env: envList(env), Output: "dlv", Private: privateProxies(b.spec, env)})
}
