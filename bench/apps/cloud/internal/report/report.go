// Package report prints resources and changes for people and programs.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sigs.k8s.io/yaml"

	"example.com/cloud/internal/inventory"
)

// Format is a form of output.
type Format string

const (
	Table Format = "table"
	JSON  Format = "json"
	YAML  Format = "yaml"
)

// Resources writes a snapshot to w.
func Resources(w io.Writer, f Format, s inventory.Snapshot) error {
	if f != Table {
		return encode(w, f, s)
	}
	rows := [][]string{{"RESOURCE", "READY", "IMAGES"}}
	for _, r := range s.Resources {
		rows = append(rows, []string{r.ID.String(), ready(r), strings.Join(r.Images, ",")})
	}
	return table(w, rows)
}

// Changes writes changes to w.
func Changes(w io.Writer, f Format, changes []inventory.Change) error {
	if f != Table {
		return encode(w, f, changes)
	}
	rows := [][]string{{"ACTION", "RESOURCE", "READY"}}
	for _, c := range changes {
		rows = append(rows, []string{string(c.Action), c.Resource.ID.String(), ready(c.Resource)})
	}
	return table(w, rows)
}

func ready(r inventory.Resource) string { return fmt.Sprintf("%d/%d", r.Ready, r.Want) }

func encode(w io.Writer, f Format, v any) error {
	switch f {
	case JSON:
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	case YAML:
		data, err := yaml.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}
	return fmt.Errorf("unknown format %q", f)
}

func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := fmt.Fprintln(t, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}
