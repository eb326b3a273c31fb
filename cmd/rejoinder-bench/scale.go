package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rejoinder/db/dbtest"
)

// scaleBench compares a small database with a large one of the same kind.
type scaleBench struct {
	options
	small, large int // comments
}

func (b scaleBench) run(ctx context.Context, std stdio) error {
	if b.small < 10*originals || b.large <= b.small {
		return usageError{fmt.Errorf("--small %d must be at least %d, and --comments %d more than that",
			b.small, 10*originals, b.large)}
	}
	return b.measure(ctx, std, moderatorReads, func(ctx context.Context, e engine) ([]result, error) {
		c := scaledCrowd{engine: e, large: b.large}
		if err := c.prepare(ctx); err != nil {
			return nil, err
		}
		before, err := c.growAndMeasure(ctx, b.small)
		if err != nil {
			return nil, err
		}
		after, err := c.growAndMeasure(ctx, b.large)
		if err != nil {
			return nil, err
		}
		for i := range after {
			after[i].Baseline, after[i].OfBaseline = before[i].Name, after[i].Rate/before[i].Rate
		}
		return append(before, after...), nil
	})
}

// growAndMeasure lets the crowd grow to a number of comments, and measures the server with them.
func (c *scaledCrowd) growAndMeasure(ctx context.Context, comments int) (found []result, err error) {
	if err := c.growAndSay(ctx, comments); err != nil {
		return nil, err
	}
	server, err := c.serve(ctx, append([]string{"REJOINDER_CACHE_BYTES=0"}, unlimited...)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	client := &apiClient{server: server.url, tokens: make([]string, moderatorReads), http: newClient(moderatorReads)}
	for n := range moderatorReads {
		if err := client.signIn(ctx, n); err != nil {
			return nil, err
		}
	}
	for _, load := range client.scaleLoads(comments) {
		load.name = fmt.Sprintf("%s, %d, %s", c.name, comments, load.name)
		if _, err := load.drive(ctx, time.Second); err != nil { // warms caches up
			return nil, err
		}
		r, err := load.drive(ctx, c.duration)
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	backtest, err := client.backtest(ctx)
	backtest.Name = fmt.Sprintf("%s, %d, submissions of a backtest of %d days", c.name, comments, backtestDays)
	return append(found, backtest), err
}

func (c *scaledCrowd) growAndSay(ctx context.Context, comments int) error {
	start, written := time.Now(), c.written
	before, err := c.bytes(ctx)
	if err != nil {
		return err
	}
	if err := c.grow(ctx, comments); err != nil {
		return err
	}
	took := time.Since(start).Round(time.Second)
	after, err := c.bytes(ctx)
	if err != nil {
		return err
	}
	c.say("%d comments, %.1f GB; a comment took %.0f bytes, all were written in %s", comments, after/1e9,
		(after-before)/float64(c.written-written), took)
	return nil
}

// bytes is the size of the database.
func (c *scaledCrowd) bytes(ctx context.Context) (total float64, err error) {
	g, err := openGauge(c.database)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	all, err := g.relations(ctx)
	for _, r := range all {
		total += r.Bytes
	}
	return total, err
}

// scaleLoads are the measured loads, in this order. Each request for a thread names another article.
func (c *apiClient) scaleLoads(comments int) []clientLoad {
	articles, submitter := comments/commentsOnArticle, &submitter{client: c.http}
	submitter.sent.Store(int64(comments)) // nobody has sent these before
	return []clientLoad{
		{name: "first page of a thread", clients: moderatorReads, step: func(ctx context.Context, client, n int) error {
			key := dbtest.CopyKey((n*moderatorReads + client) * 7919 % articles) // a prime: articles far from each other
			return get(ctx, c.http, c.server+threadPath(key))
		}},
		{name: "submissions", clients: submitters, step: submitter.sendTo(c.server + submitPath)},
		c.reads("queue by risk", "queue", "&sort=risk"),
		c.reads("queue, oldest first", "queue", "&sort=oldest"),
		c.reads("queue of one rule", "queue", "&sort=newest&rule="+linkRule),
		c.reads("search for a frequent word", "queue", "&q=ferry"),
		c.reads("search for a rare word", "queue", "&status=approved&q=ferryquay"),
		c.reads("counts", "queue/counts", ""),
	}
}

const backtestDays = 30

// backtest runs the shipped ruleset over the last days once. The rate is that of submissions.
func (c *apiClient) backtest(ctx context.Context) (result, error) {
	start := time.Now()
	lines, err := c.fetch(ctx, apiCall{method: http.MethodPost, path: "/api/v1/sites/" + siteSlug + "/rulesets/backtest",
		body: map[string]any{"version": firstVersion, "days": backtestDays}})
	if err != nil {
		return result{}, err
	}
	var last struct {
		Report *struct {
			Submissions int `json:"submissions"`
		} `json:"report"`
	}
	events := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
	if err := json.Unmarshal(events[len(events)-1], &last); err != nil || last.Report == nil {
		return result{}, fmt.Errorf("backtest: it ended with %.300s", events[len(events)-1])
	}
	took := time.Since(start)
	return result{Rate: float64(last.Report.Submissions) / took.Seconds()}, nil
}
