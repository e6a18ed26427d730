package gostep

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Dist is what the dist command makes.
type Dist struct {
	Binaries []DistBinary `json:"binaries"`
	Root     string       `json:"root,omitempty"`  // directory that Files are in
	Files    []string     `json:"files,omitempty"` // files and directories that each archive holds
	Epoch    int64        `json:"epoch"`           // time of what is in archives, in seconds since 1970
}

// DistBinary is one binary of a Dist, or a file that goes with one; an archive may hold several.
type DistBinary struct {
	File    string `json:"file"`              // where it is
	Name    string `json:"name"`              // in the result, or in the archive
	Archive string `json:"archive,omitempty"` // in the result: x.tar.gz or x.zip; "" for none
}

// SumsFile is the name of the checksums in the result of the dist command.
const SumsFile = "SHA256SUMS"

// runDist copies binaries, or makes archives of them, and writes their checksums as
// sha256sum does. Equal input gives equal bytes.
func runDist(args []string, _ io.Writer) error {
	if len(args) != 2 {
		return errUsage
	}
	var d Dist
	if err := json.Unmarshal([]byte(args[1]), &d); err != nil {
		return fmt.Errorf("binaries: %w", err)
	}
	out := args[0]
	archives := map[string][]DistBinary{}
	var names []string
	for _, b := range d.Binaries {
		if b.Archive == "" {
			mode, err := fixedMode(b.File)
			if err == nil {
				err = copyFile(b.File, filepath.Join(out, b.Name), mode)
			}
			if err != nil {
				return err
			}
			names = append(names, b.Name)
			continue
		}
		archives[b.Archive] = append(archives[b.Archive], b)
	}
	for name, files := range archives {
		if err := d.archive(filepath.Join(out, name), files); err != nil {
			return err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var sums strings.Builder
	for _, name := range names {
		sum, err := fileSum(filepath.Join(out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sum, name)
	}
	return os.WriteFile(filepath.Join(out, SumsFile), []byte(sums.String()), 0o644)
}

func fileSum(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// fixedMode is 0755 for a file that can be run, 0644 for any other.
func fixedMode(file string) (fs.FileMode, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	if info.Mode()&0o111 != 0 {
		return 0o755, nil
	}
	return 0o644, nil
}

func readFixed(file string) (data []byte, mode fs.FileMode, err error) {
	if mode, err = fixedMode(file); err != nil {
		return nil, 0, err
	}
	data, err = os.ReadFile(file)
	return data, mode, err
}

// archiver is what the formats have in common.
type archiver interface {
	add(name, file string) error
	io.Closer
}

func (d Dist) archive(name string, files []DistBinary) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	at := time.Unix(d.Epoch, 0).UTC()
	var a archiver
	if strings.HasSuffix(name, ".zip") {
		a = newZip(f, at)
	} else {
		a = newTar(f, at)
	}
	for _, b := range files {
		if err := a.add(b.Name, b.File); err != nil {
			return err
		}
	}
	for _, path := range d.Files {
		if err := d.addTree(a, path); err != nil {
			return err
		}
	}
	return a.Close()
}

// addTree adds a file, or all files of a directory, under its path below the root.
func (d Dist) addTree(a archiver, path string) error {
	return filepath.WalkDir(filepath.Join(d.Root, path), func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(d.Root, file)
		if err != nil {
			return err
		}
		return a.add(filepath.ToSlash(name), file)
	})
}

type tarArchive struct {
	gz *gzip.Writer
	*tar.Writer
	at time.Time
}

func newTar(w io.Writer, at time.Time) *tarArchive {
	gz, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // a level that there is
	return &tarArchive{gz: gz, Writer: tar.NewWriter(gz), at: at}
}

func (a *tarArchive) add(name, file string) error {
	data, mode, err := readFixed(file)
	if err != nil {
		return err
	}
	h := &tar.Header{Name: name, Size: int64(len(data)), Mode: int64(mode), ModTime: a.at, Format: tar.FormatPAX}
	if err := a.WriteHeader(h); err != nil {
		return err
	}
	_, err = a.Write(data)
	return err
}

func (a *tarArchive) Close() error { return errors.Join(a.Writer.Close(), a.gz.Close()) }

type zipArchive struct {
	*zip.Writer
	at time.Time
}

// newZip is for archives whose times begin with 1980, before which the format knows none.
func newZip(w io.Writer, at time.Time) *zipArchive {
	if first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(first) {
		at = first
	}
	return &zipArchive{Writer: zip.NewWriter(w), at: at}
}

func (a *zipArchive) add(name, file string) error {
	data, mode, err := readFixed(file)
	if err != nil {
		return err
	}
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at}
	h.SetMode(mode)
	w, err := a.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
