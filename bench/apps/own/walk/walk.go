// Package walk visits the nodes of a tree.
package walk

import "example.com/own/ast"

// Children gives the nodes right below n, in the order of the source.
func Children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.List:
		return n.Items
	case *ast.Unary:
		return []ast.Node{n.Operand}
	case *ast.Binary:
		return []ast.Node{n.Left, n.Right}
	case *ast.Call:
		return n.Args
	}
	return nil
}

// All calls visit for n and all below it, parents first.
func All(n ast.Node, visit func(ast.Node)) {
	visit(n)
	for _, child := range Children(n) {
		All(child, visit)
	}
}

// Paths gives the facts that n reads, in the order of the source, each once.
func Paths(n ast.Node) []string {
	var names []string
	seen := map[string]bool{}
	All(n, func(n ast.Node) {
		if p, ok := n.(*ast.Path); ok && !seen[p.Name] {
			seen[p.Name] = true
			names = append(names, p.Name)
		}
	})
	return names
}
