package main

import (
	"strings"
	"testing"
)

const compose = `
defaults: &defaults {restart: always}
services:
  web:
    <<: *defaults
    ports: [8080, 9090]
  db: *defaults
`

func TestRun(t *testing.T) {
	for path, want := range map[string]string{
		"services.web.ports[1]": "9090\n",
		"services.db.restart":   "always\n",
		"services.web.ports":    "[8080, 9090]\n",
	} {
		var b strings.Builder
		if err := run(&b, []byte(compose), path); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v; want %q", path, b.String(), err, want)
		}
	}
}

func TestRunMistakes(t *testing.T) {
	for path, want := range map[string]string{
		"services.mail":         `"services.mail": no such key`,
		"services.web.ports[2]": `"services.web.ports[2]": no such index`,
		"services[0]":           `"services[0]": no such index`,
	} {
		if err := run(&strings.Builder{}, []byte(compose), path); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}
