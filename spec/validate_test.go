package spec_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/spec"
)

// TestValidateBuiltInGo shows that without places a mistake is found by its path.
// What the rules say about values is shown by TestBad.
func TestValidateBuiltInGo(t *testing.T) {
	s := spec.Spec{
		Name:      "Shop",
		Platforms: []string{"linux/amd64", "linux/mips65"},
		Binaries: map[string]spec.Binary{
			"worker": {Build: spec.Build{Levels: spec.Levels{GOAMD64: "3"}}},
			"shop":   {Main: "../shop"},
		},
		Go: spec.Go{Parallel: -1},
		Images: map[string]spec.Image{
			"worker": {Files: []spec.File{{From: "a", To: "/a"}, {To: "b"}}},
			"tools":  {Base: spec.Base{"linux": ""}, Healthcheck: &spec.Healthcheck{Test: []string{"NONE"}, Retries: -2}},
			"shop":   {Ports: []string{"80", "http"}, Labels: map[string]string{"": "x"}},
		},
	}
	want := strings.Split(strings.TrimSpace(`
spec: name: "Shop" is not a name: lower-case letters, digits, ., _ and -, at most 64, first a letter or digit (did you mean "shop"?) [bad-name]
spec: platforms[1]: Go has no platform "linux/mips65" (did you mean "linux/mips64"?) [bad-platform]
spec: go.parallel: expected a whole number, 0 or more, found the number -1 [wrong-type]
spec: binaries.shop.main: "../shop" is outside of the build context [outside-context]
spec: binaries.worker.main: binary "worker" has no main, the directory of its main package [missing-main]
spec: binaries.worker.goamd64: "3" is no value of goamd64: v1, v2, v3 or v4 (did you mean "v3"?) [bad-level]
spec: images.shop.ports[1]: "http" is not a port: 1 to 65535, as 8080, 53/udp or 8000-8010 [bad-port]
spec: images.shop.labels."": a key can't be empty [bad-label]
spec: images.tools.binaries: image "tools" must list its binaries: there are 2, and none has its name [missing-binaries]
spec: images.tools.base.linux: "" is not an image reference: want host/name:tag or host/name@digest [bad-image]
spec: images.tools.healthcheck.retries: expected a whole number, 0 or more, found the number -2 [wrong-type]
spec: images.worker.files[1]: a file needs from, url or link: where it is from [missing-key]
spec: images.worker.files[1].to: "b" is not absolute (did you mean "/b"?) [bad-path]
`), "\n")
	err := s.Validate()
	if err == nil {
		t.Fatal("no mistake found")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestValidateZero(t *testing.T) {
	if err := new(spec.Spec).Validate(); err != nil {
		t.Errorf("the zero Spec is not valid: %v", err)
	}
}
