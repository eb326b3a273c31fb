package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
)

// threadSpec is a thread to measure: its number of comments, and the depth of its deepest branch.
type threadSpec struct {
	key      string
	comments int
	depth    int
}

var threads = []threadSpec{{"hundred", 100, 5}, {"thousand", 1_000, 5}, {"ten-thousand", 10_000, 50}}

// seedWriters is how many comments are submitted concurrently.
const seedWriters = 8

// seedThreads fills the empty database with the threads, through the same intake as any comment.
func seedThreads(ctx context.Context, s *store) error {
	if err := s.addSite(ctx); err != nil {
		return err
	}
	if err := s.publishEverything(ctx); err != nil {
		return err
	}
	for _, thread := range threads {
		if err := s.addArticle(ctx, thread.key, "Measured: "+thread.key); err != nil {
			return err
		}
		if err := thread.seed(ctx, s.intake); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// seed writes the thread. Its first branch is a chain down to the full depth. Each other root has one reply,
// and every third a second one.
func (t threadSpec) seed(ctx context.Context, intake *moderation.Intake) error {
	parent := ""
	for n := range t.depth + 1 {
		id, err := t.submit(ctx, intake, parent, n)
		if err != nil {
			return err
		}
		parent = id
	}
	writers, ctx := errgroup.WithContext(ctx)
	writers.SetLimit(seedWriters)
	for n := t.depth + 1; n < t.comments; {
		size := min(2+n%3%2, t.comments-n)
		first := n
		writers.Go(func() error {
			root, err := t.submit(ctx, intake, "", first)
			for i := 1; i < size && err == nil; i++ {
				_, err = t.submit(ctx, intake, root, first+i)
			}
			return err
		})
		n += size
	}
	return writers.Wait()
}

const sentences = "The harbour council voted on Tuesday to keep the old quay open to walkers through the winter, and the " +
	"ferry keeps its timetable until the lamps are repaired. "

func (t threadSpec) submit(ctx context.Context, intake *moderation.Intake, parent string, n int) (string, error) {
	accepted, err := intake.Submit(ctx, moderation.Submission{
		SiteSlug: siteSlug, Article: moderation.ArticleRef{Key: t.key}, ParentID: parent,
		AuthorName: fmt.Sprintf("Reader %d", n%997), AuthorEmail: fmt.Sprintf("reader%d@mail.example", n%997),
		Body:    fmt.Sprintf("%sThis is *comment* %d of %s.", strings.Repeat(sentences, 1+n%3), n, t.key),
		Address: netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}),
	})
	if err != nil {
		return "", err
	}
	return accepted.Comment.ID, nil
}
