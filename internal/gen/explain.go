package gen

import (
	"github.com/acme/xbuild/plan"
	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	var (
		src source
		req request
		out output
	)
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Say what would run for a request, and what decides whether it is cached",
		Example: `  gen explain
  gen explain --target shop --platform linux/arm64
  gen explain -f build/xbuild.yaml .`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return src.planning(cmd, args, &req, func(p *project, r plan.Request) error {
				pl, err := p.plan(r)
				if err != nil {
					return err
				}
				return out.write(cmd, []byte(pl.Explain()))
			})
		},
	}
	src.options(cmd)
	req.options(cmd)
	out.options(cmd)
	return cmd
}
