package gostep

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

// NewFile is the name of the file that the isnew command writes.
const NewFile = "new"

// noteLimit is how old the last note of a project may be for the store to have what it was built
// from: entries that nobody uses go after that time.
const noteLimit = 5 * 24 * time.Hour

// runIsNew tells whether no deps step of the project whose set is in the working directory has run
// on this builder lately, for the same target, with the same flags and the same Go. What it
// then writes is the state of the store.
func runIsNew(args []string, _ io.Writer) error {
	var c caches
	f := flag.NewFlagSet("isnew", flag.ContinueOnError)
	c.options(f)
	toolchain := f.String("toolchain", "", "")
	out := f.String("out", "", "")
	f.String("at", "", "")
	build, err := parse(f, args, 2)
	if err != nil || c.store == "" || *out == "" {
		return errUsage
	}
	n := newNote("mod", build)
	n.Toolchain = cmp.Or(*toolchain, n.Toolchain)
	if c.built(n, time.Now()) {
		return nil
	}
	store, err := gocache.OpenStore(c.store)
	if err != nil {
		return err
	}
	state, err := store.State()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*out, NewFile), []byte(state), 0o644)
}

// built reports whether the store has a note as n that is not older than noteLimit. A note without
// a toolchain, or n without one, is of any.
func (c caches) built(n note, now time.Time) bool {
	info, err := os.Stat(c.noteFile(n))
	if err != nil || now.Sub(info.ModTime()) > noteLimit {
		return false
	}
	return slices.ContainsFunc(c.notes(n), func(o note) bool {
		return slices.Equal(o.Flags, n.Flags) && (o.Toolchain == n.Toolchain || o.Toolchain == "" || n.Toolchain == "")
	})
}

// runSeed puts the build cache entries of the result of a deps step, or of one that compiled own packages, into the store. It may be the
// result of any other build: an entry is taken only where its content is what it is named by. A
// folder that is not there is one without entries.
func runSeed(args []string, stderr io.Writer) error {
	var c caches
	f := flag.NewFlagSet("seed", flag.ContinueOnError)
	c.options(f)
	f.String("state", "", "")
	rest, err := parse(f, args, 1)
	if err != nil || c.store == "" || len(rest) != 1 {
		return errUsage
	}
	layers, err := open(rest, cacheDir, gocache.OpenLayer)
	if err != nil {
		return err
	}
	if len(layers) == 0 {
		fmt.Fprintf(stderr, "seed: nothing in %s\n", filepath.Base(rest[0]))
		return nil
	}
	store, err := gocache.OpenStore(c.store)
	if err != nil {
		return err
	}
	added, bad, err := store.Fill(layers[0])
	fmt.Fprintf(stderr, "seed: %d entries, %d new here, %d bad\n", layers[0].Len(), added, bad)
	return cmp.Or(err, store.Close())
}
