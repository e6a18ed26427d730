// Package recent keeps answers that are asked for often.
package recent

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
)

// Cache keeps a bounded number of values for a bounded time.
type Cache[V any] struct {
	lru  *expirable.LRU[string, V]
	load func(key string) (V, error)
}

// New gives a cache of at most size values, each asked of load again after ttl.
func New[V any](size int, ttl time.Duration, load func(key string) (V, error)) *Cache[V] {
	return &Cache[V]{expirable.NewLRU[string, V](size, nil, ttl), load}
}

// Get gives the value at key. Failures are not kept.
func (c *Cache[V]) Get(key string) (V, error) {
	if v, ok := c.lru.Get(key); ok {
		return v, nil
	}
	v, err := c.load(key)
	if err == nil {
		c.lru.Add(key, v)
	}
	return v, err
}

// Forget has the value at key asked for again.
func (c *Cache[V]) Forget(key string) { c.lru.Remove(key) }
