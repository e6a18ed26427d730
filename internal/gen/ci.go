package gen

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/internal/bake"
	"github.com/acme/xbuild/internal/ci"
	"github.com/acme/xbuild/plan"
	"github.com/spf13/cobra"
)

func ciCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ci",
		Short: "Write a pipeline that tests, builds and pushes, with the cache in a registry",
	}
	cmd.AddCommand(
		pipelineCommand("github", "Write a workflow of GitHub Actions", ".github/workflows/build.yml", ci.GitHub, ci.GitHubSecret),
		pipelineCommand("gitlab", "Write a pipeline of GitLab", ".gitlab-ci.yml", ci.GitLab, func(variable string) string { return variable }),
	)
	return cmd
}

// pipelineCommand writes the pipeline of a forge, which expects it in file and names the secret of
// a variable.
func pipelineCommand(forge, short, file string, write func(*ci.Project) ([]byte, error), secret func(variable string) string) *cobra.Command {
	var (
		src   source
		out   output
		opt   ciOptions
		check check
	)
	cmd := &cobra.Command{
		Use:   forge,
		Short: short,
		Long: short + `.

It builds with the bake file that gen bake wrote and that is committed: the jobs need nothing but Docker, and what they
run is reviewed. Every push to the default branch is tested and built, and exports the cache; tags that begin with v push
the images, too. Pull requests import the cache and never export it. Changes of nothing but docs run nothing.

With --host there are no containers: the jobs run go test and go build, one for each platform, and keep GOCACHE and
GOMODCACHE by go.sum.

Run it at the root of the repository.`,
		Example: fmt.Sprintf(`  gen bake -o docker-bake.json && gen ci %[1]s -o %[2]s
  gen ci %[1]s --check -o %[2]s
  gen ci %[1]s --host -o %[2]s`, forge, file),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := src.load(cmd, args)
			if err != nil {
				return err
			}
			defer p.close()
			project, err := opt.project(cmd, p, src.file == "-")
			if err != nil {
				return err
			}
			project.File = file
			opt.advise(cmd, project, secret)
			data, err := write(project)
			if err != nil {
				return err
			}
			if check.asked {
				return check.compare(cmd, out, filepath.Join(p.dir, file), data)
			}
			return out.write(cmd, data)
		},
	}
	src.options(cmd)
	opt.options(cmd)
	out.options(cmd)
	check.options(cmd)
	return cmd
}

type ciOptions struct {
	bakeOptions
	bake, branch string
	parallel     int
	host         bool
}

func (o *ciOptions) options(cmd *cobra.Command) {
	o.bakeOptions.options(cmd)
	f := cmd.Flags()
	f.StringVar(&o.bake, "bake", "docker-bake.json", "the bake file in the repository")
	f.StringVar(&o.branch, "branch", "main", "the branch that is built on every push (GitLab knows its default branch)")
	f.IntVar(&o.parallel, "max-parallel", 4, "jobs of a matrix that run at once (GitHub)")
	f.BoolVar(&o.host, "host", false, "build binaries without containers")
	must(cmd.MarkFlagFilename("bake"))
}

// project gathers what the pipeline of a project is made of.
func (o *ciOptions) project(cmd *cobra.Command, p *project, inline bool) (*ci.Project, error) {
	if o.parallel < 1 {
		return nil, fmt.Errorf("--max-parallel %d: want at least 1", o.parallel)
	}
	res, err := o.file(cmd, p, inline)
	if err != nil {
		return nil, err
	}
	out := &ci.Project{
		Context: filepath.ToSlash(filepath.Clean(p.dir)), Bake: o.bake, Branch: o.branch, Plans: res.Plans, Parallel: o.parallel,
		Cache: res.Cache, Registry: res.Registry, Allow: res.Allow, Secrets: res.Secrets, SSH: res.SSH,
	}
	if !inline {
		out.Spec = filepath.ToSlash(filepath.Clean(p.file))
	}
	if o.host {
		out.Host, err = o.hostBuild(p)
		return out, err
	}
	if o.split != "" {
		out.Split = splitImages(res)
	}
	return out, nil
}

// advise says what the pipeline lacks in the repository.
func (o *ciOptions) advise(cmd *cobra.Command, p *ci.Project, secret func(string) string) {
	if p.Host != nil {
		return
	}
	if p.Cache == "" {
		cmd.PrintErrln("warning: no cache is kept between jobs: name one as cache.registry in the spec, or with --cache")
	}
	if _, err := os.Stat(o.bake); err != nil {
		cmd.PrintErrf("warning: the jobs read %s, which is not here: write it with gen bake -o %[1]s\n", o.bake)
	}
	var secrets []string
	for _, variable := range p.Secrets {
		secrets = append(secrets, secret(variable))
	}
	if len(p.SSH) > 0 {
		secrets = append(secrets, "SSH_PRIVATE_KEY")
	}
	if len(secrets) > 0 {
		cmd.PrintErrln("the jobs take these secrets of the repository: " + strings.Join(secrets, ", "))
	}
}

func splitImages(res *bake.Result) (out []ci.Image) {
	for _, img := range res.Images {
		one := ci.Image{Name: img.Name}
		for _, p := range img.Platforms {
			one.Platforms = append(one.Platforms, bake.PlatformName(p))
		}
		out = append(out, one)
	}
	return out
}

// hostBuild plans what a pipeline without containers runs.
func (o *ciOptions) hostBuild(p *project) (*ci.Host, error) {
	plans := make([]*plan.Plan, 3)
	for i, target := range []string{plan.TargetBinaries, plan.TargetBinaries, plan.TargetTest} {
		r := o.request
		r.target = target
		req, err := r.plan(p.spec)
		if err != nil {
			return nil, err
		}
		req.Version, req.Revision, req.Source = ci.Placeholders(i % 2)
		if target == plan.TargetTest {
			req.Platforms = nil
		}
		if plans[i], err = p.plan(req); err != nil {
			return nil, err
		}
	}
	return &ci.Host{Build: plans[0], Again: plans[1], Test: plans[2]}, nil
}
