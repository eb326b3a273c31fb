package db_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/stats"
)

// kinds are the counts of a tally without their hours, in a fixed order.
func kinds(tally stats.DecisionRollup) []stats.DecisionCount {
	sums := map[stats.DecisionCount]int{}
	for _, c := range tally.Counts {
		n := c.N
		c.N, c.Hour = 0, time.Time{}
		sums[c] += n
	}
	list := []stats.DecisionCount{}
	for c, n := range sums {
		c.N = n
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b stats.DecisionCount) int {
		return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.To, b.To), cmp.Compare(a.ModeratorID, b.ModeratorID), cmp.Compare(a.ReasonCode, b.ReasonCode))
	})
	return list
}

func TestUndoneDecisionsAreNotCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		mo := b.Moderator("mo@example.org", auth.RoleModerator).ID
		pending := func() moderation.Comment { return b.Comment(article, dbtest.Draft{Status: moderation.StatusPending}) }
		decide := func(c moderation.Comment, action moderation.Action, undoes string) (moderation.Comment, string) {
			decision := b.NewDecision(c, action)
			decision.ModeratorID, decision.Undoes = mo, undoes
			if action != moderation.ActionApprove && undoes == "" {
				decision.ReasonCode = "hate"
			}
			ok(t, d.Decisions.RecordDecision(t.Context(), decision))
			c.Version, c.Status = decision.Version, decision.To
			return c, decision.ID
		}
		stays, undone, redone := pending(), pending(), pending()
		b.Comment(article, dbtest.Draft{})
		b.Advance(10 * time.Minute)
		decide(stays, moderation.ActionReject, "")
		undone, of := decide(undone, moderation.ActionReject, "")
		decide(undone, moderation.ActionHold, of)
		redone, of = decide(redone, moderation.ActionApprove, "")
		redone, of = decide(redone, moderation.ActionHold, of)
		decide(redone, moderation.ActionApprove, of)
		tally := must[stats.DecisionRollup](t)(d.Rollups.CountDecisions(t.Context(), site.ID, dbtest.Epoch, dbtest.Epoch.Add(time.Hour)))
		wantEqual(t, kinds(tally), []stats.DecisionCount{
			{Actor: moderation.ActorModerator, ModeratorID: mo, To: moderation.StatusApproved, N: 1},
			{Actor: moderation.ActorModerator, ModeratorID: mo, To: moderation.StatusRejected, ReasonCode: "hate", N: 1},
			{Actor: moderation.ActorRuleset, Arrival: true, To: moderation.StatusApproved, N: 1},
			{Actor: moderation.ActorRuleset, Arrival: true, To: moderation.StatusPending, N: 3},
		})
		median, n := tally.Waits.Median()
		if n != 2 || median < 9*time.Minute || median > 11*time.Minute {
			t.Errorf("%d comments waited, %s the middle one; want 2 and 10 min", n, median)
		}
	})
}

func TestADecisionCountsWhileItsChainOfUndosIsEven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		c := b.Comment(b.Article(site, "one"), dbtest.Draft{Status: moderation.StatusPending})
		mo := b.Moderator("mo@example.org", auth.RoleModerator).ID
		b.Advance(10 * time.Minute)
		of := ""
		for undos := range 6 {
			decision := b.NewDecision(c, []moderation.Action{moderation.ActionReject, moderation.ActionHold}[undos%2])
			decision.ModeratorID, decision.Undoes = mo, of
			ok(t, d.Decisions.RecordDecision(t.Context(), decision))
			c.Version, c.Status, of = decision.Version, decision.To, decision.ID
			tally := must[stats.DecisionRollup](t)(d.Rollups.CountDecisions(t.Context(), site.ID, dbtest.Epoch, dbtest.Epoch.Add(time.Hour)))
			want := []stats.DecisionCount{{Actor: moderation.ActorRuleset, Arrival: true, To: moderation.StatusPending, N: 1}}
			if undos%2 == 0 {
				want = append([]stats.DecisionCount{{Actor: moderation.ActorModerator, ModeratorID: mo, To: moderation.StatusRejected, N: 1}}, want...)
			}
			wantEqual(t, kinds(tally), want)
			if _, waited := tally.Waits.Median(); waited != 1-undos%2 {
				t.Errorf("after %d undos, %d comments waited", undos, waited)
			}
		}
	})
}

func TestRollupsEqualTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		var step stats.RollupStep
		var whole stats.DecisionRollup
		for hour := range 4 {
			for i := range 3 {
				c := b.Comment(article, dbtest.Draft{Status: statuses[i%2]})
				b.Advance(time.Minute)
				b.Decide(c, []moderation.Action{moderation.ActionSpam, moderation.ActionDelete, moderation.ActionReject}[(hour+i)%3])
			}
			from := dbtest.Epoch.Add(time.Duration(hour) * time.Hour)
			tally := must[stats.DecisionRollup](t)(d.Rollups.CountDecisions(t.Context(), site.ID, from, from.Add(time.Hour)))
			step.Hours = append(step.Hours, stats.HourRollup{Hour: from, DecisionRollup: tally})
			whole.Counts = append(whole.Counts, tally.Counts...)
			b.Advance(from.Add(time.Hour).Sub(b.Now()))
		}
		step.SiteID, step.To = site.ID, dbtest.Epoch.Add(4*time.Hour)
		ok(t, d.Rollups.AddRollups(t.Context(), step))
		wantErr(t, d.Rollups.AddRollups(t.Context(), step), moderation.ErrVersion)
		wantEqual(t, must[map[string]time.Time](t)(d.Rollups.RollupProgress(t.Context())), map[string]time.Time{site.ID: step.To})
		q := stats.RollupQuery{SiteIDs: []string{site.ID, "none"}, From: dbtest.Epoch, To: step.To}
		together := must[stats.DecisionRollup](t)(d.Rollups.Rollups(t.Context(), q))
		wantEqual(t, kinds(together), kinds(whole))
		q.ByHour = true
		apart := must[stats.DecisionRollup](t)(d.Rollups.Rollups(t.Context(), q))
		wantEqual(t, kinds(apart), kinds(whole))
		wantEqual(t, apart.Counts[len(apart.Counts)-1].Hour.Before(q.To), true)
		q.From = dbtest.Epoch.Add(time.Hour)
		q.To = q.From.Add(time.Hour)
		wantEqual(t, kinds(must[stats.DecisionRollup](t)(d.Rollups.Rollups(t.Context(), q))), kinds(step.Hours[1].DecisionRollup))
		next := stats.RollupStep{SiteID: site.ID, From: step.To, To: step.To.Add(time.Hour)}
		ok(t, d.Rollups.AddRollups(t.Context(), next))
		wantErr(t, d.Rollups.AddRollups(t.Context(), next), moderation.ErrVersion)
	})
}

func TestAppealsAreCountedByOutcome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, other := b.Site("daily"), b.Site("weekly")
		for _, s := range []moderation.Site{site, other} {
			for range 2 {
				c := b.Comment(b.Article(s, b.NewID()), dbtest.Draft{Status: moderation.StatusRejected})
				tamper(t, d, `INSERT INTO appeals (comment_id, body, moderator_id, created_at, resolved_at, outcome) VALUES ($1, '', '', $2, NULL, '')`,
					db.ID(c.ID), db.Time(b.Now()))
			}
		}
		tamper(t, d, `UPDATE appeals SET outcome = 'approved' WHERE comment_id IN (
			SELECT id FROM comments c WHERE NOT EXISTS (SELECT 1 FROM comments o WHERE o.site_id = c.site_id AND o.id < c.id))`)
		count := func(from time.Time) map[moderation.Status]int {
			return must[map[moderation.Status]int](t)(d.Rollups.AppealOutcomes(t.Context(), site.ID, from, b.Now().Add(time.Second)))
		}
		wantEqual(t, count(dbtest.Epoch), map[moderation.Status]int{"": 1, moderation.StatusApproved: 1})
		wantEqual(t, count(b.Now()), map[moderation.Status]int{})
	})
}

// driveFigures calls every method for statistics.
func driveFigures(t *testing.T, d *db.DB, b *dbtest.Builder, siteID string) {
	t.Helper()
	ctx, day := t.Context(), stats.RollupQuery{SiteIDs: []string{siteID}, From: dbtest.Epoch, To: dbtest.Epoch.Add(24 * time.Hour)}
	must[time.Time](t)(d.Rollups.NextDecisionAt(ctx, siteID, day.From, day.To))
	tally := must[stats.DecisionRollup](t)(d.Rollups.CountDecisions(ctx, siteID, day.From, day.From.Add(time.Hour)))
	ok(t, d.Rollups.AddRollups(ctx, stats.RollupStep{SiteID: siteID, To: day.To,
		Hours: []stats.HourRollup{{Hour: day.From, DecisionRollup: tally}}}))
	for _, day.ByHour = range []bool{false, true} {
		must[stats.DecisionRollup](t)(d.Rollups.Rollups(ctx, day))
	}
	must[map[moderation.Status]int](t)(d.Rollups.AppealOutcomes(ctx, siteID, day.From, day.To))
	must[[]queue.LoggedDecision](t)(d.Decisions.DecisionLog(ctx, queue.DecisionSelect{DecisionFilter: allTime, Limit: 5}))
}
