package gen

import (
	"path/filepath"

	"github.com/acme/xbuild/internal/makefile"
	"github.com/acme/xbuild/plan"
	"github.com/spf13/cobra"
)

func makeCommand() *cobra.Command {
	var (
		src   source
		req   request
		out   output
		check check
	)
	cmd := &cobra.Command{
		Use:   "make",
		Short: "Write a Makefile that builds the binaries on this machine, without containers",
		Long: `Write a Makefile that builds the binaries on this machine, without containers: dist/NAME-OS-ARCH for each binary
and platform, with the flags that images get, in parallel under make -j. What is compiled and linked again the go
command decides, by content. What templates name are variables: make VERSION=v1.2.3.`,
		Example: `  gen make -o Makefile && make -j4
  make linux/arm64
  make dist/shop-linux-arm64 VERSION=v1.2.3
  gen make -o Makefile --check`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return src.planning(cmd, args, &req, func(p *project, r plan.Request) error {
				facts, err := p.facts(r)
				if err != nil {
					return err
				}
				text, warnings, err := makefile.Emit(p.spec, facts, r)
				if err != nil {
					return err
				}
				if check.asked {
					return check.compare(cmd, out, filepath.Join(p.dir, "Makefile"), text)
				}
				for _, w := range warnings {
					cmd.PrintErrln("warning:", w)
				}
				return out.write(cmd, text)
			})
		},
	}
	src.options(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&req.platforms, "platform", nil, "platforms, as linux/arm64 (default: those of the spec)")
	f.StringToStringVar(&req.args, "build-arg", nil, "what variables are where make is not told, as NAME=value")
	out.options(cmd)
	check.options(cmd)
	return cmd
}
