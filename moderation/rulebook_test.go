package moderation_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	var invalid *moderation.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("no field is named: %v", err)
	}
	if got := strings.TrimPrefix(invalid.Error(), "invalid: "); got != want {
		t.Errorf("faults %q, want %q", got, want)
	}
}

func TestARulesetExtendsAnotherSitesVersionForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		base := got(f.rulebook.Save(t.Context(), nobody, "weekly", rulebook.Draft{Source: fixtureRules}))(t)
		if base.Version != 2 {
			t.Fatalf("version %d", base.Version)
		}
		own := "extends: weekly/2\nlists:\n  promises: {add: [raffle]}\nrules:\n  - {id: links, mode: off}\n"
		ref := f.activate(own)
		fresh := rulebook.New(d.ForRulebook(), f.now, f.newID) // has nothing compiled yet
		stored := got(fresh.Version(t.Context(), ada, ref))(t)
		if stored.Base != fixtureRules {
			t.Errorf("the base that was kept is %q", stored.Base)
		}
		verdict := got(fresh.Judge(t.Context(), stored.ID))(t).Evaluate(t.Context(), rules.Neutral("A raffle: https://a.example"))
		if verdict.Action != rules.Spam || len(verdict.Hits) != 1 {
			t.Errorf("%+v", verdict)
		}
		changes := got(f.rulebook.Diff(t.Context(), ada, rulebook.Ref{SiteSlug: "daily", Version: 2}, ref))(t)
		if len(changes.Lists) != 1 || changes.Lists[0].TermsAdded[0] != "raffle" || len(changes.Rules) != 1 {
			t.Errorf("%+v", changes)
		}
	})
}

func TestABaseOfAnotherSiteRequiresAccessToThatSite(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	f := newFixture(t, d)
	site := got(d.Sites.SiteBySlug(t.Context(), "daily"))(t)
	local := moderation.Viewer{ModeratorID: ada.ModeratorID, SiteIDs: []string{site.ID}}
	for _, base := range []string{"weekly/1", "daily/99", "nowhere/1", "daily/x", "daily/99999999999"} {
		_, err := f.rulebook.Check(t.Context(), local, "daily", []byte("extends: "+base+"\n"))
		var faults *rules.Faults
		if !errors.As(err, &faults) || faults.List[0].Line != 1 || faults.List[0].Column != 10 {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := f.rulebook.Check(t.Context(), local, "daily", []byte("extends: daily/1\n")); err != nil {
		t.Error(err)
	}
}

func TestATrialShowsTheVerdictWithItsTrace(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	f := newFixture(t, d)
	trials := &rulebook.Trials{Rulebook: f.rulebook}
	r := got(trials.Try(t.Context(), ada, "daily", rulebook.Trial{Body: "casino bonus, please", Facts: map[string]any{"author.approved": 0.0}}))(t)
	if r.Version != 2 || r.Verdict.Action != rules.Spam || len(r.Trace) != 4 || r.Trace[0].Outcome != rulebook.TraceDecided ||
		r.Trace[1].Outcome != rulebook.TraceSilent || r.Trace[3].Outcome != rulebook.TraceFired {
		t.Errorf("%+v", r)
	}
	// The accent comes as a character of its own, and blank lines stand before: what is kept has neither.
	decomposed := got(trials.Try(t.Context(), ada, "daily", rulebook.Trial{Body: " \n\ne\u0301 casino\r\n"}))(t)
	if span := decomposed.Verdict.Hits[0].Spans[0]; decomposed.Body[span.Start:span.End] != "casino" {
		t.Errorf("the span of %q is %q", decomposed.Body, decomposed.Body[span.Start:span.End])
	}
	draft := got(trials.Try(t.Context(), ada, "daily", rulebook.Trial{Body: "x", AuthorEmail: "who@spam.example", Address: "192.0.2.9",
		Ruleset: rulebook.DraftRef{Source: `
rules:
  - {id: net, when: 'in_network("192.0.2.0/24") && author.email_domain == "spam.example"', then: reject, reason: Net.}
  - {id: resting, mode: off, when: "true", then: spam, reason: Off.}
`}}))(t)
	if draft.Version != 0 || draft.Verdict.Cause != "net" || draft.Trace[1].Outcome != rulebook.TraceOff {
		t.Errorf("%+v", draft)
	}
	_, err := trials.Try(t.Context(), ada, "daily", rulebook.Trial{Ruleset: rulebook.DraftRef{Source: "rules: []", Version: 1}, Address: "here",
		AuthorEmail: "nobody", AuthorURL: "javascript:x", Facts: map[string]any{"links.count": 1.0, "author.aproved": 1.0}})
	wantFault(t, err, "/version ambiguous, /body required, /author_email malformed, /author_url malformed, /address malformed, "+
		"/facts/author.aproved unusable, /facts/links.count unusable")
	_, err = trials.Try(t.Context(), ada, "daily", rulebook.Trial{Ruleset: rulebook.DraftRef{Version: 9}, Body: "x"})
	if !errors.Is(err, moderation.ErrNotFound) {
		t.Errorf("an unknown version: %v", err)
	}
	_, err = trials.Try(t.Context(), ada, "daily", rulebook.Trial{Ruleset: rulebook.DraftRef{Source: "rules: 3"}, Body: "x"})
	var faults *rules.Faults
	if !errors.As(err, &faults) {
		t.Errorf("a document with faults: %v", err)
	}
}

func TestATrialAssumesANewcomerUnlessToldOtherwise(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	trials := &rulebook.Trials{Rulebook: f.rulebook}
	draft := rulebook.DraftRef{Source: `
rules:
  - {id: known, when: author.approved > 0 && author.recognised && author.first_seen_hours > 24, then: approve, reason: Known.}
`}
	for _, c := range []struct {
		as    string
		facts map[string]any
		want  rules.Action
	}{
		{"", nil, rules.Hold},
		{rulebook.AsNewcomer, nil, rules.Hold},
		{rulebook.AsKnown, nil, rules.Approve},
		{rulebook.AsKnown, map[string]any{"author.approved": 0.0}, rules.Hold},
	} {
		trial := rulebook.Trial{As: c.as, Body: "A text.", Ruleset: draft, Facts: c.facts}
		if r := got(trials.Try(t.Context(), ada, "daily", trial))(t); r.Verdict.Action != c.want {
			t.Errorf("as %q with %v: %s, want %s", c.as, c.facts, r.Verdict.Action, c.want)
		}
	}
	_, err := trials.Try(t.Context(), ada, "daily", rulebook.Trial{As: "friend", Body: "A text."})
	wantFault(t, err, "/as unknown")
}

// fixedScorer says the same of every text.
type fixedScorer struct{ says rules.SpamScore }

func (s fixedScorer) Score(context.Context, string, *text.Reading) rules.SpamScore { return s.says }

func TestATrialAsksTheClassifierOfTheSite(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	trials := &rulebook.Trials{Rulebook: f.rulebook, Classifier: fixedScorer{rules.SpamScore{Known: true, Score: 0.95}}}
	trial := rulebook.Trial{Body: "A text.", Ruleset: rulebook.DraftRef{Source: `
rules:
  - {id: reads-like-spam, when: text.spam_known && text.spam_score > 0.9, then: spam, reason: "{{text.spam_score}}"}
`}}
	if r := got(trials.Try(t.Context(), ada, "daily", trial))(t); r.Verdict.Cause != "reads-like-spam" {
		t.Errorf("the classifier was not asked: %+v", r.Verdict)
	}
	trial.Facts = map[string]any{"text.spam_known": true, "text.spam_score": 0.1}
	if r := got(trials.Try(t.Context(), ada, "daily", trial))(t); len(r.Verdict.Hits) != 0 {
		t.Errorf("the facts of the trial do not count: %+v", r.Verdict)
	}
}
