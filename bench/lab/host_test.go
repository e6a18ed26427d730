package lab

import (
	"maps"
	"runtime"
	"testing"
)

// TestRestored holds that a machine with the caches of another builds what that one builds.
func TestRestored(t *testing.T) {
	l := &Lab{Temp: t.TempDir()}
	l.contestants = contestants(l)
	t.Cleanup(func() {
		if err := l.EndWarm(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	if err := write(dir, map[string]string{"go.mod": "module example.com/p\n\ngo 1.26\n", "xbuild.yaml": "# syntax=acme/xbuild\n", "main.go": "package main\n\nfunc main() {}\n"}); err != nil {
		t.Fatal(err)
	}
	p, err := Load(t.Context(), "p", dir)
	if err != nil {
		t.Fatal(err)
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	p = p.On("p-here", platform)
	ch, err := EditSource(t.Context(), p, 0)
	if err != nil {
		t.Fatal(err)
	}
	there, err := l.Sample(t.Context(), Restored, GoBuild, p, ch)
	if err != nil {
		t.Fatal(err)
	}
	here, err := l.Sample(t.Context(), Warm, GoBuild, p, ch)
	if err != nil {
		t.Fatal(err)
	}
	if len(here.Binaries) != 1 || !maps.Equal(there.Binaries, here.Binaries) || there.Size != here.Size || here.Size == 0 {
		t.Errorf("%v of %d bytes, and %v of %d", there.Binaries, there.Size, here.Binaries, here.Size)
	}
	if there.CPU <= 0 || there.Took <= 0 {
		t.Errorf("took %s, %s of a processor", there.Took, there.CPU)
	}
	if _, err := l.Daemon(t.Context(), GoBuild); err == nil {
		t.Error("go build has a daemon")
	}
	if _, err := l.Host(t.Context()); err != nil {
		t.Error(err)
	}
}
