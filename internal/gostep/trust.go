package gostep

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// systemBundles are the files of CA certificates that crypto/x509 looks for, in its order.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/tls/cacert.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// trust writes the CA certificates of the system and of p to a file in home, and gives the
// environment that makes the go command and git read it. Without further ones it does nothing.
func (p *private) trust(home string) ([]string, error) {
	if p.ca == "" {
		return nil, nil
	}
	more, err := os.ReadFile(p.ca)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(more); block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("secret %q holds no certificate in PEM form", way{file: p.ca}.id())
	}
	bundle, err := systemBundle()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(home, "ca.pem")
	if err := os.WriteFile(file, bytes.Join([][]byte{bundle, more}, []byte("\n")), 0o600); err != nil {
		return nil, err
	}
	return []string{"SSL_CERT_FILE=" + file, "GIT_SSL_CAINFO=" + file}, nil
}

// systemBundle is nil where the image has none.
func systemBundle() ([]byte, error) {
	files := systemBundles
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		files = []string{file}
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	return nil, nil
}
