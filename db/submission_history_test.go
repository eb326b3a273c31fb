package db_test

import (
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// allHistory selects all submissions of a site.
func allHistory(site moderation.Site, until time.Time) moderation.HistoryQuery {
	return moderation.HistoryQuery{SiteID: site.ID, Until: until, Limit: 10, Emails: true}
}

func TestThePastIsReadInTheOrderOfItsIndexes(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	d, recorder := db.OpenRecording(t, address)
	b := dbtest.Build(t, d)
	site := b.Site("daily")
	b.Comment(b.Article(site, "one"), dbtest.Draft{Status: moderation.StatusPending})
	q := allHistory(site, b.Now().Add(time.Hour))
	for name, tc := range map[string]struct {
		index string
		read  func() error
	}{
		"past submissions": {"submissions_site", func() error { _, err := d.History.PastSubmissions(t.Context(), q); return err }},
		"how many":         {"submissions_site", func() error { _, err := d.History.CountPastSubmissions(t.Context(), q); return err }},
		"the latest": {"comments_queue", func() error {
			_, err := d.History.LatestSubmissions(t.Context(), rulebook.LatestQuery{SiteID: site.ID, Status: moderation.StatusApproved, Limit: 10})
			return err
		}},
		"what waits": {"comments_queue", func() error { _, err := d.History.PendingSubmissions(t.Context(), q); return err }},
		"verdicts":   {"submissions_site", func() error { _, err := d.RuleDays.JudgedSubmissions(t.Context(), q); return err }},
		"decisions":  {"decisions_site", func() error { _, err := d.RuleDays.ModeratorDecisions(t.Context(), q); return err }},
		"records of rules": {"sqlite_autoindex_rule_days", func() error {
			_, err := d.RuleDays.RuleRecords(t.Context(), site.ID, "2026-01-01")
			return err
		}},
		"days of rules": {"sqlite_autoindex_rule_days", func() error {
			_, err := d.RuleDays.RuleDays(t.Context(), site.ID, "2026-01-01")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			recorder.Take()
			ok(t, tc.read())
			plan := strings.Join(explainSQLite(t, d, recorder.Take()[0]), "\n")
			if !strings.Contains(plan, "INDEX "+tc.index) || strings.Contains(plan, "SCAN") {
				t.Errorf("%s is not enough:\n%s", tc.index, plan)
			}
			if strings.Contains(plan, "USE TEMP B-TREE FOR ORDER BY") && !strings.Contains(plan, "CORRELATED") {
				t.Errorf("it sorts:\n%s", plan)
			}
		})
	}
}

func TestOnlyTheLastDecisionOfAPersonOnATextCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		c := b.Comment(b.Article(site, "one"), dbtest.Draft{Status: moderation.StatusPending})
		_, first := commentText(t, d, c.ID)
		decide := func(action moderation.Action, submission string) {
			t.Helper()
			decision := b.NewDecision(c, action)
			decision.SubmissionID = submission
			ok(t, d.Decisions.RecordDecision(t.Context(), decision))
			c.Version, c.Status = decision.Version, decision.To
		}
		decide(moderation.ActionReject, first.ID)
		decide(moderation.ActionApprove, first.ID)
		r := b.NewRevision(c, "another text", moderation.StatusPending)
		ok(t, d.Submissions.ReviseComment(t.Context(), r))
		c = r.Comment
		past := must[[]moderation.HistoricalSubmission](t)(d.History.PastSubmissions(t.Context(), allHistory(site, b.Now().Add(time.Hour))))
		if len(past) != 2 || past[0].ModeratorStatus != moderation.StatusApproved || past[1].ModeratorStatus != "" {
			t.Fatalf("%+v", past)
		}
		if len(past[0].EmailSealed) == 0 {
			t.Error("the sealed email is missing")
		}
		decisions := must[[]rulebook.ModeratorDecision](t)(d.RuleDays.ModeratorDecisions(t.Context(), allHistory(site, b.Now().Add(time.Hour))))
		if len(decisions) != 2 || decisions[0].Before != "" || decisions[1].Before != moderation.StatusRejected {
			t.Errorf("%+v", decisions)
		}
		q := allHistory(site, b.Now().Add(time.Hour))
		q.Limit, q.After = 1, moderation.Keyset{At: past[0].CreatedAt, ID: past[0].SubmissionID}
		next := must[[]moderation.HistoricalSubmission](t)(d.History.PastSubmissions(t.Context(), q))
		if len(next) != 1 || next[0].SubmissionID != past[1].SubmissionID {
			t.Errorf("%+v", next)
		}
	})
}

func TestRuleDaysAreAddedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		step := rulebook.CounterStep{SiteID: site.ID,
			To: rulebook.RuleProgress{Submissions: moderation.Keyset{At: b.Now(), ID: b.NewID()}},
			Days: []rulebook.RuleDay{{Rule: "a", Day: "2026-01-05", LastAt: b.Now(),
				Counts: rulebook.RuleCounts{Hits: 3, Acted: 2, Upheld: 1, Overturned: 1, ShadowHits: 4, ShadowUpheld: 2, ShadowOverturned: 1}}}}
		ok(t, d.RuleDays.AddRuleDays(t.Context(), step))
		wantErr(t, d.RuleDays.AddRuleDays(t.Context(), step), moderation.ErrVersion)
		wantEqual(t, must[rulebook.RuleProgress](t)(d.RuleDays.RuleProgress(t.Context(), site.ID)), step.To)
		next := step
		next.From, next.To.Decisions = step.To, moderation.Keyset{At: b.Now(), ID: b.NewID()}
		next.Days = []rulebook.RuleDay{{Rule: "a", Day: "2026-01-05", LastAt: b.Now().Add(-time.Hour), Counts: rulebook.RuleCounts{Upheld: -1}},
			{Rule: "a", Day: "2026-01-04", LastAt: b.Now().Add(-24 * time.Hour), Counts: rulebook.RuleCounts{Hits: 7}}}
		ok(t, d.RuleDays.AddRuleDays(t.Context(), next))
		wantErr(t, d.RuleDays.AddRuleDays(t.Context(), next), moderation.ErrVersion)
		records := must[[]rulebook.RuleRecord](t)(d.RuleDays.RuleRecords(t.Context(), site.ID, "2026-01-05"))
		wantEqual(t, records, []rulebook.RuleRecord{{Rule: "a", LastAt: b.Now(), Counts: rulebook.RuleCounts{
			Hits: 3, Acted: 2, Overturned: 1, ShadowHits: 4, ShadowUpheld: 2, ShadowOverturned: 1}}})
		days := must[[]rulebook.RuleDay](t)(d.RuleDays.RuleDays(t.Context(), site.ID, "2026-01-04"))
		if len(days) != 2 || days[0].Day != "2026-01-04" || days[0].Counts.Hits != 7 || days[1].Counts != records[0].Counts {
			t.Errorf("%+v", days)
		}
		wantEqual(t, len(must[[]rulebook.RuleDay](t)(d.RuleDays.RuleDays(t.Context(), site.ID, "2026-01-05"))), 1)
	})
}
