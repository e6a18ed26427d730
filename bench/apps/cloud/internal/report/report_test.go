package report

import (
	"strings"
	"testing"

	"example.com/cloud/internal/inventory"
)

func TestChanges(t *testing.T) {
	changes := []inventory.Change{{
		Action:   inventory.Added,
		Resource: inventory.Resource{ID: inventory.ID{Kind: inventory.Deployment, Namespace: "shop", Name: "api"}, Ready: 1, Want: 2},
	}}
	for format, want := range map[Format]string{
		Table: "added   Deployment/shop/api  1/2\n",
		JSON:  `"action": "added"`,
		YAML:  "- action: added\n",
	} {
		var b strings.Builder
		if err := Changes(&b, format, changes); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v\n%s", format, err, b.String())
		}
	}
	if err := Changes(&strings.Builder{}, "xml", changes); err == nil {
		t.Error("an unknown format is no error")
	}
}
