package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"

	"rejoinder/db/dbtest"
)

// report prints what happened and checks that nothing was lost.
func (r *clusterRun) report(ctx context.Context, w io.Writer) error {
	if _, err := r.cluster.waitWhole(ctx, rolePrimary); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "fault\ttimes\twrites back after, median\tlongest\treads failed")
	var slow int
	for _, kind := range []*faultKind{&killed, &frozen, &standbyFrozen, &switchover} {
		var outages []time.Duration
		refused := 0
		for _, f := range r.faults {
			if f.kind != kind {
				continue
			}
			outages, refused = append(outages, f.outage), refused+f.refused
			if f.outage > longestOutage {
				slow++
			}
		}
		if len(outages) == 0 {
			continue
		}
		slices.Sort(outages)
		fmt.Fprintf(table, "%s\t%d\t%.1f s\t%.1f s\t%d\n", kind.name, len(outages), outages[len(outages)/2].Seconds(),
			outages[len(outages)-1].Seconds(), refused)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d comments acknowledged, %d of them after a failed attempt\n", len(r.load.acknowledged), r.load.replayed)
	for _, what := range slices.Sorted(maps.Keys(r.load.statuses)) {
		fmt.Fprintf(w, "%s: %d\n", what, r.load.statuses[what])
	}
	errs := []error{r.checkComments(ctx, w), r.verify(ctx, w)}
	if slow > 0 {
		errs = append(errs, fmt.Errorf("cluster: after %d faults, writes took more than %s to come back", slow, longestOutage))
	}
	return errors.Join(errs...)
}

// checkComments compares the comments in the database with those that were acknowledged.
func (r *clusterRun) checkComments(ctx context.Context, w io.Writer) error {
	pool, err := dbtest.OpenPool(r.engine.database)
	if err != nil {
		return err
	}
	defer pool.Close()
	rows, err := pool.QueryContext(ctx, `SELECT CAST(id AS TEXT) FROM comments`)
	if err != nil {
		return fmt.Errorf("list comments: %w", err)
	}
	defer rows.Close()
	stored := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("list comments: %w", err)
		}
		stored[id] = true
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list comments: %w", err)
	}
	lost, ids := 0, map[string]bool{}
	for _, id := range r.load.acknowledged {
		ids[id] = true
		if !stored[id] {
			lost++
		}
	}
	surplus := len(stored) - (len(r.load.acknowledged) - lost)
	fmt.Fprintf(w, "%d comments stored; lost: %d; stored twice or under another key's ID: %d\n", len(stored), lost, surplus)
	if lost != 0 || surplus != 0 || len(ids) != len(r.load.acknowledged) {
		return fmt.Errorf("cluster: %d acknowledged comments are lost, %d are there twice", lost, surplus)
	}
	return nil
}

// verify compares every counter with its rows.
func (r *clusterRun) verify(ctx context.Context, w io.Writer) error {
	command := exec.CommandContext(ctx, r.program, "verify")
	command.Env = []string{"REJOINDER_DATA_DIR=" + r.engine.dir, "REJOINDER_DATABASE_URL=" + r.engine.database,
		"HOME=" + r.engine.dir}
	out, err := command.CombinedOutput()
	fmt.Fprintf(w, "rejoinder verify: %s", out)
	if err != nil {
		return fmt.Errorf("cluster: verify: %w", err)
	}
	return nil
}
