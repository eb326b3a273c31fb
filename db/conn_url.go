package db

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const (
	sqlitePrefix = "sqlite:"
	// busyMillis is how long a connection waits for the writer of another process.
	busyMillis = 5_000
	// connectSeconds bounds one attempt to reach PostgreSQL, connectSecondsEach that to reach one of several hosts.
	connectSeconds     = "5"
	connectSecondsEach = "3"
)

// sqlitePath returns the file that a database URL names. The file is made here if it is missing, readable by
// its owner only; SQLite gives the files beside it the same mode. syscall.EROFS if it is on a read-only file
// system.
func sqlitePath(address string) (string, error) {
	path := strings.TrimPrefix(address, sqlitePrefix)
	switch {
	case path == "":
		return "", errors.New("database URL: sqlite: needs the path of a file, as sqlite:data/rejoinder.db")
	case strings.HasPrefix(path, "//"):
		return "", errors.New("database URL: write sqlite:PATH, without slashes before the path")
	case path == ":memory:" || strings.HasPrefix(path, "file:"):
		return "", errors.New("database URL: sqlite: takes the plain path of a file, neither :memory: nor a file: URI")
	case strings.ContainsAny(path, "\x00\n"):
		return "", errors.New("database URL: the path holds a control character")
	}
	info, err := os.Stat(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return "", fmt.Errorf("database URL: there is no folder %s to keep the file in", filepath.Dir(path))
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("database file: %w", err)
	}
	return path, nil
}

// sqliteAccess is what the connections of a pool may do.
type sqliteAccess int

const (
	sqliteWrites sqliteAccess = iota
	sqliteReads
	// sqliteReadsOnly: nothing may be written, not even the files beside the database.
	sqliteReadsOnly
)

// sqliteDSN is the data source name of one pool. Writers take the lock when a transaction begins: one that
// reads first may fail to get it later.
func sqliteDSN(path string, access sqliteAccess) string {
	options := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyMillis), "foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)",
		"secure_delete(1)", // erased data must not stay on free pages
	}, "_dqs": {"0"}}
	switch access {
	case sqliteWrites:
		options.Set("_txlock", "immediate")
		// The page cache has 8 MB, and the log twice as much between two checkpoints (pages have 4 KiB), because
		// under load the same pages are written repeatedly. temp_store keeps statement journals in memory, because
		// a statement that inserts many rows first saves each page that it changes.
		options["_pragma"] = append(options["_pragma"], "cache_size(-8000)", "wal_autocheckpoint(4000)",
			"temp_store(MEMORY)")
	case sqliteReads:
		options.Set("_query_only", "1")
	case sqliteReadsOnly:
		options.Set("mode", "ro")
		if !hasSharedMemory(path) {
			options.Set("immutable", "1") // otherwise SQLite would have to make one
		}
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
}

// hasSharedMemory reports whether an SQLite file has a -shm file beside it: a process uses the file, or was
// killed.
func hasSharedMemory(path string) bool {
	_, err := os.Stat(path + "-shm")
	return err == nil
}

// checkWALReadable refuses a write-ahead log that SQLite cannot read on a read-only file system.
func checkWALReadable(path string) error {
	log, err := os.Stat(path + "-wal")
	if err != nil || log.Size() == 0 || hasSharedMemory(path) {
		return nil
	}
	return fmt.Errorf("database file: %s is on a read-only file system, and its log cannot be read without %s-shm; "+
		"copy the folder to a disk that can be written", path, path)
}

// Defaults of target_session_attrs for URLs with several hosts.
const (
	primarySessions = "read-write"
	replicaSessions = "standby"
)

// postgresConnector prepares connections to the database of a URL, and returns the URL that they use.
// sessions is the default of target_session_attrs if there are several hosts. No error repeats the URL: it
// may hold a password.
func postgresConnector(address, sessions string) (connector hostConnector, dsn string, err error) {
	parsed, options, err := parsePostgresURL(address)
	if err != nil {
		return connector, "", err
	}
	if parsed.Host == "" && options.Get("host") == "" {
		return connector, "", errors.New(
			"database URL: it names no host, as in postgres://user:password@host:5432/database")
	}
	if strings.Trim(parsed.Path, "/") == "" && options.Get("dbname") == "" {
		return connector, "", errors.New(
			"database URL: it names no database, as in postgres://user:password@host:5432/database")
	}
	if severalHosts(options) {
		setDefault(options, "target_session_attrs", sessions)
		setDefault(options, "connect_timeout", connectSecondsEach)
	}
	setDefault(options, "connect_timeout", connectSeconds)
	setDefault(options, "application_name", "rejoinder")
	// One round trip for each statement instead of two.
	options.Set("binary_parameters", "yes")
	parsed.RawQuery = options.Encode()
	dsn = parsed.String()
	connector, err = newHostConnector(*parsed, options)
	if err != nil {
		if password, ok := parsed.User.Password(); ok && password != "" && strings.Contains(err.Error(), password) {
			return connector, "", errors.New("database URL: the PostgreSQL driver does not understand it")
		}
		return connector, "", fmt.Errorf("database URL: %w", err)
	}
	return connector, dsn, nil
}

func setDefault(options url.Values, name, value string) {
	if !options.Has(name) {
		options.Set(name, value)
	}
}
