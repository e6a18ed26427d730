package integration

import (
	"strings"
	"testing"
)

func TestHello(t *testing.T) {
	k := kit(t)
	res := build(t, k, request{dir: example("hello"), platforms: "linux/amd64,linux/arm64"})
	for n, h := range res.files {
		t.Log(n, h.Mode, h.Size, h.ModTime)
	}
	t.Log(strings.Join(res.ran(), "\n"))
	for n, v := range res.vertices {
		t.Log(n, v)
	}
}
