package lab

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestRestored holds that a machine begins with what another one saved.
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
	s, err := l.Sample(t.Context(), Restored, GoBuild, p, ch)
	if err != nil {
		t.Fatal(err)
	}
	if s.Binaries[platform+"/p"] == "" || len(s.Binaries) != 1 || s.Size == 0 || s.CPU <= 0 || s.Took <= 0 {
		t.Errorf("%v of %d bytes, %s, %s of a processor", s.Binaries, s.Size, s.Took, s.CPU)
	}
	again, err := l.NewHost()
	if err != nil {
		t.Fatal(err)
	}
	if err := again.tar(t.Context(), "-xzf", l.contestants[GoBuild].spaces[p.Name].saved); err != nil {
		t.Fatal(err)
	}
	if saved, err := os.ReadDir(filepath.Join(again.dir, buildCache)); err != nil || len(saved) == 0 {
		t.Errorf("%d entries were saved of the build cache (%v)", len(saved), err)
	}
	if _, err := l.Daemon(t.Context(), GoBuild); err == nil {
		t.Error("go build has a daemon")
	}
	if _, err := l.Host(t.Context()); err != nil {
		t.Error(err)
	}
}
