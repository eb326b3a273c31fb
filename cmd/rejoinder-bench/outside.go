package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
)

// outsideBench measures submissions beside servers outside of Rejoinder that are fast, slow or dead.
type outsideBench struct {
	options
	rate int // submissions per second
}

func outsideCommand(std stdio) *cobra.Command {
	var bench outsideBench
	outside := &cobra.Command{
		Use:   "outside",
		Short: "Measure submissions beside classifiers, webhooks and a mail server that are fast, slow or dead",
		Long: "Submit comments at a fixed rate to sites of one server, in turns: one without any outside server, one with a\n" +
			"classifier that takes 5 ms, one with a classifier that never responds, one with a webhook whose server takes a\n" +
			"second, and one whose readers ask for mail while the mail server takes a second for each reply. Of the three\n" +
			"turns of each site, the one with the middle 99th percentile counts.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	outside.Flags().IntVar(&bench.rate, "rate", 80, "submissions per second")
	bench.addDatabase(outside.Flags())
	bench.addFlags(outside.Flags(), 5*time.Second)
	return outside
}

// outsideClients is the number of clients that share the rate.
const outsideClients = 8

// Response times of the outside servers.
const (
	classifierTakes = 5 * time.Millisecond
	slowServerTakes = time.Second
)

// outsideCase is a site with an outside server.
type outsideCase struct {
	slug, name string
	notify     bool     // readers ask for mail
	setUp      []string // the command that names the outside server
}

func (b outsideBench) run(ctx context.Context, std stdio) error {
	if b.rate < 1 {
		return usageError{fmt.Errorf("--rate %d is less than 1", b.rate)}
	}
	return b.measure(ctx, std, outsideClients, b.measureOutside)
}

func (b outsideBench) measureOutside(ctx context.Context, e engine) (found []result, err error) {
	servers, err := startOutsideServers()
	if err != nil {
		return nil, err
	}
	defer servers.stop()
	cases := []outsideCase{
		{slug: "alone", name: "nothing"},
		{slug: "fast", name: "a classifier that takes 5 ms", setUp: []string{"classifier", "add", "--name", "fast",
			"--url", servers.fast.URL, "--site", "fast"}},
		{slug: "dead", name: "a dead classifier", setUp: []string{"classifier", "add", "--name", "dead",
			"--url", servers.dead.URL, "--site", "dead"}},
		{slug: "hook", name: "a slow webhook", setUp: []string{"webhook", "add", "--site", "hook", "--name", "slow",
			"--url", servers.slow.URL, "--events", "comment.held", "--events", "comment.approved"}},
		{slug: "mail", name: "a slow mail server", notify: true},
	}
	if err := e.seedOutside(ctx, cases); err != nil {
		return nil, err
	}
	server, err := e.serve(ctx, append([]string{"REJOINDER_OUTBOUND_NETWORKS=127.0.0.1", "REJOINDER_MAIL_FROM=bench@bench.example",
		"REJOINDER_SMTP_URL=smtp://" + servers.mail.address()}, unlimited...)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	e.say("submitting")
	s := &submitter{client: newClient(outsideClients)}
	loads := make([]clientLoad, len(cases))
	for i, c := range cases {
		loads[i] = clientLoad{name: e.name + ", beside " + c.name, clients: outsideClients,
			interval: outsideClients * time.Second / time.Duration(b.rate), step: s.stepOf(c, server.url)}
	}
	if found, err = middleOf(ctx, loads, e.duration); err != nil {
		return nil, err
	}
	return found, servers.used()
}

// seedOutside makes the sites and tells the server of their outside servers.
func (e engine) seedOutside(ctx context.Context, cases []outsideCase) error {
	err := e.withStore(ctx, func(ctx context.Context, s *store) error {
		for _, c := range cases {
			if err := s.addOutsideSite(ctx, c.slug); err != nil {
				return fmt.Errorf("seed: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.setUp == nil {
			continue
		}
		command := exec.CommandContext(ctx, e.program, c.setUp...)
		command.Env = []string{"REJOINDER_DATA_DIR=" + e.dir, "REJOINDER_DATABASE_URL=" + e.database,
			"REJOINDER_OUTBOUND_NETWORKS=127.0.0.1", "HOME=" + e.dir}
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", c.setUp[:2], err, out)
		}
	}
	return nil
}

func (s *store) addOutsideSite(ctx context.Context, slug string) error {
	_, err := s.sites.Add(ctx, moderation.Viewer{}, moderation.NewSite{Slug: slug, Name: "Benchmark"})
	if err != nil {
		return err
	}
	_, err = s.sites.Register(ctx, moderation.Viewer{}, slug, moderation.NewArticle{ArticleRef: moderation.ArticleRef{
		Key: storyKey(0), URL: "https://bench.example/" + storyKey(0), Title: "Benchmark"}})
	return err
}

// stepOf returns a step that submits to the site of a case.
func (s *submitter) stepOf(c outsideCase, server string) func(ctx context.Context, client, n int) error {
	address := server + "/api/v1/sites/" + c.slug + "/comments"
	return func(ctx context.Context, _, _ int) error {
		n := int(s.sent.Add(1))
		comment := newComment(n)
		comment["article"] = map[string]string{"key": storyKey(0)}
		if c.notify {
			comment["notify"] = true
		}
		if err := s.post(ctx, address, n, comment); err != nil {
			return fmt.Errorf("submit to %s: %w", c.slug, err)
		}
		return nil
	}
}

// middleOf drives the loads in turn, and returns the round of each that has the middle 99th percentile.
func middleOf[L load](ctx context.Context, loads []L, duration time.Duration) ([]result, error) {
	all := make([][]result, len(loads))
	for range rounds {
		for i, l := range loads {
			r, err := l.drive(ctx, duration)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], r)
		}
	}
	found := make([]result, len(loads))
	for i, results := range all {
		slices.SortFunc(results, func(a, b result) int { return cmp.Compare(a.P99, b.P99) })
		found[i] = results[len(results)/2]
	}
	return found, nil
}
