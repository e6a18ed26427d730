package llb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// large is a spec of n images, each with a binary of its own and a file, and its facts.
func large(n int) ([]byte, *scan.Facts) {
	facts := &scan.Facts{Modules: []scan.Module{{Dir: ".", Path: "example.com/large", Go: "1.26", Requires: true}}}
	var bins, images strings.Builder
	for i := range n {
		fmt.Fprintf(&bins, "  app%d: {main: ./cmd/app%d, ldflags: [\"-X main.name=app%d\"]}\n", i, i, i)
		fmt.Fprintf(&images, "  app%d: {files: [{from: web/%d, to: /web}], env: {NAME: app%d}, labels: {n: \"%d\"}}\n", i, i, i, i)
		facts.Mains = append(facts.Mains, scan.Main{Dir: fmt.Sprintf("cmd/app%d", i), Module: "."})
	}
	return []byte("# syntax=acme/xbuild\nbinaries:\n" + bins.String() + "images:\n" + images.String()), facts
}

var fivePlatforms = []ocispecs.Platform{
	amd64, arm64, {OS: "linux", Architecture: "arm", Variant: "v7"}, {OS: "linux", Architecture: "s390x"}, {OS: "linux", Architecture: "riscv64"},
}

// emitAll plans, emits and marshals every image for the platforms, and gives the size of
// all definitions in bytes.
func emitAll(tb testing.TB, n int, platforms []ocispecs.Platform) (total, largest int) {
	data, facts := large(n)
	s, err := spec.Parse("xbuild.yaml", data)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		p, err := plan.New(s, facts, plan.Request{BuildPlatform: amd64, Platforms: platforms, Target: fmt.Sprintf("app%d", i)})
		if err != nil {
			tb.Fatal(err)
		}
		b, err := llb.Emit(p, llb.Options{LocalID: "local", Tool: tool})
		if err != nil {
			tb.Fatal(err)
		}
		for _, t := range b.Targets {
			def, err := b.Marshal(tb.Context(), t.State)
			if err != nil {
				tb.Fatal(err)
			}
			size := 0
			for _, op := range def.Def {
				size += len(op)
			}
			total, largest = total+size, max(largest, size)
		}
	}
	return total, largest
}

// BenchmarkEmit is everything between reading the spec and sending the definitions.
// The target is 20 ms for 20 images on 5 platforms.
func BenchmarkEmit(b *testing.B) {
	for _, n := range []int{1, 5, 20, 40} {
		for _, ps := range [][]ocispecs.Platform{fivePlatforms[:1], fivePlatforms} {
			b.Run(fmt.Sprintf("images=%d/platforms=%d", n, len(ps)), func(b *testing.B) {
				total := 0
				for b.Loop() {
					total, _ = emitAll(b, n, ps)
				}
				b.ReportMetric(float64(total), "LLB-bytes")
			})
		}
	}
}

// TestDefinitionSize holds definitions far below the 4 MB of one message, and linear in
// images × platforms.
func TestDefinitionSize(t *testing.T) {
	one, _ := emitAll(t, 2, fivePlatforms[:1])
	all, largest := emitAll(t, 20, fivePlatforms)
	if all > 4<<20 {
		t.Errorf("20 images for 5 platforms take %d bytes of LLB", all)
	}
	if factor := float64(all) / float64(one); factor > 55 {
		t.Errorf("50 times the work takes %.0f times the LLB", factor)
	}
	if largest > 16<<10 {
		t.Errorf("the largest definition takes %d bytes", largest)
	}
}
