package report

import (
	"testing"
	"time"
)

func TestPlace(t *testing.T) {
	for name, want := range map[string]place{
		"[shop linux/arm64] compile":                        {stage: "shop", platform: "linux/arm64", what: "compile"},
		"[deps linux/arm/v7] compile":                       {stage: "deps", platform: "linux/arm/v7", what: "compile"},
		"[source] narrow":                                   {stage: "source", what: "narrow"},
		"[linux/arm64 build 3/5] RUN go build":              {stage: "build", platform: "linux/arm64", what: "RUN go build"},
		"[linux/amd64->arm64 build 4/4] RUN make":           {stage: "build", platform: "linux/arm64", what: "RUN make"},
		"[linux/amd64->arm/v7 build  4/14] RUN x":           {stage: "build", platform: "linux/arm/v7", what: "RUN x"},
		"[linux/amd64->windows/amd64 stage-1 1/1] COPY a b": {stage: "stage-1", platform: "windows/amd64", what: "COPY a b"},
		"[linux/amd64->linux/arm/v7 x 1/1] RUN y":           {stage: "x", platform: "linux/arm/v7", what: "RUN y"},
		"[windows(10.0.17763)/amd64 2/3] RUN dir":           {platform: "windows(10.0.17763)/amd64", what: "RUN dir"},
		"[2/5] RUN x":                                               {what: "RUN x"},
		"[stage-1 2/5] RUN x":                                       {stage: "stage-1", what: "RUN x"},
		"[internal] load .dockerignore":                             {stage: "internal", what: "load .dockerignore", service: true},
		"[linux/amd64 internal] load metadata for golang":           {stage: "internal", platform: "linux/amd64", what: "load metadata for golang", service: true},
		"[auth] library/golang:pull token for registry-1.docker.io": {stage: "auth", what: "library/golang:pull token for registry-1.docker.io", service: true},
		"exporting to image":                                        {what: "exporting to image", service: true},
		"copy /a":                                                   {what: "copy /a"},
		"[unclosed":                                                 {what: "[unclosed"},
		"":                                                          {},
	} {
		if got := placeOf(name); got != want {
			t.Errorf("%q: got %+v, want %+v", name, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 250 * time.Millisecond: "250 ms", 1290 * time.Millisecond: "1.2 s", 59990 * time.Millisecond: "59.9 s", 125 * time.Second: "2 min 5 s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "", 999: "999 B", 1500: "1.5 kB", 12_300_000: "12.3 MB", 2_000_000_000: "2.0 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for in, want := range map[string]string{
		"a\x1b[1;31mb\x1b[0mc": "abc", "0%\r50%\r100%\nnext\r\n": "100%\nnext\n", "\x1b]0;title\x07x": "x", "a\x00b": "a\uFFFDb", "\tx": "\tx", "\x1b": "\uFFFD",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := lastLines("a\nb\nc\nd\n", 2); got != "… 2 lines before\nc\nd" {
		t.Errorf("%q", got)
	}
}

// TestTicks holds that an axis has few marks at round times.
func TestTicks(t *testing.T) {
	for whole, want := range map[time.Duration]string{
		689 * time.Millisecond: "0.6 s", 1100 * time.Millisecond: "1 s", 47 * time.Second: "0:40", 10 * time.Minute: "10:00", 2 * time.Hour: "2:00:00", 1<<63 - 1: "2097152:00:00", 5 * time.Millisecond: "0.005 s",
	} {
		marks, grid := ticks(whole)
		if last := marks[len(marks)-1].Says; last != want || len(marks) > maxTicks+1 || len(marks) < 2 || grid <= 0 {
			t.Errorf("%v: the last of %d is at %q, want %q", whole, len(marks), last, want)
		}
	}
	if marks, _ := ticks(0); marks != nil {
		t.Errorf("%v", marks)
	}
}
