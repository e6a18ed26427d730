package site

import (
	"embed"
	"html/template"
	"io/fs"
)

//go:embed templates
var templateFiles embed.FS

//go:embed all:static
var staticFiles embed.FS

// parseTemplates gives each page's template by the name of its file, with the layout around it.
func parseTemplates() (map[string]*template.Template, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	layout, err := template.ParseFS(templateFiles, "templates/layout.tmpl")
	if err != nil {
		return nil, err
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		t, err := layout.Clone()
		if err != nil {
			return nil, err
		}
		if t, err = t.ParseFS(templateFiles, name); err != nil {
			return nil, err
		}
		all[name[len("templates/"):]] = t
	}
	return all, nil
}

// static is what is served below /.
func static() (fs.FS, error) { return fs.Sub(staticFiles, "static") }
