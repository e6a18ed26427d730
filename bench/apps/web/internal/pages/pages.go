// Package pages keeps the pages of a wiki, with all their versions, in SQLite.
package pages

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// ErrNone is the error for a page that does not exist.
var ErrNone = errors.New("no such page")

// ErrConflict is the error of [DB.Save] when the page was saved by somebody else since it was read.
var ErrConflict = errors.New("the page was changed meanwhile")

//go:embed schema.sql
var schema string

// Page is one version of a page.
type Page struct {
	Name    string
	Version int // 0 is a page that was never saved
	Text    string
	Saved   time.Time
}

// DB is a database of pages.
type DB struct{ sql *sql.DB }

// Open opens the file at path, or makes it. ":memory:" is a database that ends with Close.
func Open(ctx context.Context, path string) (*DB, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // SQLite has one writer, and each connection to :memory: is a database of its own
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return &DB{db}, nil
}

// Close ends all use of the database.
func (db *DB) Close() error { return db.sql.Close() }

// Get gives the newest version of a page.
func (db *DB) Get(ctx context.Context, name string) (Page, error) {
	row := db.sql.QueryRowContext(ctx, `SELECT name, version, text, saved FROM pages WHERE name = ? ORDER BY version DESC LIMIT 1`, name)
	return scan(row)
}

// Save adds a version after p.Version, and gives it.
func (db *DB) Save(ctx context.Context, p Page) (Page, error) {
	p.Version++
	p.Saved = p.Saved.UTC().Truncate(time.Second)
	result, err := db.sql.ExecContext(ctx,
		`INSERT INTO pages (name, version, text, saved) SELECT ?1, ?2, ?3, ?4
		 WHERE ?2 = 1 + coalesce((SELECT max(version) FROM pages WHERE name = ?1), 0)`,
		p.Name, p.Version, p.Text, p.Saved.Unix())
	if err != nil {
		return Page{}, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return Page{}, err
	}
	if n == 0 {
		return Page{}, ErrConflict
	}
	return p, nil
}

// Names gives the names of all pages whose name or newest text holds the words, in order. "" is in all.
func (db *DB) Names(ctx context.Context, words string) ([]string, error) {
	rows, err := db.sql.QueryContext(ctx,
		`SELECT name FROM pages AS p WHERE version = (SELECT max(version) FROM pages WHERE name = p.name)
		 AND (instr(lower(name), lower(?1)) OR instr(lower(text), lower(?1))) ORDER BY name`, words)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func scan(row *sql.Row) (Page, error) {
	var p Page
	var saved int64
	err := row.Scan(&p.Name, &p.Version, &p.Text, &saved)
	if errors.Is(err, sql.ErrNoRows) {
		return Page{}, ErrNone
	}
	p.Saved = time.Unix(saved, 0).UTC()
	return p, err
}
