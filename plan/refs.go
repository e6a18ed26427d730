package plan

import (
	"fmt"
	"slices"

	"github.com/acme/xbuild/scan"
)

// Refs are the steps that a step needs, each once, in increasing order.
func Refs(s Step) []StepID {
	var ids []StepID
	switch s := s.(type) {
	case Context, Named, Image, HTTP, System, Prune, CC, Tool:
	case Narrow:
		ids = append([]StepID{s.Context}, outsideRefs(s.Outside)...)
	case Std:
		ids = []StepID{s.Source, s.Toolchain}
	case Deps:
		ids = []StepID{s.Source, s.Toolchain, s.Std}
	case Compile:
		ids = s.refs()
	case Own:
		ids = append(s.refs(), outsideRefs(s.Outside)...)
	case Link:
		ids = append(s.refs(), s.Objects)
	case Setcap:
		ids = []StepID{s.From}
	case Test:
		ids = append([]StepID{s.Source, s.Toolchain, s.Std, s.Deps}, outsideRefs(s.Outside)...)
	case Dist:
		if len(s.Paths) > 0 {
			ids = append(ids, s.Files)
		}
		for _, b := range s.Binaries {
			ids = append(ids, b.From)
		}
	case Summary:
		ids = slices.Clone(s.Deps)
	case Layer:
		ids = []StepID{s.From}
	default:
		panic(fmt.Sprintf("plan: no references of step %T", s))
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id StepID) bool { return id == NoStep })
}

func (c Compile) refs() []StepID {
	return []StepID{c.Source, c.Toolchain, c.Std, c.Deps}
}

func outsideRefs(list []Outside) (ids []StepID) {
	for _, o := range list {
		ids = append(ids, o.From)
	}
	return ids
}

// DepsOf are the deps steps whose results are layers of a target.
func (p *Plan) DepsOf(t Target) []Deps { return wholeLayers[Deps](p, t) }

// OwnOf are the own steps whose results are layers of a target.
func (p *Plan) OwnOf(t Target) []Own { return wholeLayers[Own](p, t) }

// wholeLayers are the steps of a kind whose results are layers of a target as they are.
func wholeLayers[S Step](p *Plan, t Target) (out []S) {
	for _, id := range t.Layers {
		if l := p.Steps[id].(Layer); l.Same {
			if s, ok := p.Steps[l.From].(S); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// BuildsOf are what the source of the binaries that share a deps step was narrowed to.
func (p *Plan) BuildsOf(d Deps) (out []scan.Build) {
	for _, b := range p.Steps[d.Source].(Narrow).Builds {
		if b.Set == d.Set {
			out = append(out, b)
		}
	}
	return out
}
