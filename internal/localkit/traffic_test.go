package localkit_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// TestTraffic holds that a registry counts what an image's parts have, each way, and nothing where a body is not sent.
func TestTraffic(t *testing.T) {
	r, err := localkit.NewRegistry(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	img, err := localkit.NewImage("linux/amd64", v1.Config{}, localkit.Files{"/blob": {Content: bytes.Repeat([]byte("content"), 1e5)}})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := r.Push(t.Context(), "acme/traffic:1", img)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	size, err := img.Size()
	if err != nil {
		t.Fatal(err)
	}
	layer := manifest.Layers[0]
	if got, want := r.Traffic().Received, size+manifest.Config.Size+layer.Size; got != want {
		t.Errorf("%d bytes received of an image, want %d", got, want)
	}

	before := r.Traffic()
	url := "http://" + r.Ref("") + "v2/acme/traffic/blobs/" + layer.Digest.String()
	head, err := http.Head(url)
	if err != nil || head.ContentLength != layer.Size {
		t.Fatalf("%v of %s: %v", head, ref, err)
	}
	if got := r.Traffic().Since(before); got != (localkit.Traffic{}) {
		t.Errorf("%+v of a question alone", got)
	}
	get, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer get.Body.Close()
	if _, err := io.Copy(io.Discard, get.Body); err != nil {
		t.Fatal(err)
	}
	if got, want := r.Traffic().Since(before), (localkit.Traffic{Sent: layer.Size}); got != want {
		t.Errorf("%+v of a layer, want %+v", got, want)
	}
}
