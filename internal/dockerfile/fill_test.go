package dockerfile_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestFilledAtOnce has builds of two platforms fill one cache mount: the cp of one then fails on a folder that the other
// makes at that moment, once. One that fails for another reason ends the build.
func TestFilledAtOnce(t *testing.T) {
	text, err := os.ReadFile("../../examples/hello/want/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "target=/cache \\\n")
	line, _, _ := strings.Cut(after, "\n\n")
	if !ok || !strings.Contains(line, "cp -Ru") {
		t.Fatalf("nothing fills the cache mount:\n%s", text)
	}
	for fails, built := range []bool{true, true, false} {
		fake := fmt.Sprintf("n=0; cp() { n=$((n+1)); [ $n -gt %d ]; }; go() { echo built; }\n", fails)
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", fake+strings.ReplaceAll(line, "GOCACHE=/cache go", "go"))
		out, err := cmd.Output()
		if got := string(out) == "built\n"; got != built || (err == nil) != built {
			t.Errorf("after %d that failed: %q, %v", fails, out, err)
		}
	}
}
