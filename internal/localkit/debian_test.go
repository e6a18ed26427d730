package localkit_test

import (
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

func TestDebianToolchain(t *testing.T) {
	k := start(t, localkit.Options{})
	if err := k.PublishDebianToolchain(t.Context()); err != nil {
		t.Fatal(err)
	}
	build(t, k, "acme/debian:1", map[string]string{"Dockerfile": "" +
		"# syntax=docker/dockerfile:1\n" +
		"FROM golang:1.26\n" +
		"RUN go version && gcc --version && git --version && ssh -V && test -s /etc/ssl/certs/ca-certificates.crt\n" +
		"RUN apt-get update && apt-get install -y --no-install-recommends file\n"})
}
