// Package flags turns features on for some of the users.
package flags

import (
	"fmt"
	"hash/fnv"

	"github.com/BurntSushi/toml"
)

// Set is the flags of a service, by name.
type Set map[string]Flag

// Flag says who has a feature.
type Flag struct {
	Percent int      `toml:"percent"` // of all users
	Users   []string `toml:"users"`   // these in any case
}

// Load reads a TOML file with a table for each flag.
func Load(path string) (Set, error) {
	var s Set
	meta, err := toml.DecodeFile(path, &s)
	if err != nil {
		return nil, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("%s: unknown key %s", path, unknown[0])
	}
	return s, nil
}

// On reports whether the user has the feature. The answer for a user changes only once while
// the percentage grows.
func (s Set) On(name, user string) bool {
	f := s[name]
	for _, u := range f.Users {
		if u == user {
			return true
		}
	}
	h := fnv.New32a()
	h.Write([]byte(name + "\x00" + user))
	return int(h.Sum32()%100) < f.Percent
}
