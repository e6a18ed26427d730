package gocache_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/gocache"
)

// TestMain is also the program that a go command starts: test serve DIR LOG leaves in LOG
// what it was asked and in LOG.touched what Serve gave.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		if err := serveLogged(gocache.Dir(os.Args[2]), os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	var err error
	if scratch, err = os.MkdirTemp("", "gocache-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

func serveLogged(dir gocache.Dir, log string) error {
	f, err := os.Create(log)
	if err != nil {
		return err
	}
	defer f.Close()
	touched, err := gocache.Serve(io.TeeReader(os.Stdin, f), os.Stdout, dir)
	if err != nil {
		return err
	}
	return os.WriteFile(log+".touched", []byte(strings.Join(sorted(touched), "\n")), 0o666)
}

func sorted(ids map[gocache.ID]bool) []string {
	var names []string
	for id := range ids {
		names = append(names, id.String())
	}
	slices.Sort(names)
	return names
}

type request struct {
	ID                 int64
	Command            string
	ActionID, OutputID []byte
	BodySize           int64
}

type response struct {
	ID            int64
	Err           string
	KnownCommands []string
	Miss          bool
	OutputID      []byte
	Size          int64
	Time          *time.Time
	DiskPath      string
}

func TestServeGo(t *testing.T) {
	dir, other := gocache.Dir(filepath.Join(t.TempDir(), "served")), t.TempDir()
	// The standard library is there, without indexes; the program, by another flag, is not.
	for _, a := range actions(t, warm()) {
		if err := warm().Copy(dir, a); err != nil && !errors.Is(err, gocache.ErrEntry) {
			t.Fatal(err)
		}
	}
	log := filepath.Join(t.TempDir(), "log")
	build := func() int {
		cmd := goBuild(other, "GOCACHEPROG="+os.Args[0]+" serve "+string(dir)+" "+log)
		cmd.Args = slices.Insert(cmd.Args, 2, "-gcflags=-N")
		return compiled(t, cmd)
	}
	if n := build(); n != 1 {
		t.Errorf("%d packages are compiled", n)
	}
	if n := build(); n != 0 {
		t.Errorf("%d packages are compiled again", n)
	}

	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	served := map[gocache.ID]bool{}
	last := ""
	for dec := json.NewDecoder(f); ; {
		var req request
		if err := dec.Decode(&req); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if last = req.Command; last == "close" {
			continue
		}
		if last == "put" && req.BodySize > 0 {
			if err := dec.Decode(new([]byte)); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, ok := dir.Get(gocache.ID(req.ActionID)); ok {
			served[gocache.ID(req.ActionID)] = true
		}
	}
	touched, err := os.ReadFile(log + ".touched")
	if err != nil || last != "close" || len(served) == 0 {
		t.Fatal(err, last, len(served))
	}
	if diff := cmp.Diff(sorted(served), strings.Split(string(touched), "\n")); diff != "" {
		t.Errorf("(-served +touched)\n%s", diff)
	}
	if n := len(actions(t, dir)); len(served) >= n {
		t.Errorf("%d of %d entries are touched", len(served), n)
	}
}

// client speaks to a Serve.
type client struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *json.Decoder
	done chan func() (map[gocache.ID]bool, error)
}

func serve(t *testing.T, dir gocache.Dir) client {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := client{t, inW, json.NewDecoder(outR), make(chan func() (map[gocache.ID]bool, error), 1)}
	go func() {
		touched, err := gocache.Serve(inR, outW, dir)
		inR.CloseWithError(errors.New("not served any more"))
		outW.Close()
		c.done <- func() (map[gocache.ID]bool, error) { return touched, err }
	}()
	hello := c.read()
	if diff := cmp.Diff(response{KnownCommands: []string{"get", "put", "close"}}, hello); diff != "" {
		t.Fatal(diff)
	}
	return c
}

func (c client) read() response {
	c.t.Helper()
	var r response
	if err := c.out.Decode(&r); err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c client) send(req request, body string) {
	c.t.Helper()
	text, err := json.Marshal(req)
	if err == nil && body != "" {
		b, _ := json.Marshal([]byte(body))
		text = append(append(append(text, '\n'), b...), '\n')
	}
	if err == nil {
		_, err = c.in.Write(text)
	}
	if err != nil {
		c.t.Error(err)
	}
}

func (c client) ask(req request, body string) response {
	c.t.Helper()
	c.send(req, body)
	r := c.read()
	if r.ID != req.ID {
		c.t.Errorf("asked %d, answered %d", req.ID, r.ID)
	}
	return r
}

func (c client) end() (map[gocache.ID]bool, error) {
	c.t.Helper()
	select {
	case f := <-c.done:
		return f()
	case <-time.After(10 * time.Second):
		c.t.Fatal("still served")
		return nil, nil
	}
}

func get(n int64, action string) request {
	a := id(action)
	return request{ID: n, Command: "get", ActionID: a[:]}
}

func putting(n int64, action, content string) request {
	a, o := id(action), id(content)
	return request{ID: n, Command: "put", ActionID: a[:], OutputID: o[:], BodySize: int64(len(content))}
}

func TestServe(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	put(t, dir, "there", "before")
	put(t, dir, "not asked for", "before")
	c := serve(t, dir)
	if r := c.ask(get(1, "action"), ""); !r.Miss || r.Err != "" || r.DiskPath != "" {
		t.Errorf("a miss: %+v", r)
	}
	for i, content := range []string{"content", ""} {
		action := fmt.Sprint("action", i)
		r := c.ask(putting(2, action, content), content)
		if data, err := os.ReadFile(r.DiskPath); r.Err != "" || err != nil || string(data) != content {
			t.Errorf("put: %+v %v", r, err)
		}
		path := r.DiskPath
		r = c.ask(get(3, action), "")
		if r.Miss || r.DiskPath != path || r.Size != int64(len(content)) || gocache.ID(r.OutputID) != id(content) || time.Since(*r.Time) > time.Minute {
			t.Errorf("get: %+v", r)
		}
	}
	if r := c.ask(get(4, "there"), ""); r.Miss || !r.Time.Equal(time.Unix(1, 2)) {
		t.Errorf("get: %+v", r)
	}
	for _, bad := range []struct {
		name string
		req  request
		body string
	}{
		{"a smaller size", request{5, "put", get(0, "a").ActionID, putting(0, "", "content").OutputID, 6}, "content"},
		{"a bigger size", request{5, "put", get(0, "a").ActionID, putting(0, "", "content").OutputID, 1 << 60}, "content"},
		{"a negative size", request{5, "put", get(0, "a").ActionID, putting(0, "", "").OutputID, -1}, ""},
		{"another content", putting(5, "a", "content"), "tnetnoc"},
		{"no action", request{5, "get", nil, nil, 0}, ""},
		{"a short action", request{5, "get", []byte("a"), nil, 0}, ""},
		{"a long action", request{5, "get", make([]byte, 33), nil, 0}, ""},
		{"a short output", request{5, "put", get(0, "a").ActionID, []byte("a"), 1}, "x"},
		{"no output", request{5, "put", get(0, "a").ActionID, nil, 0}, ""},
		{"unknown command", request{5, "steal", get(0, "there").ActionID, nil, 0}, ""},
		{"no command", request{5, "", get(0, "there").ActionID, nil, 0}, ""},
	} {
		if r := c.ask(bad.req, bad.body); r.Err == "" || r.DiskPath != "" {
			t.Errorf("%s: %+v", bad.name, r)
		}
	}
	if r := c.ask(request{ID: 6, Command: "close"}, ""); r.Err != "" {
		t.Errorf("close: %+v", r)
	}
	touched, err := c.end()
	want := map[gocache.ID]bool{id("action0"): true, id("action1"): true, id("there"): true}
	if err != nil || !maps.Equal(touched, want) {
		t.Errorf("touched %v, %v", sorted(touched), err)
	}
	if got := files(t, dir); len(got) != 7 { // 4 entries, 3 contents
		t.Errorf("%q", got)
	}
}

// TestServeKeeps checks that the go command, which deletes what nobody used for five days,
// sees the use.
func TestServeKeeps(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	names := []string{put(t, dir, "action", "content"), file(dir, id("action"), "-a")}
	for _, c := range []struct {
		age  time.Duration
		kept bool
	}{{6 * 24 * time.Hour, true}, {time.Minute, false}} {
		old := time.Now().Add(-c.age)
		for _, name := range names {
			if err := os.Chtimes(name, old, old); err != nil {
				t.Fatal(err)
			}
		}
		s := serve(t, dir)
		s.ask(get(1, "action"), "")
		s.in.Close()
		if _, err := s.end(); err != nil {
			t.Error(err)
		}
		for _, name := range names {
			if info, err := os.Stat(name); err != nil || info.ModTime().After(old.Add(time.Second)) != c.kept {
				t.Errorf("%v ago: %s is of %v, %v", c.age, name, info.ModTime(), err)
			}
		}
	}
}

func TestServeWriteFails(t *testing.T) {
	dir := t.TempDir()
	write(dir, "file", "")
	c := serve(t, gocache.Dir(filepath.Join(dir, "file"))) // where nothing can be made, even by root
	if r := c.ask(putting(1, "action", "content"), "content"); r.Err == "" || r.DiskPath != "" {
		t.Errorf("put: %+v", r)
	}
	if r := c.ask(get(2, "action"), ""); !r.Miss {
		t.Errorf("get: %+v", r)
	}
	c.in.Close()
	if touched, err := c.end(); err != nil || len(touched) > 0 {
		t.Error(touched, err)
	}
}

func TestServeBroken(t *testing.T) {
	header, err := json.Marshal(putting(1, "action", "content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in  string
		bad bool
	}{
		{"", false},
		{"\n\n", false},
		{"garbage", true},
		{"\x00\xff", true},
		{"[]", true},
		{`"get"`, true},
		{`{"ID":"one"}`, true},
		{`{"ID":1,"Command":"ge`, true},
		{string(header), true},
		{string(header) + "\n\"YWJ", true},
		{string(header) + "\n\"!!!!\"", true},
		{string(header) + "\n{}", true},
	} {
		dir := gocache.Dir(t.TempDir())
		if touched, err := gocache.Serve(strings.NewReader(c.in), io.Discard, dir); (err != nil) != c.bad || len(touched) > 0 {
			t.Errorf("%q: %v, %v", c.in, touched, err)
		}
		if got := files(t, dir); len(got) > 0 {
			t.Errorf("%q: stored %q", c.in, got)
		}
	}
	in := strings.NewReader(`{"ID":1,"Command":"close"}`)
	if _, err := gocache.Serve(in, failing{}, gocache.Dir(t.TempDir())); err == nil {
		t.Error("no error when nobody listens")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("nobody listens") }

func TestServeConcurrent(t *testing.T) {
	const n = 500
	c := serve(t, gocache.Dir(t.TempDir()))
	content := func(i int64) string { return strings.Repeat(fmt.Sprint("content", i%50), 1000) } // shared by ten actions
	for round, req := range []func(i int64){
		func(i int64) { c.send(putting(i, fmt.Sprint(i), content(i)), content(i)) },
		func(i int64) { c.send(get(i, fmt.Sprint(i)), "") },
	} {
		go func() {
			for i := range int64(n) {
				req(i)
			}
		}()
		seen := map[int64]bool{}
		for range n {
			r := c.read()
			data, err := os.ReadFile(r.DiskPath)
			if seen[r.ID] || r.Err != "" || err != nil || !bytes.Equal(data, []byte(content(r.ID))) {
				t.Fatalf("round %d: %+v %v", round, r, err)
			}
			seen[r.ID] = true
		}
	}
	c.ask(request{ID: n, Command: "close"}, "")
	if touched, err := c.end(); err != nil || len(touched) != n {
		t.Error(len(touched), err)
	}
}
