package store

import (
	"testing"
	"time"

	"example.com/cloud/internal/inventory"
)

func TestStore(t *testing.T) {
	s := New("west")
	api := inventory.Resource{ID: inventory.ID{Kind: inventory.Deployment, Namespace: "shop", Name: "api"}, Want: 1}
	node := inventory.Resource{ID: inventory.ID{Kind: inventory.Node, Name: "n1"}, Ready: 1, Want: 1}
	if !s.Put(node) || !s.Put(api) {
		t.Error("adding changed nothing")
	}
	if s.Put(api) {
		t.Error("the same again is a change")
	}
	if got := s.Revision(); got != 2 {
		t.Errorf("revision %d, want 2", got)
	}
	total, unhealthy := s.Count()
	if total[inventory.Deployment] != 1 || unhealthy[inventory.Deployment] != 1 || unhealthy[inventory.Node] != 0 {
		t.Errorf("got %v and %v", total, unhealthy)
	}
	snapshot := s.Snapshot(time.Unix(0, 0))
	if len(snapshot.Resources) != 2 || snapshot.Resources[0].ID != api.ID {
		t.Errorf("got %v", snapshot)
	}
	if !s.Delete(api.ID) || s.Delete(api.ID) {
		t.Error("a resource is removed once")
	}
}
