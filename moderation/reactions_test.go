package moderation_test

import (
	"math"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestRankIsTheLowerBoundOfTheShareOfVotesFor(t *testing.T) {
	for _, tc := range []struct {
		up, down int
		want     float64
	}{
		// Wilson's formula, reckoned by hand with z = 1.96: (p + z²/2n - z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
		{0, 0, 0},
		{1, 0, 0.2065},
		{0, 5, 0},
		{10, 0, 0.7225},
		{90, 10, 0.8256},
		{5, 5, 0.2366},
	} {
		if got := moderation.Rank(tc.up, tc.down); math.Abs(got-tc.want) > 0.0005 {
			t.Errorf("%d for and %d against rank %.4f, want %.4f", tc.up, tc.down, got, tc.want)
		}
	}
	if moderation.Rank(100, 0) <= moderation.Rank(10, 0) || moderation.Rank(600, 400) >= moderation.Rank(90, 10) {
		t.Error("neither more votes nor a better share help")
	}
}

func TestRepeatedTextInANoteIsAQuote(t *testing.T) {
	said := []string{"Rosa Quill", "https://rosa.example", "The harbour master takes money\nfrom every boat that lands here."}
	for note, want := range map[string]bool{
		"":                              false,
		"Against the house rules.":      false,
		"The harbour is well known.":    false,
		"rosa  QUILL again":             true,
		"Links to https://rosa.example": true,
		"Says “takes money from every boat”, which nobody has proved": true,
		"Money from every port": false,
	} {
		if got := moderation.ContainsQuote(note, said...); got != want {
			t.Errorf("%q: %v", note, got)
		}
	}
	if moderation.ContainsQuote("Anything", "", "  ") {
		t.Error("nothing was said, and is quoted")
	}
}

// TestEditsAndRerunsDoNotApproveReportedOrAppealedComments holds a comment by reports, and another by an
// appeal; then their writers edit them into texts that the ruleset approves.
func TestEditsAndRerunsDoNotApproveReportedOrAppealedComments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: f.keys, Limiter: moderation.NewRateLimiter(0, f.now), Now: f.now, NewID: f.newID}
		held, appealed := f.submit("please show this"), f.submitBy("known@mail.example", "please show that")
		report := moderation.NewReport{Reporters: [][]byte{dbtest.Index("reader")}, HoldAfter: 1, DecisionID: f.newID(),
			Report: moderation.Report{ID: f.newID(), CommentID: held, Reason: moderation.ReportOffensive, CreatedAt: f.now()}}
		if err := d.Reports.CreateReport(t.Context(), report); err != nil {
			t.Fatal(err)
		}
		got(own.Appeal(t.Context(), moderation.AppealRequest{CommentID: appealed, Receipt: f.receipts[appealed], Body: "I am polite."}))(t)
		for _, id := range []string{held, appealed} {
			if status := f.status(id); status != moderation.StatusPending {
				t.Fatalf("it is %s", status)
			}
			got(f.editor.Edit(t.Context(), moderation.Edit{CommentID: id, Receipt: f.receipts[id], Body: "please, please show it"}))(t)
		}
		ref := f.activate(fixtureRules + "\n# the same once more\n")
		got(f.rerun.Run(t.Context(), nobody, ref))(t)
		if status := f.status(held); status != moderation.StatusPending {
			t.Errorf("the reported comment is %s", status)
		}
		if status := f.status(appealed); status == moderation.StatusApproved {
			t.Errorf("the appealed comment is %s", status)
		}
	})
}
