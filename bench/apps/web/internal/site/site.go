// Package site serves a wiki over HTTP.
package site

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"example.com/web/internal/markup"
	"example.com/web/internal/pages"
)

// maxText is the most bytes of a form.
const maxText = 1 << 20

// DB is what is used of the database.
type DB interface {
	Get(ctx context.Context, name string) (pages.Page, error)
	Save(context.Context, pages.Page) (pages.Page, error)
	Names(ctx context.Context, words string) ([]string, error)
}

type site struct {
	db        DB
	templates map[string]*template.Template
}

// New gives the handler of a wiki.
func New(db DB) (http.Handler, error) {
	templates, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	files, err := static()
	if err != nil {
		return nil, err
	}
	s := &site{db: db, templates: templates}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer, middleware.Compress(5))
	r.Get("/", http.RedirectHandler("/pages/home", http.StatusFound).ServeHTTP)
	r.Get("/search", s.search)
	r.Route("/pages/{name}", func(r chi.Router) {
		r.Use(named)
		r.Get("/", s.show)
		r.Get("/edit", s.edit)
		r.Post("/", s.save)
	})
	r.Handle("/*", http.FileServerFS(files))
	return r, nil
}

var name = regexp.MustCompile(`^[\w-]{1,64}$`)

// named refuses requests for what cannot be the name of a page.
func named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !name.MatchString(chi.URLParam(r, "name")) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *site) show(w http.ResponseWriter, r *http.Request) {
	p, err := s.db.Get(r.Context(), chi.URLParam(r, "name"))
	if errors.Is(err, pages.ErrNone) {
		http.Redirect(w, r, "/pages/"+chi.URLParam(r, "name")+"/edit", http.StatusFound)
		return
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	html, err := markup.HTML(p.Text)
	if err != nil {
		fail(w, r, err)
		return
	}
	s.render(w, r, "show.html", struct {
		pages.Page
		HTML template.HTML
	}{p, html})
}

func (s *site) edit(w http.ResponseWriter, r *http.Request) {
	p, err := s.db.Get(r.Context(), chi.URLParam(r, "name"))
	if err != nil && !errors.Is(err, pages.ErrNone) {
		fail(w, r, err)
		return
	}
	p.Name = chi.URLParam(r, "name")
	s.render(w, r, "edit.html", p)
}

func (s *site) save(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxText)
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		http.Error(w, "no version", http.StatusBadRequest)
		return
	}
	p, err := s.db.Save(r.Context(), pages.Page{
		Name:    chi.URLParam(r, "name"),
		Version: version,
		Text:    r.PostFormValue("text"),
		Saved:   time.Now(),
	})
	if errors.Is(err, pages.ErrConflict) {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/pages/"+p.Name, http.StatusSeeOther)
}

func (s *site) search(w http.ResponseWriter, r *http.Request) {
	words := r.FormValue("q")
	names, err := s.db.Names(r.Context(), words)
	if err != nil {
		fail(w, r, err)
		return
	}
	s.render(w, r, "search.html", struct {
		Words string
		Names []string
	}{words, names})
}

func (s *site) render(w http.ResponseWriter, r *http.Request, name string, data any) {
	var b bytes.Buffer
	if err := s.templates[name].ExecuteTemplate(&b, "layout", data); err != nil {
		fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := b.WriteTo(w); err != nil {
		slog.DebugContext(r.Context(), "page not sent", "path", r.URL.Path, "err", err)
	}
}

// fail logs err, and tells the client nothing about it but the number of the request.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	id := middleware.GetReqID(r.Context())
	slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "id", id, "err", err)
	http.Error(w, "request "+id+" failed", http.StatusInternalServerError)
}
