// Package words is the function words.
package words

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is words(s): the words of the text.
var Function = function.One("words", "the words of the text", call)

func call(s value.Text) (value.List, error) {
	words := value.List{}
	for word := range strings.FieldsSeq(string(s)) {
		words = append(words, value.Text(word))
	}
	return words, nil
}
