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
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"rejoinder/db/dbtest"
)

// options are the flags that the benchmarks share.
type options struct {
	server   string // program to measure; empty: rejoinder beside this program
	database string // of PostgreSQL; empty: a private server
	only     string // sqlite or postgres; empty: both engines
	json     bool
	duration time.Duration
}

// addDatabase adds the flag that names a PostgreSQL database. It holds one benchmark's data.
func (o *options) addDatabase(flags *pflag.FlagSet) {
	flags.StringVar(&o.database, "database", "",
		"postgres://… of an empty database to fill with test data; empty: a private server")
}

// addFlags adds the flags of every benchmark. duration is the default length of each run.
func (o *options) addFlags(flags *pflag.FlagSet, duration time.Duration) {
	o.addProgram(flags)
	flags.DurationVar(&o.duration, "duration", duration, "length of each run")
}

// addProgram adds the flags that say what is measured and how it is printed.
func (o *options) addProgram(flags *pflag.FlagSet) {
	flags.StringVar(&o.server, "server", "", "rejoinder program to measure; empty: the one beside this program")
	flags.BoolVar(&o.json, "json", false, "print one JSON document instead of a table")
}

// benchmark measures one engine.
type benchmark func(ctx context.Context, e engine) ([]result, error)

// measure runs the benchmark on each engine, SQLite first, and prints the results. clients appears in the
// heading.
func (o options) measure(ctx context.Context, std stdio, clients int, run benchmark) error {
	if o.duration < time.Second {
		return usageError{fmt.Errorf("--duration %s is less than a second", o.duration)}
	}
	r := report{Go: runtime.Version(), Processors: runtime.NumCPU(), Clients: clients}
	err := o.onEngines(ctx, std, func(ctx context.Context, e engine) error {
		found, err := run(ctx, e)
		r.Results = append(r.Results, found...)
		return err
	})
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(std.out).Encode(r)
	}
	return r.print(std.out)
}

// onEngines calls run with each engine, SQLite first, on a temporary folder and a private PostgreSQL server.
func (o options) onEngines(ctx context.Context, std stdio, run func(context.Context, engine) error) (err error) {
	if !slices.Contains([]string{"", "sqlite", "postgres"}, o.only) {
		return usageError{fmt.Errorf("--only %q is neither sqlite nor postgres", o.only)}
	}
	program, err := serverProgram(o.server)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rejoinder-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	postgres := o.database
	if postgres == "" && o.only != "sqlite" {
		server, err := dbtest.Launch(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Remove()) }()
		postgres = server.DSN()
	}
	for _, e := range []engine{
		{name: "SQLite", database: sqliteURL(dir, "bench.db"), dir: filepath.Join(dir, "sqlite")},
		{name: "PostgreSQL", database: postgres, dir: filepath.Join(dir, "postgres")},
	} {
		if o.only != "" && o.only != filepath.Base(e.dir) {
			continue
		}
		e.program, e.duration, e.progress = program, o.duration, std.errs
		if err := run(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// engine is one database engine, with the locations of its database and its server's data.
type engine struct {
	name     string
	program  string // the server
	database string // URL
	dir      string // data folder of the server
	duration time.Duration
	progress io.Writer
}

func (e engine) sqlite() bool { return e.name == "SQLite" }

// say prints progress.
func (e engine) say(format string, args ...any) {
	fmt.Fprintf(e.progress, "%s: %s\n", e.name, fmt.Sprintf(format, args...))
}

func sqliteURL(dir, file string) string { return "sqlite:" + filepath.Join(dir, file) }

// unlimited lifts the rate limits and trusts the client address that a request names.
var unlimited = []string{"REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0", "REJOINDER_TRUSTED_PROXIES=127.0.0.1"}

// serve starts the server on the engine's database with these settings.
func (e engine) serve(ctx context.Context, env ...string) (*process, error) {
	return startProcess(ctx, e.dir, append([]string{
		"REJOINDER_ADDR=127.0.0.1:0", "REJOINDER_DATA_DIR=" + e.dir, "REJOINDER_DATABASE_URL=" + e.database,
	}, env...), e.program, "serve")
}

// serveBare starts the baseline server.
func (e engine) serveBare(ctx context.Context, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	return startProcess(ctx, e.dir, nil, append([]string{self, "bare"}, args...)...)
}

// result is the performance of one kind of request under load.
type result struct {
	Name       string  `json:"name"`
	Rate       float64 `json:"requests_per_second"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Baseline   string  `json:"baseline,omitempty"`    // name of the result to compare with
	OfBaseline float64 `json:"of_baseline,omitempty"` // Rate divided by the baseline's
}

// report is a benchmark's output.
type report struct {
	Go         string   `json:"go"`
	Processors int      `json:"processors"`
	Clients    int      `json:"clients"`
	Results    []result `json:"results"`
}

func (r report) print(w io.Writer) error {
	fmt.Fprintf(w, "%d clients, %d processors shared with the load, %s\n\n", r.Clients, r.Processors, r.Go)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "what\trequests/s\tp50 ms\tp99 ms\tbaseline\tratio")
	for _, found := range r.Results {
		ratio := ""
		if found.OfBaseline > 0 {
			ratio = fmt.Sprintf("%.0f%%", 100*found.OfBaseline)
		}
		fmt.Fprintf(table, "%s\t%.0f\t%.2f\t%.2f\t%s\t%s\n", found.Name, found.Rate, found.P50, found.P99,
			found.Baseline, ratio)
	}
	return table.Flush()
}

// load sends requests for a given time.
type load interface {
	drive(ctx context.Context, duration time.Duration) (result, error)
}

// rounds is how often a load and its baseline alternate. The better round of each counts, to reduce the
// effect of other activity on the machine.
const rounds = 3

// bestOf drives the loads in turn and returns the best round of each, compared with its baseline.
func bestOf(ctx context.Context, loads []load, duration time.Duration) ([]result, error) {
	found := make([]result, len(loads))
	byName := map[string]result{}
	for range rounds {
		for i, l := range loads {
			r, err := l.drive(ctx, duration)
			if err != nil {
				return nil, err
			}
			if r.Rate > found[i].Rate {
				found[i], byName[r.Name] = r, r
			}
		}
	}
	for i := range found {
		if baseline, ok := byName[found[i].Baseline]; ok {
			found[i].OfBaseline = found[i].Rate / baseline.Rate
		}
	}
	return found, nil
}
