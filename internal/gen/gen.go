// Package gen is the path on a person's machine: commands that read a spec and the source
// around it, and write what other tools take. Data goes to standard output, messages to
// standard error.
package gen

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitOK    = 0
	exitNo    = 1 // the answer is no: mistakes in the spec, a file out of date, a difference
	exitUsage = 2 // it could not be asked: wrong usage, an unreadable file, no builder
)

// errNo is the error of a command whose answer is no and that has said why.
var errNo = errors.New("no")

// Main runs the command line and gives the exit code.
func Main(args []string, in io.Reader, out, messages io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(messages)
	err := root.Execute()
	var mistakes diag.List
	var mistake *diag.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNo):
		return exitNo
	case errors.As(err, &mistakes), errors.As(err, &mistake):
		fmt.Fprintln(messages, err)
		return exitNo
	default:
		fmt.Fprintf(messages, "gen: %v\n", err)
		return exitUsage
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "gen",
		Short: "Write what surrounds a spec of xbuild: Dockerfiles, bake files, CI, pictures",
		Long: `gen reads a spec of xbuild and the source around it, and writes what other tools take.

Data goes to standard output, or to the file that --output names; messages go to standard error. Exit codes
are 0; 1 where the answer is no (mistakes in the spec, a file out of date); and 2 where nothing could be asked.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(
		bakeCommand(),
		checkCommand(),
		ciCommand(),
		dockerfileCommand(),
		explainCommand(),
		fmtCommand(),
		graphCommand(),
		importCommand(),
		initCommand(),
		makeCommand(),
		reportCommand(),
		schemaCommand(),
		verifyCommand(),
	)
	return root
}

// version is that of the module, as go install or a release stamps it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return strings.Trim(info.Main.Version, "()")
	}
	return "devel"
}
