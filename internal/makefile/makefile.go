// Package makefile writes a Makefile that builds the binaries of a spec on a person's machine,
// without containers. What has to be built again the go command decides, by content: it keeps in
// each binary what that was made of.
package makefile

import (
	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// Emit gives the Makefile for the platforms of a request, and warnings about what the spec says and
// a host build does not do. Version, Epoch and Args of the request are the defaults of
// variables. The error is a list of mistakes with their places: those of plan.New, and
// what a Makefile can't say.
func Emit(s *spec.Spec, facts *scan.Facts, req plan.Request) (text []byte, warnings diag.List, err error) {
	m := &emitter{spec: s, facts: facts, req: req}
	if m.work, m.variables, err = templates(s, facts, req); err != nil {
		return nil, nil, err
	}
	m.check()
	if err := m.errs.Err(); err != nil {
		return nil, nil, err
	}
	m.groups = grouped(m.work.binaries)
	m.warn()
	return m.write(), m.warnings, nil
}

type emitter struct {
	spec  *spec.Spec
	facts *scan.Facts
	req   plan.Request

	work      work
	variables []variable // that texts hold
	groups    []group

	errs, warnings diag.List
}
