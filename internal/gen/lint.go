package gen

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/spf13/cobra"
)

// lintFormats are the forms that findings are written in.
var lintFormats = []string{"text", "json", "sarif"}

func checkCommand() *cobra.Command {
	var (
		src    source
		req    request
		out    output
		format string
		strict bool
	)
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with a spec, for every target, before anything is built",
		Long: `Say what is wrong with a spec, for every target, before anything is built: the mistakes and the warnings of
docs/rules.md that need no builder and no registry. The exit code is 1 where there is a mistake.`,
		Example: `  gen check
  gen check --strict services/shop
  gen check --format sarif -o xbuild.sarif`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(lintFormats, format) {
				return fmt.Errorf("--format %q is none of %v", format, lintFormats)
			}
			p, err := src.open(cmd, args)
			if err != nil {
				return err
			}
			found, err := p.lint(req)
			if err != nil {
				return err
			}
			if err := out.write(cmd, found.format(format)); err != nil {
				return err
			}
			return found.answer(cmd, strict)
		},
	}
	src.options(cmd)
	cmd.Flags().StringSliceVar(&req.platforms, "platform", nil, "platforms, as linux/arm64 (default: those of the spec)")
	cmd.Flags().StringToStringVar(&req.args, "build-arg", nil, "build args, as NAME=value")
	cmd.Flags().StringVar(&format, "format", "text", "text, json or sarif")
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(lintFormats, cobra.ShellCompDirectiveNoFileComp)))
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings count as mistakes: the exit code is 1")
	out.options(cmd)
	return cmd
}

// finding is a mistake or a warning.
type finding struct {
	diag.Error
	warning bool
}

// findings are in the order of the file, each once.
type findings []finding

// lint finds what is wrong with the spec for every target. The error says why that can't
// be found out.
func (p *project) lint(r request) (findings, error) {
	var f findings
	if err := p.parse(); err != nil {
		err = f.mistakes(err)
		return f, err
	}
	defer p.close()
	req, err := r.plan(p.spec)
	if err != nil {
		return nil, err
	}
	facts, err := p.facts(req)
	if err != nil {
		return nil, err
	}
	targets, err := plan.List(p.spec, facts, req)
	if err := f.mistakes(err); err != nil {
		return nil, err
	}
	if p.spec.Default != "" { // may be no target
		targets = append(targets, plan.TargetInfo{})
	}
	for _, t := range targets {
		req.Target = t.Name
		pl, err := plan.New(p.spec, facts, req)
		if err := f.mistakes(err); err != nil {
			return nil, err
		}
		if pl != nil {
			f.add(pl.Warnings, true)
		}
	}
	f.sort()
	return f, nil
}

// mistakes adds those that an error is made of, and gives back an error of any other kind.
func (f *findings) mistakes(err error) error {
	var list diag.List
	if one := (*diag.Error)(nil); errors.As(err, &one) {
		list = diag.List{one}
	} else if !errors.As(err, &list) {
		return err
	}
	f.add(list, false)
	return nil
}

func (f *findings) add(list diag.List, warning bool) {
	for _, e := range list {
		if one := (finding{*e, warning}); !slices.Contains(*f, one) {
			*f = append(*f, one)
		}
	}
}

func (f findings) sort() {
	slices.SortStableFunc(f, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}

// count gives the numbers of mistakes and of warnings.
func (f findings) count() (mistakes, warnings int) {
	for _, one := range f {
		if one.warning {
			warnings++
		}
	}
	return len(f) - warnings, warnings
}

// answer says how much was found, and whether that is a no.
func (f findings) answer(cmd *cobra.Command, strict bool) error {
	mistakes, warnings := f.count()
	if len(f) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s, %s\n", number(mistakes, "mistake"), number(warnings, "warning"))
	}
	if mistakes > 0 || strict && warnings > 0 {
		return errNo
	}
	return nil
}

func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// format writes the findings in one of lintFormats.
func (f findings) format(format string) []byte {
	switch format {
	case "json":
		return f.json()
	case "sarif":
		return indented(sarif(version(), f))
	default:
		return f.text()
	}
}

func (f findings) text() []byte {
	var b bytes.Buffer
	for _, one := range f {
		if one.warning {
			b.WriteString("warning: ")
		}
		fmt.Fprintln(&b, one.Error.Error())
	}
	return b.Bytes()
}

// jsonFinding is a finding for programs. A place that is not known has no line and column.
type jsonFinding struct {
	Level   string `json:"level"` // error or warning
	Rule    string `json:"rule"`
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"` // in characters, from 1
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (f findings) json() []byte {
	mistakes, warnings := f.count()
	list := []jsonFinding{}
	for _, one := range f {
		list = append(list, jsonFinding{
			Level: one.level(), Rule: one.Rule, File: one.Pos.File, Line: one.Pos.Line, Column: one.Pos.Col, Message: one.Msg, Hint: one.Hint,
		})
	}
	return indented(struct {
		Mistakes int           `json:"mistakes"`
		Warnings int           `json:"warnings"`
		Findings []jsonFinding `json:"findings"`
	}{mistakes, warnings, list})
}

func (one finding) level() string {
	if one.warning {
		return "warning"
	}
	return "error"
}

// indented is JSON for people too.
func indented(v any) []byte {
	data, err := json.MarshalIndent(v, "", "  ")
	must(err)
	return append(data, '\n')
}
