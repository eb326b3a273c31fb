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

// opener decides on the comments that deskRules leave pending.
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
		k := newDesk(t, d)
		fine, bad, neither := k.submit("This is fine"), k.submit("This is bad"), k.submit("This is neither")
		approved := k.submit("A bad comment, please")
		heldByAda, rejectedByAda := k.submit("fine, but seen"), k.submit("fine, but refused")
		k.decide(heldByAda, moderation.ActionApprove)
		k.decide(heldByAda, moderation.ActionHold)
		k.decide(rejectedByAda, moderation.ActionReject)
		k.submitTo("weekly", "ines@mail.example", "fine")
		ref := k.save(opener)
		k.advance(time.Minute)

		preview := got(k.rerun.Preview(t.Context(), ada, ref))(t)
		want := rulebook.RerunResult{Preview: true, Version: ref.Version, Examined: 3, ByPerson: 1,
			Actions: map[moderation.Action]int{"approve": 1, "hold": 1, "reject": 1, "spam": 0},
			Sample: []rulebook.RerunChange{
				{CommentID: fine, Action: "approve", Cause: "fine"}, {CommentID: bad, Action: "reject", Cause: "bad"},
			}}
		if diff := cmp.Diff(want, preview); diff != "" {
			t.Errorf("preview: -want +got\n%s", diff)
		}
		if k.status(fine) != moderation.StatusPending {
			t.Error("a preview changed something")
		}
		if _, err := k.rerun.Run(t.Context(), ada, ref); !errors.Is(err, moderation.ErrNotActive) {
			t.Errorf("a version that is not active decided: %v", err)
		}
		active := got(k.rulebook.Activate(t.Context(), nobody, ref))(t)
		done := got(k.rerun.Run(t.Context(), ada, ref))(t)
		want.Preview, want.Changed = false, 2
		if diff := cmp.Diff(want, done); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		for id, status := range map[string]moderation.Status{
			fine: "approved", bad: "rejected", neither: "pending", approved: "approved", heldByAda: "pending", rejectedByAda: "rejected",
		} {
			if got := k.status(id); got != status {
				t.Errorf("a comment is %s, want %s", got, status)
			}
		}
		log := got(d.Decisions.Decisions(t.Context(), bad))(t)
		last := log[len(log)-1]
		if len(log) != 2 || last.Actor != moderation.ActorRuleset || last.RulesetID != active.ID || last.Reason != "Not like this." ||
			last.Note != fmt.Sprintf("Re-run under version %d, because of bad.", ref.Version) {
			t.Errorf("%+v", log)
		}
		again := got(k.rerun.Run(t.Context(), ada, ref))(t)
		if again.Changed != 0 || again.Examined != 1 || len(again.Sample) != 0 {
			t.Errorf("again: %+v", again)
		}
		if wrong := got(d.Miscounts(t.Context()))(t); len(wrong) > 0 {
			t.Errorf("counters: %v", wrong)
		}
	})
}

// meddling is a store in which a concurrent decision always comes first.
type meddling struct {
	rulebook.RerunStore
	k *desk
}

func (m meddling) RecordDecision(ctx context.Context, d moderation.Decision) error {
	m.k.decide(d.CommentID, moderation.ActionSpam)
	return m.RerunStore.RecordDecision(ctx, d)
}

func TestARerunGivesWayToConcurrentDecisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		fine := k.submit("This is fine")
		ref := k.activate(opener)
		k.advance(time.Minute)
		k.rerun.Store = meddling{d.ForRerun(), k}
		r := got(k.rerun.Run(t.Context(), ada, ref))(t)
		if r.Changed != 0 || r.Missed != 1 || len(r.Sample) != 0 || k.status(fine) != moderation.StatusSpam {
			t.Errorf("%+v, and the comment is %s", r, k.status(fine))
		}
	})
}

func TestARerunDoesNotPublishAnEditThatNeedsAModerator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		id := k.submit("A casino")
		k.advance(time.Minute)
		edited := got(k.editor.Edit(t.Context(), moderation.Edit{CommentID: id, Receipt: k.receipts[id], Body: "fine now"}))(t)
		if edited.Status != moderation.StatusPending {
			t.Fatalf("the edit is %s", edited.Status)
		}
		ref := k.activate(opener)
		k.advance(time.Minute)
		r := got(k.rerun.Run(t.Context(), ada, ref))(t)
		if r.Examined != 1 || r.Changed != 0 || k.status(id) != moderation.StatusPending {
			t.Errorf("%+v", r)
		}
	})
}

func TestARerunReadsManyBatchesAndDecryptsEmails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for i := range 250 {
			k.submitBy("ines@mail.example", fmt.Sprintf("Waiting %d", i))
		}
		k.submitBy("Sender@mail.example", "Waiting too")
		ref := k.activate("lists:\n  senders: {mode: email, terms: [sender@mail.example]}\n" +
			"rules:\n  - {id: sender, when: listed(\"senders\"), then: spam, reason: Blocked.}\n")
		k.advance(time.Minute)
		r := got(k.rerun.Run(t.Context(), ada, ref))(t)
		if r.Examined != 251 || r.Actions[moderation.ActionSpam] != 1 || r.Changed != 1 {
			t.Errorf("%+v", r)
		}
	})
}
