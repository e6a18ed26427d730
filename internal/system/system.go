// Package system makes the files that images on scratch get: what programs expect of a
// system. All data is in the program, so that a release of xbuild always gives the same layer.
package system

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Passwd and Group are /etc/passwd and /etc/group.
const (
	Passwd = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin
`
	Group = `root:x:0:
nobody:x:65534:
nonroot:x:65532:
`
)

// zoneinfo is Go's own copy of the time zones, lib/time/zoneinfo.zip of a GOROOT.
//
//go:embed zoneinfo.zip
var zoneinfo []byte

// Write writes the files below the directory dir: CA certificates, time zones, passwd and
// group, and /tmp.
func Write(dir string) error {
	for name, data := range map[string][]byte{
		"etc/passwd":                        []byte(Passwd),
		"etc/group":                         []byte(Group),
		"etc/ssl/certs/ca-certificates.crt": certificates(),
	} {
		if err := writeFile(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	if err := zones(filepath.Join(dir, "usr", "share", "zoneinfo")); err != nil {
		return err
	}
	tmp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return err
	}
	return os.Chmod(tmp, 0o777|os.ModeSticky)
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// certificates are those of Mozilla that are trusted without conditions, which a file of
// certificates could not say.
func certificates() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return out.Bytes()
}

func zones(dir string) error {
	r, err := zip.NewReader(bytes.NewReader(zoneinfo), int64(len(zoneinfo)))
	if err != nil {
		return err
	}
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") || !filepath.IsLocal(f.Name) {
			continue
		}
		data, err := content(f)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, f.Name), data); err != nil {
			return err
		}
	}
	return nil
}

func content(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
