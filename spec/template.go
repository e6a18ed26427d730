package spec

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// IsTemplate reports whether text is to be filled in by the plan: {{.Version}}. These
// may be templates: labels, annotations, env of builds and images, ldflags, entrypoint,
// cmd, user, workdir, base, go.image and the image of a file. [Spec.Validate] does not
// judge the form of one: what comes of it is judged by [CheckImage], [CheckToolchain],
// [CheckUser] and [CheckPath].
func IsTemplate(text string) bool { return strings.Contains(text, "{{") }

// untemplated reports text that would be a template, where none is filled in, and says so.
func (v *validator) untemplated(at keyPath, text string) bool {
	if !IsTemplate(text) {
		return true
	}
	v.value(at, "bad-template", "", "%s: templates are not filled in here", quote(text))
	return false
}

// Template is a text of a spec that is one.
type Template struct {
	Text string
	Path []any // as [Spec.Pos] takes it
}

// Templates gives all of the spec, in the order of its types, those of maps by key.
func (s *Spec) Templates() (out []Template) {
	walkTexts(reflect.ValueOf(s).Elem(), nil, func(path []any, text string) {
		if IsTemplate(text) {
			out = append(out, Template{Text: text, Path: path})
		}
	})
	return out
}

// walkTexts visits the texts below a value of the spec's types.
func walkTexts(v reflect.Value, path []any, visit func(path []any, text string)) {
	at := func(elem ...any) []any { return append(path[:len(path):len(path)], elem...) }
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			walkTexts(v.Elem(), path, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkTexts(v.Index(i), at(i), visit)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			walkTexts(v.MapIndex(k), at(k.String()), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			switch {
			case !f.IsExported():
			case options == "inline":
				walkTexts(v.Field(i), path, visit)
			default:
				walkTexts(v.Field(i), at(name), visit)
			}
		}
	}
}

// OnlyFills reports whether a template does no more than put values where they come: none of
// them, but for the known fields of plan.Stamp, decides on anything or is taken apart. What
// is known later than the plan can then be filled in later.
func OnlyFills(text string, known ...string) bool {
	tree := parse.New("text")
	tree.Mode = parse.SkipFuncCheck
	tree, err := tree.Parse(text, "", "", map[string]*parse.Tree{})
	return err == nil && tree.Root != nil && fills(tree.Root, known)
}

func fills(list *parse.ListNode, known []string) bool {
	branch := func(b parse.BranchNode) bool {
		return isKnown(b.Pipe, known) && fills(b.List, known) && fills(b.ElseList, known)
	}
	return list == nil || !slices.ContainsFunc(list.Nodes, func(n parse.Node) bool {
		switch n := n.(type) {
		case *parse.TextNode, *parse.CommentNode:
			return false
		case *parse.ActionNode:
			return !isValue(n.Pipe) && !isKnown(n.Pipe, known)
		case *parse.IfNode:
			return !branch(n.BranchNode)
		case *parse.WithNode:
			return !branch(n.BranchNode)
		default:
			return true
		}
	})
}

// isValue reports whether a pipeline is one value, as it is.
func isValue(p *parse.PipeNode) bool {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	field, ok := p.Cmds[0].Args[0].(*parse.FieldNode)
	return ok && (len(field.Ident) == 1 && field.Ident[0] != "Dirty" && field.Ident[0] != "Args" || len(field.Ident) == 2 && field.Ident[0] == "Args")
}

// isKnown reports whether a pipeline is about known fields and constants alone.
func isKnown(n parse.Node, known []string) bool {
	all := func(list []parse.Node) bool {
		return !slices.ContainsFunc(list, func(n parse.Node) bool { return !isKnown(n, known) })
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
