// Package store holds the present state of a cluster in memory.
package store

import (
	"maps"
	"slices"
	"sync"
	"time"

	"example.com/cloud/internal/inventory"
)

// Store is a set of resources, safe for use by several goroutines.
type Store struct {
	cluster string

	mu        sync.RWMutex
	resources map[inventory.ID]inventory.Resource
	revision  uint64
}

// New gives an empty store for the cluster of that name.
func New(cluster string) *Store {
	return &Store{cluster: cluster, resources: map[inventory.ID]inventory.Resource{}}
}

// Put adds r or replaces what has its ID, and reports whether that changed anything.
func (s *Store) Put(r inventory.Resource) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.resources[r.ID]; ok && old.Equal(r) {
		return false
	}
	s.resources[r.ID] = r
	s.revision++
	return true
}

// Delete removes what has the ID, and reports whether there was anything.
func (s *Store) Delete(id inventory.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.resources[id]; !ok {
		return false
	}
	delete(s.resources, id)
	s.revision++
	return true
}

// Get gives the resource of that ID.
func (s *Store) Get(id inventory.ID) (inventory.Resource, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.resources[id]
	return r, ok
}

// Revision grows with each change.
func (s *Store) Revision() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.revision
}

// Count gives the number of resources of each kind, and how many of them are not healthy.
func (s *Store) Count() (total, unhealthy map[inventory.Kind]int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	total, unhealthy = map[inventory.Kind]int{}, map[inventory.Kind]int{}
	for id, r := range s.resources {
		total[id.Kind]++
		if !r.Healthy() {
			unhealthy[id.Kind]++
		}
	}
	return total, unhealthy
}

// Snapshot gives all resources as they are, with now as the time.
func (s *Store) Snapshot(now time.Time) inventory.Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	resources := slices.SortedFunc(maps.Values(s.resources), func(a, b inventory.Resource) int { return a.Compare(b.ID) })
	return inventory.Snapshot{Cluster: s.cluster, Taken: now.UTC(), Resources: resources}
}
