package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/auth"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// A long queue is copied from this many different comments of each status, on this many articles.
const (
	originals = 500
	stories   = 100
)

const (
	moderatorPassword = "only-to-measure-a-queue"
	// linkRule is a rule that holds some of the comments.
	linkRule = "newcomer-with-link"
)

func moderatorEmail(n int) string { return fmt.Sprintf("moderator%d@bench.example", n) }

// storyKey is the article of comment n.
func storyKey(n int) string { return fmt.Sprintf("story-%d", n%stories) }

// fill writes the site with its comments and moderators. It copies the approved and the pending comments from
// a few that went through the intake.
func (q queueRun) fill(ctx context.Context) error {
	if err := q.withStore(ctx, seedQueue); err != nil {
		return err
	}
	half := time.Duration(float64(365*24*time.Hour) / 2)
	crowd := dbtest.Crowd{Comments: q.pending, Status: "pending", From: time.Now().Add(-half), Writers: q.writers,
		Every: half * originals / time.Duration(q.pending), Progress: q.reportProgress}
	if err := dbtest.Multiply(ctx, q.database, crowd); err != nil {
		return err
	}
	crowd.Comments, crowd.Status, crowd.Number = q.approved, "approved", q.pending+originals
	crowd.From, crowd.Every = crowd.From.Add(-half), half*originals/time.Duration(q.approved)
	if err := dbtest.Multiply(ctx, q.database, crowd); err != nil {
		return err
	}
	return dbtest.Recount(ctx, q.database)
}

func (q queueRun) reportProgress(written int) {
	if written > 0 && written%100_000 == 0 {
		q.say("%d comments written", written)
	}
}

// seedQueue writes the comments that are copied, and the moderators.
func seedQueue(ctx context.Context, s *store) error {
	if err := s.addStories(ctx); err != nil {
		return err
	}
	if err := s.submitOriginals(ctx, 0); err != nil {
		return err
	}
	if err := s.publishEverything(ctx); err != nil {
		return err
	}
	if err := s.submitOriginals(ctx, originals); err != nil {
		return err
	}
	return s.addModerators(ctx)
}

// addStories adds the site and its articles.
func (s *store) addStories(ctx context.Context) error {
	if err := s.addSite(ctx); err != nil {
		return err
	}
	for n := range stories {
		if err := s.addArticle(ctx, storyKey(n), fmt.Sprintf("Story %d", n)); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) addModerators(ctx context.Context) error {
	for n := range deciders {
		if _, err := s.accounts.Register(ctx, auth.NewModerator{
			Email: moderatorEmail(n), Name: fmt.Sprintf("Moderator %d", n), Role: auth.RoleAdmin, Password: moderatorPassword,
		}); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// submitOriginals submits different comments, each by a reader of its own. first numbers them.
func (s *store) submitOriginals(ctx context.Context, first int) error {
	writers, ctx := errgroup.WithContext(ctx)
	writers.SetLimit(seedWriters)
	for n := first; n < first+originals; n++ {
		writers.Go(func() error {
			_, err := s.intake.Submit(ctx, moderation.Submission{
				SiteSlug: siteSlug, Article: moderation.ArticleRef{Key: storyKey(n)},
				AuthorName: fmt.Sprintf("Reader %d", n), AuthorEmail: fmt.Sprintf("reader%d@mail.example", n),
				Body: commentBody(n), Address: netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}),
			})
			return err
		})
	}
	if err := writers.Wait(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

var wordList = strings.Fields(`ferry quay library market school bridge station theatre harbour park clinic council mayor
	budget winter summer morning evening neighbour children teacher driver walker sailor painter baker garden window
	street corner square tower river island meadow mountain valley village city train tram bicycle ticket timetable repair
	lamp light noise silence music concert festival museum gallery painting story question answer promise plan delay reason
	mistake surprise memory weather storm rain snow wind sunshine bread coffee apple cheese breakfast dinner holiday weekend
	opens closes changes grows falls waits begins ends helps costs saves brings takes keeps shows hides finds loses likes
	visits because although however therefore always never often sometimes perhaps today tomorrow yesterday quickly slowly
	carefully twice behind above under between without during after before good better small large old new quiet bright`)

// commentBody is the text of comment n: a few dozen words, every seventh of them rare, some with a link, some
// rude. Two of them share a sketch band about as often as two messages of the SMS Spam Collection (Almeida,
// Gómez Hidalgo, Yamakami 2011): five in ten thousand pairs.
func commentBody(n int) string {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	words := make([]string, 20+random.IntN(30))
	for i := range words {
		words[i] = wordList[random.IntN(len(wordList))]
		if i%7 == 0 {
			words[i] += wordList[random.IntN(len(wordList))]
		}
	}
	text := strings.Join(words, " ") + "."
	switch {
	case n%5 == 0:
		text += fmt.Sprintf(" See https://site%d.example/page/%d for the minutes.", n%40, n)
	case n%7 == 0:
		text += " Whoever decided this is an idiot."
	}
	return text
}
