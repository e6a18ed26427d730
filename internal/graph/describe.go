package graph

import (
	"fmt"
	"path"
	"slices"

	"github.com/acme/xbuild/plan"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// about is what the picture says of a step besides its inputs.
type about struct {
	stage       Stage
	verb, of    string // "compile", "shop"
	binary      string // the one that it makes, "" for none
	platform    *ocispecs.Platform
	network     bool
	export      Export
	onToolchain bool     // it runs on the toolchain image
	alike       []string // flags and environment
}

func (a about) title() string {
	if a.of == "" {
		return a.verb
	}
	return a.verb + " " + a.of
}

// describe says what a step is.
func describe(p *plan.Plan, s plan.Step) about {
	switch s := s.(type) {
	case plan.Context:
		return about{verb: "build context"}
	case plan.Named:
		return about{verb: "context", of: s.Name}
	case plan.Image:
		return about{verb: s.Ref, platform: &s.Platform, network: true}
	case plan.HTTP:
		return about{verb: "download", of: s.URL, network: true}
	case plan.System:
		return about{verb: "system files"}
	case plan.Narrow:
		return about{stage: Prepare, verb: "narrow", of: "source", export: Never}
	case plan.Prune:
		return about{stage: Prepare, verb: "prune", of: "toolchain", export: Exported, onToolchain: true}
	case plan.CC:
		return about{stage: Prepare, verb: "install", of: "cc", platform: &s.Platform, network: true, export: Exported, onToolchain: true}
	case plan.Std:
		return about{
			stage: Std, verb: "compile", of: "std", platform: &s.Platform, export: Exported,
			onToolchain: s.Toolchain == plan.NoStep, alike: slices.Concat(s.Flags, s.Env),
		}
	case plan.Deps:
		verb := "compile"
		if !s.Compile {
			verb = "download"
		}
		return about{
			stage: Deps, verb: verb, of: "deps", platform: &s.Platform, network: s.Download, export: Exported,
			onToolchain: s.Toolchain == plan.NoStep, alike: slices.Concat(s.Flags, s.Env),
		}
	case plan.Compile:
		return compile(s)
	case plan.Link:
		a := compile(s.Compile)
		a.stage, a.verb = Link, "link"
		return a
	case plan.Own:
		a := compile(s.Compile)
		a.of = "own"
		return a
	case plan.Tool:
		return about{
			stage: Compile, verb: "compile", of: s.Output, binary: s.Output, platform: &s.Platform, network: true, export: Exported,
			onToolchain: true, alike: s.Env,
		}
	case plan.Setcap:
		return about{stage: Pack, verb: "setcap", of: path.Base(s.Src), export: Exported}
	case plan.Test:
		return about{stage: Compile, verb: "go " + s.Name, network: s.Network, export: Exported, onToolchain: s.Toolchain == plan.NoStep}
	case plan.Dist:
		return about{stage: Pack, verb: "pack", of: "dist", export: Exported}
	case plan.Summary:
		return about{stage: Pack, verb: "summary", of: "deps", export: Exported}
	case plan.Layer:
		return layer(p, s)
	default:
		panic(fmt.Sprintf("graph: no picture of step %T", s))
	}
}

func compile(s plan.Compile) about {
	return about{
		stage: Compile, verb: "compile", of: s.Binary, binary: s.Binary, platform: &s.Platform, export: Exported,
		alike: slices.Concat(s.Flags, s.Env),
	}
}

// layer has the platform of the binary that it holds.
func layer(p *plan.Plan, s plan.Layer) about {
	a := about{stage: Layers, verb: "copy", of: s.Name, export: Exported}
	if s.From == plan.NoStep {
		a.verb, a.alike = "link", []string{s.Link}
		return a
	}
	from := s.From
	if c, ok := p.Steps[from].(plan.Setcap); ok {
		from = c.From
	}
	of := describe(p, p.Steps[from])
	a.platform, a.binary = of.platform, of.binary
	a.alike = []string{s.Src, s.Dest}
	return a
}
