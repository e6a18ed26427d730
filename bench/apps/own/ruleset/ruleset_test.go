package ruleset

import (
	"strings"
	"testing"

	"example.com/own/functions"
)

func TestParse(t *testing.T) {
	table, err := functions.Standard()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := Parse([]byte(`
- {name: low, when: "true", set: {a: "1"}}
- {name: high, when: "true", set: {a: "2"}, priority: 1}
`), table)
	if err != nil || len(rules) != 2 || rules[0].Name != "high" {
		t.Errorf("got %v, %v", rules, err)
	}
	_, err = Parse([]byte(`
- {name: a, when: "1 +", set: {x: "uper(1)"}}
- {name: a, when: "true"}
`), table)
	want := `rule "a": when: 4: the expression ends too early
rule "a": set x: 1: no function uper (did you mean upper?)
"a" is not the name of one rule
rule "a" sets nothing`
	if err == nil || strings.TrimSpace(err.Error()) != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
