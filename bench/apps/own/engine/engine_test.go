package engine

import (
	"slices"
	"strings"
	"testing"

	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/ruleset"
	"example.com/own/value"
)

func engine(t *testing.T, rules string) *Engine {
	t.Helper()
	table, err := functions.Standard()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ruleset.Parse([]byte(rules), table)
	if err != nil {
		t.Fatal(err)
	}
	return New(parsed, table)
}

func TestRun(t *testing.T) {
	e := engine(t, `
- {name: discount, when: customer.vip == true, set: {discount: "percent(order.total, 10)"}}
- {name: vip, when: order.total > 100, set: {customer.vip: "true"}}
`)
	known := facts.Facts{"order.total": value.Number(200)}
	got, steps, err := e.Run(known)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"vip", "discount"}; !slices.Equal(steps.Rules(), want) {
		t.Errorf("used %q, want %q", steps.Rules(), want)
	}
	if d := got.Get("discount"); d != value.Number(20) {
		t.Errorf("discount %s, want 20", d)
	}
	if len(known) != 1 {
		t.Errorf("the given facts changed: %v", known)
	}
}

func TestRunMistakes(t *testing.T) {
	for rules, want := range map[string]string{
		`[{name: more, when: "true", set: {n: "length(text) + n"}}]`: "argument 1 is nothing",
		`[{name: text, when: order.total, set: {n: "1"}}]`:           "when is number, not bool",
		`[{name: flip, when: "true", set: {a: "a != true"}}]`:        "no end after 100 rounds",
	} {
		_, _, err := engine(t, rules).Run(facts.Facts{"order.total": value.Number(1)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", rules, err, want)
		}
	}
}
