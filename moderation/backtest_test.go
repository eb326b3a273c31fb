package moderation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules/measure"
)

// stricter holds all comments that fixtureRules published, publishes none that it held, and has a rule that
// never matches.
const stricter = `
lists:
  promises: {terms: [casino]}
rules:
  - {id: promises, when: listed("promises"), then: spam, reason: "Says {{matched}}."}
  - {id: promises-again, when: listed("promises"), score: 1, reason: Again.}
  - {id: polite, when: text.body.contains("please") && links.count == 0, then: approve, reason: Polite.}
  - {id: nothing, when: text.body.contains("xyzzy"), then: reject, reason: Nothing.}
  - {id: resting, mode: off, when: "true", then: reject, reason: Off.}
  - {id: watching, mode: shadow, when: "links.count > 0", then: reject, reason: Shadow.}
default: hold
`

func TestABacktestComparesADraftWithThePast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.submitTo("weekly", "ines@mail.example", "casino") // another site's
		spam := f.submit("A casino bonus")
		lottery := f.submit("The lottery of life")
		polite := f.submit("Do publish this, please")
		link := f.submit("please see https://a.example/x")
		f.submit("Nobody looked at this one")
		withdrawn := f.submit("Gone, please")
		f.decide(lottery, moderation.ActionApprove)
		f.decide(spam, moderation.ActionApprove)
		f.decide(spam, moderation.ActionReject) // the last decision counts
		f.decide(polite, moderation.ActionReject)
		f.decide(link, moderation.ActionReject)
		f.decide(link, moderation.ActionHold) // undecided again
		if err := (&moderation.AuthorService{Store: d.ForAuthors(), Keys: f.keys, Now: f.now, NewID: f.newID}).Withdraw(t.Context(), withdrawn, f.receipts[withdrawn]); err != nil {
			t.Fatal(err)
		}
		r := f.backtest(stricter)
		number := func(f float64) *float64 { return &f }
		flip := func(from, to moderation.Action, id string, minute int, cause, people string) rulebook.Flip {
			at := dbtest.Epoch.Add(time.Duration(minute) * time.Minute)
			return rulebook.Flip{From: from, To: to, Count: 1,
				Sample: []rulebook.FlipSample{{CommentID: id, CreatedAt: at, Cause: cause, People: people}}}
		}
		want := rulebook.BacktestReport{
			From: f.now().AddDate(0, 0, -30), Until: f.now(), Submissions: 5, Erased: 1,
			Then:   map[moderation.Action]int{"approve": 1, "hold": 2, "spam": 2},
			Now:    map[moderation.Action]int{"approve": 1, "hold": 3, "spam": 1},
			People: map[string]int{"approved": 1, "rejected": 2, "undecided": 2},
			Confusion: []rulebook.Confused{
				{Verdict: "approve", People: "rejected", Count: 1}, {Verdict: "hold", People: "approved", Count: 1},
				{Verdict: "hold", People: "undecided", Count: 2}, {Verdict: "spam", People: "rejected", Count: 1},
			},
			Flips: []rulebook.Flip{flip("spam", "hold", lottery, 3, "default", "approved")},
			Active: &rulebook.ActiveComparison{Version: 2, Verdicts: map[moderation.Action]int{"approve": 1, "hold": 2, "spam": 2},
				Changed: 1, Flips: []rulebook.Flip{flip("spam", "hold", lottery, 3, "default", "approved")}},
			Rules: []rulebook.RuleResult{
				{Rule: "promises", Mode: "enforce", Action: "spam", Hits: 1, Decided: 1, Judged: 1, Right: 1, Precision: number(1), Recall: number(0.5),
					PrecisionCI: measure.Wilson(1, 1), RecallCI: measure.Wilson(1, 2)},
				{Rule: "promises-again", Mode: "enforce", Hits: 1, Judged: 1, Right: 1, Precision: number(1), Recall: number(0.5),
					PrecisionCI: measure.Wilson(1, 1), RecallCI: measure.Wilson(1, 2)},
				{Rule: "polite", Mode: "enforce", Action: "approve", Hits: 1, Decided: 1, Only: 1, OnlyWrong: 1, Judged: 1, Wrong: 1,
					Precision: number(0), Recall: number(0), PrecisionCI: measure.Wilson(0, 1), RecallCI: measure.Wilson(0, 1)},
				{Rule: "nothing", Mode: "enforce", Action: "reject", Recall: number(0), RecallCI: measure.Wilson(0, 2)},
				{Rule: "watching", Mode: "shadow", Action: "reject", Hits: 1, Recall: number(0), RecallCI: measure.Wilson(0, 2)},
			},
			Silent:   []string{"nothing"},
			Overlaps: []rulebook.Overlap{{Rules: []string{"promises", "promises-again"}, Both: 1, Share: 1}},
			Notes:    []string{},
		}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// lenient publishes the comments that fixtureRules holds, except those that mention a casino.
const lenient = `
rules:
  - {id: casino, when: text.body.contains("casino"), then: hold, reason: A casino.}
  - {id: no-more-links, when: links.count > 5, then: hold, reason: Links.}
default: approve
`

func TestABacktestComparesTheDraftWithTheActiveVersion(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	held := []string{f.submit("A first remark"), f.submit("A second remark"), f.submit("A third remark")}
	casino := f.submit("A casino nearby")
	f.decide(held[0], moderation.ActionApprove)
	f.decide(held[1], moderation.ActionReject)
	f.decide(casino, moderation.ActionApprove)
	r := f.backtest(lenient)
	a := r.Active
	if a == nil || a.Changed != 4 || a.Right != 1 || a.Wrong != 1 || a.Undecided != 1 || len(a.Flips) != 2 || a.Flips[0].Count != 3 {
		t.Fatalf("the comparison is %+v", a)
	}
	if rule := r.Rules[0]; rule.Only != 1 || rule.OnlyWrong != 1 || rule.Wrong != 1 {
		t.Errorf("approved comments that only this rule held: %+v", rule)
	}
	f.activate(lenient)
	f.advance(time.Minute)
	if again := got(f.tests.Run(t.Context(), ada, rulebook.BacktestQuery{SiteSlug: "daily", Days: 30}, func(int, int) {}))(t); again.Active != nil {
		t.Errorf("the active version is compared with itself: %+v", again.Active)
	}
}

func TestABacktestNotesFactsThatThePastLacks(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.submit("A first remark")
	const rule = "lists: {fools: {mode: word, terms: [fool]}, office: {mode: cidr, terms: [192.0.2.7/32]}}\n" +
		"rules: [{id: fools, when: %s, then: hold, reason: A fool.}]\ndefault: approve\n"
	for when, want := range map[string][]string{
		`listed("fools")`:                          {},
		`quoted("fools")`:                          {},
		`addressed("fools")`:                       {"addressed()"},
		`addressed("fools") || listed("office")`:   {"address is kept", "addressed()"},
		`addressed("fools") && addressed("fools")`: {"addressed()"},
	} {
		notes := f.backtest(fmt.Sprintf(rule, when)).Notes
		if len(notes) != len(want) {
			t.Errorf("%s: the notes are %q", when, notes)
			continue
		}
		for i, part := range want {
			if !strings.Contains(notes[i], part) {
				t.Errorf("%s: note %d is %q", when, i, notes[i])
			}
		}
	}
}

func TestABacktestOfTheActiveVersionFindsNoFlip(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.activate(velocityRules)
		live := map[moderation.Action]int{}
		conclusions := map[moderation.Status]moderation.Action{"approved": "approve", "pending": "hold", "rejected": "reject"}
		for i := range 1010 { // more than two batches
			id := f.submitBy(fmt.Sprintf("reader%d@mail.example", i%7), fmt.Sprintf("Number %d, please: https://a.example/%d", i, i))
			live[conclusions[f.statuses[id]]]++
			if i%3 == 0 && f.statuses[id] != moderation.StatusRejected {
				f.decide(id, moderation.ActionReject) // changes the record of the commenter from here on
			}
		}
		f.submitBy("known@mail.example", "Blocked by the address alone, which no facts keep.")
		f.advance(time.Minute)
		var seen []int
		r := got(f.tests.Run(t.Context(), ada, rulebook.BacktestQuery{SiteSlug: "daily", Days: 30},
			func(done, total int) { seen = append(seen, done, total) }))(t)
		if len(r.Flips) > 0 || r.Submissions != 1011 || r.Now["reject"] < 2 || r.Now["hold"] == 0 || r.Now["approve"] == 0 {
			t.Errorf("%d submissions, now %v, flips %+v", r.Submissions, r.Now, r.Flips)
		}
		live["reject"]++
		if diff := cmp.Diff(live, r.Now); diff != "" {
			t.Errorf("live and again differ: %s", diff)
		}
		if diff := cmp.Diff([]int{500, 1011, 1000, 1011, 1011, 1011}, seen); diff != "" {
			t.Errorf("progress: %s", diff)
		}
	})
}

// velocityRules test facts that were true only at that moment: the number of earlier comments, and their
// outcomes.
const velocityRules = `
lists:
  senders: {mode: email, terms: [known@mail.example]}
rules:
  - {id: sender, when: listed("senders"), then: reject, reason: A blocked address.}
  - {id: busy, when: velocity.author_1h > 3, then: hold, reason: Busy.}
  - {id: refused, when: author.rejected > 20 && author.hours_since_negative < 1.0, then: reject, reason: Refused.}
  - {id: few, when: author.rejected <= 20, then: approve, reason: Fine.}
default: hold
`

func TestABacktestWritesNothing(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		f := newFixture(t, dbtest.Migrated(t, address))
		f.decide(f.submit("A casino bonus"), moderation.ActionReject)
		f.submit("please https://a.example")
		before := dbtest.Contents(t, address)
		if len(before) < 15 {
			t.Fatalf("only %d tables were read", len(before))
		}
		f.backtest(stricter)
		got((&rulebook.Trials{Rulebook: f.rulebook}).Try(t.Context(), ada, "daily", rulebook.Trial{Body: "casino"}))(t)
		got(f.rerun.Preview(t.Context(), ada, rulebook.Ref{SiteSlug: "daily", Version: 1}))(t)
		if diff := cmp.Diff(before, dbtest.Contents(t, address)); diff != "" {
			t.Errorf("tables changed: %s", diff)
		}
		f.submit("one more")
		if cmp.Equal(before, dbtest.Contents(t, address)) {
			t.Error("a change does not show")
		}
	})
}

func TestABacktestRunsAloneAndCanBeStopped(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.submit("please")
	f.advance(time.Minute)
	query := rulebook.BacktestQuery{SiteSlug: "daily", Days: 1}
	var second error
	got(f.tests.Run(t.Context(), ada, query, func(int, int) {
		_, second = f.tests.Run(t.Context(), ada, query, func(int, int) {})
	}))(t)
	if !errors.Is(second, moderation.ErrBusy) {
		t.Errorf("a second one beside the first: %v", second)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := f.tests.Run(stopped, ada, query, func(int, int) {}); err == nil {
		t.Error("it went on after it was stopped")
	}
	got(f.tests.Run(t.Context(), ada, query, func(int, int) {}))(t)
}
