package cache

import (
	"slices"
	"testing"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
)

func TestOnlyAffected(t *testing.T) {
	p := &lab.Program{Uses: []string{"cart", "shop"}}
	cart, shop := []string{"[cart linux/amd64] compile", "[cart linux/arm64] compile"}, []string{"[shop linux/amd64] compile", "[shop linux/arm64] compile"}
	for _, c := range []struct {
		name string
		ran  []string
		want bool
	}{
		{"those and other steps", slices.Concat(cart, shop, []string{"[source] scan"}), true},
		{"one is missing", cart, false},
		{"one too many", slices.Concat(cart, shop, []string{"[tax linux/amd64] compile"}), false},
		{"dependencies", slices.Concat(cart, []string{"[deps linux/amd64] compile"}, shop), false},
	} {
		if got := onlyAffected().Holds(p, c.ran); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

func TestSizes(t *testing.T) {
	blobs := []result.Blob{{Digest: "a", Size: 1e6}, {Digest: "b", Size: 3e6}, {Digest: "a", Size: 1e6}}
	if total(blobs) != 4 || twice(blobs) != 1 {
		t.Errorf("%v MB, %v twice", total(blobs), twice(blobs))
	}
}
