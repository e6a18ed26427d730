package lab

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	stdsync "sync"
	"testing"
)

// meeting is a machine whose builds end when all have begun. The content of the file it reads is the binary.
type meeting struct {
	all  stdsync.WaitGroup
	mu   stdsync.Mutex
	read map[string]string // by program, of the last build
}

func (m *meeting) build(_ context.Context, r request) (*Sample, error) {
	m.all.Done()
	m.all.Wait()
	content, err := os.ReadFile(filepath.Join(r.dir, r.Source))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read[r.Name] = string(content)
	return &Sample{}, err
}

func (m *meeting) look(_ context.Context, r request, s *Sample) error {
	s.Binaries = map[string]string{"linux/amd64/a": m.read[r.Name]}
	return nil
}

func (m *meeting) Close() error { return nil }

// TestTogether holds that builds run at the same time, each of its own change, which is taken back.
func TestTogether(t *testing.T) {
	m := &meeting{read: map[string]string{}}
	m.all.Add(2)
	c := &Contestant{name: XBuild, write: noFile, warm: m}
	l := &Lab{Temp: t.TempDir(), contestants: map[string]*Contestant{c.name: c}}
	var programs []*Program
	var changes []Change
	for _, name := range []string{"one", "two"} {
		p := &Program{Name: name, Dir: t.TempDir(), Source: "a.go"}
		if err := write(p.Dir, map[string]string{p.Source: "as it was"}); err != nil {
			t.Fatal(err)
		}
		w, err := l.workspace(c.name, p)
		if err != nil {
			t.Fatal(err)
		}
		w.built = true
		programs, changes = append(programs, p), append(changes, Change{Files: map[string]string{p.Source: "edit of " + name}})
	}
	s, err := l.Together(t.Context(), c.name, programs, changes)
	if err != nil {
		t.Fatal(err)
	}
	if one, two := s.Binaries["one/linux/amd64/a"], s.Binaries["two/linux/amd64/a"]; one != "edit of one" || two != "edit of two" || len(s.Binaries) != 2 {
		t.Errorf("binaries %q", s.Binaries)
	}
	for _, p := range programs {
		if got := read(t, c.spaces[p.Name].dir, p.Source); got != "as it was" {
			t.Errorf("%s is left as %q", p.Name, got)
		}
	}
}

func TestBuildEnv(t *testing.T) {
	for platform, want := range map[string][]string{
		"":             nil,
		"linux/amd64":  {"GOOS=linux", "GOARCH=amd64"},
		"linux/arm/v7": {"GOARM=7", "GOOS=linux", "GOARCH=arm"},
	} {
		if got := buildEnv(platform)[len(buildEnv("")):]; !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", platform, got, want)
		}
	}
}
