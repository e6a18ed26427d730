package gostep

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

// Where things are in the result of std, deps and compile -objects.
const (
	cacheDir   = "cache"       // build cache entries, a gocache.Layer
	indexesDir = "indexes"     // of modulesDir and of the standard library, a gocache.Indexes
	modulesDir = "mod"         // pruned module cache
	workSums   = "go.work.sum" // completed, where that is not the source's
)

// caches are the build caches of a step.
type caches struct {
	store  string
	layers list
	// indexes is a folder for module indexes; "" lets the go command do without. They say
	// what is in the folders of the module cache and of the standard library as they are now.
	indexes string
}

func (c *caches) options(f *flag.FlagSet) {
	f.StringVar(&c.store, "store", "", "")
	f.Var(&c.layers, "layer", "")
}

// run runs a go command whose build cache is c, and gives what it took from it. work is a
// temporary folder. A go command that is older than the protocol uses a plain directory,
// the one in the store; the record is then empty.
func (c caches) run(cmd *exec.Cmd, work string) (*gocache.Record, error) {
	if !hasProtocol(cmd) {
		plain := filepath.Join(c.store, "plain")
		if err := c.seed(gocache.Dir(plain)); err != nil {
			return nil, err
		}
		cmd.Env = append(goEnviron(cmd), "GOCACHE="+plain)
		return &gocache.Record{}, cmd.Run()
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	record := filepath.Join(work, "record.json")
	words := []string{self, "gocache", "-store", c.store, "-record", record, "-indexes", cmp.Or(c.indexes, filepath.Join(work, "indexes"))}
	for _, l := range c.layers {
		words = append(words, "-layer", l)
	}
	if c.indexes != "" {
		cmd.Env = append(environ(cmd), "GODEBUG="+strings.ReplaceAll(os.Getenv("GODEBUG"), noIndex, ""))
	}
	cmd.Env = append(goEnviron(cmd), "GOCACHEPROG="+strings.Join(words, " "), "GOCACHE="+filepath.Join(c.store, "go"))
	failed := cmd.Run()
	if err := awaitCache(record); err != nil {
		return nil, errors.Join(failed, err)
	}
	rec := &gocache.Record{}
	data, err := os.ReadFile(record)
	if err == nil {
		err = json.Unmarshal(data, rec)
	}
	if errors.Is(err, fs.ErrNotExist) { // the go command failed before it asked for anything
		err = nil
	}
	return rec, errors.Join(failed, err)
}

// awaitCache waits for the program that serves a build cache, which the go command starts
// and, but for builds, does not wait for.
func awaitCache(record string) error {
	lock, err := gocache.LockFile(record+lockSuffix, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	return lock.Close()
}

// lockSuffix ends the name of the file, beside the record, that is locked while a build cache
// is served. It is locked before the go command gets an answer.
const lockSuffix = ".lock"

// noIndex is the setting in GODEBUG by which a go command uses no module indexes.
const noIndex = "goindex=0"

// export runs a go command as run does, and writes to out, as a layer, the entries that it
// took and that no layer of c has. A command that fails leaves those of what did compile.
func (c caches) export(cmd *exec.Cmd, work, out string) (*gocache.Record, int64, error) {
	if !hasProtocol(cmd) {
		return c.exportPlain(cmd, out)
	}
	rec, failed := c.run(cmd, work)
	if rec == nil {
		return nil, 0, failed
	}
	store, err := gocache.OpenStore(c.store)
	if err != nil {
		return nil, 0, err
	}
	_, size, err := gocache.WriteLayer(filepath.Join(out, cacheDir), store, rec.Touched)
	return rec, size, errors.Join(failed, err, store.Close())
}

// exportPlain is export for a go command that is older than the protocol: it compiles into a
// directory that holds the layers and nothing else.
func (c caches) exportPlain(cmd *exec.Cmd, out string) (*gocache.Record, int64, error) {
	plain := gocache.Dir(filepath.Join(out, "plain"))
	defer os.RemoveAll(string(plain))
	if err := c.seed(plain); err != nil {
		return nil, 0, err
	}
	before, err := plain.Actions()
	if err != nil {
		return nil, 0, err
	}
	cmd.Env = append(goEnviron(cmd), "GOCACHE="+string(plain))
	failed := cmd.Run()
	after, err := plain.Actions()
	if err != nil {
		return nil, 0, err
	}
	had := map[gocache.ID]bool{}
	for _, a := range before {
		had[a] = true
	}
	var added []gocache.ID
	for _, a := range after {
		if !had[a] {
			added = append(added, a)
		}
	}
	store, err := gocache.OpenStore(string(plain))
	if err != nil {
		return nil, 0, err
	}
	_, size, err := gocache.WriteLayer(filepath.Join(out, cacheDir), store, added)
	return &gocache.Record{}, size, errors.Join(failed, err)
}

// seed copies the layers to a plain build cache directory.
func (c caches) seed(plain gocache.Dir) error {
	if err := os.MkdirAll(string(plain), 0o755); err != nil {
		return err
	}
	layers, err := open(c.layers, cacheDir, gocache.OpenLayer)
	if err != nil {
		return err
	}
	for _, layer := range layers {
		if _, err := layer.Seed(plain); err != nil {
			return err
		}
	}
	return nil
}

// open opens a part of each layer. A step that compiled nothing has left none.
func open[T any](layers []string, part string, opened func(dir string) (T, error)) (parts []T, err error) {
	for _, dir := range layers {
		p, err := opened(filepath.Join(dir, part))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// environ is the environment that cmd runs in.
func environ(cmd *exec.Cmd) []string {
	if cmd.Env == nil {
		return os.Environ()
	}
	return cmd.Env
}

// goEnviron is the environment for cmd, a go command. What go test runs is the user's, so that
// gets no settings for short-lived programs.
func goEnviron(cmd *exec.Cmd) []string {
	if len(cmd.Args) > 1 && cmd.Args[1] == "test" {
		return environ(cmd)
	}
	return withMemory(environ(cmd), availableMemory())
}

// hasProtocol reports whether the go command asks a GOCACHEPROG: it does since Go 1.24.
func hasProtocol(cmd *exec.Cmd) bool {
	var minor int
	n, _ := fmt.Sscanf(goVersion(cmd.Args[0]), "go1.%d", &minor)
	return n == 1 && minor >= 24
}

// goVersion is what the go command calls itself, "" when it does not say.
func goVersion(command string) string {
	if v, ok := goVersions.Load(command); ok {
		return v.(string)
	}
	out, err := exec.Command(command, "env", "GOVERSION").Output()
	version := strings.TrimSpace(string(out))
	if err != nil || strings.Contains(version, "\n") {
		return ""
	}
	goVersions.Store(command, version)
	return version
}

var goVersions sync.Map // by command

// toolchainKey is another one for another toolchain.
func toolchainKey(command string) string {
	key := goVersion(command)
	if program, err := exec.LookPath(command); err == nil {
		if info, err := os.Stat(program); err == nil {
			key += fmt.Sprintf(" %s %d %d", program, info.Size(), info.ModTime().UnixNano())
		}
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(key)))[:16]
}

// unusedLimit is for how long a folder is kept that nobody has used.
const unusedLimit = 6 * 24 * time.Hour

// dropUnused records the use of the folder used, which it makes if need be, and removes the
// others below dir that were not used for days.
func dropUnused(dir, used string, now time.Time) error {
	if err := os.MkdirAll(used, 0o777); err != nil {
		return err
	}
	if err := os.Chtimes(used, now, now); err != nil {
		return err
	}
	return dropOld(dir, unusedLimit, now)
}

// dropOld removes what is in dir and was not changed for that time.
func dropOld(dir string, limit time.Duration, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < limit { // another build has removed it, or uses it
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// runGocache serves a build cache to the go command that started it.
func runGocache(args []string, _ io.Writer) error {
	var c caches
	f := flag.NewFlagSet("gocache", flag.ContinueOnError)
	c.options(f)
	f.StringVar(&c.indexes, "indexes", "", "")
	record := f.String("record", "", "")
	if _, err := parse(f, args, 0); err != nil || c.store == "" || c.indexes == "" || *record == "" {
		return errUsage
	}
	lock, err := gocache.LockFile(*record+lockSuffix, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	kept, err := gocache.OpenStore(c.indexes)
	if err != nil {
		return err
	}
	store, err := gocache.OpenStore(c.store)
	if err != nil {
		return err
	}
	cache := gocache.Cache{Store: store, Kept: kept}
	if cache.Layers, err = open(c.layers, cacheDir, gocache.OpenLayer); err != nil {
		return errors.Join(err, store.Close())
	}
	if cache.Indexes, err = open(c.layers, indexesDir, gocache.OpenIndexes); err != nil {
		return errors.Join(err, store.Close())
	}
	rec, err := gocache.Serve(os.Stdin, os.Stdout, cache)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	data, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(*record, data, 0o644), store.Close(), kept.Close())
}
