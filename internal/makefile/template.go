package makefile

import (
	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
)

// known are the fields of plan.Stamp that the generator fills in, whatever is made of them.
// Others are values of variables, and only as they are.
var known = []string{"OS", "Arch", "Variant", "Dirty"}

// checkTemplates reports the templates of builds that do with a value what a Makefile can't.
func checkTemplates(s *spec.Spec) (errs diag.List) {
	for _, t := range s.Templates() {
		ofBuilds := t.Path[0] == "build" || t.Path[0] == "binaries" || t.Path[0] == "go" && t.Path[1] == "env"
		if ofBuilds && !spec.OnlyFills(t.Text, known...) {
			errs.Add(s.Pos(t.Path...), "no-make-text",
				"%q can't be said in a Makefile: of version, revision, source, date and args it takes whole values, as {{.Version}}", t.Text)
		}
	}
	return errs
}
