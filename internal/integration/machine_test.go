package integration

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/moby/buildkit/client"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/tonistiigi/fsutil"
)

// TestOneMachine is what befalls a daemon of its own: steps are killed, it is given the cache of an
// image, and its build cache is damaged.
func TestOneMachine(t *testing.T) {
	t.Parallel()
	k := fresh(t)
	p := newHeavy(t)
	r := request{dir: p.dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries"}}
	for _, step := range []string{"[std linux/amd64] compile", "[deps linux/amd64] compile", "[heavy linux/amd64] compile"} {
		t.Run("killed in "+step, func(t *testing.T) { kill(t, k, r, step) })
	}
	t.Run("after kills", func(t *testing.T) {
		res := build(t, k, r)
		if !res.executed("[heavy linux/amd64] compile") {
			t.Errorf("a killed step is trusted: ran %v", res.ran())
		}
		p.same(t, res)
	})
	t.Run("inline cache", func(t *testing.T) { inlineCache(t, k) })
	t.Run("damaged", func(t *testing.T) {
		damage(t, k)
		p.own(t, 0, "another") // the other own packages are in the damaged cache,
		p.main(t, heavies)     // and so is what the deps step, which has one import more, needs
		res := build(t, k, r)
		if !res.executed("[deps linux/amd64] compile") {
			t.Errorf("no use of the damaged cache: ran %v", res.ran())
		}
		p.same(t, res)
	})
}

// heavy is a program whose own packages, and those of a module, take some time to compile.
type heavy struct {
	dir   string
	proxy *proxy
}

// heavies is the number of the packages.
const heavies = 16

func newHeavy(t *testing.T) heavy {
	t.Helper()
	files := map[string]string{"example.com/heavy@v1.0.0/go.mod": "module example.com/heavy\n\ngo 1.21\n"}
	for i := range heavies {
		files[fmt.Sprintf("example.com/heavy@v1.0.0/h%d/h.go", i)] = heavySource(fmt.Sprint("h", i), "module")
	}
	h := heavy{proxy: serveModules(t, files)}
	h.dir = project(t, map[string]string{
		"Dockerfile": h.proxy.spec(),
		"go.mod":     "module example.com/own/heavy\n\ngo 1.26\n",
	})
	for i := range heavies {
		h.own(t, i, "own")
	}
	h.main(t, heavies-1)
	h.proxy.run(t, h.dir, "mod", "tidy")
	return h
}

// own writes an own package.
func (h heavy) own(t *testing.T, i int, word string) {
	t.Helper()
	write(t, filepath.Join(h.dir, fmt.Sprintf("o%d/o.go", i)), heavySource(fmt.Sprint("o", i), word))
}

// main writes a program that takes all own packages, and the first of the module.
func (h heavy) main(t *testing.T, modules int) {
	t.Helper()
	var imports, calls strings.Builder
	for i := range heavies {
		fmt.Fprintf(&imports, "import \"example.com/own/heavy/o%d\"\n", i)
		fmt.Fprintf(&calls, "\to%d.Run()\n", i)
	}
	for i := range modules {
		fmt.Fprintf(&imports, "import \"example.com/heavy/h%d\"\n", i)
		fmt.Fprintf(&calls, "\th%d.Run()\n", i)
	}
	write(t, filepath.Join(h.dir, "main.go"), "package main\n\n"+imports.String()+"\nfunc main() {\n"+calls.String()+"}\n")
}

func (h heavy) same(t *testing.T, res *result) {
	t.Helper()
	want, said, err := h.proxy.goBuild(t, h.dir, ".", "linux/amd64")
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	if !bytes.Equal(res.data["heavy"], want) {
		t.Errorf("%d bytes, go build makes other %d", len(res.data["heavy"]), len(want))
	}
}

// heavySource is a package with functions enough to keep the compiler busy.
func heavySource(pkg, word string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nfunc Run() { println(%q, f0(1, 2)) }\n", pkg, pkg+" "+word)
	const functions = 80
	for i := range functions {
		fmt.Fprintf(&b, "\nfunc f%d(a, b int) int {\n\tfor i := 0; i < a; i++ {\n\t\tif b%%(i+%d) == 0 {\n\t\t\tb += a * i\n\t\t} else {\n\t\t\tb ^= i\n\t\t}\n\t}\n\treturn f%d(b, a+%d)\n}\n", i, i+2, i+1, i)
	}
	fmt.Fprintf(&b, "\nfunc f%d(a, b int) int { return a + b }\n", functions)
	return b.String()
}

// kill cancels a build in the middle of a step: once that has put something into a build cache.
func kill(t *testing.T, k *localkit.Kit, r request, step string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	started, completed := false, false
	var killed atomic.Bool
	r = watched(r, func(s *client.SolveStatus) {
		for _, v := range s.Vertexes {
			if v.Name != step {
				continue
			}
			completed = completed || v.Completed != nil && v.Error == ""
			if v.Started != nil && !started {
				started = true
				before := outputs(k)
				go func() {
					for ctx.Err() == nil && outputs(k) < before+5 {
						time.Sleep(20 * time.Millisecond)
					}
					killed.Store(true)
					cancel()
				}()
			}
		}
	})
	solve := r.gateway
	r.gateway = func(_ context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error) {
		return solve(ctx, c, opt, ch)
	}
	res, err := tryBuild(t, k, r)
	if err == nil || !started || completed || !killed.Load() {
		t.Errorf("the step was not killed on its way: started %v, completed %v, killed %v, %v\n%s", started, completed, killed.Load(), err, res.logs)
	}
}

// outputs counts the contents of build cache entries in the daemon's state. Some may come and go
// meanwhile.
func outputs(k *localkit.Kit) (n int) {
	roots, _ := filepath.Glob(filepath.Join(k.State(), "root", "*", "snapshots"))
	for _, root := range roots {
		filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
			if err == nil && outputName.MatchString(name) {
				n++
			}
			return nil
		})
	}
	return n
}

var (
	outputName = regexp.MustCompile(`/[0-9a-f]{64}-d$`)
	mountID    = regexp.MustCompile(`with id "(.*)"`)
)

// vandal is a program that damages the build cache entries below its argument: half of the
// contents are truncated, half keep their size.
const vandal = `package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

func main() {
	name, truncated, overwritten := regexp.MustCompile("^[0-9a-f]{64}-d$"), 0, 0
	err := filepath.WalkDir(os.Args[1], func(file string, d fs.DirEntry, err error) error {
		if err != nil || !name.MatchString(d.Name()) {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Size() == 0 {
			return err
		}
		if truncated < overwritten {
			truncated++
			return os.Truncate(file, info.Size()/2)
		}
		overwritten++
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.Write(bytes.Repeat([]byte{'x'}, int(info.Size())))
		return err
	})
	fmt.Println("DAMAGED", truncated, overwritten, err)
}
`

// damage damages what all cache mounts of the daemon hold of build caches.
func damage(t *testing.T, k *localkit.Kit) {
	t.Helper()
	c, err := k.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	usage, err := c.DiskUsage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vandal"), program(t, vandal), 0o755); err != nil {
		t.Fatal(err)
	}
	mounts := []bk.RunOption{bk.AddMount("/tool", bk.Local("tool"), bk.Readonly)}
	for _, u := range usage {
		if id := mountID.FindStringSubmatch(u.Description); u.RecordType == client.UsageRecordTypeCacheMount && id != nil {
			mounts = append(mounts, bk.AddMount("/caches"+id[1], bk.Scratch(), bk.AsPersistentCacheDir(id[1], bk.CacheMountShared)))
		}
	}
	def, err := bk.Scratch().Run(append(mounts, bk.Args([]string{"/tool/vandal", "/caches", fmt.Sprint(time.Now().UnixNano())}))...).Root().Marshal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tool, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	log, ch := "", make(chan *client.SolveStatus)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := range ch {
			for _, l := range s.Logs {
				log += string(l.Data)
			}
		}
	}()
	_, err = c.Solve(t.Context(), def, client.SolveOpt{LocalMounts: map[string]fsutil.FS{"tool": tool}}, ch)
	<-done
	var truncated, overwritten int
	if n, _ := fmt.Sscanf(log, "DAMAGED %d %d <nil>", &truncated, &overwritten); err != nil || n != 2 || truncated < heavies || overwritten < heavies {
		t.Fatalf("the caches are not damaged: %v %s", err, log)
	}
	t.Logf("%d files truncated, %d overwritten", truncated, overwritten)
}
