package gen

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/bake"
	"github.com/spf13/cobra"
)

func bakeCommand() *cobra.Command {
	var (
		src    source
		out    output
		opt    bakeOptions
		hcl    bool
		format string
		check  check
	)
	cmd := &cobra.Command{
		Use:   "bake",
		Short: "Write a bake file: all images, tagged, pushed and cached by docker buildx bake",
		Long: `Write a bake file: all images, tagged, pushed and cached by docker buildx bake.

Each image is a target, and the group default is all of them. Variants and debug images are in the group all.
The targets test, binaries and dist are built by name. Every target exports its cache to a tag of its own
below cache.registry of the spec, or --cache, and imports those of all.

Variables are set by the environment: REGISTRY, TAG, VERSION, REVISION, SOURCE, SOURCE_DATE_EPOCH, DESTDIR, CACHE and
CACHE_EXPORT (false: caches are only read). Secrets of go.private are taken from the environment too.

The paths in the file are as seen from the directory that gen runs in: run bake there.`,
		Example: `  docker buildx bake -f - --push < <(gen bake)
  gen bake -o docker-bake.json
  gen bake --hcl -o docker-bake.hcl
  gen bake --check -o docker-bake.json
  gen bake --split platform --cache registry.example.com/you/shop:buildcache`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if hcl {
				format = "hcl"
			}
			if !slices.Contains([]string{"json", "hcl"}, format) {
				return fmt.Errorf("--format %s: want json or hcl", format)
			}
			p, err := src.load(cmd, args)
			if err != nil {
				return err
			}
			defer p.close()
			res, err := opt.file(cmd, p, src.file == "-")
			if err != nil {
				return err
			}
			if len(res.Allow) > 0 {
				cmd.PrintErrln("bake asks before it takes these; without a terminal, give them: --allow " + strings.Join(res.Allow, " --allow "))
			}
			data := res.File.JSON()
			if format == "hcl" {
				data = res.File.HCL()
			}
			if check.asked {
				return check.compare(cmd, out, filepath.Join(p.dir, "docker-bake."+format), data)
			}
			return out.write(cmd, data)
		},
	}
	src.options(cmd)
	opt.options(cmd)
	out.options(cmd)
	f := cmd.Flags()
	f.BoolVar(&hcl, "hcl", false, "write HCL, as --format hcl")
	f.StringVar(&format, "format", "json", "json or hcl")
	check.options(cmd)
	return cmd
}

// bakeOptions are what a bake file says besides the spec.
type bakeOptions struct {
	request
	cache, split string
}

func (o *bakeOptions) options(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&o.platforms, "platform", nil, "platforms of all targets (default: those of the spec, as they suit a target)")
	f.StringVar(&o.cache, "cache", "", "where caches are kept, as HOST/NAME:TAG (default: cache.registry of the spec)")
	f.StringVar(&o.split, "split", "", "platform: a target, and a cache, for each platform")
}

// file makes the bake file of a project and says what there is to warn of.
func (o *bakeOptions) file(cmd *cobra.Command, p *project, inline bool) (*bake.Result, error) {
	if o.split != "" && o.split != "platform" {
		return nil, fmt.Errorf("--split %s: want platform", o.split)
	}
	req, err := o.plan(p.spec)
	if err != nil {
		return nil, err
	}
	facts, err := p.facts(req)
	if err != nil {
		return nil, err
	}
	b := bake.Options{File: p.file, Context: filepath.ToSlash(filepath.Clean(p.dir)), Request: req, Cache: o.cache, Split: o.split != ""}
	if len(o.platforms) > 0 {
		b.Platforms = req.Platforms
	}
	if inline {
		b.Inline = string(p.data)
	} else if b.Dockerfile, err = relative(p.dir, p.file); err != nil {
		return nil, err
	}
	res, err := bake.New(p.spec, facts, b)
	if err != nil {
		return nil, err
	}
	for _, w := range res.Warnings {
		cmd.PrintErrln("warning:", w)
	}
	return res, nil
}

// relative is the slash path of a file as seen from a directory.
func relative(dir, file string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err
}
