package moderation_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// opener decides on the comments that fixtureRules leave pending.
const opener = `
lists:
  promises: {terms: [casino]}
rules:
  - {id: fine, when: text.body.contains("fine"), then: approve, reason: Fine.}
  - {id: bad, when: text.body.contains("bad"), then: reject, reason: Bad., public_reason: Not like this.}
default: hold
`

func TestARerunDecidesOnPendingCommentsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		fine, bad, neither := f.submit("This is fine"), f.submit("This is bad"), f.submit("This is neither")
		approved := f.submit("A bad comment, please")
		heldByAda, rejectedByAda := f.submit("fine, but seen"), f.submit("fine, but refused")
		f.decide(heldByAda, moderation.ActionApprove)
		f.decide(heldByAda, moderation.ActionHold)
		f.decide(rejectedByAda, moderation.ActionReject)
		f.submitTo("weekly", "ines@mail.example", "fine")
		ref := f.save(opener)
		f.advance(time.Minute)

		preview := got(f.rerun.Preview(t.Context(), ada, ref))(t)
		want := rulebook.RerunResult{Preview: true, Version: ref.Version, Examined: 3, ByPerson: 1,
			Actions: map[moderation.Action]int{"approve": 1, "hold": 1, "reject": 1, "spam": 0},
			Sample: []rulebook.RerunChange{
				{CommentID: fine, Action: "approve", Cause: "fine"}, {CommentID: bad, Action: "reject", Cause: "bad"},
			}}
		if diff := cmp.Diff(want, preview); diff != "" {
			t.Errorf("preview: -want +got\n%s", diff)
		}
		if f.status(fine) != moderation.StatusPending {
			t.Error("a preview changed something")
		}
		if _, err := f.rerun.Run(t.Context(), ada, ref); !errors.Is(err, moderation.ErrNotActive) {
			t.Errorf("a version that is not active decided: %v", err)
		}
		active := got(f.rulebook.Activate(t.Context(), nobody, ref))(t)
		done := got(f.rerun.Run(t.Context(), ada, ref))(t)
		want.Preview, want.Changed = false, 2
		if diff := cmp.Diff(want, done); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		for id, status := range map[string]moderation.Status{
			fine: "approved", bad: "rejected", neither: "pending", approved: "approved", heldByAda: "pending", rejectedByAda: "rejected",
		} {
			if got := f.status(id); got != status {
				t.Errorf("a comment is %s, want %s", got, status)
			}
		}
		log := got(d.Decisions.Decisions(t.Context(), bad))(t)
		last := log[len(log)-1]
		if len(log) != 2 || last.Actor != moderation.ActorRuleset || last.RulesetID != active.ID || last.Reason != "Not like this." ||
			last.Note != fmt.Sprintf("Re-run under version %d, because of bad.", ref.Version) {
			t.Errorf("%+v", log)
		}
		again := got(f.rerun.Run(t.Context(), ada, ref))(t)
		if again.Changed != 0 || again.Examined != 1 || len(again.Sample) != 0 {
			t.Errorf("again: %+v", again)
		}
		if wrong := got(d.Miscounts(t.Context()))(t); len(wrong) > 0 {
			t.Errorf("counters: %v", wrong)
		}
	})
}

// conflictingRerunStore makes a concurrent decision before each of its own.
type conflictingRerunStore struct {
	rulebook.RerunStore
	f *fixture
}

func (m conflictingRerunStore) RecordDecision(ctx context.Context, d moderation.Decision) error {
	m.f.decide(d.CommentID, moderation.ActionSpam)
	return m.RerunStore.RecordDecision(ctx, d)
}

func TestARerunGivesWayToConcurrentDecisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		fine := f.submit("This is fine")
		ref := f.activate(opener)
		f.advance(time.Minute)
		f.rerun.Store = conflictingRerunStore{d.ForRerun(), f}
		r := got(f.rerun.Run(t.Context(), ada, ref))(t)
		if r.Changed != 0 || r.Missed != 1 || len(r.Sample) != 0 || f.status(fine) != moderation.StatusSpam {
			t.Errorf("%+v, and the comment is %s", r, f.status(fine))
		}
	})
}

func TestARerunDoesNotPublishAnEditThatNeedsAModerator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		id := f.submit("A casino")
		f.advance(time.Minute)
		edited := got(f.editor.Edit(t.Context(), moderation.Edit{CommentID: id, Receipt: f.receipts[id], Body: "fine now"}))(t)
		if edited.Status != moderation.StatusPending {
			t.Fatalf("the edit is %s", edited.Status)
		}
		ref := f.activate(opener)
		f.advance(time.Minute)
		r := got(f.rerun.Run(t.Context(), ada, ref))(t)
		if r.Examined != 1 || r.Changed != 0 || f.status(id) != moderation.StatusPending {
			t.Errorf("%+v", r)
		}
	})
}

func TestARerunReadsManyBatchesAndDecryptsEmails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		for i := range 250 {
			f.submitBy("ines@mail.example", fmt.Sprintf("Waiting %d", i))
		}
		f.submitBy("Sender@mail.example", "Waiting too")
		ref := f.activate("lists:\n  senders: {mode: email, terms: [sender@mail.example]}\n" +
			"rules:\n  - {id: sender, when: listed(\"senders\"), then: spam, reason: Blocked.}\n")
		f.advance(time.Minute)
		r := got(f.rerun.Run(t.Context(), ada, ref))(t)
		if r.Examined != 251 || r.Actions[moderation.ActionSpam] != 1 || r.Changed != 1 {
			t.Errorf("%+v", r)
		}
	})
}
