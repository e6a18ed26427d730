package dockerfile

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// Plans gives the plans of all targets of a spec that a Dockerfile can have, in which build args
// stand for what the request says of version and source control and of the spec's args. data is
// the text of the spec, which then holds no token.
func Plans(s *spec.Spec, data []byte, facts *scan.Facts, req plan.Request) (plans []*plan.Plan, vars []Var, err error) {
	targets, err := plan.List(s, facts, req)
	if err != nil {
		return nil, nil, err
	}
	var unsaid diag.List
	for _, t := range s.Templates() {
		if !spec.OnlyFills(t.Text, "OS", "Arch", "Variant") {
			unsaid.Add(s.Pos(t.Path...), Unsaid, "%q can't be said in a Dockerfile: of version, revision, source, date and args it takes whole values, as {{.Version}}", t.Text)
		}
	}
	if err := unsaid.Err(); err != nil {
		return nil, nil, err
	}
	req, vars = symbolic(s, data, req)
	for _, t := range targets {
		if t.Name == plan.TargetDist || t.Name == plan.TargetDeps || t.Name == plan.TargetOwn {
			continue // of several platforms at once; of layers that a Dockerfile does not have
		}
		req.Target = t.Name
		p, err := plan.New(s, facts, req)
		if err != nil {
			return nil, nil, err
		}
		plans = append(plans, p)
	}
	return plans, vars, nil
}

// Default is the target that a request without one means, "" where none is.
func Default(s *spec.Spec, facts *scan.Facts, req plan.Request) string {
	targets, err := plan.List(s, facts, req)
	if err != nil {
		return ""
	}
	for _, t := range targets {
		if t.Default {
			return t.Name
		}
	}
	return ""
}

// symbolic is the request with tokens in place of what is known when a Dockerfile is built.
func symbolic(s *spec.Spec, data []byte, req plan.Request) (plan.Request, []Var) {
	token := func(name string) string {
		return fmt.Sprintf("x%x", sha256.Sum256(append([]byte(name+"\x00"), data...)))[:12]
	}
	short := token("SHORT_REVISION") // the first 12 characters of a revision
	date := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(sha256.Sum256(data)[0]) * time.Hour)
	vars := []Var{
		{Token: short + token("REVISION"), Name: "REVISION"},
		{Token: short, Name: "SHORT_REVISION"},
		{Token: token("VERSION"), Name: "VERSION", Default: "${SHORT_REVISION:-devel}"},
		{Token: token("SOURCE"), Name: "SOURCE"},
		{Token: date.Format(time.RFC3339), Name: "DATE", Default: "1970-01-01T00:00:00Z"},
	}
	req.Revision, req.Version, req.Source, req.Epoch = vars[0].Token, vars[2].Token, vars[3].Token, fmt.Sprint(date.Unix())
	args := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Args)) {
		v := Var{Token: token("args " + name), Name: name, Default: s.Args[name]}
		vars = append(vars, v)
		args[name] = v.Token
	}
	req.Args = args
	return req, vars
}

// Builds are those whose imports the sets of the plans are made of, for scan.Narrow.
func Builds(plans []*plan.Plan) (builds []scan.Build) {
	seen := map[string]bool{}
	for _, p := range plans {
		for _, s := range p.Steps {
			n, ok := s.(plan.Narrow)
			if !ok {
				continue
			}
			for _, b := range n.Builds {
				// Levels read the same source, but are compiled apart.
				b.ID = fmt.Sprintf("%s-%s", b.ID, b.Set)
				if !seen[b.ID] {
					seen[b.ID] = true
					builds = append(builds, b)
				}
			}
		}
	}
	return builds
}

// ReadSets reads the sets of builds from what scan.Narrow made of them.
func ReadSets(narrowed fs.FS, builds []scan.Build) (map[string]Set, error) {
	sets := map[string]Set{}
	for _, b := range builds {
		if _, ok := sets[b.Set]; ok {
			continue
		}
		var s Set
		var err error
		if s.Imports, err = readList(narrowed, path.Join(b.Set, scan.ImportsFile)); err != nil {
			return nil, err
		}
		if s.Std, err = readList(narrowed, path.Join(b.Set, "std", scan.ImportsFile)); err != nil {
			return nil, err
		}
		root := path.Join(b.Set, "mod")
		err = fs.WalkDir(narrowed, root, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				s.Files = append(s.Files, strings.TrimPrefix(name, root+"/"))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		sets[b.Set] = s
	}
	return sets, nil
}

func readList(fsys fs.FS, name string) ([]string, error) {
	data, err := fs.ReadFile(fsys, name)
	return strings.Fields(string(data)), err
}
