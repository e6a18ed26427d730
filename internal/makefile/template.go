package makefile

import (
	"slices"
	"text/template/parse"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
)

// Fields of plan.Stamp, by what a Makefile can do with them.
var (
	// The generator fills these in, whatever is made of them.
	known = []string{"OS", "Arch", "Variant", varDirtyField}
	// These are values of variables, and only as they are.
	whole = []string{"Version", "Revision", "ShortRevision", "Source", "Date"}
)

const varDirtyField = "Dirty"

// checkTemplates reports the templates of builds that do with a value what a Makefile can't.
func checkTemplates(s *spec.Spec) (errs diag.List) {
	check := func(text string, path ...any) {
		if spec.IsTemplate(text) && !fillable(text) {
			errs.Add(s.Pos(path...), "no-make-text",
				"%q can't be said in a Makefile: of version, revision, source, date and args it takes whole values, as {{.Version}}", text)
		}
	}
	for i, text := range s.Build.LDFlags {
		check(text, "build", "ldflags", i)
	}
	for _, name := range sortedKeys(s.Go.Env) {
		check(s.Go.Env[name], "go", "env", name)
	}
	for _, name := range sortedKeys(s.Build.Env) {
		check(s.Build.Env[name], "build", "env", name)
	}
	for _, name := range sortedKeys(s.Binaries) {
		b := s.Binaries[name]
		for i, text := range b.LDFlags {
			check(text, "binaries", name, "ldflags", i)
		}
		for _, key := range sortedKeys(b.Env) {
			check(b.Env[key], "binaries", name, "env", key)
		}
		for n, o := range b.Overrides {
			for i, text := range o.LDFlags {
				check(text, "binaries", name, "overrides", n, "ldflags", i)
			}
			for _, key := range sortedKeys(o.Env) {
				check(o.Env[key], "binaries", name, "overrides", n, "env", key)
			}
		}
	}
	return errs
}

// fillable reports whether nothing in a template looks at a value that is known only to make.
func fillable(text string) bool {
	tree := parse.New("text")
	tree.Mode = parse.SkipFuncCheck
	tree, err := tree.Parse(text, "", "", map[string]*parse.Tree{})
	return err == nil && tree.Root != nil && fillableList(tree.Root)
}

func fillableList(list *parse.ListNode) bool {
	return list == nil || !slices.ContainsFunc(list.Nodes, func(n parse.Node) bool { return !fillableNode(n) })
}

func fillableNode(n parse.Node) bool {
	branch := func(b parse.BranchNode) bool {
		return isKnown(b.Pipe) && fillableList(b.List) && fillableList(b.ElseList)
	}
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode:
		return true
	case *parse.ActionNode:
		return isWhole(n.Pipe) || isKnown(n.Pipe)
	case *parse.IfNode:
		return branch(n.BranchNode)
	case *parse.WithNode:
		return branch(n.BranchNode)
	default:
		return false
	}
}

// isWhole reports whether a pipeline is one value of a variable, as it is.
func isWhole(p *parse.PipeNode) bool {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	field, ok := p.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok {
		return false
	}
	return len(field.Ident) == 1 && slices.Contains(whole, field.Ident[0]) || len(field.Ident) == 2 && field.Ident[0] == "Args"
}

// isKnown reports whether a pipeline is about the platform, Dirty and constants alone.
func isKnown(n parse.Node) bool {
	all := func(list []parse.Node) bool {
		return !slices.ContainsFunc(list, func(n parse.Node) bool { return !isKnown(n) })
	}
	switch n := n.(type) {
	case *parse.PipeNode:
		return len(n.Decl) == 0 && !slices.ContainsFunc(n.Cmds, func(c *parse.CommandNode) bool { return !all(c.Args) })
	case *parse.FieldNode:
		return len(n.Ident) == 1 && slices.Contains(known, n.Ident[0])
	case *parse.IdentifierNode, *parse.BoolNode, *parse.NumberNode, *parse.StringNode, *parse.NilNode:
		return true
	default:
		return false
	}
}
