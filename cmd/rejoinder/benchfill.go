package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/auth"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// What a long queue is made of: so many different comments of each kind, on so many articles.
const (
	benchOriginals = 500
	benchArticles  = 100
	benchPassword  = "only-for-this-benchmark"
	// benchRule is one that holds some of the comments.
	benchRule = "newcomer-with-link"
)

func benchModerator(n int) string { return fmt.Sprintf("moderator%d@bench.example", n) }

// fill writes the site with its comments and moderators. What approved comments and what waits is a copy of a few
// comments that went through the intake, under rules that approve and under the shipped ones.
func (s queueStage) fill(ctx context.Context) error {
	a, err := openApp(ctx, Config{DatabaseURL: s.database, DataDir: s.dir})
	if err != nil {
		return err
	}
	err = errors.Join(a.seedQueue(ctx), a.db.Close())
	if err != nil {
		return err
	}
	half := time.Duration(float64(365*24*time.Hour) / 2)
	crowd := dbtest.Crowd{Comments: s.pending, Status: "pending", From: time.Now().Add(-half), Writers: s.writers,
		Every: half * benchOriginals / time.Duration(s.pending), Progress: s.copied}
	if err := dbtest.Multiply(ctx, s.database, crowd); err != nil {
		return err
	}
	crowd.Comments, crowd.Status, crowd.Number = s.approved, "approved", s.pending+benchOriginals
	crowd.From, crowd.Every = crowd.From.Add(-half), half*benchOriginals/time.Duration(s.approved)
	if err := dbtest.Multiply(ctx, s.database, crowd); err != nil {
		return err
	}
	return dbtest.Recount(ctx, s.database)
}

// copied reports every hundred thousand comments.
func (s queueStage) copied(made int) {
	if made > 0 && made%100_000 == 0 {
		fmt.Fprintf(s.progress, "%s: %d written\n", s.name, made)
	}
}

// seedQueue writes what is copied.
func (a *app) seedQueue(ctx context.Context) error {
	viewer, rulebook := moderation.Viewer{}, moderation.NewRulebook(a.db, time.Now, newID)
	if err := a.seedArticles(ctx); err != nil {
		return err
	}
	intake := a.seedIntake(rulebook)
	if err := seedOriginals(ctx, intake, 0); err != nil {
		return err
	}
	saved, err := rulebook.Save(ctx, viewer, benchSite, moderation.Draft{Source: benchRules})
	if err == nil {
		_, err = rulebook.Activate(ctx, viewer, moderation.RulesetRef{SiteSlug: benchSite, Version: saved.Version})
	}
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := seedOriginals(ctx, intake, benchOriginals); err != nil {
		return err
	}
	return a.seedModerators(ctx)
}

// seedIntake takes submissions as a server does, from one address as many as there are.
func (a *app) seedIntake(rulebook *moderation.Rulebook) *moderation.Intake {
	return &moderation.Intake{
		Store: a.db, Judges: rulebook, Keys: a.keys, Log: slog.New(slog.DiscardHandler), Now: time.Now, NewID: newID,
		Limiter: moderation.NewRateLimiter(0, time.Now), SiteLimiter: moderation.NewRateLimiter(0, time.Now),
	}
}

// seedModerators registers those who decide.
func (a *app) seedModerators(ctx context.Context) error {
	accounts, err := a.accounts("http://bench.example")
	if err != nil {
		return err
	}
	for n := range queueDeciders {
		if _, err := accounts.Register(ctx, auth.NewModerator{
			Email: benchModerator(n), Name: fmt.Sprintf("Moderator %d", n), Role: auth.RoleAdmin, Password: benchPassword,
		}); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// seedOriginals submits different comments, each by a reader of its own.
func seedOriginals(ctx context.Context, intake *moderation.Intake, first int) error {
	writers, ctx := errgroup.WithContext(ctx)
	writers.SetLimit(seeders)
	for n := first; n < first+benchOriginals; n++ {
		writers.Go(func() error {
			_, err := intake.Submit(ctx, moderation.Submission{
				SiteSlug: benchSite, Article: moderation.ArticleRef{Key: fmt.Sprintf("story-%d", n%benchArticles)},
				AuthorName: fmt.Sprintf("Reader %d", n), AuthorEmail: fmt.Sprintf("reader%d@mail.example", n),
				Body: benchBody(n), Address: netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}),
			})
			return err
		})
	}
	if err := writers.Wait(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

var benchWordList = strings.Fields(`ferry quay library market school bridge station theatre harbour park clinic council mayor budget winter summer
	morning evening neighbour children teacher driver walker sailor painter baker garden window street corner square tower river island meadow
	mountain valley village city train tram bicycle ticket timetable repair lamp light noise silence music concert festival museum gallery
	painting story question answer promise plan delay reason mistake surprise memory weather storm rain snow wind sunshine bread coffee
	apple cheese breakfast dinner holiday weekend opens closes changes grows falls waits begins ends helps costs saves brings takes keeps
	shows hides finds loses likes visits because although however therefore always never often sometimes perhaps today tomorrow yesterday
	quickly slowly carefully twice behind above under between without during after before good better small large old new quiet bright`)

// benchBody is the text of comment n: a few dozen words in an order of its own, every seventh of them a rare one, some with a link,
// some rude. Two of them have a band of their sketches in common about as often as two messages of the SMS Spam Collection
// (Almeida, Gómez Hidalgo, Yamakami 2011) do: five in ten thousand pairs.
func benchBody(n int) string {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	words := make([]string, 20+random.IntN(30))
	for i := range words {
		words[i] = benchWordList[random.IntN(len(benchWordList))]
		if i%7 == 0 {
			words[i] += benchWordList[random.IntN(len(benchWordList))]
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
