package plan_test

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
)

// reporting are the packages that report rules besides spec.
var reporting = []string{".", "../llb", "../internal/bake", "../internal/dockerfile", "../internal/frontend", "../internal/makefile"}

// TestRules holds Rules to the source: the rules that are reported there, no others, in the
// order of their names.
func TestRules(t *testing.T) {
	if !slices.IsSortedFunc(plan.Rules, func(a, b plan.Rule) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("the rules are not sorted")
	}
	reported := map[string]string{}
	for _, dir := range reporting {
		rulesOf(t, dir, reported)
	}
	known := map[string]bool{}
	for _, r := range slices.Concat(spec.Rules, spec.Warnings) {
		known[r.Name] = true
	}
	for _, r := range plan.Rules {
		switch {
		case known[r.Name]:
			t.Errorf("rule %s is there twice, perhaps in package spec", r.Name)
		case reported[r.Name] == "":
			t.Errorf("rule %s is never reported", r.Name)
		case !strings.HasSuffix(r.Doc, ".") || strings.Contains(r.Doc, "\n") || !strings.Contains(r.Doc, ": "):
			t.Errorf("%s: want one sentence that says what to do after a colon, not %q", r.Name, r.Doc)
		}
		known[r.Name] = true
	}
	for rule, file := range reported {
		if !known[rule] {
			t.Errorf("%s: rule %s is in no table", file, rule)
		}
	}
	for _, r := range spec.Warnings {
		if reported[r.Name] == "" {
			t.Errorf("warning %s is never given", r.Name)
		}
	}
}

// TestRulesOf holds the search of the source to every way in which a rule is written there.
func TestRulesOf(t *testing.T) {
	got := map[string]string{}
	rulesOf(t, "testdata/rules", got)
	want := []string{"by-add", "by-assignment", "by-checked", "by-constant", "by-field", "by-hint", "by-variable", "by-warn"}
	if names := sortedNames(got); !slices.Equal(names, want) {
		t.Errorf("found %v, want %v", names, want)
	}
}

func sortedNames(m map[string]string) (out []string) {
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

var ruleForm = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

// ruleArg is which argument of a function or method is a rule.
var ruleArg = map[string]int{"Add": 1, "AddHint": 1, "warn": 1, "checked": 1}

// rulesOf adds the rules that a package reports, each with the file that does.
func rulesOf(t *testing.T, dir string, rules map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	parsed, constants := map[string]*ast.File{}, map[string]ast.Expr{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		if parsed[file], err = parser.ParseFile(token.NewFileSet(), file, nil, 0); err != nil {
			t.Fatal(err)
		}
		addConstants(parsed[file], constants)
	}
	for file, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			for _, e := range ruleExprs(n) {
				if id, ok := e.(*ast.Ident); ok {
					e = constants[id.Name]
				}
				if s := text(e); ruleForm.MatchString(s) {
					rules[s] = file
				}
			}
			return true
		})
	}
}

// text is the value of a string literal, "" of all else.
func text(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		return constant.StringVal(constant.MakeFromLiteral(lit.Value, lit.Kind, 0))
	}
	return ""
}

// addConstants adds the constants of a file by their names.
func addConstants(f *ast.File, to map[string]ast.Expr) {
	for _, d := range f.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, s := range gen.Specs {
			v := s.(*ast.ValueSpec)
			for i := range min(len(v.Names), len(v.Values)) {
				to[v.Names[i].Name] = v.Values[i]
			}
		}
	}
}

// ruleExprs are the expressions of a node that may be rules: arguments of what reports, and the
// values of fields and variables whose names say so.
func ruleExprs(n ast.Node) (out []ast.Expr) {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			name = f.Sel.Name
		case *ast.Ident:
			name = f.Name
		}
		if i, ok := ruleArg[name]; ok && i < len(n.Args) {
			out = append(out, n.Args[i])
		}
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && id.Name == "Rule" {
			out = append(out, n.Value)
		}
	case *ast.AssignStmt:
		for i, e := range n.Lhs {
			if sel, ok := e.(*ast.SelectorExpr); i < len(n.Rhs) && ok && sel.Sel.Name == "Rule" {
				out = append(out, n.Rhs[i])
			}
		}
		if id, ok := n.Lhs[0].(*ast.Ident); ok && id.Name == "rule" {
			out = append(out, n.Rhs[0])
		}
	}
	return out
}
