package gostep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/gocache"
	"github.com/acme/xbuild/scan"
	"golang.org/x/mod/modfile"
)

// NarrowedFile is the name of the file that the narrow command with a build cache writes: a Narrowed as JSON.
const NarrowedFile = "narrowed.json"

// Narrowed is what was narrowed, and what this builder knows of it.
type Narrowed struct {
	State  string                   // of the build cache
	Builds map[string]NarrowedBuild // by scan.Build.ID
}

// NarrowedBuild is about a binary for one target.
type NarrowedBuild struct {
	Hash string // of its source
	// Known says that its packages were compiled on this builder lately, whatever their source was then.
	Known bool
}

func runNarrow(args []string, _ io.Writer) error {
	f := flag.NewFlagSet("narrow", flag.ContinueOnError)
	store := f.String("store", "", "")
	rest, err := parse(f, args, 3)
	if err != nil || len(rest) != 3 {
		return errUsage
	}
	src, out := rest[0], rest[1]
	var builds []scan.Build
	if err := json.Unmarshal([]byte(rest[2]), &builds); err != nil {
		return fmt.Errorf("builds: %w", err)
	}
	if err := scan.Narrow(src, out, builds); err != nil || *store == "" {
		return err
	}
	n := Narrowed{Builds: map[string]NarrowedBuild{}}
	s, err := gocache.OpenStore(*store)
	if err != nil {
		return err
	}
	if n.State, err = s.State(); err != nil {
		return err
	}
	sums := sums{}
	for _, b := range builds {
		hash, err := sums.tree(os.DirFS(filepath.Join(out, b.ID)))
		if err != nil {
			return err
		}
		m := markOf(filepath.Join(src, filepath.FromSlash(b.Module)), relativeTo(b.Module, b.Main), b.GOOS+"/"+b.GOARCH)
		n.Builds[b.ID] = NarrowedBuild{Hash: hash, Known: m.isRecent(*store, time.Now())}
	}
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, NarrowedFile), data, 0o644)
}

// relativeTo is the slash path dir, which is below base, as seen from there.
func relativeTo(base, dir string) string {
	if base == "." {
		return dir
	}
	return strings.TrimPrefix(strings.TrimPrefix(dir, base), "/")
}

// sums are the hashes of files by their slash paths in the source. Builds share what they have at the same path.
type sums map[string][sha256.Size]byte

// tree is a hash of the names and contents of the files of a build.
func (s sums) tree(build fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(build, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		sum, ok := s[name]
		if !ok {
			data, err := fs.ReadFile(build, name)
			if err != nil {
				return err
			}
			sum = sha256.Sum256(data)
			s[name] = sum
		}
		fmt.Fprintf(h, "%q %x\n", name, sum)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}

// mark is the name of a file in a store whose time is when the packages of a main package were last compiled
// there for a target. "" is that of none.
type mark string

// markOf is the mark of the main package in the directory main of a module.
func markOf(module, main, target string) mark {
	data, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return ""
	}
	name := modfile.ModulePath(data)
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(path.Join(name, main) + " " + target))
	return mark("own-" + hex.EncodeToString(sum[:8]))
}

// markOfPackage is the mark of a package that is built in the working directory, ./cmd/shop.
func markOfPackage(pkg string) mark {
	for dir := path.Clean(pkg); ; dir = path.Dir(dir) {
		if _, err := os.Stat(filepath.Join(filepath.FromSlash(dir), "go.mod")); err == nil {
			return markOf(filepath.FromSlash(dir), relativeTo(dir, path.Clean(pkg)), target())
		}
		if dir == "." {
			return ""
		}
	}
}

func (m mark) file(store string) string { return filepath.Join(store, notesDir, string(m)) }

// set says that it is now.
func (m mark) set(store string) error {
	if m == "" {
		return nil
	}
	return writeNote(m.file(store), nil)
}

// isRecent reports whether it is not longer ago than noteLimit.
func (m mark) isRecent(store string, now time.Time) bool {
	info, err := os.Stat(m.file(store))
	return m != "" && err == nil && now.Sub(info.ModTime()) <= noteLimit
}
