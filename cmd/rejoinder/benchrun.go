package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"rejoinder/db/dbtest"
)

// benchRun is what all benchmarks have in common: a database of each engine, made for them, and a report.
type benchRun struct {
	database string // of PostgreSQL; empty: a private server
	json     bool
	duration time.Duration
}

// addDatabase adds the flag for a database of one's own, which takes one benchmark.
func (b *benchRun) addDatabase(flags *pflag.FlagSet) {
	flags.StringVar(&b.database, "database", "", "postgres://… of an empty database to fill with test data; empty: a private server")
}

// addFlags adds the flags of every benchmark. duration is how long each run lasts unless said otherwise.
func (b *benchRun) addFlags(flags *pflag.FlagSet, duration time.Duration) {
	flags.BoolVar(&b.json, "json", false, "print one JSON document instead of a table")
	flags.DurationVar(&b.duration, "duration", duration, "how long each of the runs lasts")
}

// measure is what a benchmark does with one engine.
type measure func(ctx context.Context, stage benchStage) ([]measured, error)

// report has each engine measured, SQLite first, and prints what was found with so many clients.
func (b benchRun) report(ctx context.Context, con console, clients int, on measure) (err error) {
	dir, err := os.MkdirTemp("", "rejoinder-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	postgres := b.database
	if postgres == "" {
		server, err := dbtest.Launch(ctx)
		if err != nil {
			return err
		}
		defer server.Remove()
		postgres = server.DSN()
	}
	report := benchReport{Go: runtime.Version(), Processors: runtime.NumCPU(), Clients: clients}
	for _, stage := range []benchStage{
		{name: "SQLite", database: sqliteAt(dir, "bench.db"), dir: filepath.Join(dir, "sqlite")},
		{name: "PostgreSQL", database: postgres, dir: filepath.Join(dir, "postgres")},
	} {
		stage.duration, stage.progress = b.duration, con.errs
		found, err := on(ctx, stage)
		if err != nil {
			return err
		}
		report.Results = append(report.Results, found...)
	}
	if b.json {
		return json.NewEncoder(con.out).Encode(report)
	}
	return report.print(con.out)
}

// benchStage is one database, with the server on it.
type benchStage struct {
	name     string
	database string
	dir      string // of the server's data
	duration time.Duration
	progress io.Writer
}

func (s benchStage) sqlite() bool { return s.name == "SQLite" }

func sqliteAt(dir, file string) string { return "sqlite:" + filepath.Join(dir, file) }

// serve starts the server on the stage's database. cacheBytes "" is the default.
func (s benchStage) serve(ctx context.Context, cacheBytes string, env ...string) (*child, error) {
	return startChild(ctx, s.dir, append([]string{
		"REJOINDER_ADDR=127.0.0.1:0", "REJOINDER_DATA_DIR=" + s.dir, "REJOINDER_DATABASE_URL=" + s.database,
		"REJOINDER_CACHE_BYTES=" + cacheBytes,
	}, env...), "serve")
}

// benchReport is what a benchmark found.
type benchReport struct {
	Go         string     `json:"go"`
	Processors int        `json:"processors"`
	Clients    int        `json:"clients"`
	Results    []measured `json:"results"`
}

func (r benchReport) print(w io.Writer) error {
	fmt.Fprintf(w, "%d clients, %d processors shared with the load, %s\n\n", r.Clients, r.Processors, r.Go)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "what\trequests/s\tp50 ms\tp99 ms\tof\tratio")
	for _, m := range r.Results {
		ratio := ""
		if m.OfLimit > 0 {
			ratio = fmt.Sprintf("%.0f %%", 100*m.OfLimit)
		}
		fmt.Fprintf(table, "%s\t%.0f\t%.2f\t%.2f\t%s\t%s\n", m.Name, m.Rate, m.P50, m.P99, m.Limit, ratio)
	}
	return table.Flush()
}
