package external_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

func TestABacktestSeesTheScoresAsTheyWere(t *testing.T) {
	var requests atomic.Int64
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.add("tox", serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"score": 0.%d}`, requests.Add(1)) // 0.1, 0.2 and so on
	}), nil)
	for i := range 4 {
		f.submit(fmt.Sprintf("Comment %d", i))
	}
	f.advance(time.Minute)
	tests := rulebook.NewBacktests(rulebook.Backtests{Store: f.db.History, Rulebook: f.rulebook, Keys: f.keys, Now: f.now, Workers: 2})
	draft := "rules:\n  - {id: some, when: external.tox.available && external.tox.score > 0.25, then: spam, reason: x}\n"
	r := got(tests.Run(t.Context(), ada, rulebook.BacktestQuery{SiteSlug: "daily", Days: 30,
		Ruleset: rulebook.DraftRef{Source: draft}}, func(int, int) {}))(t)
	if r.Submissions != 4 || r.Now[moderation.ActionSpam] != 2 || requests.Load() != 4 {
		t.Errorf("%d submissions, %v, %d requests", r.Submissions, r.Now, requests.Load())
	}
}

func TestAnEditGetsAClassifierCallOfItsOwn(t *testing.T) {
	var alive atomic.Bool
	alive.Store(true)
	edits := 0
	var secret string
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !alive.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		score := 0.1
		if sent := verified(t, r, secret); sent["edit"] == true {
			edits++
			score = 0.9
		}
		fmt.Fprintf(w, `{"score": %g}`, score)
	})
	_, secret = f.add("tox", url, func(r *external.Request) { r.OnLate = external.LateHold })
	edit := func(id, body string) moderation.Status {
		return got(f.editor.Edit(t.Context(), moderation.Edit{CommentID: id, Receipt: f.receipts[id], Body: body}))(t).Status
	}
	id := f.submit("Nice weather")
	if status := edit(id, "Something else"); status != moderation.StatusRejected || edits != 1 {
		t.Errorf("the edit is %s after %d calls", status, edits)
	}
	if diff := cmp.Diff(map[string]*rules.External{"tox": {Available: true, Score: 0.9}}, f.facts(id)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	other := f.submit("Nice day")
	alive.Store(false)
	if status := edit(other, "please, something else"); status != moderation.StatusPending {
		t.Errorf("an edit without an answer is %s", status)
	}
	alive.Store(true)
	f.advance(10 * time.Minute)
	ok(t, f.worker.Work(t.Context()))
	if f.status(other) != moderation.StatusRejected || edits != 2 {
		t.Errorf("the edit is %s after %d calls", f.status(other), edits)
	}
}
