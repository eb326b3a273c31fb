package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"rejoinder/db/dbtest"
)

// gauge reads the sizes and totals of a database, past the program.
type gauge interface {
	// relations lists all tables and indexes with their bytes, the largest first.
	relations(ctx context.Context) ([]relation, error)
	// logBytes is how much was written to the write-ahead log. SQLite keeps all of it from the first call
	// until release, which slows it down.
	logBytes(ctx context.Context) (float64, error)
	release() error
	// cpuMillis is the CPU time of a database server on this machine; 0 without one.
	cpuMillis(ctx context.Context) (float64, error)
	close() error
}

func openGauge(database string) (gauge, error) {
	pool, err := dbtest.OpenPool(database)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(database, "sqlite:") {
		return &sqliteGauge{pool: pool}, nil
	}
	return postgresGauge{pool}, nil
}

type sqliteGauge struct {
	pool *sql.DB
	hold *sql.Tx // a read transaction that keeps the log; nil: none
}

func (g *sqliteGauge) relations(ctx context.Context) ([]relation, error) {
	return readRelations(ctx, g.pool, `
		SELECT d.name, m.type IS NOT NULL AND m.type = 'index', SUM(d.pgsize) AS bytes
		FROM dbstat d LEFT JOIN sqlite_master m ON m.name = d.name GROUP BY d.name ORDER BY bytes DESC`)
}

func (g *sqliteGauge) logBytes(ctx context.Context) (float64, error) {
	if g.hold == nil {
		var err error
		if g.hold, err = g.pool.BeginTx(ctx, nil); err != nil {
			return 0, fmt.Errorf("measure log: %w", err)
		}
		var n int
		if err := g.hold.QueryRowContext(ctx, `SELECT COUNT(*) FROM schema_migrations`).Scan(&n); err != nil {
			return 0, fmt.Errorf("measure log: %w", err)
		}
	}
	var busy, pages, moved float64
	err := g.pool.QueryRowContext(ctx, `PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &pages, &moved)
	if err != nil {
		return 0, fmt.Errorf("measure log: %w", err)
	}
	return pages * sqlitePage, nil
}

// sqlitePage is a page in the log, with its header.
const sqlitePage = 4096 + 24

func (g *sqliteGauge) release() error {
	err := g.hold.Rollback()
	g.hold = nil
	return err
}

func (g *sqliteGauge) cpuMillis(context.Context) (float64, error) { return 0, nil }

func (g *sqliteGauge) close() error { return g.pool.Close() }

type postgresGauge struct{ pool *sql.DB }

func (g postgresGauge) relations(ctx context.Context) ([]relation, error) {
	if _, err := g.pool.ExecContext(ctx, `VACUUM`); err != nil { // moves pending entries into the search index
		return nil, fmt.Errorf("measure tables: %w", err)
	}
	return readRelations(ctx, g.pool, `
		SELECT relname, relkind = 'i', pg_table_size(oid) AS bytes FROM pg_class
		WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i') ORDER BY bytes DESC`)
}

func (g postgresGauge) logBytes(ctx context.Context) (float64, error) {
	var bytes float64
	err := g.pool.QueryRowContext(ctx, `SELECT pg_current_wal_lsn() - '0/0'::pg_lsn`).Scan(&bytes)
	if err != nil {
		return 0, fmt.Errorf("measure log: %w", err)
	}
	return bytes, nil
}

func (g postgresGauge) release() error { return nil }

// cpuMillis adds up the server's processes, if they run on this machine.
func (g postgresGauge) cpuMillis(ctx context.Context) (float64, error) {
	var pid int
	if err := g.pool.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		return 0, fmt.Errorf("measure CPU time: %w", err)
	}
	backend, err := readProcessStat(pid)
	if err != nil {
		return 0, nil //nolint:nilerr // it runs elsewhere
	}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("measure CPU time: %w", err)
	}
	total := 0.0
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		if stat, err := readProcessStat(pid); err == nil && (pid == backend.parent || stat.parent == backend.parent) {
			total += stat.millis
			if pid == backend.parent {
				total += stat.endedMillis
			}
		}
	}
	return total, nil
}

func (g postgresGauge) close() error { return g.pool.Close() }

func readRelations(ctx context.Context, pool *sql.DB, query string) ([]relation, error) {
	rows, err := pool.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("measure tables: %w", err)
	}
	defer rows.Close()
	var all []relation
	for rows.Next() {
		var r relation
		if err := rows.Scan(&r.Name, &r.Index, &r.Bytes); err != nil {
			return nil, fmt.Errorf("measure tables: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// processStat is a process's parent and CPU time.
type processStat struct {
	parent      int
	millis      float64 // its own
	endedMillis float64 // its children's that have ended
}

// millisPerTick is the unit of /proc/PID/stat on Linux.
const millisPerTick = 10

// readProcessStat reads https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
func readProcessStat(pid int) (processStat, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processStat{}, fmt.Errorf("read CPU time: %w", err)
	}
	// pid (name, which may hold anything) state parent …
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 15 {
		return processStat{}, errors.New("read CPU time: too few fields")
	}
	numbers := make([]float64, 0, 5)
	for _, i := range []int{1, 11, 12, 13, 14} {
		n, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return processStat{}, fmt.Errorf("read CPU time: %w", err)
		}
		numbers = append(numbers, n)
	}
	return processStat{parent: int(numbers[0]), millis: (numbers[1] + numbers[2]) * millisPerTick,
		endedMillis: (numbers[3] + numbers[4]) * millisPerTick}, nil
}

func cpuMillis(pid int) (float64, error) {
	stat, err := readProcessStat(pid)
	return stat.millis, err
}
