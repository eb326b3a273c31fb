package moderation_test

import (
	"net/netip"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func TestABlockDecidesOnMatchingPendingComments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newBlockFixture(t, d)
		f.activate("rules:\n  - {id: all, when: \"true\", then: hold, reason: All wait.}\ndefault: hold\n")
		pest := func(s moderation.Submission) string { return f.send(s).id }
		matching := []string{
			pest(moderation.Submission{AuthorEmail: "pest@gmail.com", Body: "One."}),
			pest(moderation.Submission{AuthorEmail: "p.est+x@googlemail.com", AuthorName: "Nora", Body: "Two."}),
			pest(moderation.Submission{AuthorEmail: "pest@gmail.com", Body: "Three."}),
		}
		approved := pest(moderation.Submission{AuthorEmail: "pest@gmail.com", Body: "Four."})
		f.decide(approved, moderation.ActionApprove)
		other := pest(moderation.Submission{AuthorEmail: "pester@gmail.com", Body: "Five."})
		elsewhere := f.submitTo("weekly", "pest@gmail.com", "Six.")

		b := got(f.queue.BlockFrom(t.Context(), f.mo, matching[0], queue.NewBlock{Kind: moderation.BlockEmail, Action: moderation.ActionSpam}))(t)
		result := got(f.queue.DecideMatching(t.Context(), f.mo, b))(t)
		if result.Decided != 3 || len(result.Skipped) != 0 || result.More {
			t.Fatalf("%+v", result)
		}
		want := func(status moderation.Status, ids ...string) {
			t.Helper()
			for _, id := range ids {
				if have := f.stored(id).status; have != status {
					t.Errorf("%s is %s, want %s", id, have, status)
				}
			}
		}
		want(moderation.StatusSpam, matching...)
		want(moderation.StatusApproved, approved)
		want(moderation.StatusPending, other, elsewhere)
		log := got(f.queue.Case(t.Context(), f.mo, matching[1]))(t).Decisions
		if last := log[len(log)-1]; last.BulkID != result.BulkID || last.ModeratorID != f.mo.ModeratorID || !strings.Contains(last.Note, "by email") {
			t.Errorf("the log says %+v", last)
		}
		if undone := got(f.queue.UndoAll(t.Context(), f.mo, result.BulkID))(t); undone.Decided != 3 {
			t.Errorf("the undo: %+v", undone)
		}
		want(moderation.StatusPending, matching...)

		for _, n := range []queue.NewBlock{
			{Kind: moderation.BlockDomain, Value: "holds.example"}, // a block that holds decides nothing
			{Kind: moderation.BlockHost, Value: "nowhere.example", Action: moderation.ActionReject},
		} {
			if result := got(f.queue.DecideMatching(t.Context(), f.mo, f.block(n)))(t); result.Decided != 0 || result.BulkID != "" {
				t.Errorf("%+v decides %+v", n, result)
			}
		}
		for kind, s := range map[moderation.BlockKind]moderation.Submission{
			moderation.BlockName:   {AuthorName: "Rудi", Body: "Name."},
			moderation.BlockHost:   {Body: "See https://deep.shop.example/x"},
			moderation.BlockDomain: {AuthorEmail: "x@eu.junk.example", Body: "Domain."},
			moderation.BlockPrefix: {Address: netip.MustParseAddr("203.0.113.9"), Body: "Network."},
		} {
			id := pest(s)
			n := queue.NewBlock{Kind: kind, Action: moderation.ActionReject, Minutes: 60}
			if kind == moderation.BlockHost {
				n.Value = "shop.example"
			}
			b := got(f.queue.BlockFrom(t.Context(), f.mo, id, n))(t)
			if result := got(f.queue.DecideMatching(t.Context(), f.mo, b))(t); result.Decided != 1 {
				t.Errorf("%s: %+v", kind, result)
			}
			want(moderation.StatusRejected, id)
		}
	})
}
