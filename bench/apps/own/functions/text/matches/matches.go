// Package matches is the function matches.
package matches

import (
	"regexp"
	"sync"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is matches(s, pattern): whether the regular expression matches.
var Function = function.Two("matches", "whether the regular expression matches", call)

// compiled has the expressions that were used.
var compiled sync.Map // string to *regexp.Regexp

func compile(pattern string) (*regexp.Regexp, error) {
	if re, ok := compiled.Load(pattern); ok {
		return re.(*regexp.Regexp), nil
	}
	re, err := regexp.Compile(pattern)
	if err == nil {
		compiled.Store(pattern, re)
	}
	return re, err
}

func call(s, pattern value.Text) (value.Bool, error) {
	re, err := compile(string(pattern))
	if err != nil {
		return false, err
	}
	return value.Bool(re.MatchString(string(s))), nil
}
