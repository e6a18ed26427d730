// Package gostep is what runs inside a build step. It is mounted into the steps
// from the frontend image, so that no step needs a shell or coreutils. Its bytes
// are part of every step's cache key: it imports neither BuildKit nor YAML and
// changes only when what a step does changes.
package gostep

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/scan"
)

// FactsFile is the name of the file that the scan command writes: a scan.Facts
// as JSON.
const FactsFile = "facts.json"

// commands in the order of the steps. The options that several share:
//
//	-store DIR  the build cache of this builder, read and written
//	-layer DIR  the result of an earlier std, deps or compile, read only
//	-out DIR    where the result goes
//	PRIVATE     the options of private
var commands = []struct {
	name, args string
	does       string
	run        func(args []string, stderr io.Writer) error
}{
	{"scan", "SRC OUT REQUEST", "scan the source in SRC and write OUT/facts.json; REQUEST is a scan.Request as JSON", runScan},
	{"narrow", "[-store DIR] SRC OUT BUILDS", "copy the source of each build to OUT, as scan.Narrow does; BUILDS is a list of scan.Build as JSON; " +
		"with a build cache say in OUT/narrowed.json which builds it has seen lately", runNarrow},
	{"prune", "OUT", "copy to OUT what compiling takes of the Go distribution on the PATH", runPrune},
	{"cc", "CC", "install a C compiler; CC is a gostep.CC as JSON", runCC},
	{"std", "-store DIR -out DIR -- go build …", "compile the imports listed in the working directory", runStd},
	{"deps", "-store DIR -out DIR [-layer DIR] [-dir DIR] [-profile FILE] [-modules DIR] [-compile] [PRIVATE] -- go build …",
		"download what the imports listed in the working directory take, and compile it", runDeps},
	{"compile", "-store DIR [-layer DIR] … (-o FILE | -objects DIR) -- go build … PACKAGE …",
		"build a binary and check it, or compile its packages for a link", runCompile},
	{"link", "-store DIR [-layer DIR] … -o FILE -- go build … PACKAGE", "build a binary from compiled packages and check it", runLink},
	{"test", "-store DIR [-layer DIR] … -out DIR COMMANDS", "run go commands, a list of lists of words as JSON, until one fails", runTest},
	{"tool", "-store DIR -o FILE [PRIVATE] -- go install … PACKAGE@VERSION", "build a program of a module of its own", runTool},
	{"dist", "OUT DIST", "put binaries of several platforms into one folder; DIST is a gostep.Dist as JSON", runDist},
	{"setcap", "FILE OUT CAPABILITIES", "copy a file to OUT with file capabilities", runSetcap},
	{"summary", "OUT (NAME DIR)…", "say how large the results of deps steps are", runSummary},
	{"isnew", "-store DIR -out DIR [-toolchain VERSION] [-at WHEN] -- go build …",
		"write the state of the build cache if the project was not built so on this builder lately; WHEN makes it a step of its own", runIsNew},
	{"seed", "-store DIR [-state STATE] FOLDER", "put what the result of a deps or compile step has, and the build cache lacks, into that; STATE makes it a step of its own", runSeed},
	{"gocache", "-store DIR [-layer DIR] … -indexes DIR -record FILE", "serve a build cache to the go command that started it", runGocache},
}

// Main runs one command and gives the exit code of the process: that of the go command that
// it runs, where that fails.
func Main(args []string, stderr io.Writer) int {
	for _, c := range commands {
		if len(args) == 0 || c.name != args[0] {
			continue
		}
		err := useCompiler(compilerFile)
		if err == nil {
			err = c.run(args[1:], stderr)
		}
		var failed *exec.ExitError
		switch {
		case err == nil:
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(stderr, "usage: gostep %s %s\n", c.name, c.args)
			return 2
		case errors.As(err, &failed) && failed.Exited(): // and has said why
			return failed.ExitCode()
		default:
			fmt.Fprintf(stderr, "gostep %s: %v\n", c.name, err)
			return 1
		}
	}
	fmt.Fprintln(stderr, "usage: gostep COMMAND …")
	for _, c := range commands {
		fmt.Fprintf(stderr, "  %s %s\n\t%s\n", c.name, c.args, c.does)
	}
	return 2
}

// errUsage is the error of a command line that the command does not take.
var errUsage = errors.New("usage")

// parse reads options and gives what follows them, which is at least n words.
func parse(f *flag.FlagSet, args []string, n int) ([]string, error) {
	f.SetOutput(io.Discard)
	if err := f.Parse(args); err != nil || f.NArg() < n {
		return nil, errUsage
	}
	return f.Args(), nil
}

// list is an option that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func runScan(args []string, _ io.Writer) error {
	if len(args) != 3 {
		return errUsage
	}
	var req scan.Request
	if err := json.Unmarshal([]byte(args[2]), &req); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	facts, err := scan.Dir(args[0], req)
	if err != nil {
		return err
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[1], FactsFile), data, 0o644)
}
