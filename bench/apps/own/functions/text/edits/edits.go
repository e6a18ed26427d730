// Package edits is the function distance.
package edits

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is distance(a, b): the number of edits between two texts.
var Function = function.Two("distance", "the number of edits between two texts", call)

// levenshtein keeps one row of the usual table.
func levenshtein(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range b {
			change := diagonal
			if r != s {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

func call(a, b value.Text) (value.Number, error) {
	return value.Number(levenshtein([]rune(string(a)), []rune(string(b)))), nil
}
