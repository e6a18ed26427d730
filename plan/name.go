package plan

import (
	"fmt"
	"path"

	"github.com/containerd/platforms"
)

// NameOf is what people see of a step: [shop linux/arm64] compile.
func (p *Plan) NameOf(s Step) string {
	switch s := s.(type) {
	case Context:
		return "[source] context"
	case Named:
		return "[context] " + s.Name
	case Image:
		return "[files] " + s.Ref
	case HTTP:
		return "[files] download " + s.URL
	case System:
		return "[files] system"
	case Narrow:
		return "[source] narrow"
	case Prune:
		return "[toolchain] prune"
	case Std:
		return fmt.Sprintf("[std %s] compile", platforms.Format(s.Platform))
	case Deps:
		if s.Compile {
			return fmt.Sprintf("[deps %s] compile", platforms.Format(s.Platform))
		}
		return fmt.Sprintf("[deps %s] download", platforms.Format(s.Platform))
	case CC:
		return fmt.Sprintf("[cc %s] install", platforms.Format(s.Platform))
	case Compile:
		return fmt.Sprintf("[%s %s] compile", s.Binary, platforms.Format(s.Platform))
	case Link:
		return fmt.Sprintf("[%s %s] link", s.Binary, platforms.Format(s.Platform))
	case Own:
		return fmt.Sprintf("[own %s] compile", platforms.Format(s.Platform))
	case Tool:
		return fmt.Sprintf("[%s %s] compile", s.Output, platforms.Format(s.Platform))
	case Setcap:
		return "[files] setcap " + path.Base(s.Src)
	case Test:
		return fmt.Sprintf("[%s] go %s", s.Name, s.Name)
	case Dist:
		return "[dist] pack"
	case Summary:
		return "[deps] summary"
	case Layer:
		return p.layerName(s)
	default:
		panic(fmt.Sprintf("plan: no name for step %T", s))
	}
}

// layerName has the platform too, where the layer is of one.
func (p *Plan) layerName(l Layer) string {
	if l.From == NoStep {
		return "[files] link " + l.Name
	}
	if l.Same {
		return "[files] " + l.Name
	}
	of := "files"
	switch from := p.Steps[l.From].(type) {
	case Compile:
		of = from.Binary + " " + platforms.Format(from.Platform)
	case Link:
		of = from.Binary + " " + platforms.Format(from.Platform)
	case Tool:
		of = from.Output + " " + platforms.Format(from.Platform)
	}
	return fmt.Sprintf("[%s] copy %s", of, l.Name)
}
