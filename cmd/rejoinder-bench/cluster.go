package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// clusterBench kills and freezes the servers of a PostgreSQL cluster under load, and checks that nothing is lost.
type clusterBench struct {
	server  string // program to measure; empty: rejoinder beside this program
	kills   int
	freezes int
	pooling string // pool mode of PgBouncer: session or transaction
	logs    string // folder to keep logs in; empty: none
}

// longestOutage is how long writes may fail after a fault.
const longestOutage = 30 * time.Second

// calm is how long the load runs on a whole cluster before the first fault and after each.
const calm = 3 * time.Second

func clusterCommand(std stdio) *cobra.Command {
	var bench clusterBench
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: "Kill the primary of a PostgreSQL cluster under load, and check that no comment is lost",
		Long: "Start a PostgreSQL cluster on this machine (etcd, three servers under Patroni with synchronous replication,\n" +
			"HAProxy and PgBouncer) and two Rejoinder nodes. One connects through PgBouncer, the other to several hosts.\n" +
			"While readers and writers use both nodes, kill the primary, freeze it and its standby, and switch over. Fails if an acknowledged\n" +
			"comment is missing or there twice, a counter is wrong, or writes take more than 30 seconds to come back.\n" +
			"Needs Debian's packages etcd-server, patroni, haproxy, pgbouncer and postgresql.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	cmd.Flags().StringVar(&bench.server, "server", "", "rejoinder program to measure; empty: the one beside this program")
	cmd.Flags().IntVar(&bench.kills, "kills", 20, "how often the primary is killed")
	cmd.Flags().IntVar(&bench.freezes, "freezes", 3, "how often the primary, and then the standby, is frozen until writes are back")
	cmd.Flags().StringVar(&bench.pooling, "pooling", "session", "what PgBouncer pools: session or transaction")
	cmd.Flags().StringVar(&bench.logs, "logs", "", "folder to keep all logs in; empty: they are removed")
	return cmd
}

func (b clusterBench) run(ctx context.Context, std stdio) (err error) {
	program, err := serverProgram(b.server)
	if err != nil {
		return err
	}
	c, err := newCluster(ctx, b.pooling)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	defer func() { err = errors.Join(err, b.keepLogs(c)) }()
	say := func(format string, args ...any) {
		fmt.Fprintf(std.errs, time.Now().Format("15:04:05 ")+format+"\n", args...)
	}
	say("starting the cluster")
	if err := c.startAll(); err != nil {
		return err
	}
	primary, err := c.waitWhole(ctx, rolePrimary)
	if err != nil {
		return err
	}
	if err := c.createDatabase(ctx, primary); err != nil {
		return err
	}
	say("the cluster is whole, %s is the primary", primary.Name)
	r := &clusterRun{cluster: c, say: say}
	if err := r.startNodes(ctx, program); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stopNodes()) }()
	if err := r.inject(ctx, b); err != nil {
		return err
	}
	return r.report(ctx, std.out)
}

// keepLogs copies the logs to the folder of the flag.
func (b clusterBench) keepLogs(c *cluster) error {
	if b.logs == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(c.dir, "*log"))
	nodes, nodesErr := filepath.Glob(filepath.Join(c.dir, "node*", "log"))
	if err := errors.Join(err, nodesErr, os.MkdirAll(b.logs, 0o755)); err != nil {
		return fmt.Errorf("keep logs: %w", err)
	}
	for _, file := range append(files, nodes...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("keep logs: %w", err)
		}
		name := strings.ReplaceAll(strings.TrimPrefix(file, c.dir+"/"), "/", "-")
		if err := os.WriteFile(filepath.Join(b.logs, name), raw, 0o600); err != nil {
			return fmt.Errorf("keep logs: %w", err)
		}
	}
	return nil
}

// clusterRun is a cluster with nodes and load.
type clusterRun struct {
	cluster *cluster
	say     func(format string, args ...any)
	program string
	engine  engine // for commands
	nodes   []*process
	load    *clusterLoad
	faults  []fault
}

// fault is one fault and what followed.
type fault struct {
	kind    *faultKind
	outage  time.Duration // until each node had acknowledged a comment sent after the fault
	refused int           // reads that failed meanwhile
}

// startNodes makes the site and starts two nodes with the same keys.
func (r *clusterRun) startNodes(ctx context.Context, program string) error {
	c := r.cluster
	hosts := make([]string, len(c.Members))
	for i, m := range c.Members {
		hosts[i] = m.SQL
	}
	direct := c.url("rejoinder", strings.Join(hosts, ","), "rejoinder") + "&target_session_attrs=read-write"
	urls := [][]string{
		{"REJOINDER_DATABASE_URL=" + c.url("rejoinder", c.Pool, "rejoinder"),
			"REJOINDER_DATABASE_LISTEN_URL=" + c.url("rejoinder", c.Proxy, "rejoinder"),
			fmt.Sprintf("REJOINDER_PREPARED_STATEMENTS=%t", c.Pooling == "session")},
		{"REJOINDER_DATABASE_URL=" + direct},
	}
	r.program = program
	r.engine = engine{name: "PostgreSQL", program: program, database: c.url("rejoinder", c.Proxy, "rejoinder"),
		dir: filepath.Join(c.dir, "node1"), progress: os.Stderr}
	if err := r.engine.withStore(ctx, seedCluster); err != nil {
		return err
	}
	for i, url := range urls {
		dir := filepath.Join(c.dir, fmt.Sprintf("node%d", i+1))
		if i > 0 {
			if err := copyKeys(r.engine.dir, dir); err != nil {
				return err
			}
		}
		node, err := startProcess(ctx, dir, append(append([]string{"REJOINDER_ADDR=127.0.0.1:0",
			"REJOINDER_DATA_DIR=" + dir}, url...), unlimited...), program, "serve")
		if err != nil {
			return err
		}
		r.nodes = append(r.nodes, node)
	}
	return nil
}

// copyKeys copies the key files to the data folder of another node.
func copyKeys(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return fmt.Errorf("copy keys: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(from, "*.json"))
	if err != nil {
		return fmt.Errorf("copy keys: %w", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(file)), raw, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copy keys: %w", err)
		}
	}
	return nil
}

func seedCluster(ctx context.Context, s *store) error {
	if err := s.addStories(ctx); err != nil {
		return err
	}
	return s.publishEverything(ctx)
}

func (r *clusterRun) stopNodes() error {
	var errs []error
	for _, node := range r.nodes {
		errs = append(errs, node.stop())
	}
	r.nodes = nil
	return errors.Join(errs...)
}

// inject runs the load while it injects all faults.
func (r *clusterRun) inject(ctx context.Context, b clusterBench) error {
	r.load = newClusterLoad(r.nodes)
	stop := r.load.start(ctx)
	defer stop()
	faults := slices.Concat(slices.Repeat([]*faultKind{&killed}, b.kills), slices.Repeat([]*faultKind{&frozen}, b.freezes),
		slices.Repeat([]*faultKind{&standbyFrozen}, b.freezes), []*faultKind{&switchover})
	for _, kind := range faults {
		if err := r.fault(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// faultKind is a kind of fault.
type faultKind struct {
	name   string
	role   string // of the member that it affects
	inject func(ctx context.Context, c *cluster, m *member) error
	repair func(c *cluster, m *member) error // when writes are back
}

var (
	killed = faultKind{"primary killed", rolePrimary,
		func(_ context.Context, c *cluster, m *member) error { c.kill(m); return nil },
		func(c *cluster, m *member) error { return c.startMember(m) }}
	frozen        = faultKind{"primary frozen", rolePrimary, freeze, thaw}
	standbyFrozen = faultKind{"standby frozen", roleStandby, freeze, thaw}
	switchover    = faultKind{"switchover", rolePrimary,
		func(ctx context.Context, _ *cluster, m *member) error {
			return callPatroni(ctx, http.MethodPost, m.REST+"/switchover", map[string]string{"leader": m.Name}, nil)
		},
		func(*cluster, *member) error { return nil }}
)

func freeze(_ context.Context, c *cluster, m *member) error {
	c.signal(m, syscall.SIGSTOP)
	return nil
}

func thaw(c *cluster, m *member) error {
	c.signal(m, syscall.SIGCONT)
	return nil
}

// fault waits for a whole cluster, injects a fault, waits until writes are back, and repairs the member.
func (r *clusterRun) fault(ctx context.Context, kind *faultKind) error {
	m, err := r.cluster.waitWhole(ctx, kind.role)
	if err != nil {
		return err
	}
	if err := pause(ctx, calm); err != nil {
		return err
	}
	refused := r.load.refusedReads()
	began := time.Now()
	if err := kind.inject(ctx, r.cluster, m); err != nil {
		return err
	}
	last, err := r.load.waitAcknowledged(ctx, time.Now())
	if err != nil {
		return fmt.Errorf("%s, %s: %w%s", kind.name, m.Name, err, r.cluster.logs())
	}
	f := fault{kind, time.Since(began), r.load.refusedReads() - refused}
	r.faults = append(r.faults, f)
	r.say("%s (%s): writes were back after %.1f s, on node %d last; %d reads failed", kind.name, m.Name,
		f.outage.Seconds(), last+1, f.refused)
	return kind.repair(r.cluster, m)
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
