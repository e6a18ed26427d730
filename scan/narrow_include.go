package scan

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Included gives the files below the directory root that assembly files include, and those that
// these include, sorted. All are slash paths relative to root; where a line says only how a
// path ends, every file that ends so is given.
func Included(root string, files []string) ([]string, error) {
	src, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	n := &narrower{src: src}
	list := n.included(files, nil, false)
	slices.Sort(list)
	return slices.Compact(list), nil
}

// included gives the files of the tree that a package's assembly and C include, and those
// that these include. Where a C compiler looks is not known: with c it may be any header,
// any file whose path ends as the line says, and anything where a macro says it.
func (n *narrower) included(files, cgoFiles []string, c bool) []string {
	var queue []string
	for _, name := range files {
		if ext := path.Ext(name); ext != ".go" && ext != ".syso" || slices.Contains(cgoFiles, path.Base(name)) {
			queue = append(queue, name)
		}
	}
	own := len(queue)
	if c {
		queue = append(queue, n.with(headers)...)
	}
	seen := map[string]bool{}
	for i := 0; i < len(queue); i++ {
		if seen[queue[i]] {
			continue
		}
		seen[queue[i]] = true
		for _, inc := range n.includes(queue[i]) {
			if inc != "" {
				queue = append(queue, n.ending(inc)...)
			} else if c && !seen[""] {
				seen[""] = true
				queue = append(queue, n.with(slices.Concat(onlyC, []string{".s"}))...)
			}
		}
	}
	return queue[own:]
}

var includeLine = regexp.MustCompile(`[#%][ \t]*(?:include|include_next|import|embed)\b[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>|\S)`)

// includes gives what a file includes, "" where it does not say what.
func (n *narrower) includes(name string) (names []string) {
	data, err := n.src.ReadFile(name)
	if err != nil {
		return nil
	}
	for _, m := range includeLine.FindAllSubmatch(data, -1) {
		names = append(names, string(m[1])+string(m[2]))
	}
	return names
}

// ending gives the files of the tree whose paths end in name, steps up aside.
func (n *narrower) ending(name string) (files []string) {
	name = path.Clean("/" + name)
	for _, file := range n.tree()[path.Base(name)] {
		if strings.HasSuffix("/"+file, name) {
			files = append(files, file)
		}
	}
	return files
}

// tree gives all files of the tree by the last element of their paths, links to files
// among them.
func (n *narrower) tree() map[string][]string {
	if n.byName != nil {
		return n.byName
	}
	n.byName = map[string][]string{}
	fs.WalkDir(n.src.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && n.isFile(file) {
			n.byName[d.Name()] = append(n.byName[d.Name()], file)
		}
		return nil
	})
	return n.byName
}

// with gives the files of the tree with one of the extensions.
func (n *narrower) with(exts []string) (files []string) {
	for name, list := range n.tree() {
		if slices.Contains(exts, path.Ext(name)) {
			files = append(files, list...)
		}
	}
	return files
}
