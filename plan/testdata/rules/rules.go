// Package rules reports rules in every way that a package does.
package rules

const (
	byConstant = "by-constant"
	other      = "no-rule-either"
)

func report(l *list, e *problem) {
	rule := "by-variable"
	l.Add(0, rule, "not-a-rule")
	l.Add(0, "by-add", "%v", "no-rule")
	l.AddHint(0, "by-hint", "no-hint", "text")
	l.warn(0, "by-warn", "text")
	l.checked(0, "by-checked", "text")
	l.Add(0, byConstant, "text")
	e.Rule, e.Msg = "by-assignment", other
	_ = problem{Rule: "by-field", Msg: "no-message"}
}
