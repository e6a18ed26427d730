// Package gostep is what runs inside a build step. It is mounted into the steps
// from the frontend image, so that no step needs a shell or coreutils. Its bytes
// are part of every step's cache key: it imports neither BuildKit nor YAML and
// changes only when what a step does changes.
package gostep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/acme/xbuild/scan"
)

// FactsFile is the name of the file that the scan command writes: a scan.Facts
// as JSON.
const FactsFile = "facts.json"

const usage = `usage: gostep scan SRC OUT REQUEST
       gostep narrow SRC OUT BUILDS
       gostep deps SRC OUT DIR GO build …
       gostep compile DEPS GO build -o FILE …
       gostep gocache DIR`

// Main runs one command and gives the exit code of the process: that of the command that
// it runs, where that fails.
//
//	scan SRC OUT REQUEST   scan the source in SRC, write OUT/facts.json;
//	                       REQUEST is a scan.Request as JSON
//	narrow SRC OUT BUILDS  copy the source of each build to OUT/ID, and what it
//	                       imports from elsewhere to OUT/SET; BUILDS is a list of
//	                       scan.Build as JSON
//	deps SRC OUT DIR GO …  compile the imports of a SET, mounted at SRC, by that go build
//	                       in DIR below it; copy the build cache entries to OUT
//	compile DEPS GO …      run that go build, with the entries in DEPS added to its build
//	                       cache, and check what it made against its flags and the
//	                       environment
//	gocache DIR            serve a build cache directory to the go command
func Main(args []string, stderr io.Writer) int {
	var err error
	switch {
	case len(args) == 4 && args[0] == "scan":
		err = runScan(args[1], args[2], args[3])
	case len(args) == 4 && args[0] == "narrow":
		err = runNarrow(args[1], args[2], args[3])
	case len(args) > 5 && args[0] == "deps":
		err = runDeps(args[1], args[2], args[3], args[4:], stderr)
	case len(args) > 2 && args[0] == "compile":
		err = runCompile(args[1], args[2:], stderr)
	case len(args) == 2 && args[0] == "gocache":
		err = runGocache(args[1])
	default:
		fmt.Fprintln(stderr, usage)
		return 2
	}
	var failed *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed) && failed.Exited(): // and has said why
		return failed.ExitCode()
	default:
		fmt.Fprintf(stderr, "gostep %s: %v\n", args[0], err)
		return 1
	}
}

func runScan(src, out, request string) error {
	var req scan.Request
	if err := json.Unmarshal([]byte(request), &req); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	facts, err := scan.Dir(src, req)
	if err != nil {
		return err
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, FactsFile), data, 0o644)
}

func runNarrow(src, out, builds string) error {
	var list []scan.Build
	if err := json.Unmarshal([]byte(builds), &list); err != nil {
		return fmt.Errorf("builds: %w", err)
	}
	return scan.Narrow(src, out, list)
}
