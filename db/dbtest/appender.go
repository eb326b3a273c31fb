package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Appender writes rows of about a comment's size as fast as the engine can: the lower bound for a submission.
// On PostgreSQL each row is a statement and a transaction; on SQLite, which has one writer, concurrent rows
// share one.
type Appender struct {
	pool    *sql.DB
	insert  *sql.Stmt
	waiting chan appended // nil on PostgreSQL
}

type appended struct {
	row  [4]string
	done chan error
}

// appendTogether is the maximum number of rows in a transaction.
const appendTogether = 64

// NewAppender makes a table in the database at address and writes to it, durably, until the process ends.
func NewAppender(ctx context.Context, address string, connections int) (*Appender, error) {
	pool, err := OpenPool(address)
	if err != nil {
		return nil, err
	}
	a := &Appender{pool: pool}
	statements := []string{
		`CREATE TABLE IF NOT EXISTS appended (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, body TEXT NOT NULL)`,
	}
	if strings.HasPrefix(address, "sqlite:") {
		connections, a.waiting = 1, make(chan appended, appendTogether)
		statements = append([]string{`PRAGMA synchronous = FULL`}, statements...)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	for _, statement := range statements {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("append: %w", err)
		}
	}
	if a.insert, err = pool.PrepareContext(ctx,
		`INSERT INTO appended (id, name, email, body) VALUES ($1, $2, $3, $4)`); err != nil {
		return nil, fmt.Errorf("append: %w", err)
	}
	if a.waiting != nil {
		go a.writeGroups()
	}
	return a, nil
}

// Append returns once the row is committed.
func (a *Appender) Append(ctx context.Context, row [4]string) error {
	if a.waiting == nil {
		_, err := a.insert.ExecContext(ctx, row[0], row[1], row[2], row[3])
		return err
	}
	done := make(chan error, 1)
	a.waiting <- appended{row, done}
	return <-done
}

func (a *Appender) writeGroups() {
	for first := range a.waiting {
		group := []appended{first}
		for len(group) < appendTogether && len(a.waiting) > 0 {
			group = append(group, <-a.waiting)
		}
		err := a.writeGroup(group)
		for _, each := range group {
			each.done <- err
		}
	}
}

func (a *Appender) writeGroup(group []appended) error {
	tx, err := a.pool.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing to undo after the commit
	for _, each := range group {
		if _, err := tx.Stmt(a.insert).Exec(each.row[0], each.row[1], each.row[2], each.row[3]); err != nil {
			return err
		}
	}
	return tx.Commit()
}
