package plan_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestExplain holds that every step and target is told, in text and as data.
func TestExplain(t *testing.T) {
	p := mustPlan(t, "build: {ldflags: ['-X a.b={{.Version}}']}\nimages: {app: {user: '1', debug: true, files: [{link: /a, to: /b}]}}", facts(requires, "."), request("app-debug", "linux/arm64"))
	text := p.Explain()
	for _, want := range []string{
		"app: app-debug, on linux/amd64 with golang:1.26-alpine\n", "[app linux/arm64] link", "[dlv linux/arm64] compile", "[files] link /b",
		"flags -trimpath -buildvcs=false -gcflags=all=-N -l", "app-debug linux/arm64: scratch + ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Name  string
		Steps []struct{ Step, Vertex string }
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) != len(p.Steps) || got.Name != "app" {
		t.Errorf("%+v", got)
	}
	for i, s := range got.Steps {
		if s.Step == "" || s.Vertex != p.NameOf(p.Steps[i]) {
			t.Errorf("step %d is %+v", i, s)
		}
	}
}
