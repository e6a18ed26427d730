package llb_test

import (
	"context"
	"fmt"
	"log"

	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	bk "github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// From a spec to a definition that a BuildKit client can solve.
func Example() {
	s, err := spec.Parse("xbuild.yaml", []byte("binaries: {hello: .}\n"))
	if err != nil {
		log.Fatal(err)
	}
	req := plan.Request{
		BuildPlatform: ocispecs.Platform{OS: "linux", Architecture: "amd64"},
		Platforms:     []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}},
	}
	facts, err := scan.Dir("../examples/hello", plan.ScanRequest(s, req))
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.New(s, facts, req)
	if err != nil {
		log.Fatal(err)
	}
	tool := bk.Local("gostep") // a folder with cmd/gostep, built for the build platform
	b, err := llb.Emit(p, llb.Options{Tool: tool})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range b.Targets {
		def, err := b.Marshal(context.Background(), t.State)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(t.Platform.Architecture, t.Image.Config.Entrypoint, len(def.Def) > 0)
	}
	// Output:
	// amd64 [/usr/local/bin/hello] true
	// arm64 [/usr/local/bin/hello] true
}

// A spec can be built in Go, without a file.
func ExampleEmit() {
	s := &spec.Spec{Images: map[string]spec.Image{"hello": {User: "65532"}}}
	facts := &scan.Facts{
		Modules: []scan.Module{{Dir: ".", Path: "example.com/hello", Go: "1.26"}},
		Mains:   []scan.Main{{Dir: ".", Module: "."}},
	}
	p, err := plan.New(s, facts, plan.Request{BuildPlatform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}})
	if err != nil {
		log.Fatal(err)
	}
	tool := bk.Local("gostep") // a folder with cmd/gostep, built for the build platform
	b, err := llb.Emit(p, llb.Options{Tool: tool})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Toolchain.Image, b.Targets[0].Image.Config.User)
	// Output: golang:1.26-alpine 65532
}
