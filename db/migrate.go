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

// migration is a step to a newer schema. It never changes after its release.
type migration struct {
	Version  int    `db:"version"`
	Name     string `db:"name"`
	Checksum string `db:"checksum"`
	sql      string
}

// migrationPlan is how a database gets the newest schema: a fresh one by schema.sql, an older one by the
// migrations that it lacks.
type migrationPlan struct {
	schema     string
	migrations []migration // by version, 1, 2, 3 …
	// extra is the part of the schema that only this engine has. It is created after the first migration.
	engineSchema string
}

func (d *DB) newMigrationPlan() (migrationPlan, error) {
	migrations, err := readMigrations(migrationFiles)
	return migrationPlan{schema: rejoinder.Schema, migrations: migrations, engineSchema: d.search.create}, err
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
			return nil, fmt.Errorf("read migrations: found %s in place of number %d", entry.Name(), i+1)
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
	p, err := d.newMigrationPlan()
	if err != nil {
		return false, err
	}
	applied, _, err := appliedMigrations(ctx, d.executor)
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
	p, err := d.newMigrationPlan()
	if err != nil {
		return err
	}
	return d.runMigrations(ctx, p)
}

func (d *DB) runMigrations(ctx context.Context, p migrationPlan) error {
	for {
		done := false
		err := d.write(ctx, "migrate", func(tx executor) error {
			var err error
			done, err = migrateStep(ctx, tx, p, Time(d.now()))
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

// migrateStep runs the next step, and reports true when there is none.
func migrateStep(ctx context.Context, x executor, p migrationPlan, now Time) (done bool, err error) {
	var locked []int
	if err := x.selectAll(ctx, &locked, x.lockMigrations); err != nil {
		return false, err
	}
	applied, fresh, err := appliedMigrations(ctx, x)
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
	if _, err := x.exec(ctx, x.ddl(script)); err != nil {
		return false, fmt.Errorf("migration %d (%s): %w", next[0].Version, next[0].Name, err)
	}
	if next[0].Version == 1 && p.engineSchema != "" {
		if _, err := x.exec(ctx, x.ddl(p.engineSchema)); err != nil {
			return false, fmt.Errorf("tables of the engine: %w", err)
		}
	}
	for _, m := range next {
		_, err := x.exec(ctx, `INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)`,
			m.Version, m.Name, m.Checksum, now)
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// appliedMigrations returns the migrations that were applied, by version. fresh means that there is no
// schema.
func appliedMigrations(ctx context.Context, x executor) (applied []migration, fresh bool, err error) {
	var tables []string
	if err := x.selectAll(ctx, &tables, x.tables); err != nil {
		return nil, false, err
	}
	if !slices.Contains(tables, "schema_migrations") {
		return nil, true, nil
	}
	err = x.selectAll(ctx, &applied, `SELECT version, name, checksum FROM schema_migrations ORDER BY version`)
	return applied, false, err
}

// check compares the applied migrations with those of this program.
func (p migrationPlan) check(applied []migration) error {
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
