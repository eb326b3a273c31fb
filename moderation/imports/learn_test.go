package imports_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/classify"
	"rejoinder/moderation/imports"
)

// learned lets the site's classifier learn, and counts what it learned.
func (b *bench) learned() (approved, spam int) {
	b.t.Helper()
	learner := &moderation.Learner{Store: b.db.ForLearner(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	ok(b.t, learner.Learn(b.t.Context()))
	stored, err := b.db.Classifiers.NewerClassifier(b.t.Context(), b.site.ID, 0)
	if err != nil {
		return 0, 0
	}
	model, err := classify.Decode(stored.Model)
	ok(b.t, err)
	return model.Count(classify.Approved), model.Count(classify.Spam)
}

func TestAClassifierLearnsFromAnImportOnlyIfAsked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		var file strings.Builder
		for i := range 30 {
			file.WriteString(wxrComment(i+1, 0, []string{"1", "1", "spam"}[i%3], fmt.Sprintf("Comment %d about the mill.", i)))
		}
		b.mustRun(wxr(file.String()), imports.Request{Source: "first"})
		if approved, spam := b.learned(); approved+spam != 0 {
			t.Errorf("without being asked, it learned %d approved and %d spam", approved, spam)
		}
		b.mustRun(wxr(file.String()), imports.Request{Source: "second", Learn: true})
		for range 2 { // the second time, there is nothing new
			if approved, spam := b.learned(); approved != 20 || spam != 10 {
				t.Errorf("it learned %d approved and %d spam, want 20 and 10", approved, spam)
			}
		}
	})
}
