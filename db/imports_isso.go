package db

import (
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/jmoiron/sqlx"

	"rejoinder/transfer"
)

// issoFile reads the database of Isso (https://isso-comments.de), another system.
type issoFile struct {
	pool *sqlx.DB
	rows *sqlx.Rows
}

// OpenIsso opens an SQLite file of Isso for reading.
func OpenIsso(path string) (transfer.IssoRows, error) {
	pool, err := openSQLite(path, sqliteReadsOnly)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	rows, err := pool.Queryx(`
		SELECT c.id, COALESCE(c.parent, 0) AS parent, COALESCE(t.uri, '') AS uri, COALESCE(t.title, '') AS title,
			COALESCE(c.created, 0) AS created, COALESCE(c.modified, 0) AS modified, COALESCE(c.mode, 1) AS mode,
			COALESCE(c.text, '') AS text, COALESCE(c.author, '') AS author, COALESCE(c.email, '') AS email,
			COALESCE(c.website, '') AS website, COALESCE(c.likes, 0) AS likes, COALESCE(c.dislikes, 0) AS dislikes
		FROM comments c LEFT JOIN threads t ON t.id = c.tid
		ORDER BY c.id`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("this is no database of Isso, or it is damaged: %w", errors.New(issoReason(err))),
			pool.Close())
	}
	return &issoFile{pool, rows}, nil
}

// issoReason says what is wrong without values of the file.
func issoReason(err error) string {
	if f, ok := classifySQLite(err); ok {
		return f.text
	}
	return "its columns are not those of Isso"
}

// Next returns the next comment; io.EOF after the last.
func (f *issoFile) Next() (transfer.IssoRow, error) {
	var r struct {
		ID       int64   `db:"id"`
		Parent   int64   `db:"parent"`
		URI      string  `db:"uri"`
		Title    string  `db:"title"`
		Created  float64 `db:"created"`
		Modified float64 `db:"modified"`
		Mode     int     `db:"mode"`
		Text     string  `db:"text"`
		Author   string  `db:"author"`
		Email    string  `db:"email"`
		Website  string  `db:"website"`
		Likes    int     `db:"likes"`
		Dislikes int     `db:"dislikes"`
	}
	if !f.rows.Next() {
		if err := f.rows.Err(); err != nil {
			return transfer.IssoRow{}, errors.New("the database is damaged: " + issoReason(err))
		}
		return transfer.IssoRow{}, io.EOF
	}
	if err := f.rows.StructScan(&r); err != nil {
		return transfer.IssoRow{}, errors.New("a value has the wrong type")
	}
	return transfer.IssoRow{ID: r.ID, Parent: r.Parent, URI: r.URI, Title: r.Title, Created: r.Created,
		Modified: r.Modified,
		Mode:     r.Mode, Text: r.Text, Author: r.Author, Email: r.Email, Website: r.Website, Likes: r.Likes,
		Dislikes: r.Dislikes}, nil
}

// Close closes the file.
func (f *issoFile) Close() error {
	err := f.rows.Close()
	if errors.Is(err, sql.ErrConnDone) {
		err = nil
	}
	return errors.Join(err, f.pool.Close())
}
