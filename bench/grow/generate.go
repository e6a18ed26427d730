package grow

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Paths in the modules of [commands].
const (
	oneMain = "cmd/tool01/main.go"        // of a main package
	shared  = "internal/config/config.go" // of a package that all main packages import
)

// commands is a module of n main packages, files by slash path. Each has a package of its own, and all share three: they
// read and write JSON.
func commands(n int) map[string]string {
	files := map[string]string{
		"go.mod": "module example.com/grow\n\ngo 1.26\n",
		shared:   configSource,
		"internal/output/output.go": `// Package output writes results.
package output

import (
	"encoding/json"
	"io"

	"example.com/grow/internal/config"
)

// JSON writes a value as the settings say.
func JSON(w io.Writer, s config.Settings, v any) error {
	e := json.NewEncoder(w)
	if s.Indent {
		e.SetIndent("", "\t")
	}
	return e.Encode(v)
}
`,
		"internal/words/words.go": `// Package words counts them.
package words

import (
	"sort"
	"strings"
)

// Count is how often a word is in a text.
type Count struct {
	Word  string
	Times int
}

// Counts gives the words of a text, the most frequent first.
func Counts(text string) (counts []Count) {
	times := map[string]int{}
	for _, w := range strings.Fields(text) {
		times[strings.ToLower(w)]++
	}
	for w, n := range times {
		counts = append(counts, Count{w, n})
	}
	sort.Slice(counts, func(i, j int) bool {
		a, b := counts[i], counts[j]
		return a.Times > b.Times || a.Times == b.Times && a.Word < b.Word
	})
	return counts
}
`,
	}
	spec := "# syntax=acme/xbuild\nbinaries:\n"
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("tool%02d", i)
		files["cmd/"+name+"/main.go"] = strings.ReplaceAll(mainSource, "NAME", name)
		files["internal/"+name+"/"+name+".go"] = strings.NewReplacer("NAME", name, "NUMBER", fmt.Sprint(i)).Replace(ownSource)
		spec += "  " + name + ": ./cmd/" + name + "\n"
	}
	files["xbuild.yaml"] = spec
	return files
}

const configSource = `// Package config has the settings of all commands.
package config

import (
	"encoding/json"
	"os"
)

// Settings are read from a file.
type Settings struct {
	Indent bool
	Limit  int
}

// Read reads a file; one that is not there has the zero value.
func Read(name string) (s Settings, err error) {
	data, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(data, &s)
}
`

const mainSource = `// Command NAME writes what it finds in its arguments.
package main

import (
	"fmt"
	"os"
	"strings"

	"example.com/grow/internal/NAME"
	"example.com/grow/internal/config"
	"example.com/grow/internal/output"
	"example.com/grow/internal/words"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "NAME:", err)
		os.Exit(1)
	}
}

func run() error {
	s, err := config.Read("NAME.json")
	if err != nil {
		return err
	}
	return output.JSON(os.Stdout, s, NAME.Choose(words.Counts(strings.Join(os.Args[1:], " ")), s.Limit))
}
`

const ownSource = `// Package NAME chooses what is written.
package NAME

import "example.com/grow/internal/words"

// Choose leaves out words of which there are no more than limit, and those shorter than NUMBER letters.
func Choose(counts []words.Count, limit int) (chosen []words.Count) {
	for _, c := range counts {
		if c.Times > limit && len(c.Word) >= NUMBER {
			chosen = append(chosen, c)
		}
	}
	return chosen
}
`

// fanOut is how many packages one of [tree] imports.
const fanOut = 4

// tree is a module of one main package and n others, files by slash path. They are in layers: each package imports up to
// [fanOut] of the next layer, the last one is a leaf, and the program has all of them. Of the standard library it takes little.
func tree(n int) map[string]string {
	files := map[string]string{
		"go.mod":      "module example.com/tree\n\ngo 1.26\n",
		"xbuild.yaml": "# syntax=acme/xbuild\n",
		"cmd/tree/main.go": fmt.Sprintf("// Command tree prints what all packages make of a word.\npackage main\n\nimport (\n\t\"os\"\n\n"+
			"\troot %q\n)\n\nfunc main() { os.Stdout.WriteString(root.Text(os.Args[0]) + \"\\n\") }\n", importPath(0)),
	}
	for i := range n {
		files[packageFile(i)] = packageSource(i, n)
	}
	return files
}

// topics name packages, so that their names and folders differ in length.
var topics = []string{
	"account", "billing", "cart", "catalog", "delivery", "event", "fx", "geo", "identity", "invoice", "ledger", "mail", "notification",
	"order", "payment", "price", "queue", "recommendation", "report", "search", "session", "stock", "tax", "warehouse",
}

// packageDir is the folder of the package of a number; packages of different numbers are in different ones.
func packageDir(i int) string {
	topic := topics[i%len(topics)]
	return fmt.Sprintf("internal/%s/%s%d", topic, []string{"model", "store", "view", "x", "service"}[i%5], i)
}

func packageFile(i int) string { return packageDir(i) + "/" + topics[i%len(topics)] + ".go" }

func importPath(i int) string { return "example.com/tree/" + packageDir(i) }

// packageSource is the package of a number, of n.
func packageSource(i, n int) string {
	var imports, calls strings.Builder
	for child := fanOut*i + 1; child <= fanOut*i+fanOut && child < n; child++ {
		fmt.Fprintf(&imports, "\tp%d %q\n", child, importPath(child))
		fmt.Fprintf(&calls, "\ts.Parts = append(s.Parts, p%d.Text(word))\n", child)
	}
	name := filepath.Base(packageDir(i))
	return fmt.Sprintf(`// Package %[1]s has the texts of number %[2]d.
package %[1]s

import (
	"strconv"
	"strings"

%[3]s)

// State%[2]d is what a text is made of.
type State%[2]d struct {
	Number int
	Parts  []string
}

// Text gives a word with a number, and after it those of all packages below.
func Text(word string) string {
	s := State%[2]d{Number: %[2]d}
%[4]s	return s.join(word)
}

func (s State%[2]d) join(word string) string {
	head := word + strconv.Itoa(s.Number)
	if len(s.Parts) == 0 {
		return head
	}
	return head + "(" + strings.Join(s.Parts, ", ") + ")"
}
`, name, i, imports.String(), calls.String())
}
