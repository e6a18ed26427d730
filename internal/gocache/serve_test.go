package gocache_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/gocache"
)

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

// client speaks to a Serve.
type client struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *json.Decoder
	done chan func() (*gocache.Record, error)
}

func serve(t *testing.T, cache gocache.Cache) client {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := client{t, inW, json.NewDecoder(outR), make(chan func() (*gocache.Record, error), 1)}
	go func() {
		record, err := gocache.Serve(inR, outW, cache)
		inR.CloseWithError(errors.New("not served any more"))
		outW.Close()
		c.done <- func() (*gocache.Record, error) { return record, err }
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
	text = append(text, '\n', '\n')
	if err == nil && body != "" {
		b, _ := json.Marshal([]byte(body))
		text = append(append(text, b...), '\n')
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

func (c client) end() (*gocache.Record, error) {
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

// cache is a cache with nothing in it.
func cache(t *testing.T) gocache.Cache {
	t.Helper()
	return gocache.Cache{Store: open(t, t.TempDir()), Kept: open(t, t.TempDir())}
}

// ids gives the names of actions, sorted.
func ids(actions ...string) []gocache.ID {
	var list []gocache.ID
	for _, a := range actions {
		list = append(list, id(a))
	}
	slices.SortFunc(list, func(a, b gocache.ID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

func TestServe(t *testing.T) {
	ca := cache(t)
	put(t, ca.Store, "there", "before")
	put(t, ca.Store, "not asked for", "before")
	c := serve(t, ca)
	if r := c.ask(get(1, "action"), ""); !r.Miss || r.Err != "" || r.DiskPath != "" {
		t.Errorf("a miss: %+v", r)
	}
	for i, content := range []string{"content", "", strings.Repeat("long", 1<<20)} {
		action := fmt.Sprint("action", i)
		r := c.ask(putting(2, action, content), content)
		if r.Err != "" || read(t, r.DiskPath) != content {
			t.Errorf("put: %+v", r)
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
		{"another module index", putting(5, "a", "go index v2\na"), "go index v2\nb"},
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
	record, err := c.end()
	want := &gocache.Record{Touched: ids("action0", "action1", "action2", "there")}
	if diff := cmp.Diff(want, record); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// TestServeTiers holds the order of the tiers, and what each gives to the record.
func TestServeTiers(t *testing.T) {
	ca := cache(t)
	from := open(t, t.TempDir())
	put(t, from, "first", "!<arch>\nfirst")
	put(t, from, "both", "of the first")
	first := openLayer(t, writeLayer(t, from, id("first"), id("both")))
	put(t, from, "both", "of the second")
	put(t, from, "second", "second")
	put(t, from, "damaged", "in the layer")
	second := writeLayer(t, from, id("second"), id("both"), id("damaged"))
	damageFrame(t, second, id("in the layer"))
	ca.Layers = []*gocache.Layer{first, openLayer(t, second)}
	put(t, ca.Store, "first", "of the store")
	put(t, ca.Store, "stored", "!<arch>\nstored")
	put(t, ca.Store, "damaged", "in the store")

	c := serve(t, ca)
	for action, want := range map[string]string{
		"first": "!<arch>\nfirst", "both": "of the first", "second": "second", "stored": "!<arch>\nstored", "damaged": "in the store",
	} {
		for range 2 { // which counts once
			if r := c.ask(get(1, action), ""); r.Miss || read(t, r.DiskPath) != want || gocache.ID(r.OutputID) != id(want) || r.Size != int64(len(want)) {
				t.Errorf("%s: %+v", action, r)
			}
		}
	}
	c.ask(putting(2, "new", "!<arch>\nnew"), "!<arch>\nnew")
	c.ask(get(3, "new"), "")
	c.in.Close()
	record, err := c.end()
	want := &gocache.Record{Touched: ids("stored", "damaged", "new"), Packages: 3, Compiled: 1}
	if diff := cmp.Diff(want, record); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// TestServeIndex holds that module indexes come from their own tiers, and go to them only.
func TestServeIndex(t *testing.T) {
	const content = anIndex
	ca := cache(t)
	put(t, ca.Store, "stored", content) // by a go command that used the directory itself
	from := open(t, t.TempDir())
	put(t, from, "brought", content)
	brought := writeIndexes(t, from, id("brought"))
	forged, frame := writeLayer(t, from), pack(t, content)
	write(t, filepath.Join(forged, "frames"), frame)
	write(t, filepath.Join(forged, "index"), fmt.Sprintf("%s%s %s %d 0 %d i\n", read(t, filepath.Join(forged, "index")), id("brought"), id(content), len(content), len(frame)))
	ca.Layers = []*gocache.Layer{openLayer(t, forged)} // where an index is not looked for
	if n := ca.Layers[0].Len(); n != 1 {
		t.Fatal(n)
	}
	c := serve(t, ca)
	for _, action := range []string{"stored", "brought"} {
		if r := c.ask(get(1, action), ""); !r.Miss {
			t.Errorf("%s: an index is found: %+v", action, r)
		}
	}
	if r := c.ask(putting(2, "action", content), content); r.Err != "" || read(t, r.DiskPath) != content {
		t.Errorf("put: %+v", r)
	}
	c.in.Close()
	record, err := c.end()
	if diff := cmp.Diff(&gocache.Record{Indexes: ids("action")}, record); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if _, _, ok := ca.Store.Get(id("action")); ok {
		t.Error("an index is in the store")
	}

	ca.Layers, ca.Indexes = nil, []*gocache.Indexes{openIndexes(t, brought)}
	c = serve(t, ca)
	for _, action := range []string{"action", "brought"} {
		r := c.ask(get(3, action), "")
		if r.Miss || read(t, r.DiskPath) != content || r.Size != int64(len(content)) || gocache.ID(r.OutputID) != id(content) {
			t.Errorf("%s: %+v", action, r)
		}
	}
	c.in.Close()
	record, err = c.end()
	if diff := cmp.Diff(&gocache.Record{Indexes: ids("action", "brought")}, record); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestServeWriteFails(t *testing.T) {
	dir := t.TempDir()
	ca := gocache.Cache{Store: open(t, filepath.Join(dir, "store")), Kept: open(t, filepath.Join(dir, "store", "indexes"))}
	if err := os.RemoveAll(filepath.Join(dir, "store")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "store"), "") // where nothing can be made, even by root
	c := serve(t, ca)
	for _, content := range []string{"content", "go index v2\n"} {
		if r := c.ask(putting(1, "action", content), content); r.Err == "" || r.DiskPath != "" {
			t.Errorf("put: %+v", r)
		}
	}
	if r := c.ask(get(2, "action"), ""); !r.Miss {
		t.Errorf("get: %+v", r)
	}
	c.in.Close()
	if record, err := c.end(); err != nil || len(record.Touched) > 0 {
		t.Error(record, err)
	}
}

// conversations are what Serve may read, and whether the connection is broken then.
func conversations(t testing.TB) map[string]bool {
	header, err := json.Marshal(putting(1, "action", "content"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]bool{
		"":                              false,
		"\n\n":                          false,
		"garbage":                       true,
		"\x00\xff":                      true,
		"[]":                            true,
		`"get"`:                         true,
		`{"ID":"one"}`:                  true,
		`{"ID":1,"Command":"ge`:         true,
		`{"ID":1,"Command":"get"}`:      false,
		"null\n{}\n":                    false,
		string(header):                  true,
		string(header) + "\n\"YWJ":      true,
		string(header) + "\n\"!!!!\"\n": false, // this put fails
		string(header) + "\n{}":         true,
		string(header) + "\n{\"\"}":     true,
	}
}

func TestServeBroken(t *testing.T) {
	for in, bad := range conversations(t) {
		dir := t.TempDir()
		ca := gocache.Cache{Store: open(t, dir), Kept: open(t, t.TempDir())}
		record, err := gocache.Serve(strings.NewReader(in), io.Discard, ca)
		if (err != nil) != bad || (record == nil) != bad || record != nil && len(record.Touched) > 0 {
			t.Errorf("%q: %v, %v", in, record, err)
		}
		if got := files(t, dir); len(got) > 0 {
			t.Errorf("%q: stored %q", in, got)
		}
	}
	in := strings.NewReader(`{"ID":1,"Command":"close"}`)
	if _, err := gocache.Serve(in, failing{}, cache(t)); err == nil {
		t.Error("no error when nobody listens")
	}
}

// FuzzServe holds that whatever is read, all that is said is JSON.
func FuzzServe(f *testing.F) {
	for in := range conversations(f) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		gocache.Serve(strings.NewReader(in), &out, cache(t))
		for line := range strings.Lines(out.String()) {
			if err := json.Unmarshal([]byte(line), new(response)); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("nobody listens") }

func TestServeConcurrent(t *testing.T) {
	const n = 500
	c := serve(t, cache(t))
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
	if record, err := c.end(); err != nil || len(record.Touched) != n {
		t.Error(record, err)
	}
}
