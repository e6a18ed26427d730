package grow

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Roles of the processes of a daemon.
const (
	daemonRole   = "buildkitd" // and the runc of its containers
	frontendRole = "frontend"
	stepsRole    = "steps" // all others: what containers run
	allRoles     = "all together"
)

func roles() []string { return []string{allRoles, stepsRole, daemonRole, frontendRole} }

// memory is in bytes by role. What processes share counts once, in parts: it is the kernel's proportional set size.
type memory map[string]int64

// raise makes m the greater of itself and another, for each role.
func (m memory) raise(other memory) {
	for role, bytes := range other {
		m[role] = max(m[role], bytes)
	}
}

// watch looks at the process root and all below it again and again, until stop is called, which gives the peak of each
// role. proc is the folder /proc.
func watch(proc string, root int) (stop func() memory) {
	const interval = 50 * time.Millisecond
	peak, end := memory{}, make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			peak.raise(used(proc, root))
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	})
	return func() memory {
		close(end)
		done.Wait()
		return peak
	}
}

// used is what the process root and all below it have now. A process that ends meanwhile is left out.
func used(proc string, root int) memory {
	parents := parents(proc)
	m := memory{}
	for pid := range parents {
		if !below(parents, pid, root) {
			continue
		}
		bytes, err := proportional(filepath.Join(proc, strconv.Itoa(pid), "smaps_rollup"))
		if err != nil {
			continue
		}
		m[roleOf(proc, pid, root)] += bytes
		m[allRoles] += bytes
	}
	return m
}

// parents gives the parent of each process.
func parents(proc string) map[int]int {
	all := map[int]int{}
	files, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat")) // the pattern is right
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		var state string
		var parent int
		_, rest, _ := bytes.Cut(data[max(0, bytes.LastIndexByte(data, ')')):], []byte(" ")) // the name before may have any characters
		if _, err := fmt.Sscan(string(rest), &state, &parent); err == nil {
			all[pid] = parent
		}
	}
	return all
}

func below(parents map[int]int, pid, root int) bool {
	for pid != 0 && pid != root {
		pid = parents[pid]
	}
	return pid == root
}

// roleOf judges by the command line.
func roleOf(proc string, pid, root int) string {
	data, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return stepsRole
	}
	program, _, _ := strings.Cut(string(data), "\x00")
	switch name := path.Base(program); {
	case pid == root, strings.Contains(name, "runc"):
		return daemonRole
	case name == "frontend", name == "dockerfile-frontend":
		return frontendRole
	default:
		return stepsRole
	}
}

// proportional is the Pss of a file smaps_rollup. https://docs.kernel.org/filesystems/proc.html
func proportional(file string) (int64, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "Pss:"); ok {
			kB, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kB * 1024, err
		}
	}
	return 0, fmt.Errorf("%s has no Pss", file)
}
