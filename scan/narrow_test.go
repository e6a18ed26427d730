package scan_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/scan"
)

// What a go command on each tree must give.
const (
	builds = iota // the same binary
	fails         // the same error
	lists         // the same list of packages and files; nothing is compiled
	asks          // nothing: the mistake is told in other words
)

type narrowTest struct {
	name   string
	files  files
	links  map[string]string // symbolic links by path
	build  scan.Build        // ID is x; Main and Module are "." when empty, GOOS and GOARCH linux and amd64
	want   []string
	oracle int
}

func prog(imports ...string) string {
	s := "package main\n\n"
	for _, i := range imports {
		s += "import _ \"" + i + "\"\n"
	}
	return s + "\nfunc main() { println(1) }\n"
}

func lib(name string, imports ...string) string {
	s := "package " + name + "\n\n"
	for _, i := range imports {
		s += "import _ \"" + i + "\"\n"
	}
	return s + "\nfunc init() { println(\"" + name + "\") }\n"
}

func when(constraint, source string) string { return constraint + "\n\n" + source }

func embedding(patterns string) string {
	return "package main\n\nimport \"embed\"\n\n//go:embed " + patterns + "\nvar fs embed.FS\n\nfunc main() { _, err := fs.ReadDir(\".\"); println(err == nil) }\n"
}

func mod(path string, lines ...string) string {
	return "module " + path + "\n\ngo 1.26\n\n" + strings.Join(lines, "\n") + "\n"
}

// hostile gives each import a file of its own, for one may hide the others.
func hostile(imports ...string) files {
	f := files{"go.mod": goMod, "x/x.go": lib("x"), "a/b/b.go": lib("b"), "etc/etc.go": lib("etc"), "b/b.go": lib("b"), "vendor/x/x.go": lib("x")}
	for i, imp := range imports {
		f[fmt.Sprintf("a/i%02d.go", i)] = lib("main", imp)
	}
	return f
}

const (
	asmGo   = "package lib\n\nfunc Add()\n\nfunc init() { Add() }\n"
	asmText = "#include \"textflag.h\"\n"
	asmFunc = "\nTEXT ·Add(SB), NOSPLIT, $0-0\n\tRET\n"
	cGo     = "package lib\n\n// #include \"x.h\"\nimport \"C\"\n"
)

var narrowTests = []narrowTest{
	{
		name:  "one main package",
		files: files{"go.mod": goMod, "go.sum": "", "main.go": prog(), "README.md": "x", "Makefile": "x", "go.work": "go 1.26\n\nuse .\n"},
		want:  []string{"go.mod", "go.sum", "main.go"},
	},
	{
		name: "what is imported, directly or not, and nothing else",
		files: files{
			"go.mod": goMod, "cmd/a/main.go": prog("example.com/app/b"), "cmd/a/more.go": "package main\n", "cmd/other/main.go": prog("example.com/app/d"),
			"b/b.go": lib("b", "example.com/app/b/internal/c", "unsafe"), "b/internal/c/c.go": lib("c"), "d/d.go": lib("d"), "root.go": libGo,
		},
		build: scan.Build{Main: "cmd/a"},
		want:  []string{"b/b.go", "b/internal/c/c.go", "cmd/a/main.go", "cmd/a/more.go", "go.mod"},
	},
	{
		name: "tests, testdata and names that begin with _ or . are left out",
		files: files{
			"go.mod": goMod, "main.go": prog(), "main_test.go": lib("main", "example.com/app/t"), "x_test.go": "package main_test\n",
			"t/t.go": lib("t"), "testdata/a.go": libGo, "_a.go": libGo, ".b.go": libGo, "notes.txt": "x", "c.go/x.go": libGo,
		},
		want: []string{"go.mod", "main.go"},
	},
	{
		name: "a package in testdata that is imported",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/testdata/a"), "testdata/a/a.go": lib("a"), "testdata/b/b.go": lib("b"),
		},
		want: []string{"go.mod", "main.go", "testdata/a/a.go"},
	},
	{
		name: "other systems by the names of files, and what those import",
		files: files{
			"go.mod": goMod, "main.go": prog(), "a_linux.go": lib("main", "example.com/app/l"), "a_windows.go": lib("main", "example.com/app/w"),
			"a_arm64.go": "package main\n", "a_linux_amd64.go": "package main\n", "a_linux_arm64.go": "package main\n", "linux.go": "package main\n",
			"windows.go": "package main\n", "l/l.go": lib("l"), "w/w.go": lib("w"),
		},
		want: []string{"a_linux.go", "a_linux_amd64.go", "go.mod", "l/l.go", "linux.go", "main.go", "windows.go"},
	},
	{
		name: "another target",
		files: files{
			"go.mod": goMod, "main.go": prog(), "a_linux.go": lib("main", "example.com/app/l"), "a_windows.go": lib("main", "example.com/app/w"),
			"a_arm64.go": "package main\n", "u.go": when("//go:build unix", "package main\n"), "l/l.go": lib("l"), "w/w.go": lib("w"),
		},
		build:  scan.Build{Target: scan.Target{GOOS: "windows", GOARCH: "arm64"}},
		want:   []string{"a_arm64.go", "a_windows.go", "go.mod", "main.go", "w/w.go"},
		oracle: lists,
	},
	{
		name: "constraints: simple, negated, compound",
		files: files{
			"go.mod": goMod, "main.go": prog(),
			"a.go": when("//go:build linux", "package main\n"), "b.go": when("//go:build windows", "package main\n"),
			"c.go": when("//go:build !linux", "package main\n"), "d.go": when("//go:build !windows && (amd64 || arm64)", "package main\n"),
			"e.go": when("//go:build (linux && !amd64) || darwin", "package main\n"), "f.go": when("//go:build unix && gc", "package main\n"),
			"g.go": when("//go:build ignore", prog("example.com/app/gen")), "h.go": when("//go:build cgo", "package main\n"),
			"i.go": when("// A comment.\n\n/* more */\n\n//go:build windows", "package main\n"), "gen/gen.go": lib("gen"),
		},
		want: []string{"a.go", "d.go", "f.go", "go.mod", "main.go"},
	},
	{
		name: "the old form",
		files: files{
			"go.mod": goMod, "main.go": prog(), "a.go": when("// +build linux,amd64 darwin", "package main\n"), "b.go": when("// +build windows", "package main\n"),
			"c.go": when("// +build linux\n// +build !amd64", "package main\n"), "d.go": "// +build windows\npackage main\n", // no blank line: a comment
			"e.go": when("//go:build linux\n// +build windows", "package main\n"),
		},
		want: []string{"a.go", "d.go", "e.go", "go.mod", "main.go"},
	},
	{
		name: "tags that are given",
		files: files{
			"go.mod": goMod, "main.go": prog(), "a.go": when("//go:build pro", lib("main", "example.com/app/p")),
			"b.go": when("//go:build !pro", lib("main", "example.com/app/q")), "c.go": when("//go:build v1.2", "package main\n"),
			"d.go": when("//go:build !v1.2", "package main\n"), "p/p.go": lib("p"), "q/q.go": lib("q"),
		},
		build: scan.Build{Target: scan.Target{Tags: []string{"pro", "v1.2"}}},
		want:  []string{"a.go", "c.go", "go.mod", "main.go", "p/p.go"},
	},
	{
		name: "tags that are not given",
		files: files{
			"go.mod": goMod, "main.go": prog(), "a.go": when("//go:build pro", lib("main", "example.com/app/p")),
			"b.go": when("//go:build !pro", lib("main", "example.com/app/q")), "p/p.go": lib("p"), "q/q.go": lib("q"),
		},
		want: []string{"b.go", "go.mod", "main.go", "q/q.go"},
	},
	{
		name: "tags of the toolchain are taken both ways, with what such files import",
		files: files{
			"go.mod": goMod, "main.go": prog(),
			"a.go": when("//go:build go1.30", lib("main", "example.com/app/a")), "b.go": when("//go:build !go1.22", lib("main", "example.com/app/b")),
			"c.go": when("//go:build goexperiment.x", lib("main", "example.com/app/c")), "d.go": when("//go:build !goexperiment.x", "package main\n"),
			"e.go": when("//go:build amd64.v3 && linux", "package main\n"), "f.go": when("//go:build race || msan || asan", "package main\n"),
			"g.go": when("//go:build boringcrypto", "package main\n"), "h.go": when("//go:build go1.22 && !go1.30", "package main\n"),
			"i.go": when("// +build go1.22\n// +build !go1.30", "package main\n"), "j.go": when("//go:build !race", "package main\n"),
			"a/a.go": lib("a"), "b/b.go": lib("b"), "c/c.go": lib("c"),
			"n.go": when("//go:build go1.22 && windows", "package main\n"), "o.go": when("//go:build go1.22 && pro", "package main\n"),
			"p.go": when("//go:build pro && (go1.1 || go1.2 || go1.3 || go1.4 || go1.5 || go1.6 || go1.7)", "package main\n"),
		},
		want: []string{
			"a.go", "a/a.go", "b.go", "b/b.go", "c.go", "c/c.go", "d.go", "e.go", "f.go", "g.go", "go.mod", "h.go", "i.go", "j.go", "main.go", "p.go",
		},
	},
	{
		name: "embedded: a file, a glob, in testdata, a test",
		files: files{
			"go.mod": goMod, "main.go": embedding("a.txt *.sql testdata/x.json x_test.go deep/*/y"), "a.txt": "a", "b.txt": "b", "1.sql": "1", "2.sql": "2",
			"testdata/x.json": "{}", "testdata/y.json": "{}", "x_test.go": "package main\n", "y_test.go": "package main\n",
			"deep/a/y": "y", "deep/b/y": "y", "deep/b/z": "z",
		},
		want: []string{"1.sql", "2.sql", "a.txt", "deep/a/y", "deep/b/y", "go.mod", "main.go", "testdata/x.json", "x_test.go"},
	},
	{
		name: "embedded: a directory without what is hidden, and without other modules",
		files: files{
			"go.mod": goMod, "main.go": embedding("web"), "web/a": "a", "web/d/b": "b", "web/.c": "c", "web/_d/e": "e", "web/m/go.mod": mod("m"), "web/m/f": "f",
			"web/.git/config": "x",
		},
		want: []string{"go.mod", "main.go", "web/a", "web/d/b"},
	},
	{
		name: "embedded: all of a directory, and a glob that names what is hidden",
		files: files{
			"go.mod": goMod, "main.go": embedding("all:web pub/*"), "web/a": "a", "web/d/.b": "b", "web/.c": "c", "web/_d/e": "e", "web/.git/config": "x",
			"pub/.h": "h", "pub/_i/j": "j", "pub/_i/.k": "k",
		},
		want: []string{"go.mod", "main.go", "pub/.h", "pub/_i/j", "web/.c", "web/_d/e", "web/a", "web/d/.b"},
	},
	{
		name: "embedded: names with spaces, and quoted patterns",
		files: files{
			"go.mod": goMod, "main.go": embedding("\"a b.txt\" `c d/e f`"), "a b.txt": "a", "c d/e f": "c", "a": "x", "b.txt": "x",
		},
		want: []string{"a b.txt", "c d/e f", "go.mod", "main.go"},
	},
	{
		name: "embedded: below a directory whose name is a pattern",
		files: files{
			"[ab]/go.mod": goMod, "[ab]/main.go": embedding("*.txt"), "[ab]/x.txt": "x", "a/y.txt": "y", "[ab]/z/z.txt": "z",
		},
		build: scan.Build{Main: "[ab]", Module: "[ab]"},
		want:  []string{"[ab]/go.mod", "[ab]/main.go", "[ab]/x.txt"},
	},
	{
		name: "embedded by another system's file",
		files: files{
			"go.mod": goMod, "main.go": prog(), "a_windows.go": strings.Replace(embedding("x.ico"), "main()", "init()", 1), "x.ico": "x",
		},
		want: []string{"go.mod", "main.go"},
	},
	{
		name: "embedded from another module, which go refuses",
		files: files{
			"go.mod": goMod, "main.go": embedding("m/f"), "m/go.mod": mod("example.com/m"), "m/f": "f",
		},
		want:   []string{"go.mod", "m/f", "m/go.mod", "main.go"},
		oracle: fails,
	},
	{
		name:   "patterns that go refuses",
		files:  files{"go.mod": goMod, "a/main.go": embedding(". ../x /etc/passwd a//b b/ [ \"\" ok"), "x": "x", "a/ok": "ok", "a/b/c": "c"},
		build:  scan.Build{Main: "a"},
		want:   []string{"a/main.go", "a/ok", "go.mod"},
		oracle: fails,
	},
	{
		name: "assembly with a header elsewhere, which includes another; that of other architectures is left out",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/lib"), "lib/lib.go": asmGo, "lib/a_amd64.s": asmText + "#include \"../inc/x.h\"\n#include \"z.inc\"\n" + asmFunc,
			"lib/a_arm64.s": asmText + "#include \"../inc/arm.h\"\n" + asmFunc, "lib/b.s": when("//go:build windows", asmText),
			"lib/z.inc": "", "inc/x.h": "#include \"../inc/deep/y.h\"\n", "inc/deep/y.h": "", "inc/arm.h": "", "inc/other.h": "", "lib/own.h": "", "lib/w_windows.h": "",
		},
		want: []string{"go.mod", "inc/deep/y.h", "inc/x.h", "lib/a_amd64.s", "lib/lib.go", "lib/own.h", "lib/z.inc", "main.go"},
	},
	{
		name: "C is left out without cgo, and so are files that import it",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/lib"), "lib/lib.go": lib("lib"), "lib/c.go": strings.Replace(cGo, "import \"C\"", "import \"C\"\nimport _ \"example.com/app/only\"", 1),
			"lib/x.c": "", "lib/x.cpp": "", "lib/x.m": "", "lib/x.S": "", "lib/x.h": "", "lib/x.swig": "", "lib/x_linux.syso": "", "lib/x_windows.syso": "",
			"only/only.go": libGo, "inc/y.h": "",
		},
		want:   []string{"go.mod", "lib/lib.go", "lib/x.h", "lib/x_linux.syso", "main.go"},
		oracle: lists,
	},
	{
		name: "C with cgo: all headers, and the files that it includes",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/lib"), "lib/lib.go": cGo, "lib/x.h": "#include <deep/y.hpp>\n", "lib/x.c": "#include \"../impl/z.c\"\n",
			"lib/x.cpp": "", "lib/x_windows.c": "", "lib/x_windows.h": "", "lib/x.S": "", "lib/x.m": "", "third/inc/deep/y.hpp": "", "third/h.hxx": "", "impl/z.c": "#include \"w.c\"\n",
			"impl/w.c": "", "impl/v.c": "", "other/other.go": libGo, "lib/n.go": when("//go:build !cgo", libGo),
		},
		build: scan.Build{Target: scan.Target{CGo: true}},
		want: []string{
			"go.mod", "impl/w.c", "impl/z.c", "lib/lib.go", "lib/x.S", "lib/x.c", "lib/x.cpp", "lib/x.h", "lib/x.m", "lib/x_windows.h", "main.go",
			"third/h.hxx", "third/inc/deep/y.hpp",
		},
		oracle: lists,
	},
	{
		name: "C that includes what a macro says",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/lib"), "lib/lib.go": cGo, "lib/x.h": "#define I \"../impl/z.c\"\n#include I\n", "impl/z.c": "", "impl/z.txt": "",
		},
		build:  scan.Build{Target: scan.Target{CGo: true}},
		want:   []string{"go.mod", "impl/z.c", "lib/lib.go", "lib/x.h", "main.go"},
		oracle: lists,
	},
	{
		name: "headers stay where no C is, though cgo is on",
		files: files{
			"go.mod": goMod, "main.go": prog(), "x.h": "", "x_windows.h": "", "inc/y.h": "",
		},
		build:  scan.Build{Target: scan.Target{CGo: true}},
		want:   []string{"go.mod", "main.go", "x.h"},
		oracle: lists,
	},
	{
		name: "profiles: default.pgo of the main package, and the file that a flag names",
		files: files{
			"go.mod": goMod, "a/main.go": prog("example.com/app/b"), "a/default.pgo": "", "b/b.go": lib("b"), "b/default.pgo": "", "p/x.pgo": "", "p/y.pgo": "",
		},
		build:  scan.Build{Main: "a", Profile: "b/../p/y.pgo"},
		want:   []string{"a/default.pgo", "a/main.go", "b/b.go", "go.mod", "p/y.pgo"},
		oracle: lists,
	},
	{
		name: "a workspace: go.mod of every module, packages of those imported",
		files: files{
			"go.work": "go 1.26\n\nuse (\n\t./a\n\t./b\n\t./c/\n)\n", "go.work.sum": "", "a/go.mod": mod("example.com/a"), "a/go.sum": "", "b/go.mod": mod("example.com/b"),
			"c/go.mod": mod("example.com/c"), "c/go.sum": "", "d/go.mod": mod("example.com/d"), "a/main.go": prog("example.com/b/x"), "b/x/x.go": lib("x"), "b/b.go": lib("b"), "c/c.go": lib("c"), "d/d.go": lib("d"),
		},
		build: scan.Build{Main: "a", Module: "a", Work: true},
		want:  []string{"a/go.mod", "a/go.sum", "a/main.go", "b/go.mod", "b/x/x.go", "c/go.mod", "c/go.sum", "go.work", "go.work.sum"},
	},
	{
		name: "a workspace with replacements in go.work and in a module that is not the main one's",
		files: files{
			"go.work":  "go 1.26\n\nuse ./a\nuse ./testdata/b\n\nreplace example.com/x v1.0.0 => ./x\n",
			"a/go.mod": mod("example.com/a", "require example.com/x v1.0.0"), "a/main.go": prog("example.com/b"),
			"testdata/b/go.mod": mod("example.com/b", "require example.com/y v1.0.0", "replace example.com/y => ../../y"), "testdata/b/b.go": lib("b", "example.com/x", "example.com/y"),
			"x/go.mod": mod("example.com/x"), "x/x.go": lib("x"), "y/go.mod": mod("example.com/other"), "y/y.go": lib("y"), "y/z/z.go": lib("z"),
		},
		build: scan.Build{Main: "a", Module: "a", Work: true},
		want:  []string{"a/go.mod", "a/main.go", "go.work", "testdata/b/b.go", "testdata/b/go.mod", "x/go.mod", "x/x.go", "y/go.mod", "y/y.go"},
	},
	{
		name: "a workspace that uses what is outside",
		files: files{
			"go.work": "go 1.26\n\nuse (\n\t./a\n\t../../../../../../../etc\n\t/usr\n)\n\nreplace example.com/x => ../../x\n", "a/go.mod": mod("example.com/a"), "a/main.go": prog(),
		},
		build:  scan.Build{Main: "a", Module: "a", Work: true},
		want:   []string{"a/go.mod", "a/main.go", "go.work"},
		oracle: asks,
	},
	{
		name: "a workspace that is not at the top of the tree",
		files: files{
			"go.work": "go 1.26\n\nuse ./never\n", "never/go.mod": mod("example.com/never"), "_/_/go.work.sum": "",
			"_/_/go.work":  "go 1.26\n\nuse (\n\t./a\n\t./b\n)\n\nreplace example.com/x => ../x\n",
			"_/_/a/go.mod": mod("example.com/a", "require example.com/x v1.0.0"), "_/_/a/main.go": prog("example.com/b", "example.com/x"),
			"_/_/b/go.mod": mod("example.com/b", "replace example.com/y => ../../../y", "require example.com/y v1.0.0"), "_/_/b/b.go": lib("b", "example.com/y"),
			"_/x/go.mod": mod("example.com/x"), "_/x/x.go": lib("x"), "_/x/x_windows.go": lib("x"), "y/go.mod": mod("example.com/y"), "y/y.go": lib("y"), "y/README.md": "x",
		},
		build: scan.Build{Root: "_/_", Main: "_/_/a", Module: "_/_/a", Work: true},
		want: []string{"_/_/a/go.mod", "_/_/a/main.go", "_/_/b/b.go", "_/_/b/go.mod", "_/_/go.work", "_/_/go.work.sum",
			"_/x/go.mod", "_/x/x.go", "y/go.mod", "y/y.go"},
	},
	{
		name:  "workspace mode without a go.work",
		files: files{"go.mod": goMod, "main.go": prog()},
		build: scan.Build{Work: true},
		want:  []string{"go.mod", "main.go"},
	},
	{
		name: "local replacements, whatever path they have themselves; what they replace means nothing",
		files: files{
			"app/go.mod":  mod("example.com/app", "require (", "\texample.com/l v1.0.0", "\texample.com/m v1.0.0", ")", "replace (", "\texample.com/l => ../lib", "\t\"example.com/m\" v1.0.0 => ./m", ")"),
			"app/main.go": prog("example.com/l", "example.com/m/sub"),
			"lib/go.mod":  mod("example.com/fork", "require example.com/m v1.0.0", "replace example.com/m => ../never"), "lib/go.sum": "", "lib/lib.go": lib("lib", "example.com/m"),
			"app/m/go.mod": mod("example.com/m"), "app/m/m.go": lib("m"), "app/m/sub/sub.go": lib("sub"), "app/m/not/not.go": lib("not"),
			"never/go.mod": mod("example.com/m"), "never/m.go": lib("m"), "never/sub/sub.go": lib("sub"),
		},
		build: scan.Build{Main: "app", Module: "app"},
		want:  []string{"app/go.mod", "app/m/go.mod", "app/m/m.go", "app/m/sub/sub.go", "app/main.go", "lib/go.mod", "lib/lib.go"},
	},
	{
		name: "two modules replace the same path",
		files: files{
			"a/go.mod": mod("example.com/a", "require example.com/l v1.0.0", "replace example.com/l => ./l"), "a/main.go": prog("example.com/l"), "a/l/go.mod": mod("example.com/l"), "a/l/l.go": lib("l"),
			"b/go.mod": mod("example.com/b", "require example.com/l v1.0.0", "replace example.com/l => ./l"), "b/l/go.mod": mod("example.com/l"), "b/l/l.go": lib("l"),
			"c/go.mod": mod("example.com/l"), "c/l.go": lib("l"),
		},
		build: scan.Build{Main: "a", Module: "a"},
		want:  []string{"a/go.mod", "a/l/go.mod", "a/l/l.go", "a/main.go"},
	},
	{
		name: "a replacement in a go.mod of a newer Go",
		files: files{
			"go.mod": mod("example.com/app", "surprise x", "require example.com/l v1.0.0", "replace example.com/l => ./l"), "main.go": prog("example.com/l"),
			"l/go.mod": mod("example.com/l"), "l/l.go": lib("l"),
		},
		want:   []string{"go.mod", "l/go.mod", "l/l.go", "main.go"},
		oracle: fails,
	},
	{
		name: "a replacement for one version, and one outside",
		files: files{
			"go.mod":  mod("example.com/app", "require example.com/l v1.1.0", "replace example.com/l v1.0.0 => ./l0", "replace example.com/l v1.1.0 => ./l1", "replace example.com/z => ../../../../../../etc", "replace example.com/y => /usr"),
			"main.go": prog("example.com/l"), "l0/go.mod": mod("example.com/l"), "l0/l.go": lib("l"), "l1/go.mod": mod("example.com/l"), "l1/l.go": lib("l"),
		},
		want: []string{"go.mod", "l0/go.mod", "l0/l.go", "l1/go.mod", "l1/l.go", "main.go"},
	},
	{
		name: "a nested module that is not part of the build",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/x"), "x/x.go": lib("x"), "x/nested/go.mod": mod("example.com/app/x/nested"), "x/nested/n.go": lib("n"),
		},
		want: []string{"go.mod", "main.go", "x/x.go"},
	},
	{
		name: "a nested module that is imported, but not required",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/x/nested/y"), "x/nested/go.mod": mod("example.com/app/x/nested"), "x/nested/y/y.go": lib("y"),
		},
		want:   []string{"go.mod", "main.go"},
		oracle: asks,
	},
	{
		name: "a module path that begins as another's: the package is where its files are",
		files: files{
			"go.work": "go 1.26\n\nuse ./a\nuse ./ab\nuse ./main\n", "a/go.mod": mod("example.com/a"), "ab/go.mod": mod("example.com/a/b"), "main/go.mod": mod("example.com/main"),
			"main/main.go": prog("example.com/a/b/x", "example.com/a/b/y", "example.com/a"), "a/a.go": lib("a"), "a/b/x/x.go": lib("x"), "ab/x/README": "", "ab/y/y.go": lib("y"), "a/b/b.go": lib("b"),
		},
		build: scan.Build{Main: "main", Module: "main", Work: true},
		want:  []string{"a/a.go", "a/b/x/x.go", "a/go.mod", "ab/go.mod", "ab/y/y.go", "go.work", "main/go.mod", "main/main.go"},
	},
	{
		name: "an import that two modules serve",
		files: files{
			"go.work": "go 1.26\n\nuse ./a\nuse ./ab\n", "a/go.mod": mod("example.com/a"), "ab/go.mod": mod("example.com/a/b"), "a/main.go": prog("example.com/a/b/x"), "a/b/x/x.go": lib("x"), "ab/x/x.go": lib("x"),
		},
		build:  scan.Build{Main: "a", Module: "a", Work: true},
		want:   []string{"a/b/x/x.go", "a/go.mod", "a/main.go", "ab/go.mod", "ab/x/x.go", "go.work"},
		oracle: fails,
	},
	{
		name: "vendored packages, with what they embed and their assembly",
		files: files{
			"go.mod": mod("example.com/app", "require example.com/v v1.0.0"), "main.go": prog("example.com/v/lib", "example.com/app/own"), "own/own.go": lib("own"),
			"vendor/modules.txt":              "# example.com/v v1.0.0\n## explicit; go 1.26\nexample.com/v/lib\nexample.com/v/dep\nexample.com/v/not\n",
			"vendor/example.com/v/lib/lib.go": asmGo + "\n", "vendor/example.com/v/lib/a.s": asmText + asmFunc, "vendor/example.com/v/lib/b.go": "package lib\n\nimport _ \"embed\"\nimport _ \"example.com/v/dep\"\n\n//go:embed data.txt\nvar D string\n",
			"vendor/example.com/v/lib/data.txt": "x", "vendor/example.com/v/lib/LICENSE": "x", "vendor/example.com/v/dep/dep.go": lib("dep"), "vendor/example.com/v/not/not.go": lib("not"), "vendor/example.com/v/dep/w_windows.go": "package dep\n",
		},
		want: []string{
			"go.mod", "main.go", "own/own.go", "vendor/example.com/v/dep/dep.go", "vendor/example.com/v/lib/a.s", "vendor/example.com/v/lib/b.go", "vendor/example.com/v/lib/data.txt",
			"vendor/example.com/v/lib/lib.go", "vendor/modules.txt",
		},
	},
	{
		name: "a vendored copy of a replaced module",
		files: files{
			"go.mod": mod("example.com/app", "require example.com/v v1.0.0", "replace example.com/v => ./v"), "main.go": prog("example.com/v"), "v/go.mod": mod("example.com/v"), "v/v.go": lib("v"),
			"vendor/modules.txt": "# example.com/v v1.0.0 => ./v\n## explicit; go 1.26\nexample.com/v\n# example.com/v => ./v\n", "vendor/example.com/v/v.go": lib("v"),
		},
		want: []string{"go.mod", "main.go", "v/go.mod", "v/v.go", "vendor/example.com/v/v.go", "vendor/modules.txt"},
	},
	{
		name: "a vendored workspace; what its modules vendor means nothing",
		files: files{
			"go.work": "go 1.26\n\nuse ./a\nuse ./b\n", "a/go.mod": mod("example.com/a", "require example.com/v v1.0.0"), "b/go.mod": mod("example.com/b"), "a/main.go": prog("example.com/v", "example.com/b"), "b/b.go": lib("b"),
			"vendor/modules.txt": "## workspace\n# example.com/v v1.0.0\n## explicit; go 1.26\nexample.com/v\n", "vendor/example.com/v/v.go": lib("v"),
			"a/vendor/modules.txt": "# example.com/v v1.0.0\n## explicit; go 1.26\nexample.com/v\n", "a/vendor/example.com/v/v.go": lib("other"),
		},
		build: scan.Build{Main: "a", Module: "a", Work: true},
		want:  []string{"a/go.mod", "a/main.go", "b/b.go", "b/go.mod", "go.work", "vendor/example.com/v/v.go", "vendor/modules.txt"},
	},
	{
		name:   "a vendor directory without modules.txt",
		files:  files{"go.mod": mod("example.com/app", "require example.com/v v1.0.0"), "main.go": prog(), "vendor/x/x.go": lib("x")},
		want:   []string{"go.mod", "main.go"},
		oracle: fails,
	},
	{
		name: "a major version in the module path",
		files: files{
			"go.mod": mod("example.com/app/v2"), "main.go": prog("example.com/app/v2/x"), "x/x.go": lib("x"), "v2/x/x.go": lib("wrong"),
		},
		want: []string{"go.mod", "main.go", "x/x.go"},
	},
	{
		name:   "Go that does not parse is for go to judge",
		files:  files{"go.mod": goMod, "main.go": prog("example.com/app/x"), "x/x.go": "package x\n\nfunc {\n", "x/y.go": "pakcage x\n", "x/z.go": lib("x", "example.com/app/z"), "z/z.go": lib("z")},
		want:   []string{"go.mod", "main.go", "x/x.go", "x/y.go", "x/z.go", "z/z.go"},
		oracle: fails,
	},
	{
		name:   "constraints that go refuses",
		files:  files{"go.mod": goMod, "main.go": prog(), "a.go": "//go:build windows\n//go:build darwin\n\npackage main\n", "b.go": when("//go:build windows &&", "package main\n")},
		want:   []string{"a.go", "b.go", "go.mod", "main.go"},
		oracle: fails,
	},
	{
		name:   "imports that nothing provides",
		files:  files{"go.mod": goMod, "main.go": prog("example.com/app/none", "example.com/none", "none")},
		want:   []string{"go.mod", "main.go"},
		oracle: fails,
	},
	{
		name:   "a package for another system alone, for go to say so",
		files:  files{"go.mod": goMod, "main.go": prog("example.com/app/w"), "w/w_windows.go": lib("w"), "w/x.go": when("//go:build darwin", lib("w"))},
		want:   []string{"go.mod", "main.go", "w/w_windows.go", "w/x.go"},
		oracle: fails,
	},
	{
		name:   "a package that needs cgo, without it",
		files:  files{"go.mod": goMod, "main.go": prog("example.com/app/lib"), "lib/lib.go": cGo},
		want:   []string{"go.mod", "lib/lib.go", "main.go"},
		oracle: fails,
	},
	{
		name:   "imports in a circle",
		files:  files{"go.mod": goMod, "main.go": prog("example.com/app/a"), "a/a.go": lib("a", "example.com/app/b"), "b/b.go": lib("b", "example.com/app/a")},
		want:   []string{"a/a.go", "b/b.go", "go.mod", "main.go"},
		oracle: fails,
	},
	{
		name:  "imports that no module can serve",
		files: hostile("../x", "/etc", "", "a//b", ".", "..", "./b", "example.com/app/../x", "example.com/app//x", "/", "x\\\\y", "C:/x", "example.com/app/", "example.com/app/./x"),
		build: scan.Build{Main: "a"},
		want: []string{
			"a/i00.go", "a/i01.go", "a/i02.go", "a/i03.go", "a/i04.go", "a/i05.go", "a/i06.go", "a/i07.go", "a/i08.go", "a/i09.go", "a/i10.go", "a/i11.go",
			"a/i12.go", "a/i13.go", "go.mod",
		},
		oracle: fails,
	},
	{
		name: "links to Go files, to a directory, and to nothing",
		files: files{
			"go.mod": goMod, "main.go": prog("example.com/app/linked"), "shared/s.txt": "package main\n\nfunc init() { println(\"s\") }\n", "real/real.go": lib("real"),
		},
		links: map[string]string{"s.go": "shared/s.txt", "linked": "real", "dir.go": "real"},
		want:  []string{"go.mod", "linked/real.go", "main.go", "s.go"},
	},
	{
		name:   "links that leave the source",
		files:  files{"go.mod": goMod, "main.go": prog("example.com/app/linked"), "web/a": "a", "e.go": strings.Replace(embedding("web out"), "main()", "init()", 1)},
		links:  map[string]string{"a.go": "../../../../../../../etc/passwd", "b.go": "/etc/passwd", "c.go": "nowhere", "linked": "/etc", "web/b": "../../../../../../../etc/passwd", "out": "/etc", "default.pgo": "/etc/passwd", "go.sum": "/etc/passwd"},
		want:   []string{"e.go", "go.mod", "main.go", "web/a"},
		oracle: asks,
	},
	{
		name:   "embedded links: go follows those to files when it is told so, those to directories never",
		files:  files{"go.mod": goMod, "main.go": embedding("l d/x dir"), "real/x": "x"},
		links:  map[string]string{"l": "real/x", "d": "real", "dir/l": "../real/x"},
		want:   []string{"go.mod", "l", "main.go"},
		oracle: asks,
	},
	{
		name:   "a main directory that is not there",
		files:  files{"go.mod": goMod, "main.go": prog()},
		build:  scan.Build{Main: "cmd/none"},
		want:   []string{"go.mod"},
		oracle: fails,
	},
	{
		name:   "a main directory that leaves the source",
		files:  files{"go.mod": goMod, "a/go.mod": goMod, "a/main.go": prog(), "vendor/modules.txt": ""},
		build:  scan.Build{Main: "a/../..", Profile: "go.mod"},
		oracle: asks,
	},
	{
		name:   "a go.mod that is empty or wrong",
		files:  files{"go.mod": "module (\n", "main.go": prog()},
		want:   []string{"go.mod", "main.go"},
		oracle: fails,
	},
}

// source writes the tree and gives the build, completed.
func (tt *narrowTest) source(t testing.TB) (string, scan.Build) {
	t.Helper()
	root := tt.files.write(t)
	for name, to := range tt.links {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, name); err != nil {
			t.Skip(err)
		}
	}
	b := tt.build
	b.ID = "x"
	for _, s := range []struct {
		at    *string
		value string
	}{{&b.Main, "."}, {&b.Module, "."}, {&b.Target.GOOS, "linux"}, {&b.Target.GOARCH, "amd64"}} {
		if *s.at == "" {
			*s.at = s.value
		}
	}
	return root, b
}

// narrowed gives the result of Narrow, a directory with a folder per build.
func narrowed(t testing.TB, root string, list ...scan.Build) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	if err := scan.Narrow(root, out, list); err != nil {
		t.Fatal(err)
	}
	return out
}

// contents gives the files below dir with their text, by path.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		found[name] = string(data)
		if !d.Type().IsRegular() {
			t.Errorf("%s is no regular file", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestNarrow has the files of each build.
func TestNarrow(t *testing.T) {
	for _, tt := range narrowTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root, b := tt.source(t)
			got := contents(t, filepath.Join(narrowed(t, root, b), "x"))
			if diff := cmp.Diff(tt.want, slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for name, data := range got {
				if want, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(want) != data {
					t.Errorf("%s is not as in the source: %v", name, err)
				}
			}
		})
	}
}

// TestNarrowedBuilds has the real go command find the same in the narrowed source as in
// the whole, to the last byte of the binary, or the same mistake.
func TestNarrowedBuilds(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil || testing.Short() {
		t.Skip("no go command, or short")
	}
	// The build cache does not know what assembly includes from elsewhere.
	salt := fmt.Sprintf("-asmflags=example.com/...=-D=SALT%d", time.Now().UnixNano())
	for _, tt := range narrowTests {
		if tt.oracle == asks {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root, b := tt.source(t)
			small := filepath.Join(narrowed(t, root, b), "x")
			want, err := goList(t, root, b)
			if got, _ := goList(t, small, b); got != want {
				t.Fatalf("go list differs (-whole +narrowed)\n%s", cmp.Diff(want, got))
			}
			if err != nil && tt.oracle != fails {
				t.Errorf("go list: %v\n%s", err, want)
			}
			if tt.oracle == lists {
				return
			}
			got, _ := goBuild(t, small, b, salt) // first, for nothing to be in the cache
			want, err = goBuild(t, root, b, salt)
			if (err != nil) != (tt.oracle == fails) {
				t.Errorf("go build: %v\n%s", err, want)
			}
			if got != want && err == nil {
				t.Error("the binary differs")
			} else if got != want {
				t.Errorf("go build differs (-whole +narrowed)\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// goList gives the packages of a build with their files and mistakes.
func goList(t testing.TB, root string, b scan.Build) (string, error) {
	const format = "{{if not .Standard}}{{.ImportPath}} {{.Module}} {{.GoFiles}}{{.CgoFiles}}{{.CFiles}}{{.CXXFiles}}{{.MFiles}}{{.HFiles}}{{.FFiles}}{{.SFiles}}{{.SwigFiles}}{{.SysoFiles}}{{.EmbedFiles}} {{.Error}}{{end}}"
	return goCommand(t, root, b, "list", "-e", "-deps", "-f", format)
}

// goBuild gives the binary or what go says instead.
func goBuild(t testing.TB, root string, b scan.Build, flag string) (string, error) {
	file := filepath.Join(t.TempDir(), "binary")
	text, err := goCommand(t, root, b, "build", "-trimpath", "-buildvcs=false", flag, "-o", file)
	if err != nil {
		return text, err
	}
	data, err := os.ReadFile(file)
	return string(data), err
}

// goCommand runs go in the directory where the build runs, and gives all that it writes,
// root being named ROOT.
func goCommand(t testing.TB, root string, b scan.Build, args ...string) (string, error) {
	t.Helper()
	from := b.Module
	if b.Work {
		from = b.Root
	}
	dir, main := filepath.Join(root, from), b.Main
	if rel, err := filepath.Rel(from, b.Main); err == nil {
		main = rel
	}
	if len(b.Target.Tags) > 0 {
		args = append(args, "-tags="+strings.Join(b.Target.Tags, ","))
	}
	work, cgo := "GOWORK=off", "CGO_ENABLED=0"
	if b.Work {
		work = "GOWORK="
	}
	if b.Target.CGo {
		cgo = "CGO_ENABLED=1"
	}
	cmd := exec.Command("go", append(args, "./"+filepath.ToSlash(main))...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, work, cgo, "GOOS="+b.Target.GOOS, "GOARCH="+b.Target.GOARCH,
		"GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GODEBUG=goindex=0", "GOEXPERIMENT=", "GOAMD64=v1", "GOENV=off")
	out, err := cmd.CombinedOutput()
	return string(bytes.ReplaceAll(out, []byte(root), []byte("ROOT"))), err
}

// TestNarrowTogether checks that builds which share files get what each gets alone.
func TestNarrowTogether(t *testing.T) {
	root := files{
		"go.mod": goMod, "a/main.go": prog("example.com/app/l"), "b/main.go": prog("example.com/app/l"), "l/l.go": lib("l"), "l/l_linux.go": "package l\n", "l/l_windows.go": "package l\n",
	}.write(t)
	linux, windows := scan.Target{GOOS: "linux", GOARCH: "amd64"}, scan.Target{GOOS: "windows", GOARCH: "amd64"}
	list := []scan.Build{
		{ID: "a-linux", Main: "a", Module: ".", Target: linux}, {ID: "a-windows", Main: "a", Module: ".", Target: windows}, {ID: "b", Main: "b", Module: ".", Target: linux}, {ID: "empty"},
	}
	all := narrowed(t, root, list...)
	for _, b := range list {
		alone := contents(t, filepath.Join(narrowed(t, root, b), b.ID))
		if diff := cmp.Diff(alone, contents(t, filepath.Join(all, b.ID))); diff != "" {
			t.Errorf("%s (-alone +together)\n%s", b.ID, diff)
		}
		if (len(alone) == 0) != (b.ID == "empty") {
			t.Errorf("%s has %d files", b.ID, len(alone))
		}
	}
}

// TestNarrowDeterminism checks that equal source gives equal trees, whatever its modes and
// times, and wherever it is.
func TestNarrowDeterminism(t *testing.T) {
	tree := files{"go.mod": goMod, "main.go": embedding("web"), "web/run.sh": "x", "web/d/x": "x", "l/l.go": lib("l"), "vendor/modules.txt": ""}
	first, second := tree.write(t), tree.write(t)
	if err := os.Chmod(filepath.Join(second, "web", "run.sh"), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(second, link); err != nil {
		t.Skip(err)
	}
	build := scan.Build{ID: "x", Main: ".", Module: ".", Target: scan.Target{GOOS: "linux", GOARCH: "amd64"}}
	describe := func(root string) (lines []string) {
		out := narrowed(t, root, build)
		err := filepath.WalkDir(filepath.Join(out, "x"), func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil {
				rel, _ := filepath.Rel(out, name)
				lines = append(lines, info.Mode().String()+" "+info.ModTime().UTC().Format("2006")+" "+filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	want := []string{
		"drwxr-xr-x 2100 x", "-rw-r--r-- 2100 x/go.mod", "-rw-r--r-- 2100 x/main.go", "drwxr-xr-x 2100 x/vendor", "-rw-r--r-- 2100 x/vendor/modules.txt",
		"drwxr-xr-x 2100 x/web", "drwxr-xr-x 2100 x/web/d", "-rw-r--r-- 2100 x/web/d/x", "-rw-r--r-- 2100 x/web/run.sh",
	}
	for _, root := range []string{first, second, link} {
		if diff := cmp.Diff(want, describe(root)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// TestNarrowProfile takes no profile that is not a file of the source.
func TestNarrowProfile(t *testing.T) {
	root := files{"go.mod": goMod, "main.go": prog(), "p/x.pgo": ""}.write(t)
	for _, name := range []string{"p/none.pgo", "p", "../x", "/etc/passwd", "../../../../../../etc/passwd"} {
		b := scan.Build{ID: "x", Main: ".", Module: ".", Profile: name, Target: scan.Target{GOOS: "linux", GOARCH: "amd64"}}
		got := slices.Sorted(maps.Keys(contents(t, filepath.Join(narrowed(t, root, b), "x"))))
		if diff := cmp.Diff([]string{"go.mod", "main.go"}, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestNarrowRootThatCannotBeRead(t *testing.T) {
	if err := scan.Narrow(filepath.Join(t.TempDir(), "none"), t.TempDir(), nil); err == nil {
		t.Error("no error")
	}
}

// FuzzNarrow checks that no import, pattern, replacement or constraint makes Narrow fail,
// hang, or take what is not in the source.
func FuzzNarrow(f *testing.F) {
	f.Add("../x", "../secret", "../../outside", "linux", "a/../..")
	f.Add("/etc", "/etc/passwd", "/etc", "go1.30 && !go1.31", "..")
	f.Add("a//b", "[", "\"", "!", ".")
	f.Add("example.com/app/l", "all:web", "./l", "race", "a")
	f.Fuzz(func(t *testing.T, imp, pattern, dir, constraint, file string) {
		parent := files{
			"secret": "secret", "secret.go": "package x // secret\n", "outside/x.go": "package x // secret\n", "outside/go.mod": "module secret\n",
			"root/go.mod":    mod("example.com/app", "replace "+imp+" => "+dir),
			"root/go.work":   "go 1.26\n\nuse .\nuse " + dir + "\n",
			"root/a/main.go": "package main\n\nimport \"embed\"\nimport \"" + imp + "\"\n\n//go:embed " + pattern + "\nvar x embed.FS\n",
			"root/a/b.go":    when("//go:build "+constraint, "package main\n"),
			"root/a/c.s":     "#include \"" + file + "\"\n",
			"root/l/l.go":    lib("l"), "root/web/x": "x", "root/a/web/.y": "y",
		}.write(t)
		root := filepath.Join(parent, "root")
		target := scan.Target{GOOS: "linux", GOARCH: "amd64"}
		out := filepath.Join(parent, "out")
		err := scan.Narrow(root, out, []scan.Build{
			{ID: "x", Main: "a", Module: ".", Profile: file, Target: target},
			{ID: "y", Main: "a", Module: ".", Work: true, Target: target},
			{ID: "z", Main: file, Module: dir, Target: target},
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range contents(t, out) {
			if strings.Contains(data, "secret") && strings.HasSuffix(data, "secret\n") {
				t.Errorf("%s was taken", name)
			}
		}
		entries, err := os.ReadDir(parent)
		if err != nil || len(entries) != 5 {
			t.Errorf("something was written beside out: %v %v", entries, err)
		}
	})
}
