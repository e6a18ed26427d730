package inventory

import (
	"reflect"
	"testing"
)

func TestDiff(t *testing.T) {
	api := Resource{ID: ID{Deployment, "shop", "api"}, Ready: 2, Want: 2}
	web := Resource{ID: ID{Deployment, "shop", "web"}, Ready: 1, Want: 1}
	node := Resource{ID: ID{Node, "", "n1"}, Ready: 1, Want: 1}
	slow := api
	slow.Ready = 1
	snapshot := func(resources ...Resource) Snapshot { return Snapshot{Resources: resources} }
	for _, c := range []struct {
		name     string
		from, to Snapshot
		want     []Change
	}{
		{"nothing", snapshot(api, web), snapshot(api, web), nil},
		{"first", snapshot(), snapshot(api), []Change{{Added, api}}},
		{"all", snapshot(api, web), snapshot(slow, node), []Change{{Changed, slow}, {Removed, web}, {Added, node}}},
	} {
		if got := Diff(c.from, c.to); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
