// Package ruleset reads files of rules.
package ruleset

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"

	"example.com/own/functions"
	"example.com/own/rule"
)

// Load reads a YAML file with a list of rules.
func Load(path string, table functions.Table) ([]rule.Rule, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rules, err := Parse(data, table)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rules, nil
}

// Parse gives the rules in data, the highest priority first. Its error has all mistakes.
func Parse(data []byte, table functions.Table) ([]rule.Rule, error) {
	var sources []rule.Source
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&sources); err != nil {
		return nil, err
	}
	var rules []rule.Rule
	var errs []error
	names := map[string]bool{}
	for _, s := range sources {
		if s.Name == "" || names[s.Name] {
			errs = append(errs, fmt.Errorf("%q is not the name of one rule", s.Name))
		}
		names[s.Name] = true
		r, err := rule.Compile(s, table)
		rules, errs = append(rules, r), append(errs, err)
	}
	slices.SortStableFunc(rules, func(a, b rule.Rule) int { return cmp.Compare(b.Priority, a.Priority) })
	return rules, errors.Join(errs...)
}
