package gostep

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// gcPercent is the GOGC that the go command and the compilers and linkers that it starts get. They end
// soon: collecting garbage at the default of 100 is a fifth of the time of a large build. It
// is in no key, and changes no result.
const gcPercent = 800

// leastMemory is what each of them has to have for that, in bytes. A step does not see how many others run at the
// same time, as it is for ten targets: most of what is compiled takes a quarter of that or less.
const leastMemory = 2 << 30

// withMemory is an environment in which Go programs collect garbage rarely, if the machine has memory for
// that and the environment does not say when they do. They do it as often as by default before four for each
// processor, those of two targets, take more than what is available, in bytes.
func withMemory(env []string, available int64) []string {
	says := func(kv string) bool { return strings.HasPrefix(kv, "GOGC=") || strings.HasPrefix(kv, "GOMEMLIMIT=") }
	limit := available / int64(4*runtime.NumCPU())
	if slices.ContainsFunc(env, says) || limit < leastMemory {
		return env
	}
	return append(env[:len(env):len(env)], fmt.Sprintf("GOGC=%d", gcPercent), fmt.Sprintf("GOMEMLIMIT=%d", limit))
}

// availableMemory is how much memory programs can take without swapping, in bytes; 0 when that is not known.
// https://docs.kernel.org/filesystems/proc.html#meminfo
func availableMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "MemAvailable:"); ok {
			kB, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kB << 10
		}
	}
	return 0
}
