package moderation_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

const watchedRules = `
lists:
  promises: {terms: [casino]}
rules:
  - {id: promises, when: listed("promises"), then: hold, reason: "Says {{matched}}."}
  - {id: watching, mode: shadow, when: text.body.contains("bet"), then: spam, reason: A bet.}
  - {id: scored, when: text.body.contains("!!!"), score: 2, reason: Loud.}
  - {id: welcome, when: text.body.contains("please"), then: approve, reason: Polite.}
  - {id: never, when: text.body.contains("xyzzy"), then: reject, reason: Nothing.}
  - {id: resting, mode: off, when: "true", then: reject, reason: Off.}
thresholds: {hold: 2}
default: hold
`

func TestHealthCountsWhatRulesDid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.submit("lottery") // by a rule that the next version does not have
		f.activate(watchedRules)
		first := f.submit("casino, a bet, please")
		second := f.submit("casino again")
		bet := f.submit("please take my bet")
		loud := f.submit("Loud!!!")
		f.decide(first, moderation.ActionReject)
		f.decide(second, moderation.ActionSpam)
		f.decide(second, moderation.ActionApprove) // on second thoughts
		f.decide(loud, moderation.ActionApprove)
		f.decide(bet, moderation.ActionHold) // not decided
		at := f.now()
		f.advance(3 * time.Minute)
		for range 2 { // counting twice counts once
			if err := f.counter.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		f.submit("casino, which the counter did not see yet")
		r := got(f.health.Report(t.Context(), ada, "daily", 7))(t)
		type line struct {
			hits, acted, upheld, overturned, shadow, shadowUpheld, shadowOverturned int64
			fresh, dead, active                                                     bool
		}
		want := map[string]line{
			"promises": {hits: 2, acted: 2, upheld: 1, overturned: 1, active: true},
			"watching": {shadow: 2, shadowUpheld: 1, active: true},
			"scored":   {hits: 1, acted: 1, overturned: 1, active: true},
			"welcome":  {hits: 2, acted: 1, overturned: 1, active: true},
			"never":    {fresh: true, active: true},
			"resting":  {active: true},
		}
		have := map[string]line{}
		for _, h := range r.Rules {
			have[h.Rule] = line{h.Hits, h.Acted, h.Upheld, h.Overturned, h.ShadowHits, h.ShadowUpheld, h.ShadowOverturned, h.New, h.Dead, h.Active}
		}
		// "lottery" is a term of the rule promises in both versions' history.
		p := want["promises"]
		p.hits, p.acted = p.hits+2, p.acted+2
		want["promises"] = p
		if diff := cmp.Diff(want, have, cmp.AllowUnexported(line{})); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if r.Counted.Before(at) || r.Since != "2025-12-30" || r.Version != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// dailySum adds up a rule's days.
func (f *fixture) dailySum(rule string) (sum int64) {
	f.t.Helper()
	for _, day := range got(f.health.Daily(f.t.Context(), ada, "daily", 7))(f.t)[rule] {
		sum += day.Hits
	}
	return sum
}

func TestHealthKnowsAHitAtOnceAndCountsItOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.activate(watchedRules)
		id := f.submit("casino")
		f.decide(id, moderation.ActionReject)
		for _, when := range []string{"before the counter ran", "when it ran too early", "when it counted it"} {
			switch when {
			case "when it counted it":
				f.advance(time.Hour)
				fallthrough
			case "when it ran too early":
				if err := f.counter.CatchUp(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			h := got(f.health.Report(t.Context(), ada, "daily", 7))(t).Rules[0]
			if h.Rule != "promises" || h.Hits != 1 || h.Upheld != 1 || h.LastFired == nil || h.New || f.dailySum("promises") != 1 {
				t.Errorf("%s: %+v, and %d hits by day", when, h, f.dailySum("promises"))
			}
		}
	})
}

func TestARuleInShadowDoesNotAct(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.activate(watchedRules)
		id := f.submit("please take my bet")
		open := got(f.queue.Case(t.Context(), ada, id))(t)
		if open.Comment.Status != moderation.StatusApproved || len(open.Verdict.Hits) != 2 || open.Verdict.Hits[0].Mode != "shadow" {
			raw, _ := json.Marshal(open.Verdict)
			t.Errorf("%s: %s", open.Comment.Status, raw)
		}
	})
}

func TestTwoCountersCountOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		for range 30 {
			f.submit("casino")
		}
		f.advance(time.Hour)
		results := make(chan error, 4)
		for range cap(results) {
			go func() { results <- f.counter.CatchUp(t.Context()) }()
		}
		for range cap(results) {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		r := got(f.health.Report(t.Context(), ada, "daily", 1))(t)
		if h := r.Rules[0]; h.Hits != 30 {
			t.Errorf("%+v", h)
		}
	})
}

func TestPeriodsOutOfRangeAreRefused(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	f := newFixture(t, d)
	for _, days := range []int{-1, 0, 367} {
		_, err := f.health.Report(t.Context(), ada, "daily", days)
		wantFault(t, err, "/days out_of_range")
		_, err = f.tests.Run(t.Context(), ada, rulebook.BacktestQuery{SiteSlug: "daily", Days: days}, nil)
		wantFault(t, err, "/days out_of_range")
	}
}

func TestARuleIsDeadOnlyAfterALongSilence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		eve := moderation.Viewer{ModeratorID: dbtest.Build(t, d).Moderator("eve@example.org", auth.RoleAdmin).ID}
		activate := func(source string) {
			t.Helper()
			got(f.rulebook.Activate(t.Context(), eve, f.save(source)))(t)
		}
		activate(watchedRules)
		f.submit("casino")
		began := f.now()
		remark := func(rule string) string {
			t.Helper()
			r := got(f.health.Report(t.Context(), ada, "daily", 7))(t)
			for _, h := range r.Rules {
				switch {
				case h.Rule == rule && h.Dead:
					return "dead"
				case h.Rule == rule && h.New:
					return "new"
				}
			}
			return ""
		}
		expect := func(rule, want string) {
			t.Helper()
			if have := remark(rule); have != want {
				t.Errorf("%s is %q, want %q", rule, have, want)
			}
		}
		catchUp := func() {
			t.Helper()
			f.advance(3 * time.Minute)
			if err := f.counter.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		catchUp()
		expect("never", "new")
		expect("promises", "")
		for n := range rulebook.DeadAfterSubmissions + 1 {
			f.submit(fmt.Sprintf("Hello number %d.", n))
		}
		catchUp()
		expect("never", "new") // a thousand submissions, but no week
		f.advance(began.AddDate(0, 0, 8).Sub(f.now()))
		expect("never", "dead")
		expect("promises", "dead")
		expect("resting", "") // it is off
		activate(watchedRules + "# The next version.\n")
		expect("never", "dead") // the rule did not start again with it
		activate(fixtureRules)
		activate(watchedRules + "# And the next.\n")
		expect("never", "new") // it was gone meanwhile
		f.submit("casino")
		catchUp()
		expect("promises", "")
	})
}

func TestARuleWithFewSubmissionsStaysNew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.activate(watchedRules)
		f.submit("Hello.")
		f.advance(365 * 24 * time.Hour)
		for _, h := range got(f.health.Report(t.Context(), ada, "daily", 7))(t).Rules {
			if h.Dead || h.Rule == "never" && !h.New {
				t.Errorf("%+v", h)
			}
		}
	})
}
