package db_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// workload is a load of users who write and decide on a few articles concurrently, so that they often need
// the same rows.
type workload struct {
	d          *db.DB
	b          *dbtest.Builder
	articles   []moderation.Article
	moderators []string

	mu       sync.Mutex
	comments []moderation.Comment
}

// user is one of them. Their actions depend on their number only; with whom they conflict depends on the
// machine.
type user struct {
	*workload
	random *rand.Rand
}

func (p user) chance(one int) bool { return p.random.IntN(one) == 0 }

func choice[T any](p user, list ...T) T { return list[p.random.IntN(len(list))] }

// written is the state after all writes so far.
func (g *workload) written() []moderation.Comment {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.comments)
}

// latest returns a comment's current state.
func (p user) latest(ctx context.Context) (moderation.Comment, error) {
	c, _, err := p.d.Comments.CommentText(ctx, choice(p, p.written()...).ID)
	return c, err
}

func (p user) act(ctx context.Context) error {
	if len(p.written()) == 0 {
		return p.write(ctx)
	}
	return choice(p, p.write, p.write, p.write, p.revise, p.decide, p.decide, p.decide, p.decideMany, p.undo, p.vote, p.report, p.appeal, p.erase,
		p.claim, p.claimOne, p.release, p.edit, p.sweep)(ctx)
}

func (p user) write(ctx context.Context) error {
	draft := dbtest.Draft{Status: choice(p, statuses[:2]...), Email: choice(p, "a@x.org", "b@x.org", "c@x.org")}
	article := choice(p, p.articles...)
	if known := p.written(); len(known) > 0 && !p.chance(4) {
		parent := choice(p, known...)
		draft.Parent = &parent
		article = p.articles[slices.IndexFunc(p.articles, func(a moderation.Article) bool { return a.ID == parent.ArticleID })]
	}
	c, err := p.d.Submissions.CreateComment(ctx, p.b.NewComment(article, draft))
	if err == nil {
		p.mu.Lock()
		p.comments = append(p.comments, c)
		p.mu.Unlock()
	}
	return err
}

func (p user) revise(ctx context.Context) error {
	c, err := p.latest(ctx)
	if err != nil || c.Status == moderation.StatusDeleted {
		return err
	}
	return p.d.Submissions.ReviseComment(ctx, p.b.NewRevision(c, "edited", choice(p, statuses...)))
}

// decision returns a decision that applies to the comment.
func (p user) decision(ctx context.Context) (moderation.Decision, error) {
	c, err := p.latest(ctx)
	if err != nil {
		return moderation.Decision{}, err
	}
	action := choice(p, moderation.ActionApprove, moderation.ActionHold, moderation.ActionReject, moderation.ActionSpam, moderation.ActionDelete)
	if _, err := c.Apply(action); err != nil {
		return moderation.Decision{}, err
	}
	d := p.b.NewDecision(c, action)
	d.ModeratorID, d.ClaimsUntil, d.Force = choice(p, p.moderators...), p.b.Now().Add(time.Hour), p.chance(2)
	return d, nil
}

func (p user) decide(ctx context.Context) error {
	d, err := p.decision(ctx)
	if err != nil {
		return err
	}
	return p.d.Decisions.RecordDecision(ctx, d)
}

func (p user) decideMany(ctx context.Context) error {
	var many []moderation.Decision
	for range 6 {
		if d, err := p.decision(ctx); err == nil {
			many = append(many, d)
		}
	}
	_, err := p.d.Decisions.RecordDecisions(ctx, many)
	return err
}

func (p user) undo(ctx context.Context) error {
	c, err := p.latest(ctx)
	if err != nil {
		return err
	}
	log, err := p.d.Decisions.Decisions(ctx, c.ID)
	if err != nil {
		return err
	}
	last := log[len(log)-1]
	if last.Actor != moderation.ActorModerator {
		return nil
	}
	d := p.b.NewDecision(c, moderation.ActionHold)
	d.To, d.Undoes, d.ModeratorID = last.From, last.ID, choice(p, p.moderators...)
	return p.d.Decisions.RecordDecision(ctx, d)
}

func (p user) vote(ctx context.Context) error {
	_, err := p.d.Votes.CastVote(ctx, castVote(p.b, choice(p, p.written()...).ID, p.random.IntN(9), 1))
	return err
}

func (p user) report(ctx context.Context) error {
	return p.d.Reports.CreateReport(ctx, newReport(p.b, choice(p, p.written()...).ID, p.random.IntN(9), 1+p.random.IntN(2)))
}

func (p user) appeal(ctx context.Context) error {
	c, err := p.latest(ctx)
	if err != nil || c.Status != moderation.StatusRejected {
		return err
	}
	d := p.b.NewDecision(c, moderation.ActionHold)
	d.Actor, d.ModeratorID = moderation.ActorCommenter, ""
	return p.d.Appeals.CreateAppeal(ctx, moderation.Appeal{CommentID: c.ID, Body: "Why?", CreatedAt: d.CreatedAt}, d)
}

func (p user) erase(ctx context.Context) error {
	c, err := p.latest(ctx)
	if err != nil || !p.chance(4) || c.Status == moderation.StatusDeleted {
		return err
	}
	if err := p.d.Comments.EraseComment(ctx, p.b.NewDecision(c, moderation.ActionDelete)); err != nil {
		return err
	}
	return p.d.Commenters.ForgetCommenter(ctx, c.CommenterID)
}

// Claims are short, and each comment and decision advances the clock, so some claims are always expiring.
func (p user) claims() queue.NewClaims {
	return queue.NewClaims{ModeratorID: choice(p, p.moderators...), At: p.b.Now(), ExpiresAt: p.b.Now().Add(20 * time.Second)}
}

func (p user) claim(ctx context.Context) error {
	_, err := p.d.Claims.Claim(ctx, queue.Select{SiteIDs: []string{p.articles[0].SiteID, p.articles[2].SiteID},
		Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 5, UnclaimedAt: p.b.Now()}, p.claims())
	return err
}

func (p user) claimOne(ctx context.Context) error {
	return p.d.Claims.ClaimComment(ctx, choice(p, p.written()...).ID, p.claims())
}

func (p user) release(ctx context.Context) error {
	if p.chance(2) {
		_, err := p.d.Claims.RenewClaims(ctx, p.claims())
		return err
	}
	_, err := p.d.Claims.ReleaseClaims(ctx, choice(p, p.moderators...), nil)
	return err
}

func (p user) edit(ctx context.Context) error {
	article, err := p.d.Articles.ArticleByID(ctx, choice(p, p.articles...).ID)
	if err != nil {
		return err
	}
	article.Title = fmt.Sprint("Title ", p.random.IntN(9))
	return p.d.Articles.UpdateArticle(ctx, article, nil)
}

func (p user) sweep(ctx context.Context) error {
	if _, err := p.d.Janitor.ForgetClaims(ctx, p.b.Now()); err != nil {
		return err
	}
	if p.chance(3) {
		_, err := p.d.Janitor.EraseDeleted(ctx, p.b.Now().Add(-time.Minute))
		return err
	}
	return p.d.Votes.PublishVotes(ctx, []string{choice(p, p.articles...).ID, choice(p, p.articles...).ID})
}

// late are the errors of those who were too slow.
var late = []error{moderation.ErrVersion, moderation.ErrParentGone, moderation.ErrNotFound, moderation.ErrTransition, queue.ErrUndo,
	moderation.ErrClaimed, moderation.ErrNoAppeal, db.ErrConcurrentReports}

func TestEverythingAtOnceNeitherMiscountsNorDeadlocks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		g := &workload{d: d, b: b, articles: []moderation.Article{b.Article(daily, "one"), b.Article(daily, "two"), b.Article(weekly, "one")}}
		for _, who := range []string{"ann", "ben", "cleo"} {
			g.moderators = append(g.moderators, b.Moderator(who, auth.RoleModerator).ID)
		}
		db.TryOnce(d) // so that a deadlock is an error
		var group sync.WaitGroup
		for number := range 12 {
			p := user{g, rand.New(rand.NewPCG(uint64(number), 1))}
			group.Go(func() {
				for range 60 {
					if err := p.act(t.Context()); err != nil && !isOneOf(err, late...) {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if n := queryInt(t, d, `SELECT COUNT(*) FROM decisions WHERE actor = 'moderator'`); n < 50 {
			t.Errorf("only %d decisions", n)
		}
		checkCounters(t, d)
	})
}
