package integration

import (
	"bytes"
	"strings"
	"testing"
)

// TestExamplesAreGoBuilds compares the binaries of the examples that have no settings of their own
// with those of go build.
func TestExamplesAreGoBuilds(t *testing.T) {
	k := kit(t)
	for _, example := range []struct {
		dir, spec string
		mains     map[string]string // package by binary
		env       string
	}{
		{"hello", "Dockerfile", map[string]string{"hello": "."}, ""},
		{"vendored", "Dockerfile", map[string]string{"vendored": "."}, ""},
		{"native", "xbuild.yaml", map[string]string{"native": "./cmd/native"}, ""},
		{"workspace", "xbuild.yaml", map[string]string{"shop": "./shop/cmd/shop", "worker": "./worker/cmd/worker"}, "GOWORK="},
	} {
		t.Run(example.dir, func(t *testing.T) {
			dir := "../../examples/" + example.dir
			res := build(t, k, request{dir: dir, file: example.spec, platforms: "linux/amd64,linux/arm64", attrs: map[string]string{"target": "binaries"}})
			for name, pkg := range example.mains {
				for _, arch := range []string{"amd64", "arm64"} {
					want := goBuilt(t, dir, pkg, example.env+" GOARCH="+arch+" GOARM64=v8.0", "-ldflags=-s -w")
					if !bytes.Equal(res.data["linux_"+arch+"/"+name], want) {
						t.Errorf("%s for %s is not what go build makes", name, arch)
					}
				}
			}
			if example.dir == "vendored" && strings.Contains(strings.Join(res.ran(), " "), "download") {
				t.Errorf("vendored modules are downloaded: %q", res.ran())
			}
		})
	}
}
