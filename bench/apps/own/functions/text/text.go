// Package text is the functions about texts.
package text

import (
	"example.com/own/function"
	"example.com/own/functions/text/contains"
	"example.com/own/functions/text/edits"
	"example.com/own/functions/text/join"
	"example.com/own/functions/text/length"
	"example.com/own/functions/text/lower"
	"example.com/own/functions/text/matches"
	"example.com/own/functions/text/pad"
	"example.com/own/functions/text/prefix"
	"example.com/own/functions/text/replace"
	"example.com/own/functions/text/reverse"
	"example.com/own/functions/text/slug"
	"example.com/own/functions/text/soundex"
	"example.com/own/functions/text/split"
	"example.com/own/functions/text/suffix"
	"example.com/own/functions/text/trim"
	"example.com/own/functions/text/upper"
	"example.com/own/functions/text/words"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		contains.Function,
		edits.Function,
		join.Function,
		length.Function,
		lower.Function,
		matches.Function,
		pad.Function,
		prefix.Function,
		replace.Function,
		reverse.Function,
		slug.Function,
		soundex.Function,
		split.Function,
		suffix.Function,
		trim.Function,
		upper.Function,
		words.Function,
	}
}
