package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/db/dbtest"
)

// anatomyBench shows what a submission costs, and in which tables and indexes its bytes are.
type anatomyBench struct {
	options
	submissions int
	clients     int
	roundTrip   time.Duration // between server and PostgreSQL
}

func anatomyCommand(std stdio) *cobra.Command {
	var bench anatomyBench
	anatomy := &cobra.Command{
		Use:   "anatomy",
		Short: "Show what a submission costs: bytes by table and index, log, statements, CPU time",
		Long: "Submit comments through the server and show what each of them costs: bytes by table and index, bytes of the\n" +
			"write-ahead log, statements and round trips as counted between server and PostgreSQL, and CPU time of both.\n" +
			"With --round-trip, a proxy delays the network between server and PostgreSQL.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	anatomy.Flags().IntVar(&bench.submissions, "submissions", 20_000, "number of submissions")
	anatomy.Flags().IntVar(&bench.clients, "clients", submitters, "number of clients that submit concurrently")
	anatomy.Flags().DurationVar(&bench.roundTrip, "round-trip", 0, "added to each round trip to PostgreSQL")
	anatomy.Flags().StringVar(&bench.only, "only", "", "sqlite or postgres: measure only this engine")
	bench.addDatabase(anatomy.Flags())
	bench.addProgram(anatomy.Flags())
	return anatomy
}

// anatomy is what each submission costs on one engine.
type anatomy struct {
	Engine     string     `json:"engine"`
	Clients    int        `json:"clients"`
	Rate       float64    `json:"requests_per_second"`
	Statements float64    `json:"statements,omitempty"`
	RoundTrips float64    `json:"round_trips,omitempty"`
	ServerCPU  float64    `json:"server_cpu_ms"`
	EngineCPU  float64    `json:"postgresql_cpu_ms,omitempty"`
	Log        float64    `json:"log_bytes"`
	Bytes      float64    `json:"bytes"`
	Relations  []relation `json:"relations"`

	submissions int // all, measured or not
}

// relation is a table or an index with its bytes for each comment.
type relation struct {
	Name  string  `json:"name"`
	Index bool    `json:"index"`
	Bytes float64 `json:"bytes"`
}

func (b anatomyBench) run(ctx context.Context, std stdio) error {
	if b.clients < 1 || b.submissions < b.clients {
		return usageError{fmt.Errorf("--submissions %d must be at least the number of --clients, %d, and that at least 1",
			b.submissions, b.clients)}
	}
	var all []anatomy
	err := b.onEngines(ctx, std, func(ctx context.Context, e engine) error {
		a, err := b.dissect(ctx, e)
		all = append(all, a)
		return err
	})
	if err != nil {
		return err
	}
	if b.json {
		return json.NewEncoder(std.out).Encode(all)
	}
	for _, a := range all {
		if err := a.print(std.out); err != nil {
			return err
		}
	}
	return nil
}

// anatomyRun measures one engine.
type anatomyRun struct {
	anatomyBench
	engine
	gauge gauge
	proxy *wireProxy // nil on SQLite
}

func (b anatomyBench) dissect(ctx context.Context, e engine) (a anatomy, err error) {
	if err := errors.Join(e.withStore(ctx, seedUnrelated), dbtest.Analyse(ctx, e.database)); err != nil {
		return a, err
	}
	run := anatomyRun{anatomyBench: b, engine: e}
	if run.gauge, err = openGauge(e.database); err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, run.gauge.close()) }()
	before, err := run.gauge.relations(ctx)
	if err != nil {
		return a, err
	}
	if a, err = run.submit(ctx); err != nil {
		return a, err
	}
	after, err := run.gauge.relations(ctx)
	a.setRelations(before, after)
	return a, err
}

// submit starts the server, submits, and sets everything but the relations. The server is stopped then.
func (r anatomyRun) submit(ctx context.Context) (a anatomy, err error) {
	if !r.sqlite() {
		direct := r.database
		if r.proxy, r.database, err = startWireProxy(direct, r.roundTrip); err != nil {
			return a, err
		}
		defer func() { err = errors.Join(err, r.proxy.stop()) }()
	}
	server, err := r.serve(ctx, unlimited...)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	r.say("submitting")
	s := &submitter{client: newClient(r.clients)}
	load := clientLoad{name: r.name, clients: r.clients, step: s.sendTo(server.url + submitPath)}
	// First what the server prepares and caches once.
	load.maxSteps = (warmUp + r.clients - 1) / r.clients
	if _, err := load.drive(ctx, time.Hour); err != nil {
		return a, err
	}
	load.maxSteps = r.submissions / r.clients
	before, err := r.costs(ctx, server)
	if err != nil {
		return a, err
	}
	result, err := load.drive(ctx, time.Hour)
	if err != nil {
		return a, err
	}
	after, err := r.costs(ctx, server)
	if err != nil {
		return a, err
	}
	each := after.minus(before).each(load.maxSteps * r.clients)
	a = anatomy{Engine: r.name, Clients: r.clients, Rate: result.Rate, Statements: each.statements,
		RoundTrips: each.roundTrips, ServerCPU: each.serverCPU, EngineCPU: each.engineCPU}
	a.Log, err = r.measureLog(ctx, load)
	a.submissions = int(s.sent.Load())
	return a, err
}

// measureLog submits once more, and returns the bytes of the write-ahead log for each submission.
func (r anatomyRun) measureLog(ctx context.Context, load clientLoad) (float64, error) {
	before, err := r.gauge.logBytes(ctx)
	if err != nil {
		return 0, err
	}
	load.maxSteps = (load.maxSteps + 3) / 4
	if _, err := load.drive(ctx, time.Hour); err != nil {
		return 0, errors.Join(err, r.gauge.release())
	}
	after, err := r.gauge.logBytes(ctx)
	return (after - before) / float64(load.maxSteps*r.clients), errors.Join(err, r.gauge.release())
}

// warmUp is how many submissions precede the measured ones.
const warmUp = 800

// costs are running totals.
type costs struct {
	statements, roundTrips, serverCPU, engineCPU float64
}

func (r anatomyRun) costs(ctx context.Context, server *process) (costs, error) {
	var c costs
	if r.proxy != nil {
		c.statements, c.roundTrips = float64(r.proxy.statements.Load()), float64(r.proxy.roundTrips.Load())
	}
	var errServer, errEngine error
	c.serverCPU, errServer = cpuMillis(server.cmd.Process.Pid)
	c.engineCPU, errEngine = r.gauge.cpuMillis(ctx)
	return c, errors.Join(errServer, errEngine)
}

func (c costs) minus(d costs) costs {
	return costs{c.statements - d.statements, c.roundTrips - d.roundTrips, c.serverCPU - d.serverCPU,
		c.engineCPU - d.engineCPU}
}

func (c costs) each(n int) costs {
	by := float64(n)
	return costs{c.statements / by, c.roundTrips / by, c.serverCPU / by, c.engineCPU / by}
}

// setRelations sets the growth of each relation, largest first.
func (a *anatomy) setRelations(before, after []relation) {
	sizes := map[string]float64{}
	for _, r := range before {
		sizes[r.Name] = r.Bytes
	}
	for _, r := range after {
		r.Bytes = (r.Bytes - sizes[r.Name]) / float64(a.submissions)
		if r.Bytes >= 1 {
			a.Relations = append(a.Relations, r)
			a.Bytes += r.Bytes
		}
	}
}

func (a anatomy) print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %d clients, for each submission\n\n", a.Engine, a.Clients)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "rate\t%.0f/s\n", a.Rate)
	fmt.Fprintf(table, "CPU of the server\t%.2f ms\n", a.ServerCPU)
	if a.RoundTrips > 0 {
		fmt.Fprintf(table, "CPU of PostgreSQL\t%.2f ms\nstatements\t%.2f\nround trips\t%.2f\n", a.EngineCPU, a.Statements,
			a.RoundTrips)
	}
	fmt.Fprintf(table, "write-ahead log\t%.0f bytes\ndisk\t%.0f bytes\n", a.Log, a.Bytes)
	for _, r := range a.Relations {
		kind := "table"
		if r.Index {
			kind = "index"
		}
		fmt.Fprintf(table, "  %s %s\t%.0f bytes\n", kind, r.Name, r.Bytes)
	}
	fmt.Fprintln(table)
	return table.Flush()
}
