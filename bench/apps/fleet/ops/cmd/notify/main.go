// Command notify writes messages to people.
package main

import (
	"net/http"
	"net/mail"
	"strings"
	"text/template"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

var texts = template.Must(template.New("").Option("missingkey=error").Parse(`
{{- define "shipped"}}Your order {{.order}} is on its way: {{.parcel}}.{{end}}
{{- define "invoice"}}Invoice {{.invoice}} over {{.amount}} is due on {{.due}}.{{end}}
{{- define "returned"}}We have got {{.article}} back. Thank you.{{end}}`))

type message struct {
	ID   string         `json:"id"`
	To   string         `json:"to"`
	Kind string         `json:"kind"`
	Data map[string]any `json:"data,omitempty"`
	Text string         `json:"text"`
}

func main() {
	var sent table.Table[string, message]
	s := service.New("notify")
	s.Handle("POST /messages", func(r *http.Request) (any, error) {
		m, err := service.Body[message](r)
		if err != nil {
			return nil, err
		}
		if m, err = m.write(); err != nil {
			return nil, err
		}
		m.ID = ident.New("message")
		s.Log.Info().Str("to", m.To).Str("id", m.ID).Msg("sent")
		sent.Put(m.ID, m)
		return m, nil
	})
	s.Handle("GET /messages", func(r *http.Request) (any, error) {
		to := r.URL.Query().Get("to")
		return sent.All(func(m message) bool { return m.To == to }), nil
	})
	s.Main()
}

func (m message) write() (message, error) {
	if _, err := mail.ParseAddress(m.To); err != nil {
		return m, service.Bad("to: %v", err)
	}
	if texts.Lookup(m.Kind) == nil {
		return m, service.Missing("kind", m.Kind)
	}
	var b strings.Builder
	if err := texts.ExecuteTemplate(&b, m.Kind, m.Data); err != nil {
		return m, service.Bad("data: %v", err)
	}
	m.Text = b.String()
	return m, nil
}
