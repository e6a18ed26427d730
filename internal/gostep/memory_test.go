package gostep

import (
	"os/exec"
	"runtime"
	"slices"
	"testing"
)

func TestWithMemory(t *testing.T) {
	enough := int64(4*runtime.NumCPU()) * leastMemory
	for _, c := range []struct {
		name      string
		env       []string
		available int64
		want      []string
	}{
		{"enough", []string{"A=b"}, enough, []string{"A=b", "GOGC=800", "GOMEMLIMIT=2147483648"}},
		{"too little", []string{"A=b"}, enough - 1, []string{"A=b"}},
		{"not known", []string{"A=b"}, 0, []string{"A=b"}},
		{"said", []string{"GOGC=50"}, enough, []string{"GOGC=50"}},
		{"limit said", []string{"GOMEMLIMIT=1GiB"}, enough, []string{"GOMEMLIMIT=1GiB"}},
	} {
		if got := withMemory(c.env, c.available); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if availableMemory() == 0 && runtime.GOOS == "linux" {
		t.Error("the memory of this machine is not known")
	}
}

// TestTestsKeepTheirCollector checks that tests run as they do elsewhere.
func TestTestsKeepTheirCollector(t *testing.T) {
	cmd := exec.Command("go", "test", "./...")
	cmd.Env = []string{"A=b"}
	if got := goEnviron(cmd); !slices.Equal(got, cmd.Env) {
		t.Errorf("go test gets %q", got)
	}
}
