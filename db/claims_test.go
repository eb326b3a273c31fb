package db_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// claimFixture is a fixture in which moderators claim comments.
type claimFixture struct {
	t    *testing.T
	d    *db.DB
	b    *dbtest.Builder
	site moderation.Site
	held []moderation.Comment
}

func newClaimFixture(t *testing.T, d *db.DB, n int) *claimFixture {
	b := dbtest.Build(t, d)
	c := &claimFixture{t: t, d: d, b: b, site: b.Site("daily")}
	article := b.Article(c.site, "one")
	for range n {
		c.held = append(c.held, b.Comment(article, dbtest.Draft{Status: moderation.StatusPending}))
	}
	return c
}

// take claims for five minutes, at a time after the epoch, and returns the claimed comments.
func (c *claimFixture) take(moderatorID string, n int, at time.Duration) []int {
	c.t.Helper()
	now := dbtest.Epoch.Add(at)
	rows, err := c.d.Claims.Claim(c.t.Context(), queue.Select{SiteIDs: []string{c.site.ID}, Status: moderation.StatusPending,
		Sort: queue.SortOldest, Limit: n, UnclaimedAt: now},
		queue.NewClaims{ModeratorID: moderatorID, At: now, ExpiresAt: now.Add(5 * time.Minute)})
	if err != nil {
		c.t.Error(err)
	}
	got := []int{}
	for _, row := range rows {
		for i, h := range c.held {
			if h.ID == row.Comment.ID {
				got = append(got, i)
			}
		}
	}
	return got
}

func TestAClaimHoldsUntilItEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClaimFixture(t, d, 5)
		ann, ben := c.b.Moderator("ann", auth.RoleModerator).ID, c.b.Moderator("ben", auth.RoleModerator).ID
		wantEqual(t, c.take(ann, 2, 0), []int{0, 1})
		wantEqual(t, c.take(ben, 2, time.Minute), []int{2, 3})
		wantEqual(t, c.take(ann, 2, 2*time.Minute), []int{4}) // and renews 0 and 1 until 7
		wantEqual(t, c.take(ben, 9, 5*time.Minute), []int{})
		wantEqual(t, c.take(ben, 9, 7*time.Minute), []int{0, 1, 4})
		held := must[map[string]queue.Claim](t)(d.Claims.Claims(t.Context(), []string{c.held[0].ID, c.held[2].ID}, dbtest.Epoch.Add(8*time.Minute)))
		wantEqual(t, held[c.held[0].ID], queue.Claim{CommentID: c.held[0].ID, ModeratorID: ben, Moderator: "Mo",
			ExpiresAt: dbtest.Epoch.Add(12 * time.Minute)})
		wantEqual(t, must[int](t)(d.Claims.ReleaseClaims(t.Context(), ben, []string{c.held[1].ID, c.held[0].ID})), 2)
		wantEqual(t, c.take(ann, 9, 8*time.Minute), []int{0, 1})
		wantEqual(t, must[int](t)(d.Claims.ReleaseClaims(t.Context(), ben, nil)), 3)
	})
}

func TestOneCommentIsClaimed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClaimFixture(t, d, 3)
		ann, ben := c.b.Moderator("ann", auth.RoleModerator).ID, c.b.Moderator("ben", auth.RoleModerator).ID
		id := c.held[1].ID
		claim := func(moderatorID string, at time.Duration) error {
			now := dbtest.Epoch.Add(at)
			return d.Claims.ClaimComment(t.Context(), id, queue.NewClaims{ModeratorID: moderatorID, At: now, ExpiresAt: now.Add(5 * time.Minute)})
		}
		until := func(at time.Duration) []queue.Claim {
			return must[[]queue.Claim](t)(d.Claims.HeldClaims(t.Context(), []string{c.site.ID}, dbtest.Epoch.Add(at)))
		}
		held := func(by string, end time.Duration) []queue.Claim {
			return []queue.Claim{{CommentID: id, ModeratorID: by, Moderator: "Mo", ExpiresAt: dbtest.Epoch.Add(end)}}
		}
		ok(t, claim(ann, 0))
		ok(t, claim(ann, time.Minute))
		wantEqual(t, until(time.Minute), held(ann, 6*time.Minute))
		var claimed *queue.ClaimedError
		if err := claim(ben, 2*time.Minute); !errors.As(err, &claimed) || claimed.Claim != held(ann, 6*time.Minute)[0] {
			t.Errorf("%v", err)
		}
		wantEqual(t, c.take(ben, 9, 2*time.Minute), []int{0, 2})
		ok(t, claim(ben, 6*time.Minute))
		wantEqual(t, must[[]queue.Claim](t)(d.Claims.HeldClaims(t.Context(), nil, dbtest.Epoch.Add(8*time.Minute))), held(ben, 11*time.Minute))
		wantEqual(t, must[[]queue.Claim](t)(d.Claims.HeldClaims(t.Context(), []string{"no site"}, dbtest.Epoch.Add(8*time.Minute))), []queue.Claim{})
		err := d.Claims.ClaimComment(t.Context(), c.site.ID, queue.NewClaims{ModeratorID: ann, At: c.b.Now(), ExpiresAt: c.b.Now().Add(time.Minute)})
		if !errors.Is(err, moderation.ErrNotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestOnlyClaimsThatEndedAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClaimFixture(t, d, 3)
		ann, ben := c.b.Moderator("ann", auth.RoleModerator).ID, c.b.Moderator("ben", auth.RoleModerator).ID
		wantEqual(t, c.take(ann, 2, 0), []int{0, 1})
		wantEqual(t, c.take(ben, 1, time.Minute), []int{2})
		forget := func(at time.Duration) int64 {
			return must[int64](t)(d.Janitor.ForgetClaims(t.Context(), dbtest.Epoch.Add(at)))
		}
		wantEqual(t, forget(5*time.Minute), int64(0))
		wantEqual(t, forget(5*time.Minute+time.Second), int64(2))
		wantEqual(t, must[int](t)(d.Claims.ReleaseClaims(t.Context(), ann, nil)), 0)
		wantEqual(t, must[int](t)(d.Claims.ReleaseClaims(t.Context(), ben, nil)), 1)
	})
}

func TestAClaimKeepsOtherModeratorsFromDeciding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClaimFixture(t, d, 3)
		ann, ben := c.b.Moderator("ann", auth.RoleModerator).ID, c.b.Moderator("ben", auth.RoleModerator).ID
		now := c.b.Now().Sub(dbtest.Epoch)
		wantEqual(t, c.take(ann, 3, now), []int{0, 1, 2})
		decision := c.b.NewDecision(c.held[0], moderation.ActionApprove)
		decision.ModeratorID = ben
		err := d.Decisions.RecordDecision(t.Context(), decision)
		var claimed *queue.ClaimedError
		if !errors.As(err, &claimed) || claimed.Claim.Moderator != "Mo" || claimed.Claim.ModeratorID != ann {
			t.Fatalf("%v", err)
		}
		decision.Force = true
		ok(t, d.Decisions.RecordDecision(t.Context(), decision))
		own := c.b.NewDecision(c.held[1], moderation.ActionReject)
		own.ModeratorID, own.CreatedAt = ann, dbtest.Epoch.Add(now+4*time.Minute)
		own.ClaimsUntil = own.CreatedAt.Add(5 * time.Minute)
		ok(t, d.Decisions.RecordDecision(t.Context(), own))
		wantEqual(t, c.take(ben, 3, now+6*time.Minute), []int{}) // a decision renewed the rest
		wantEqual(t, c.take(ben, 3, now+9*time.Minute), []int{2})
		late := c.b.NewDecision(c.held[2], moderation.ActionReject)
		late.ModeratorID, late.CreatedAt = ann, dbtest.Epoch.Add(now+15*time.Minute)
		ok(t, d.Decisions.RecordDecision(t.Context(), late))
		checkCounters(t, d)
	})
}

func TestConcurrentClaimsGetDifferentComments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const claimers, each = 16, 5
		c := newClaimFixture(t, d, claimers*each)
		var ids []string
		for i := range claimers {
			ids = append(ids, c.b.Moderator(fmt.Sprint("m", i), auth.RoleModerator).ID)
		}
		var mu sync.Mutex
		taken := map[int]int{}
		var group sync.WaitGroup
		for _, id := range ids {
			group.Go(func() {
				for range each {
					for _, i := range c.take(id, 1, 0) {
						mu.Lock()
						taken[i]++
						mu.Unlock()
					}
				}
			})
		}
		group.Wait()
		for i, n := range taken {
			if n > 1 {
				t.Errorf("comment %d was taken %d times", i, n)
			}
		}
		if len(taken) < claimers*each*9/10 {
			t.Errorf("only %d of %d were taken", len(taken), claimers*each)
		}
	})
}

func TestAClaimAndAConcurrentDecisionConflict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const comments = 40
		c := newClaimFixture(t, d, comments)
		claimer, decider := c.b.Moderator("claimer", auth.RoleModerator).ID, c.b.Moderator("decider", auth.RoleModerator).ID
		decisions := make([]moderation.Decision, comments)
		for i, held := range c.held {
			decisions[i] = c.b.NewDecision(held, moderation.ActionReject)
			decisions[i].ModeratorID, decisions[i].CreatedAt = decider, dbtest.Epoch
		}
		var decided, claimed int
		var group sync.WaitGroup
		group.Go(func() {
			for range comments {
				claimed += len(c.take(claimer, 1, 0))
			}
		})
		group.Go(func() {
			for _, decision := range slices.Backward(decisions) {
				err := d.Decisions.RecordDecision(t.Context(), decision)
				if err == nil {
					decided++
				} else if !errors.Is(err, moderation.ErrClaimed) {
					t.Error(err)
				}
			}
		})
		group.Wait()
		wantEqual(t, claimed+decided, comments)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM claims`), claimed)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM decisions WHERE actor = 'moderator'`), decided)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments WHERE status = 'rejected'`), decided)
		checkCounters(t, d)
	})
}

// TestAClosedTabHoldsNoClaims runs claims, renewals and the leaving of their tab concurrently.
func TestAClosedTabHoldsNoClaims(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const comments = 24
		c := newClaimFixture(t, d, comments)
		ann := c.b.Moderator("ann", auth.RoleModerator).ID
		at := c.b.Now()
		terms := func(seq int64) queue.NewClaims {
			return queue.NewClaims{ModeratorID: ann, Tab: queue.ClaimTab{ID: "one", Seq: seq}, At: at, ExpiresAt: at.Add(time.Minute)}
		}
		var refused atomic.Int32
		var group sync.WaitGroup
		for i, held := range c.held {
			group.Go(func() {
				err := d.Claims.ClaimComment(t.Context(), held.ID, terms(int64(i)))
				if errors.Is(err, queue.ErrTabClosed) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				if _, err := d.Claims.RenewClaims(t.Context(), queue.NewClaims{ModeratorID: ann, At: at, ExpiresAt: at.Add(5 * time.Minute)}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Go(func() {
			ok(t, d.Claims.CloseTab(t.Context(), queue.ClosedTab{ModeratorID: ann, Tab: queue.ClaimTab{ID: "one", Seq: comments}, At: at}))
		})
		group.Wait()
		t.Logf("%d of %d claims arrived after the tab was left", refused.Load(), comments)
		wantEqual(t, must[[]queue.Claim](t)(d.Claims.HeldClaims(t.Context(), nil, at)), []queue.Claim{})
		ok(t, d.Claims.ClaimComment(t.Context(), c.held[0].ID, terms(comments)))
		wantEqual(t, len(must[[]queue.Claim](t)(d.Claims.HeldClaims(t.Context(), nil, at))), 1)
	})
}

func TestTabsAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ann, at := dbtest.Build(t, d).Moderator("ann", auth.RoleModerator).ID, dbtest.Epoch
		leave := func(tab string, at time.Time) {
			ok(t, d.Claims.CloseTab(t.Context(), queue.ClosedTab{ModeratorID: ann, Tab: queue.ClaimTab{ID: tab, Seq: 1}, At: at}))
		}
		leave("one", at)
		leave("two", at.Add(time.Hour))
		wantEqual(t, must[int64](t)(d.Janitor.ForgetTabs(t.Context(), at.Add(time.Minute))), int64(1))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM claim_tabs WHERE tab = 'two'`), 1)
	})
}
