package spec

import (
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
)

// healthKinds are the first words of a healthcheck's test.
var healthKinds = []string{"CMD", "CMD-SHELL", "NONE"}

// shortestHealth is the shortest time that Docker takes: moby's MinimumDuration.
const shortestHealth = time.Millisecond

// healthcheck checks what an image says of it; nil is an image that does not.
func (v *validator) healthcheck(at keyPath, h *Healthcheck) {
	if h == nil {
		return
	}
	v.healthTest(at.to("test"), h.Test)
	for _, d := range []struct{ key, value string }{
		{"interval", h.Interval}, {"timeout", h.Timeout}, {"start-period", h.StartPeriod}, {"start-interval", h.StartInterval},
	} {
		if d.value != "" {
			v.duration(at.to(d.key), d.value)
		}
	}
	v.count(at.to("retries"), h.Retries)
}

func (v *validator) healthTest(at keyPath, test []string) {
	if len(test) == 0 {
		v.key(at, "missing-key", "", "a healthcheck needs test: [CMD, program], [CMD-SHELL, command] or [NONE]")
		return
	}
	kind, args := test[0], test[1:]
	switch {
	case !slices.Contains(healthKinds, kind):
		v.value(at.to(0), "bad-healthcheck", diag.Nearest(kind, healthKinds), "%s is not how a test begins: CMD, CMD-SHELL or NONE", quote(kind))
	case kind == "CMD" && (len(args) == 0 || strings.TrimSpace(args[0]) == ""):
		v.value(at, "bad-healthcheck", "", "CMD needs a program to run")
	case kind == "CMD-SHELL" && (len(args) != 1 || strings.TrimSpace(args[0]) == ""):
		v.value(at, "bad-healthcheck", "", "CMD-SHELL needs one string, which is the command")
	case kind == "NONE" && len(args) > 0:
		v.value(at, "bad-healthcheck", "", "nothing goes with NONE")
	}
	for i, a := range test {
		if strings.ContainsRune(a, 0) {
			v.value(at.to(i), "bad-healthcheck", "", "%s holds a NUL", quote(a))
		}
	}
}

func (v *validator) duration(at keyPath, s string) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		hint := oneOf(s+"s", func(s string) bool { _, err := time.ParseDuration(s); return err == nil })
		v.value(at, "bad-duration", hint, "%s is not a duration, as 30s or 1m30s", quote(s))
	case d < 0 || 0 < d && d < shortestHealth:
		v.value(at, "bad-duration", "", "%s is shorter than %s", quote(s), shortestHealth)
	}
}
