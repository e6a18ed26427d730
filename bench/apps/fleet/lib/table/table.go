// Package table keeps values by key, in memory.
package table

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// Table is a map for use by several goroutines. The zero value is empty.
type Table[K cmp.Ordered, V any] struct {
	mu   sync.RWMutex
	rows map[K]V
}

// Get gives the value at key.
func (t *Table[K, V]) Get(key K) (V, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	v, ok := t.rows[key]
	return v, ok
}

// Put sets the value at key.
func (t *Table[K, V]) Put(key K, v V) {
	t.Update(key, func(V, bool) (V, error) { return v, nil })
}

// Update sets the value at key to what f makes of it, unless f fails. No other change comes between.
func (t *Table[K, V]) Update(key K, f func(old V, ok bool) (V, error)) (V, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, ok := t.rows[key]
	v, err := f(old, ok)
	if err != nil {
		return old, err
	}
	if t.rows == nil {
		t.rows = map[K]V{}
	}
	t.rows[key] = v
	return v, nil
}

// Delete removes the value at key, and reports whether there was one.
func (t *Table[K, V]) Delete(key K) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.rows[key]
	delete(t.rows, key)
	return ok
}

// All gives the values that keep accepts, in the order of their keys. A nil keep accepts all.
func (t *Table[K, V]) All(keep func(V) bool) []V {
	t.mu.RLock()
	defer t.mu.RUnlock()
	all := []V{}
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		if v := t.rows[key]; keep == nil || keep(v) {
			all = append(all, v)
		}
	}
	return all
}
