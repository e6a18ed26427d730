package gen

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/acme/xbuild/internal/dockerfile"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/spf13/cobra"
)

func dockerfileCommand() *cobra.Command {
	var (
		src       source
		out       output
		check     check
		platforms []string
	)
	cmd := &cobra.Command{
		Use:   "dockerfile",
		Short: "Write a plain Dockerfile that builds the same, without xbuild",
		Long: `Write a plain Dockerfile that builds the same, without xbuild: each image, and binaries, test and vet, are
stages of it.

What the programs import is compiled in a stage of its own, whose list is as the source was when the file was written: an old
list makes builds slower, not wrong.`,
		Example: `  gen dockerfile > Dockerfile
  gen dockerfile -f xbuild.yaml -o docker/Dockerfile .
  gen dockerfile --platform linux/amd64,linux/arm64,linux/arm/v7
  gen dockerfile --check`,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := src.load(cmd, args)
			if err != nil {
				return err
			}
			defer p.close()
			data, err := p.dockerfile(cmd, request{platforms: platforms})
			if err != nil {
				return err
			}
			if check.asked {
				return check.compare(cmd, out, filepath.Join(p.dir, "Dockerfile"), data)
			}
			return out.write(cmd, data)
		},
	}
	src.options(cmd)
	cmd.Flags().StringSliceVar(&platforms, "platform", nil, "platforms, as linux/arm64 (default: those of the spec)")
	out.options(cmd)
	check.options(cmd)
	return cmd
}

// dockerfile gives the Dockerfile of the project for platforms.
func (p *project) dockerfile(cmd *cobra.Command, r request) ([]byte, error) {
	req, err := r.plan(p.spec)
	if err != nil {
		return nil, err
	}
	facts, err := p.facts(req)
	if err != nil {
		return nil, err
	}
	in := dockerfile.Input{Spec: filepath.Base(p.file), Default: dockerfile.Default(p.spec, facts, req)}
	if in.Plans, in.Vars, err = dockerfile.Plans(p.spec, p.data, facts, req); err != nil {
		return nil, err
	}
	if in.Sets, err = p.sets(in.Plans); err != nil {
		return nil, err
	}
	data, warnings, err := dockerfile.Emit(in)
	for _, w := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %v\n", w)
	}
	return data, err
}

// sets says what the binaries of plans import from elsewhere.
func (p *project) sets(plans []*plan.Plan) (map[string]dockerfile.Set, error) {
	dir, err := os.MkdirTemp("", "xbuild-narrow-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	builds := dockerfile.Builds(plans)
	if err := scan.Narrow(p.root, dir, builds); err != nil {
		return nil, err
	}
	return dockerfile.ReadSets(os.DirFS(dir), builds)
}
