package spec_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/acme/xbuild/spec"
)

// documented gives the names of rules, which are sorted and have one sentence each.
func documented(t *testing.T, rules []spec.Rule) map[string]bool {
	t.Helper()
	if !slices.IsSortedFunc(rules, func(a, b spec.Rule) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("the rules are not sorted")
	}
	names := map[string]bool{}
	for _, r := range rules {
		names[r.Name] = true
		if !strings.HasSuffix(r.Doc, ".") || strings.Contains(r.Doc, "\n") {
			t.Errorf("%s: want one sentence, not %q", r.Name, r.Doc)
		}
	}
	return names
}

func TestWarnings(t *testing.T) {
	rules := documented(t, spec.Rules)
	for name := range documented(t, spec.Warnings) {
		if rules[name] {
			t.Errorf("%s is the rule of a mistake too", name)
		}
	}
}

// TestRules holds Rules to the source: the rules that it reports, no others, in
// the order of their names. TestBad's files show each.
func TestRules(t *testing.T) {
	documented := documented(t, spec.Rules)
	reported := rulesOfSource(t)
	for rule := range reported {
		if !documented[rule] {
			t.Errorf("rule %s is not in Rules", rule)
		}
	}
	var shown strings.Builder
	for _, text := range inputs(t, "bad/*.txt") {
		shown.Write(text)
	}
	for rule := range documented {
		if !reported[rule] {
			t.Errorf("rule %s is never reported", rule)
		}
		if !strings.Contains(shown.String(), "["+rule+"]\n") {
			t.Errorf("no file of testdata/bad shows rule %s", rule)
		}
	}
}

// rulesOfSource gives the strings with the form of a rule that the package passes
// to a function or assigns to a field Rule.
func rulesOfSource(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)
	rules := map[string]bool{}
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && form.MatchString(s) {
				rules[s] = true
			}
		}
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			for _, arg := range n.Args {
				add(arg)
			}
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok && id.Name == "Rule" {
				add(n.Value)
			}
		case *ast.AssignStmt:
			for _, e := range n.Rhs {
				add(e)
			}
		}
		return true
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "rules.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, visit)
	}
	return rules
}
