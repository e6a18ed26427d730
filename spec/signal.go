package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

// signals are those of Linux: signal(7).
var signals = []string{
	"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGABRT", "SIGALRM", "SIGBUS",
	"SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGILL", "SIGIO", "SIGIOT", "SIGPIPE", "SIGPOLL", "SIGPROF",
	"SIGPWR", "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG",
	"SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN", "SIGRTMAX",
}

// realTimeRE matches the real-time signals between the first and the last.
var realTimeRE = regexp.MustCompile(`^SIG(?:RTMIN\+(?:[1-9]|1[0-5])|RTMAX-(?:[1-9]|1[0-4]))$`)

func isSignal(s string) bool {
	if n, err := strconv.Atoi(s); err == nil {
		return 1 <= n && n <= 64 && s == strconv.Itoa(n)
	}
	return slices.Contains(signals, s) || realTimeRE.MatchString(s)
}

func (v *validator) stopSignal(at keyPath, s string) {
	if s == "" || isSignal(s) {
		return
	}
	name := strings.ToUpper(s)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	hint := oneOf(name, isSignal)
	if hint == "" && strings.Trim(s, "0123456789") != "" {
		hint = diag.Nearest(name, signals)
	}
	v.value(at, "bad-signal", hint, "%s is not a signal: a name as SIGTERM, or a number from 1 to 64", quote(s))
}
