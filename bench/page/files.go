package page

import (
	"errors"
	"os"
	"path/filepath"
)

// Places below the root of the repository.
var (
	readme   = "README.md"
	document = filepath.Join("docs", "performance.md")
	pictures = filepath.Join("docs", "performance")
)

// Files are the page and its plots, by path below the root of the repository.
func (s Site) Files() map[string][]byte {
	files := map[string][]byte{document: s.Page()}
	for _, t := range s.tables() {
		for _, p := range t.plots() {
			files[filepath.Join(pictures, p.name+".svg")] = p.draw(p.plot)
		}
	}
	return files
}

// Write writes the page, its plots and the README's block below root, and removes plots that there are no more.
func (s Site) Write(root string) error {
	old, err := os.ReadFile(filepath.Join(root, readme))
	if err != nil {
		return err
	}
	text, err := s.README(old)
	if err != nil {
		return err
	}
	stale, err := Plots(root)
	if err != nil {
		return err
	}
	files := s.Files()
	files[readme] = text
	for _, name := range stale {
		if files[name] == nil {
			err = errors.Join(err, os.Remove(filepath.Join(root, name)))
		}
	}
	for name, data := range files {
		file := filepath.Join(root, name)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644))
	}
	return err
}

// Plots are the plots that there are below root, by path below it.
func Plots(root string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(root, pictures, "*.svg"))
	for _, file := range files {
		names = append(names, filepath.Join(pictures, filepath.Base(file)))
	}
	return names, err
}
