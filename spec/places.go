package spec

import "github.com/acme/xbuild/internal/diag"

// places is where the values of a spec are written. The zero places knows none.
type places struct {
	file string
	root *place
}

// place is one value. Only what the file says has a place: a default has none.
type place struct {
	key    diag.Pos // of the key, or of the value itself where there is no key
	value  diag.Pos
	broken bool // a mistake was reported that makes the decoded value meaningless
	keys   map[string]*place
	items  []*place
}

// child gives the place of the value under key, and makes it at its parent's
// place when it is not there.
func (p *place) child(key string) *place {
	c := p.keys[key]
	if c == nil {
		c = &place{key: p.key, value: p.value}
		if p.keys == nil {
			p.keys = map[string]*place{}
		}
		p.keys[key] = c
	}
	return c
}

// item appends the place of a list's next element.
func (p *place) item() *place {
	c := &place{key: p.key, value: p.value}
	p.items = append(p.items, c)
	return c
}

// find gives the nearest place on the path, nil when nothing is known, and
// whether one on the way to it, or it, is broken.
func (ps places) find(path []any) (at *place, broken bool) {
	at = ps.root
	for _, elem := range path {
		if at == nil || at.broken {
			break
		}
		var next *place
		switch elem := elem.(type) {
		case string:
			next = at.keys[elem]
		case int:
			if elem >= 0 && elem < len(at.items) {
				next = at.items[elem]
			}
		}
		if next == nil {
			break
		}
		at = next
	}
	return at, at != nil && at.broken
}

// Filename is the name that the spec was parsed under, "" for a spec built in Go.
func (s *Spec) Filename() string { return s.places.file }

// Pos gives the place of a value. The elements of path are the keys of the file
// (string) and indices (int): s.Pos("images", "shop", "files", 0, "from"). What
// the file does not have is at its nearest ancestor that it has; a value that is
// reached through an alias is where it is written. When nothing is known, only
// File is set.
func (s *Spec) Pos(path ...any) diag.Pos {
	if at, _ := s.places.find(path); at != nil {
		return at.value
	}
	return diag.Pos{File: s.places.file}
}

// KeyPos is like Pos but gives the place of the key that the value stands under;
// an element of a list has no key and is where the list has it.
func (s *Spec) KeyPos(path ...any) diag.Pos {
	if at, _ := s.places.find(path); at != nil {
		return at.key
	}
	return diag.Pos{File: s.places.file}
}
