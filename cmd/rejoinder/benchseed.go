package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
)

// benchSite is the site that benchmarks fill.
const benchSite = "bench"

// benchRules publish everything, so that seeding needs no moderator.
const benchRules = "rules: []\ndefault: approve\n"

// thread is one to measure: how many comments, and how deep the deepest branch goes.
type benchThread struct {
	key      string
	comments int
	depth    int
}

var benchThreads = []benchThread{{"hundred", 100, 5}, {"thousand", 1_000, 5}, {"ten-thousand", 10_000, 50}}

// seeders is how many comments are written at once.
const seeders = 8

// seed fills the empty database with the threads, through the same intake as any comment.
func (a *app) seed(ctx context.Context) error {
	settings := moderation.DefaultSiteSettings()
	viewer, rulebook := moderation.Viewer{}, moderation.NewRulebook(a.db, time.Now, newID)
	if _, err := a.sites().Add(ctx, viewer, moderation.NewSite{Slug: benchSite, Name: "Benchmark", Settings: &settings}); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	saved, err := rulebook.Save(ctx, viewer, benchSite, moderation.Draft{Source: benchRules})
	if err == nil {
		_, err = rulebook.Activate(ctx, viewer, moderation.RulesetRef{SiteSlug: benchSite, Version: saved.Version})
	}
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	intake := &moderation.Intake{
		Store: a.db, Judges: rulebook, Keys: a.keys, Log: slog.New(slog.DiscardHandler), Now: time.Now, NewID: newID,
		Limiter: moderation.NewRateLimiter(0, time.Now), SiteLimiter: moderation.NewRateLimiter(0, time.Now),
	}
	for _, thread := range benchThreads {
		if _, err := a.sites().Register(ctx, viewer, benchSite, moderation.NewArticle{ArticleRef: moderation.ArticleRef{
			Key: thread.key, URL: "https://bench.example/" + thread.key, Title: "Measured: " + thread.key,
		}}); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		if err := thread.seed(ctx, intake); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// seed writes the thread. Its first branch is one chain down to the full depth; of the others, each root has one reply
// and each third a second one, as most threads do.
func (b benchThread) seed(ctx context.Context, intake *moderation.Intake) error {
	parent := ""
	for n := range b.depth + 1 {
		id, err := b.submit(ctx, intake, parent, n)
		if err != nil {
			return err
		}
		parent = id
	}
	writers, ctx := errgroup.WithContext(ctx)
	writers.SetLimit(seeders)
	for n := b.depth + 1; n < b.comments; {
		size := min(2+n%3%2, b.comments-n)
		first := n
		writers.Go(func() error {
			root, err := b.submit(ctx, intake, "", first)
			for i := 1; i < size && err == nil; i++ {
				_, err = b.submit(ctx, intake, root, first+i)
			}
			return err
		})
		n += size
	}
	return writers.Wait()
}

const benchWords = "The harbour council voted on Tuesday to keep the old quay open to walkers through the winter, and the " +
	"ferry keeps its timetable until the lamps are repaired. "

func (b benchThread) submit(ctx context.Context, intake *moderation.Intake, parent string, n int) (string, error) {
	accepted, err := intake.Submit(ctx, moderation.Submission{
		SiteSlug: benchSite, Article: moderation.ArticleRef{Key: b.key}, ParentID: parent,
		AuthorName: fmt.Sprintf("Reader %d", n%997), AuthorEmail: fmt.Sprintf("reader%d@mail.example", n%997),
		Body:    fmt.Sprintf("%sThis is *comment* %d of %s.", strings.Repeat(benchWords, 1+n%3), n, b.key),
		Address: netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}),
	})
	if err != nil {
		return "", err
	}
	return accepted.Comment.ID, nil
}
