package integration

import (
	"bytes"
	"testing"
)

// TestFlagsReachGo builds a program in several ways at once: each is what go build makes with
// the same flags, and the layers of one do not get into another.
func TestFlagsReachGo(t *testing.T) {
	k := kit(t)
	files := with(tiny, map[string]string{
		"Dockerfile": `# syntax=acme/xbuild
args: {channel: stable}
binaries:
  plain: .
  cover: {main: ., flags: [-cover]}
  quoted: {main: ., ldflags: ["-X 'main.text=a b'", "-X main.channel={{.Args.channel}}"]}
  nooptimize: {main: ., gcflags: [all=-N -l]}
  pie: {main: ., buildmode: pie}
  profiled: {main: ., pgo: profiles/cpu.pgo}
  unprofiled: {main: ., pgo: "off"}
  overridden:
    main: .
    overrides:
      - {platform: linux/amd64, tags: [extra]}
`,
		"main.go":          "package main\n\nvar text, channel string\n\nfunc main() { println(leaf(1), text, channel) }\n\nfunc leaf(n int) int { return n + extra }\n",
		"extra.go":         "//go:build extra\n\npackage main\n\nconst extra = 2\n",
		"noextra.go":       "//go:build !extra\n\npackage main\n\nconst extra = 1\n",
		"profiles/cpu.pgo": string(profile("main.leaf", 7, "main.main", 5, 5)),
	})
	dir := project(t, files)
	res := build(t, k, request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries", "build-arg:channel": "beta"}})
	for name, flags := range map[string][]string{
		"plain":      {"-ldflags=-s -w"},
		"cover":      {"-cover", "-ldflags=-s -w"},
		"quoted":     {"-ldflags=-s -w -X 'main.text=a b' -X main.channel=beta"},
		"nooptimize": {"-gcflags=all=-N -l", "-ldflags=-s -w"},
		"pie":        {"-buildmode=pie", "-ldflags=-s -w"},
		"profiled":   {"-pgo=profiles/cpu.pgo", "-ldflags=-s -w"},
		"unprofiled": {"-pgo=off", "-ldflags=-s -w"},
		"overridden": {"-tags=extra", "-ldflags=-s -w"},
	} {
		t.Run(name, func(t *testing.T) {
			want := goBuilt(t, dir, ".", "", flags...)
			if !bytes.Equal(res.data[name], want) {
				t.Errorf("it is not what go build makes with %q: %d bytes, want %d", flags, len(res.data[name]), len(want))
			}
		})
	}
}
