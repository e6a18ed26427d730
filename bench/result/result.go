// Package result is what the bench measured, as data: it is read and written as JSON, and everything
// that shows figures takes them from here.
package result

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Report holds the tables of one or several runs, each named by suite and name.
type Report struct {
	Tables []*Table `json:"tables"`
}

// Table is one experiment. What its rows and columns mean is said where it is defined.
type Table struct {
	Suite   string  `json:"suite"`
	Name    string  `json:"name"`
	Machine Machine `json:"machine"`
	Rows    []*Row  `json:"rows"` // in the order of measurement
}

// Machine is where and with what a table was measured.
type Machine struct {
	Date     string `json:"date"` // YYYY-MM-DD
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	CPU      string `json:"cpu,omitempty"`
	CPUs     int    `json:"cpus"`
	Memory   int64  `json:"memory,omitempty"` // bytes
	Kernel   string `json:"kernel,omitempty"`
	Go       string `json:"go"`
	BuildKit string `json:"buildkit"`
	Buildx   string `json:"buildx"`
	Commit   string `json:"commit"` // of xbuild; ends in + when the tree differed
}

// Row is a scenario.
type Row struct {
	Name  string  `json:"name"`
	Cells []*Cell `json:"cells"`
}

// Cell is what one contestant, or whatever the column stands for, took in a row.
type Cell struct {
	Column string  `json:"column"`
	Values []Value `json:"values"` // one of each run, in their order; never empty
}

// Value is the result of one run.
type Value struct {
	Number float64 `json:"number"`         // in the unit of the row
	Text   string  `json:"text,omitempty"` // in place of a number: "yes", "does not start"
	Checks []Check `json:"checks,omitempty"`
	Steps  []Step  `json:"steps,omitempty"`
	Blobs  []Blob  `json:"blobs,omitempty"`
}

// Check is something that has to hold besides the figures.
type Check struct {
	Text string `json:"text"`
	Held bool   `json:"held"`
}

// Step is a vertex of BuildKit's graph. Times count from the start of the command.
type Step struct {
	Name     string        `json:"name"`
	Start    time.Duration `json:"start"`
	End      time.Duration `json:"end"`
	Cached   bool          `json:"cached,omitempty"`
	Received int64         `json:"received,omitempty"` // bytes, from a registry or the client
}

// Blob is a part of an image or of an exported cache.
type Blob struct {
	Digest string `json:"digest"` // hexadecimal
	Size   int64  `json:"size"`
}

// Table gives a table, nil when it was not measured.
func (r *Report) Table(suite, name string) *Table {
	i := slices.IndexFunc(r.Tables, func(t *Table) bool { return t.Suite == suite && t.Name == name })
	if i < 0 {
		return nil
	}
	return r.Tables[i]
}

// Put adds a table, in place of an older one of its name.
func (r *Report) Put(t *Table) {
	r.Tables = slices.DeleteFunc(r.Tables, func(o *Table) bool { return o.Suite == t.Suite && o.Name == t.Name })
	r.Tables = append(r.Tables, t)
}

// Row gives a row, nil when it was not measured or t is nil.
func (t *Table) Row(name string) *Row {
	if t == nil {
		return nil
	}
	i := slices.IndexFunc(t.Rows, func(r *Row) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return t.Rows[i]
}

// Cell gives a cell, nil when it was not measured or r is nil.
func (r *Row) Cell(column string) *Cell {
	if r == nil {
		return nil
	}
	i := slices.IndexFunc(r.Cells, func(c *Cell) bool { return c.Column == column })
	if i < 0 {
		return nil
	}
	return r.Cells[i]
}

// Median is the value of median number, of two the smaller. A cell that is nil has none.
func (c *Cell) Median() (v Value, ok bool) {
	if c == nil || len(c.Values) == 0 {
		return v, false
	}
	s := c.sorted()
	return s[(len(s)-1)/2], true
}

// Number is the median number. A cell that is nil has none, nor has one with a text in any run.
func (c *Cell) Number() (n float64, ok bool) {
	v, ok := c.Median()
	if !ok || slices.ContainsFunc(c.Values, func(v Value) bool { return v.Text != "" }) {
		return 0, false
	}
	return v.Number, true
}

// Spread is the smallest and the largest number.
func (c *Cell) Spread() (least, most float64) {
	s := c.sorted()
	return s[0].Number, s[len(s)-1].Number
}

func (c *Cell) sorted() []Value {
	return slices.SortedFunc(slices.Values(c.Values), func(a, b Value) int {
		switch {
		case a.Number < b.Number:
			return -1
		case a.Number > b.Number:
			return 1
		default:
			return 0
		}
	})
}

// Load reads a report; a file that does not exist is an empty one.
func Load(file string) (*Report, error) {
	r := &Report{}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	return r, json.Unmarshal(data, r)
}

// Save writes the report in one go: a reader never sees half of it.
func (r *Report) Save(file string) error {
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	temp := file + ".partial"
	if err := os.WriteFile(temp, append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temp, file)
}
