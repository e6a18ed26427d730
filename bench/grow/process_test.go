package grow

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// TestUsed looks at a daemon of which the frontend and a step run, beside a process that is not below it.
func TestUsed(t *testing.T) {
	proc := t.TempDir()
	for _, p := range []struct {
		pid, parent int
		name, line  string
		kB          int
	}{
		{1, 0, "init", "/sbin/init", 1},
		{20, 1, "buildkitd", "/bin/buildkitd\x00--config", 200},
		{31, 20, "buildkit-runc", "/bin/buildkit-runc\x00run", 10},
		{32, 31, "frontend", "/frontend\x00", 30},
		{33, 20, "runc", "runc\x00", 5},
		{34, 33, "go) S 1 (", "go\x00build\x00", 40}, // a name can look like the fields after it
		{35, 34, "compile", "/usr/local/go/pkg/tool/compile\x00", 60},
		{40, 1, "compile", "compile\x00", 1000},
	} {
		dir := filepath.Join(proc, fmt.Sprint(p.pid))
		files := map[string]string{
			"stat":         fmt.Sprintf("%d (%s) S %d 1 1 0\n", p.pid, p.name, p.parent),
			"cmdline":      p.line,
			"smaps_rollup": fmt.Sprintf("0-1 ---p 0 0:0 0 [rollup]\nRss: 9999 kB\nPss:      %d kB\nPss_Dirty: 1 kB\n", p.kB),
		}
		if err := write(dir, files); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(proc, "36"), 0o755); err != nil { // one that is gone
		t.Fatal(err)
	}
	want := memory{daemonRole: 215 * 1024, frontendRole: 30 * 1024, stepsRole: 100 * 1024, allRoles: 345 * 1024}
	if got := used(proc, 20); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	stop := watch(proc, 20)
	if got := stop(); !maps.Equal(got, want) {
		t.Errorf("a peak of %v, want %v", got, want)
	}
}

func TestRaise(t *testing.T) {
	m := memory{stepsRole: 5, daemonRole: 7}
	m.raise(memory{stepsRole: 6, daemonRole: 1, frontendRole: 2})
	if want := (memory{stepsRole: 6, daemonRole: 7, frontendRole: 2}); !maps.Equal(m, want) {
		t.Errorf("got %v, want %v", m, want)
	}
}
