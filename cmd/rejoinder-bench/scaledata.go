package main

import (
	"context"
	"runtime"
	"time"

	"rejoinder/db/dbtest"
)

// Proportions of a scaled database, the same for each size.
const (
	commentsOnArticle  = 100
	commentsOfPerson   = 10
	commentsForPending = 10 // of these, one is pending
)

// scaledCrowd fills a database, more each time. Its comments are copies of a few that went through the intake,
// from a year, with their submissions, decisions and words.
type scaledCrowd struct {
	engine
	large   int // comments in the end
	written int // so far
}

// prepare writes what is copied, and the articles and commenters of the last size.
func (c *scaledCrowd) prepare(ctx context.Context) error {
	if err := c.withStore(ctx, seedQueue); err != nil {
		return err
	}
	if err := dbtest.AddArticles(ctx, c.database, c.large/commentsOnArticle); err != nil {
		return err
	}
	return dbtest.AddCommenters(ctx, c.database, c.large/commentsOfPerson)
}

// grow writes comments until there are that many. Each size covers the same year.
func (c *scaledCrowd) grow(ctx context.Context, comments int) error {
	more := comments - c.written
	err := dbtest.WithoutIndexes(ctx, c.database, func() error {
		if err := c.write(ctx, "approved", more-more/commentsForPending, comments); err != nil {
			return err
		}
		return c.write(ctx, "pending", more/commentsForPending, comments)
	})
	if err != nil {
		return err
	}
	return dbtest.Recount(ctx, c.database)
}

// write writes comments with a status to a database that will have so many in all.
func (c *scaledCrowd) write(ctx context.Context, status string, count, all int) error {
	const year = 365 * 24 * time.Hour
	rounds := (count + originals - 1) / originals
	crowd := dbtest.Crowd{Comments: count, Status: status, Number: c.written, Originals: originals,
		Articles: all / commentsOnArticle, Commenters: all / commentsOfPerson,
		From: time.Now().Add(-year), Every: year / time.Duration(rounds), Writers: runtime.NumCPU(),
		Progress: c.reportProgress}
	if c.sqlite() {
		crowd.Writers = 1
	}
	c.written += rounds * originals
	return dbtest.Multiply(ctx, c.database, crowd)
}

func (c *scaledCrowd) reportProgress(written int) {
	if written > 0 && written%1_000_000 == 0 {
		c.say("%d comments written", written)
	}
}
