package report

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// seconds writes a duration for people: 12.3 s, 250 ms, 2 min 5 s.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	default:
		d = d.Truncate(time.Second)
		return fmt.Sprintf("%d min %d s", int(d/time.Minute), int(d%time.Minute/time.Second))
	}
}

// size writes a number of bytes for people, "" for none.
func size(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	default:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	}
}

// maxTicks is how many marks the axis of time has at most, besides the one at 0.
const maxTicks = 6

// steps are round times.
var steps = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
	20 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, time.Hour,
}

// ticks are the marks of the axis of time, and their distance in percent.
func ticks(whole time.Duration) (out []tick, grid float64) {
	if whole <= 0 {
		return nil, 100
	}
	step := steps[0]
	for i := 0; whole/step > maxTicks; i++ {
		if i < len(steps) {
			step = steps[i]
		} else {
			step *= 2
		}
	}
	for i := range whole/step + 1 {
		out = append(out, tick{percent(i*step, whole), axis(i*step, step)})
	}
	return out, float64(step) * 100 / float64(whole)
}

// axis writes a time on an axis whose marks are a step apart.
func axis(t, step time.Duration) string {
	if step < 10*time.Second {
		return fmt.Sprintf("%g s", t.Seconds())
	}
	if minutes := fmt.Sprintf("%02d:%02d", int(t%time.Hour/time.Minute), int(t%time.Minute/time.Second)); t >= time.Hour {
		return fmt.Sprintf("%d:%s", int(t/time.Hour), minutes)
	} else {
		return strings.TrimPrefix(minutes, "0")
	}
}

var digests = regexp.MustCompile(`(@sha256:[0-9a-f]{12})[0-9a-f]{52}\b`)

// Short is the name of a step with the beginnings of digests alone.
func Short(name string) string { return digests.ReplaceAllString(name, "$1…") }

var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)`)

// plain is a text without what terminals do with it: colours, and lines that are overwritten.
func plain(t string) string {
	t = escapes.ReplaceAllString(strings.ToValidUTF8(t, "\uFFFD"), "")
	lines := strings.Split(strings.ReplaceAll(t, "\r\n", "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		lines[i] = line[strings.LastIndex(line, "\r")+1:]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.Join(lines, "\n"))
}

// lastLines are the last n lines of a text.
func lastLines(t string, n int) string {
	lines := strings.Split(strings.TrimRight(t, "\n"), "\n")
	if over := len(lines) - n; over > 0 {
		return fmt.Sprintf("… %d lines before\n%s", over, strings.Join(lines[over:], "\n"))
	}
	return strings.Join(lines, "\n")
}
