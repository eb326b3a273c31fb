package db

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"

	rejoinder "rejoinder"
	"rejoinder/moderation"
)

// The refusals of a database whose schema this program can't bring up to date.
var (
	// ErrNewerDatabase: a newer version of the program migrated it. Run that one, or restore a backup.
	ErrNewerDatabase = errors.New("the database is newer than this program")
	// ErrChangedMigration: it was migrated by something else than this program's migrations.
	ErrChangedMigration = errors.New("the database was migrated differently")
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step from an older schema to a newer one. Once released it never changes.
type migration struct {
	Version  int    `db:"version"`
	Name     string `db:"name"`
	Checksum string `db:"checksum"`
	sql      string
}

// plan is how a database comes to the newest schema: a fresh one at once, an older one by the migrations it
// lacks.
type plan struct {
	schema     string
	migrations []migration // by version, 1, 2, 3 …
	// extra is what this engine has besides, and makes after the first migration.
	extra string
}

func (d *DB) newPlan() (plan, error) {
	migrations, err := readMigrations(migrationFiles)
	return plan{schema: rejoinder.Schema, migrations: migrations, extra: d.search.create}, err
}

var migrationName = regexp.MustCompile(`^([0-9]{4})_([a-z0-9_]+)\.sql$`)

func readMigrations(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	var migrations []migration
	for i, entry := range entries {
		parts := migrationName.FindStringSubmatch(entry.Name())
		if parts == nil {
			return nil, fmt.Errorf("read migrations: %q is not named like 0001_what_it_does.sql", entry.Name())
		}
		version, err := strconv.Atoi(parts[1])
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("read migrations: %s stands where number %d belongs", entry.Name(), i+1)
		}
		text, err := fs.ReadFile(files, "migrations/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		sum := sha256.Sum256(text)
		migrations = append(migrations, migration{version, parts[2], hex.EncodeToString(sum[:]), string(text)})
	}
	return migrations, nil
}

// NeedsMigration reports whether Migrate has something to do. ErrNewerDatabase, ErrChangedMigration.
func (d *DB) NeedsMigration(ctx context.Context) (bool, error) {
	p, err := d.newPlan()
	if err != nil {
		return false, err
	}
	applied, _, err := d.applied(ctx)
	if err == nil {
		err = p.check(applied)
	}
	return len(applied) < len(p.migrations), wrap("check schema", err)
}

// Migrate brings the schema up to date: a fresh database gets schema.sql and is stamped with every migration,
// an older one gets the migrations it lacks, each in a transaction. Of several processes one does the work
// and the others wait. ErrNewerDatabase, ErrChangedMigration; ErrReadOnly (of package moderation) if it would
// have to change a database that is read-only.
func (d *DB) Migrate(ctx context.Context) error {
	if d.readOnly {
		pending, err := d.NeedsMigration(ctx)
		if err == nil && pending {
			err = wrap("migrate", moderation.ErrReadOnly)
		}
		return err
	}
	p, err := d.newPlan()
	if err != nil {
		return err
	}
	return d.carryOut(ctx, p)
}

func (d *DB) carryOut(ctx context.Context, p plan) error {
	for {
		done := false
		err := d.write(ctx, "migrate", func(tx session) error {
			var err error
			done, err = tx.step(ctx, p, Time(d.now()))
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

// step does what comes next, and reports true when nothing does.
func (s session) step(ctx context.Context, p plan, now Time) (done bool, err error) {
	var locked []int
	if err := s.all(ctx, &locked, s.lockMigrations); err != nil {
		return false, err
	}
	applied, fresh, err := s.applied(ctx)
	if err != nil {
		return false, err
	}
	if err := p.check(applied); err != nil {
		return false, err
	}
	if len(applied) == len(p.migrations) {
		return true, nil
	}
	next, script := p.migrations[len(applied):len(applied)+1], ""
	if fresh && p.schema != "" {
		next, script = p.migrations, p.schema
	} else {
		script = next[0].sql
	}
	if _, err := s.exec(ctx, script); err != nil {
		return false, fmt.Errorf("migration %d (%s): %w", next[0].Version, next[0].Name, err)
	}
	if next[0].Version == 1 && p.extra != "" {
		if _, err := s.exec(ctx, p.extra); err != nil {
			return false, fmt.Errorf("tables of the engine: %w", err)
		}
	}
	for _, m := range next {
		_, err := s.exec(ctx, `INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)`,
			m.Version, m.Name, m.Checksum, now)
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// applied returns the migrations that the database has, by version; fresh means that it has no schema at all.
func (s session) applied(ctx context.Context) (applied []migration, fresh bool, err error) {
	var tables []string
	if err := s.all(ctx, &tables, s.tables); err != nil {
		return nil, false, err
	}
	if !slices.Contains(tables, "schema_migrations") {
		return nil, true, nil
	}
	err = s.all(ctx, &applied, `SELECT version, name, checksum FROM schema_migrations ORDER BY version`)
	return applied, false, err
}

// check compares what a database has with what this program knows.
func (p plan) check(applied []migration) error {
	for i, m := range applied {
		if i >= len(p.migrations) {
			return fmt.Errorf("migration %d (%s): %w", m.Version, m.Name, ErrNewerDatabase)
		}
		known := p.migrations[i]
		if m.Version != known.Version || m.Name != known.Name || m.Checksum != known.Checksum {
			return fmt.Errorf("migration %d (%s) is not %d (%s) as this program knows it: %w",
				m.Version, m.Name, known.Version, known.Name, ErrChangedMigration)
		}
	}
	return nil
}
