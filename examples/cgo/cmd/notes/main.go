// Command notes keeps its arguments in a database in memory and prints them, sorted.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"runtime"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(notes []string) error {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // a database of its own for each
	if _, err := db.Exec("CREATE TABLE notes (text TEXT)"); err != nil {
		return err
	}
	for _, n := range notes {
		if _, err := db.Exec("INSERT INTO notes VALUES (?)", n); err != nil {
			return err
		}
	}
	var sorted sql.NullString
	if err := db.QueryRow("SELECT group_concat(text, ' ' ORDER BY text) FROM notes").Scan(&sorted); err != nil {
		return err
	}
	fmt.Printf("%s/%s: %s\n", runtime.GOOS, runtime.GOARCH, sorted.String)
	return nil
}
