package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"rejoinder/moderation"
)

// Backup writes a consistent copy of the database as it is at this moment to a new file, readable by its
// owner only, and returns once the copy is on the disk. Readers and writers go on meanwhile. On SQLite the
// copy is a database file; on PostgreSQL it is an archive of pg_dump, which must be on PATH, for pg_restore.
// A file that exists is not overwritten: moderation.ErrExists.
func (d *DB) Backup(ctx context.Context, address, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("back up: %s: %w", path, moderation.ErrExists)
	}
	// Under another name first: a file with the right name is a whole copy.
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up: %w", err)
	}
	err := d.copyTo(ctx, address, part)
	if err == nil {
		err = moveIntoPlace(part, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up: %w", err), removeIfExists(part))
	}
	return nil
}

func (d *DB) copyTo(ctx context.Context, address, path string) error {
	if d.engine == Postgres {
		return dump(ctx, address, path)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // VACUUM INTO takes an empty file
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return d.vacuumInto(ctx, path)
}

// vacuumInto reads in one transaction, so the copy is a consistent snapshot
// (https://www.sqlite.org/lang_vacuum.html). It opens its own connection, because the read connections refuse
// writes even to other files.
func (d *DB) vacuumInto(ctx context.Context, path string) error {
	var source []string
	if err := d.selectAll(ctx, &source, `SELECT file FROM pragma_database_list WHERE name = 'main'`); err != nil {
		return err
	}
	access := sqliteWrites
	if d.readOnly {
		access = sqliteReadsOnly
	}
	pool, err := openSQLite(source[0], access)
	if err != nil {
		return err
	}
	_, err = executor{pool: pool, dialect: d.dialect, breaker: &breaker{}}.exec(ctx, `VACUUM INTO $1`, path)
	return errors.Join(err, pool.Close())
}

// dump runs pg_dump. The password goes through the environment, since arguments can be read by others.
func dump(ctx context.Context, address, path string) error {
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		return errors.New("pg_dump is not on PATH; it comes with PostgreSQL's client (Debian: postgresql-client)")
	}
	u, options, err := parsePostgresURL(address)
	if err != nil {
		return err
	}
	if severalHosts(options) {
		setDefault(options, "target_session_attrs", primarySessions)
		u.RawQuery = options.Encode()
	}
	password, _ := u.User.Password()
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	cmd := exec.CommandContext(ctx, program, "--format=custom", "--no-owner", "--no-privileges",
		"--file", path, "--dbname", u.String())
	cmd.Env = os.Environ()
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pg_dump: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return os.Chmod(path, 0o600)
}

// moveIntoPlace syncs a finished file and gives it its name, so that it survives a power cut.
func moveIntoPlace(part, path string) error {
	file, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func removeIfExists(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
