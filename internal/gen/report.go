package gen

import (
	"fmt"
	"io"
	"os"

	"github.com/acme/xbuild/internal/progress"
	"github.com/acme/xbuild/internal/report"
	"github.com/spf13/cobra"
)

func reportCommand() *cobra.Command {
	var (
		out   output
		title string
	)
	cmd := &cobra.Command{
		Use:   "report [FILE]",
		Short: "Make a page of a build that ran: where the time went, what was cached",
		Long: `Make an HTML page of a build that ran, from BuildKit's raw progress: what each step took, what was cached and
what was not, for each platform, what the end waited for, and what failed.

The progress is read from FILE, or from standard input without one or with -. Any build by BuildKit will do,
that of a plain Dockerfile too; one that failed or was killed gives a page that says so. The page is one file
that needs no other and no scripts.`,
		Example: `  docker buildx build --progress=rawjson . 2> build.json
  gen report build.json -o build.html
  docker buildx build --progress=rawjson . 2>&1 | gen report > build.html`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, in := "stdin", cmd.InOrStdin()
			if len(args) > 0 && args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				name, in = args[0], io.Reader(f)
			}
			b, err := progress.Read(in)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			page, err := report.HTML(b, title)
			if err != nil {
				return err
			}
			return out.write(cmd, page)
		},
	}
	out.options(cmd)
	cmd.Flags().StringVar(&title, "title", "Build report", "title of the page")
	return cmd
}
