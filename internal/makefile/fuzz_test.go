package makefile_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/makefile"
	"github.com/acme/xbuild/spec"
	"github.com/google/go-cmp/cmp"
)

// recorder stands for the go command: it writes what of an environment and of arguments reaches it, each
// with a NUL behind.
const recorder = `#!/bin/sh
[ "$1" = env ] && exit
printf '%s\0' "X=$X" "$@" >> "$RECORD"
while [ $# -gt 0 ] && [ "$1" != -o ]; do shift; done
out=$2
mkdir -p "$out"
shift 2
for package; do
	[ "$package" = . ] && package=shop
	: > "$out/$(basename "$package")"
done
`

// run makes a goal of a Makefile, with a recorder for the go command, and gives what that got, one list for each call.
func run(t testing.TB, text []byte, args ...string) (calls [][]string, out string) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string][]byte{"Makefile": text, "go": []byte(recorder)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("make", append([]string{"GO=" + filepath.Join(dir, "go")}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RECORD="+filepath.Join(dir, "record"), "MAKEFLAGS=")
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, both.String(), text)
	}
	data, err := os.ReadFile(filepath.Join(dir, "record"))
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, both.String(), text)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 4 { // Makefile, go, record, dist
		t.Fatalf("files appeared: %v\n%s", entries, text)
	}
	for _, word := range strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00") {
		if strings.HasPrefix(word, "X=") {
			calls = append(calls, nil)
		}
		calls[len(calls)-1] = append(calls[len(calls)-1], word)
	}
	return calls, both.String()
}

// FuzzMakefile holds that what a spec says reaches the go command as it is, through make and the
// shell, or is refused.
func FuzzMakefile(f *testing.F) {
	for _, hostile := range []string{
		"plain", "a b", "it's", `say "x"`, "$x $$ $(shell touch pwned) ${x}", "`touch pwned`", "# not: a := comment", "a\nb", "a\\", `\`, "%", ";touch pwned",
		"\ttab ", "é\x01\x7f", ",)(", "'\"", "$(", "\r", "<<EOF", "=", "&& touch pwned", "\\\n", "--", "*", "~", "{{", "!",
	} {
		f.Add(hostile, hostile, hostile)
	}
	f.Fuzz(func(t *testing.T, env, flag, arg string) {
		s, err := spec.Parse("x.yaml", []byte("name: shop\nargs: {a: x}\nbuild: {env: {X: y}, flags: [-run=x]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		s.Build.Env["X"] = env
		s.Build.Flags[0] = "-run=" + flag
		s.Build.LDFlags = []string{"-X", "main.a={{.Args.a}}"}
		s.Args["a"] = arg
		text, _, err := makefile.Emit(s, facts("."), request(amd64))
		if err != nil || spec.IsTemplate(env) {
			return
		}
		calls, _ := run(t, text, "all")
		quoted := "-ldflags=-s -w -X 'main.a=" + arg + "'"
		want := [][]string{{"X=" + env, "build", "-trimpath", "-buildvcs=false", "-run=" + flag, quoted, "-o", "dist/.go/linux-amd64/", "."}}
		if diff := cmp.Diff(want, calls); diff != "" {
			t.Errorf("(-want +got)\n%s\n%s", diff, text)
		}
	})
}

// TestVariables has what a person gives make, which reaches the go command as it is, or is refused.
func TestVariables(t *testing.T) {
	s := mustParse(t, "x.yaml", "name: shop\nbuild: {env: {X: '{{.Version}} {{.Date}}'}, ldflags: ['-X main.r={{.ShortRevision}}', '-X main.d={{.Dirty}}']}\n")
	text, _, err := makefile.Emit(s, facts("."), request(amd64))
	if err != nil {
		t.Fatal(err)
	}
	calls, _ := run(t, text, "VERSION=v1 `touch pwned`;\"'", "REVISION=0123456789abcdef", "DIRTY=true", "SOURCE_DATE_EPOCH=1")
	want := []string{
		"X=v1 `touch pwned`;\"' 1970-01-01T00:00:01Z", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X 'main.r=0123456789ab' -X main.d=true", "-o", "dist/.go/linux-amd64/", ".",
	}
	if diff := cmp.Diff([][]string{want}, calls); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Makefile"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("make", "-n", "REVISION=a' -extld=evil")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "REVISION holds a quote") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestGoals has which packages each goal builds, where those of one go build are in one list.
func TestGoals(t *testing.T) {
	s := mustParse(t, "x.yaml", "binaries: {shop: ./cmd/shop, worker: ./cmd/worker, tagged: {main: ./cmd/shop, tags: [x]}, c: {main: ./cmd/c, cgo: true}}")
	text, _, err := makefile.Emit(s, facts("cmd/c", "cmd/shop", "cmd/worker"), request(amd64, arm64))
	if err != nil {
		t.Fatal(err)
	}
	const (
		onAMD64 = "linux-amd64-2/ ./cmd/shop ./cmd/worker; linux-amd64-3/ ./cmd/shop; "
		onARM64 = "linux-arm64-2/ ./cmd/shop ./cmd/worker; linux-arm64-3/ ./cmd/shop; "
	)
	for goals, want := range map[string]string{
		"":                            onAMD64 + onARM64,
		"all":                         onAMD64 + onARM64,
		"CC_linux_arm64=cc":           onAMD64 + onARM64 + "linux-arm64/ ./cmd/c; ",
		"linux/arm64":                 onARM64,
		"dist/shop-linux-arm64":       "linux-arm64-2/ ./cmd/shop; ",
		"dist/tagged-linux-amd64":     "linux-amd64-3/ ./cmd/shop; ",
		"dist/worker-linux-arm64 all": onAMD64 + onARM64,
		"checksums":                   onAMD64 + onARM64,
		"dist/worker-linux-amd64 dist/shop-linux-amd64": "linux-amd64-2/ ./cmd/shop ./cmd/worker; ",
		"dist/c-linux-amd64 CC_linux_amd64=cc":          "linux-amd64/ ./cmd/c; ",
	} {
		calls, messages := run(t, text, strings.Fields(goals)...)
		var built []string
		for _, c := range calls {
			built = append(built, strings.TrimPrefix(strings.Join(c[slices.Index(c, "-o")+1:], " "), "dist/.go/")+"; ")
		}
		slices.Sort(built)
		if got := strings.Join(built, ""); got != want {
			t.Errorf("make %s builds\n%s\nwant\n%s", goals, got, want)
		}
		if left := "left out for want of a C compiler: dist/c-linux-amd64;"; goals == "all" && !strings.Contains(messages, left) {
			t.Errorf("make all says %s, want %s", messages, left)
		}
	}
}
