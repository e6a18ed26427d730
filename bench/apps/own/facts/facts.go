// Package facts is what is known about a case.
package facts

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"example.com/own/value"
)

// Facts are values by their paths, as in order.total.
type Facts map[string]value.Value

// Read reads a JSON object. Objects in it become paths.
func Read(r io.Reader) (Facts, error) {
	var object map[string]any
	if err := json.NewDecoder(r).Decode(&object); err != nil {
		return nil, err
	}
	f := Facts{}
	return f, f.add("", object)
}

func (f Facts) add(prefix string, object map[string]any) error {
	for name, v := range object {
		if inner, ok := v.(map[string]any); ok {
			if err := f.add(prefix+name+".", inner); err != nil {
				return err
			}
			continue
		}
		converted, err := convert(v)
		if err != nil {
			return fmt.Errorf("%s%s: %w", prefix, name, err)
		}
		f[prefix+name] = converted
	}
	return nil
}

func convert(v any) (value.Value, error) {
	switch v := v.(type) {
	case nil:
		return value.Nothing{}, nil
	case bool:
		return value.Bool(v), nil
	case float64:
		return value.Number(v), nil
	case string:
		return value.Text(v), nil
	case []any:
		list := make(value.List, len(v))
		for i, item := range v {
			var err error
			if list[i], err = convert(item); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("an object is not a value")
}

// Get gives the value at path; nothing, if it is not known.
func (f Facts) Get(path string) value.Value {
	if v, ok := f[path]; ok {
		return v
	}
	return value.Nothing{}
}

// Names gives the paths in order.
func (f Facts) Names() []string { return slices.Sorted(maps.Keys(f)) }

// Clone gives facts that change on their own.
func (f Facts) Clone() Facts { return maps.Clone(f) }
