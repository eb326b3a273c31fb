package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

var allTime = queue.DecisionFilter{To: dbtest.Epoch.AddDate(10, 0, 0)}

// logged reads the ids of a log in pages of two.
func logged(t *testing.T, d *db.DB, q queue.DecisionSelect) []string {
	t.Helper()
	q.Limit = 2
	found := []string{}
	for {
		page := must[[]queue.LoggedDecision](t)(d.Decisions.DecisionLog(t.Context(), q))
		for _, one := range page {
			found = append(found, one.ID)
			q.After = &moderation.ThreadKey{CreatedAt: one.CreatedAt, ID: one.ID}
		}
		if len(page) < 2 {
			return found
		}
	}
}

func TestTheDecisionLogIsPagedOverSites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		mo := b.Moderator("mo@example.org", auth.RoleModerator)
		articles := []moderation.Article{b.Article(daily, "one"), b.Article(weekly, "two")}
		var all, ofDaily, byMo []string
		for i := range 5 {
			n := b.NewComment(articles[i%2], dbtest.Draft{Status: moderation.StatusPending})
			c := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
			decision := b.NewDecision(c, moderation.ActionReject)
			decision.ModeratorID, decision.ReasonCode, decision.Reason = mo.ID, "spam", "No."
			ok(t, d.Decisions.RecordDecision(t.Context(), decision))
			all, byMo = append(all, n.Decision.ID, decision.ID), append(byMo, decision.ID)
			if i%2 == 0 {
				ofDaily = append(ofDaily, n.Decision.ID, decision.ID)
			}
		}
		q := queue.DecisionSelect{DecisionFilter: allTime}
		wantEqual(t, logged(t, d, q), reversed(all))
		q.Oldest = true
		wantEqual(t, logged(t, d, q), all)
		q.SiteIDs = []string{daily.ID}
		wantEqual(t, logged(t, d, q), ofDaily)
		q.SiteIDs = nil
		q.Actor = moderation.ActorModerator
		wantEqual(t, logged(t, d, q), byMo)
		q.ReasonCode, q.ModeratorID, q.Action = "spam", mo.ID, moderation.ActionReject
		wantEqual(t, logged(t, d, q), byMo)
		one := must[[]queue.LoggedDecision](t)(d.Decisions.DecisionLog(t.Context(), queue.DecisionSelect{DecisionFilter: allTime, Limit: 1}))[0]
		wantEqual(t, []string{one.SiteSlug, one.Moderator, one.Reason, one.ReasonCode}, []string{"daily", "Mo", "No.", "spam"})
		q.From, q.To = one.CreatedAt, one.CreatedAt.Add(time.Microsecond)
		wantEqual(t, logged(t, d, q), byMo[4:])
		for _, change := range []func(*queue.DecisionFilter){
			func(f *queue.DecisionFilter) { f.ReasonCode = "hate" },
			func(f *queue.DecisionFilter) { f.Actor = moderation.ActorReaders },
			func(f *queue.DecisionFilter) { f.Action = moderation.ActionDelete },
			func(f *queue.DecisionFilter) { f.ModeratorID = daily.ID },
			func(f *queue.DecisionFilter) { f.To = f.From },
		} {
			none := q
			change(&none.DecisionFilter)
			wantEqual(t, logged(t, d, none), []string{})
		}
	})
}

func TestTheDecisionLogIsReadInTheOrderOfAnIndex(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	d, recorder := db.OpenRecording(t, address)
	site := dbtest.Build(t, d).Site("daily")
	for index, filter := range map[string]queue.DecisionFilter{
		"decisions_site":    {Actor: moderation.ActorRuleset},
		"decisions_actors":  {Actor: moderation.ActorReaders, Action: moderation.ActionHold},
		"decisions_reasons": {ReasonCode: "spam"},
	} {
		for _, oldest := range []bool{true, false} {
			filter.To = allTime.To
			recorder.Take()
			must[[]queue.LoggedDecision](t)(d.Decisions.DecisionLog(t.Context(), queue.DecisionSelect{DecisionFilter: filter,
				SiteIDs: []string{site.ID}, Oldest: oldest, Limit: 9, After: &moderation.ThreadKey{CreatedAt: dbtest.Epoch, ID: "x"}}))
			plan := explainSQLite(t, d, recorder.Take()[0])
			uses := slices.ContainsFunc(plan, func(step string) bool { return strings.Contains(step, "INDEX "+index) })
			if !uses || slices.Contains(plan, "USE TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s is not enough: %q", index, plan)
			}
		}
	}
}
