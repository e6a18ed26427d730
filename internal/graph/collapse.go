package graph

import "fmt"

// collapse numbers the nodes that the vertices become: equal numbers are one node. A
// vertex and what it needs never become one.
func collapse(vs []vertex, c Collapse) []int {
	group := make([]int, len(vs))
	numbers, taken := map[string]int{}, map[string]bool{}
	for i, v := range vs {
		key := fmt.Sprint(i)
		if c != None {
			key = shape(v, group, c)
		}
		if c == Platforms { // two of one platform stay two
			n := 0
			for ; taken[fmt.Sprintf("%d %q %s", n, v.platform, key)]; n++ {
			}
			taken[fmt.Sprintf("%d %q %s", n, v.platform, key)] = true
			key = fmt.Sprintf("%d %s", n, key)
		}
		if _, ok := numbers[key]; !ok {
			numbers[key] = len(numbers)
		}
		group[i] = numbers[key]
	}
	return group
}

// shape is the same for vertices that are drawn as one, but for the platform.
func shape(v vertex, group []int, c Collapse) string {
	inputs := map[int]bool{}
	for _, in := range v.inputs {
		inputs[group[in]] = true
	}
	title := v.title()
	if c == Binaries && v.binary != "" {
		title = v.verb
	}
	return fmt.Sprintf("%d %q %t %t %v", v.stage, title, v.platform == "", v.target, inputs) // maps print in order
}
