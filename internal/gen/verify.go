package gen

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	"github.com/spf13/cobra"
)

func verifyCommand() *cobra.Command {
	var (
		src source
		req request
		v   verifier
	)
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Build with xbuild and with the plain Dockerfile, and compare what they make",
		Long: `Build with xbuild and with the Dockerfile that gen dockerfile writes, on the builder of docker buildx, and
compare: the binaries by SHA-256, the image configs without times and history. Other files may differ, and are named: certificates
and time zones come from the toolchain image, where xbuild has its own.`,
		Example: `  gen verify
  gen verify --target shop --platform linux/arm64
  gen verify --buildx "docker buildx --builder ci"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := src.load(cmd, args)
			if err != nil {
				return err
			}
			defer p.close()
			return v.run(cmd, p, req)
		},
	}
	src.options(cmd)
	req.options(cmd)
	cmd.Flags().StringVar(&v.buildx, "buildx", "docker buildx", "the command that builds")
	return cmd
}

// verifier builds a project in two ways.
type verifier struct {
	buildx string
	log    io.Writer
}

func (v *verifier) run(cmd *cobra.Command, p *project, r request) error {
	v.log = cmd.ErrOrStderr()
	text, err := p.dockerfile(cmd, request{platforms: r.platforms})
	if err != nil {
		return err
	}
	plans, err := p.images(r)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "xbuild-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var rows []row
	for _, pl := range plans {
		more, err := v.compare(cmd.Context(), p, pl, text, r.args, dir)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	return printRows(cmd.OutOrStdout(), rows)
}

// images are the plans of the images that a request means, all of them where it names none.
func (p *project) images(r request) (plans []*plan.Plan, err error) {
	req, err := r.plan(p.spec)
	if err != nil {
		return nil, err
	}
	facts, err := p.facts(req)
	if err != nil {
		return nil, err
	}
	targets, err := plan.List(p.spec, facts, req)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		if spec.IsBuiltinTarget(t.Name) || r.target != "" && r.target != t.Name {
			continue
		}
		req.Target = t.Name
		pl, err := plan.New(p.spec, facts, req)
		if err != nil {
			return nil, err
		}
		plans = append(plans, pl)
	}
	if len(plans) == 0 {
		return nil, fmt.Errorf("no image %q to compare", r.target)
	}
	return plans, nil
}

// row is one thing that was compared.
type row struct {
	target, platform, what string
	own, plain             string // SHA-256, or what there is to say
	equal                  bool
	note                   bool // it may differ
}

// compare builds one image in both ways.
func (v *verifier) compare(ctx context.Context, p *project, pl *plan.Plan, text []byte, args map[string]string, dir string) ([]row, error) {
	list := make([]string, len(pl.Targets))
	for i, t := range pl.Targets {
		list[i] = platforms.Format(t.Platform)
	}
	options := []string{"--target", pl.Target, "--platform", strings.Join(list, ","), "--provenance=false"}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		options = append(options, "--build-arg", name+"="+args[name])
	}
	own, plain := filepath.Join(dir, pl.Target), filepath.Join(dir, pl.Target+".plain")
	if err := v.build(ctx, p, p.data, own, options); err != nil {
		return nil, fmt.Errorf("with xbuild: %w", err)
	}
	if err := v.build(ctx, p, text, plain, options); err != nil {
		return nil, fmt.Errorf("with the Dockerfile: %w", err)
	}
	var rows []row
	for _, t := range pl.Targets {
		a, err := readImage(own, t.Platform)
		if err != nil {
			return nil, err
		}
		b, err := readImage(plain, t.Platform)
		if err != nil {
			return nil, err
		}
		rows = append(rows, compareImages(pl, t, a, b)...)
	}
	return rows, nil
}

// build builds with a file that is given on standard input, to an OCI layout.
func (v *verifier) build(ctx context.Context, p *project, file []byte, to string, options []string) error {
	words := append(strings.Fields(v.buildx), "build", "--progress=plain", "-f", "-", "--output", "type=oci,tar=false,dest="+to)
	words = append(append(words, options...), p.dir)
	fmt.Fprintln(v.log, strings.Join(words, " "))
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	var log bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(file), &log, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%w\n%s", err, log.Bytes())
	}
	return err
}

// compareImages compares the binaries and the config of one platform, and names other files
// that differ.
func compareImages(pl *plan.Plan, t plan.Target, own, plain *image) []row {
	platform := platforms.Format(t.Platform)
	var rows []row
	binaries := map[string]bool{}
	for _, id := range t.Layers {
		l := pl.Steps[id].(plan.Layer)
		if l.From == plan.NoStep {
			continue
		}
		switch pl.Steps[l.From].(type) {
		case plan.Compile, plan.Link, plan.Tool:
			binaries[l.Dest] = true
			a, b := own.files[l.Dest], plain.files[l.Dest]
			rows = append(rows, row{target: t.Name, platform: platform, what: l.Dest, own: a.short(), plain: b.short(), equal: a.sum != "" && a == b})
		}
	}
	diff := configDiff(own.config, plain.config)
	rows = append(rows, row{target: t.Name, platform: platform, what: "config", own: own.configSum(), plain: plain.configSum(), equal: diff == ""})
	if diff != "" {
		rows[len(rows)-1].what += " (" + diff + ")"
	}
	if other := otherFiles(own, plain, binaries); other != "" {
		rows = append(rows, row{target: t.Name, platform: platform, what: other, note: true, equal: true})
	}
	return rows
}

// printRows prints the rows as a table. It fails when something that must not differs.
func printRows(out io.Writer, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TARGET\tPLATFORM\tEQUAL\tXBUILD\tDOCKERFILE\tWHAT")
	var err error
	for _, r := range rows {
		verdict := "yes"
		switch {
		case r.note:
			verdict = "-"
		case !r.equal:
			verdict, err = "NO", errNo
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.target, r.platform, verdict, cmp.Or(r.own, "-"), cmp.Or(r.plain, "-"), r.what)
	}
	return errors.Join(w.Flush(), err)
}
