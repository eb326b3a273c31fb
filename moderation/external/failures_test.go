package external_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

// hang does not respond until the client leaves, which a server notices once it has read the body.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the client may leave
	<-r.Context().Done()
}

func TestAClassifierThatMisbehavesIsMissingAndPublishesNothing(t *testing.T) {
	reached := atomic.Int64{}
	inside := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	says := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
	}
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	for name, server := range map[string]http.HandlerFunc{
		"slow": hang,
		"down": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close() //nolint:errcheck // it is broken on purpose
			}
		},
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirecting": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inside, http.StatusTemporaryRedirect)
		},
		"no JSON":        says("<html>0.1</html>"),
		"empty":          says(""),
		"score 7":        says(`{"score": 7}`),
		"negative":       says(`{"score": -0.1}`),
		"NaN":            says(`{"score": NaN}`),
		"a text":         says(`{"score": "0.1"}`),
		"no score":       says(`{"label": "fine"}`),
		"a null":         says(`{"score": null}`),
		"a long label":   says(`{"score": 0.1, "label": "` + strings.Repeat("a", 101) + `"}`),
		"a label of NUL": says(`{"score": 0.1, "label": "\u0000"}`),
		"huge":           says(`{"score": 0.1, "label": "` + strings.Repeat(" ", 70_000) + `"}`),
	} {
		c, _ := f.add("tox", serve(t, server), func(r *external.Request) { r.TimeoutMS = 50 })
		harmless, polite := f.submit("A comment for "+name), f.submit("please publish "+name)
		if f.status(harmless) != moderation.StatusPending || f.status(polite) != moderation.StatusApproved {
			t.Errorf("%s: %s and %s", name, f.status(harmless), f.status(polite))
		}
		if facts := f.facts(harmless); facts != nil {
			t.Errorf("%s: %v", name, facts)
		}
		h := f.health()
		if h.Today.Answered != 0 || h.Today.Sent != 2 || h.Today.Late+h.Today.Failed != 2 || h.Reason == "" {
			t.Errorf("%s: %+v %q", name, h.Today, h.Reason)
		}
		if (name == "slow") != (h.Today.Late == 2) {
			t.Errorf("%s: %d late", name, h.Today.Late)
		}
		ok(t, f.admin.Remove(t.Context(), nobody, c.ID))
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestTheBreakerSparesSubmissionsADeadClassifier(t *testing.T) {
	var alive atomic.Bool
	var requests atomic.Int64
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if !alive.Load() {
			hang(w, r)
			return
		}
		fmt.Fprint(w, `{"score": 0.1}`)
	})
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.add("tox", url, func(r *external.Request) { r.TimeoutMS = 20 })
	submit := func(body string) string {
		id := f.submit(body)
		f.advance(-time.Minute)
		return id
	}
	for i := range 5 {
		submit(fmt.Sprintf("Comment %d", i))
	}
	for i := range 20 {
		submit(fmt.Sprintf("Spared %d", i))
	}
	h := f.health()
	if requests.Load() != 5 || h.Today.Late != 5 || h.Today.Skipped != 20 || h.RetryAt.IsZero() {
		t.Fatalf("%d requests, %+v", requests.Load(), h.Today)
	}
	alive.Store(true)
	f.advance(11 * time.Second)
	probing := submit("The next call is made in the background")
	if f.status(probing) != moderation.StatusPending {
		t.Error("a submission waited for the probe")
	}
	waitFor(t, "the breaker to close", func() bool { return f.health().RetryAt.IsZero() })
	if id := submit("Now it is back"); f.status(id) != moderation.StatusApproved {
		t.Errorf("the classifier is back, and the comment is %s", f.status(id))
	}
}

// waitFor polls a condition.
func waitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited for %s", what)
		}
	}
}

func TestBudgetAndConcurrencyAreLimited(t *testing.T) {
	var inFlight, most atomic.Int64
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for n := inFlight.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(2 * time.Millisecond) // so that calls would overlap
		inFlight.Add(-1)
		fmt.Fprint(w, `{"score": 0.1}`)
	})
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	c, _ := f.add("tox", url, func(r *external.Request) { r.Concurrency, r.DailyBudget = 2, 10 })
	site := got(f.db.Sites.SiteBySlug(t.Context(), "daily"))(t)
	var calls sync.WaitGroup
	var answered atomic.Int64
	for i := range 16 {
		calls.Go(func() {
			a := f.asker.Ask(t.Context(), moderation.ExternalQuery{Site: site, Body: fmt.Sprintf("Text %d", i)})
			if a.Facts != nil {
				answered.Add(1)
			}
		})
	}
	calls.Wait()
	if answered.Load() != 10 || most.Load() > 2 {
		t.Errorf("%d answers, %d at once", answered.Load(), most.Load())
	}
	ok(t, f.asker.Reload(t.Context())) // as another node sees it
	if a := f.asker.Ask(t.Context(), moderation.ExternalQuery{Site: site, Body: "One more"}); a.Facts != nil {
		t.Error("the budget was exceeded after it was stored")
	}
	f.advance(24 * time.Hour)
	if a := f.asker.Ask(t.Context(), moderation.ExternalQuery{Site: site, Body: "Tomorrow"}); a.Facts["tox"] == nil {
		t.Error("the budget of the next day is used up")
	}
	_, err := f.admin.Change(t.Context(), nobody, c.ID, c.Version+1, func(*external.Request) {})
	if !errors.Is(err, moderation.ErrSettings) {
		t.Errorf("another version was changed: %v", err)
	}
}

// addHolding adds a classifier for which comments are held, on a server that responds once it is alive.
func addHolding(f *fixture, name string) (alive *atomic.Bool, secret string) {
	alive = &atomic.Bool{}
	url := serve(f.t, func(w http.ResponseWriter, r *http.Request) {
		if !alive.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		score := 0.1
		if err != nil || strings.Contains(string(body), "idiot") {
			score = 0.9
		}
		fmt.Fprintf(w, `{"score": %g}`, score)
	})
	_, secret = f.add(name, url, func(r *external.Request) { r.OnLate = external.LateHold })
	return alive, secret
}

func TestAHeldCommentIsJudgedAgainWhenTheAnswerComes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		alive, _ := addHolding(f, "tox")
		clean, toxic, polite := f.submit("Nice weather"), f.submit("You idiot"), f.submit("please, you idiot")
		decided, withdrawn := f.submit("please decide"), f.submit("please forget")
		for _, id := range []string{clean, toxic, polite, decided, withdrawn} {
			if f.status(id) != moderation.StatusPending {
				t.Fatalf("published early: %s", f.status(id))
			}
		}
		open := got(f.queue.Case(t.Context(), ada, polite))(t)
		if open.Verdict.Cause != moderation.CauseAwaited || len(open.Verdict.Hits) != 2 {
			t.Errorf("%+v", open.Verdict)
		}
		f.decide(decided, moderation.ActionReject)
		if h := f.health(); h.Judging != 5 {
			t.Errorf("%d calls wait", h.Judging)
		}
		f.advance(time.Hour)
		ok(t, f.worker.Work(t.Context()))
		alive.Store(true)
		for range 3 { // the breaker may be open
			f.advance(10 * time.Minute)
			ok(t, f.worker.Work(t.Context()))
		}
		want := map[string]moderation.Status{clean: "approved", toxic: "rejected", polite: "rejected", decided: "rejected", withdrawn: "approved"}
		for id, want := range want {
			if got := f.status(id); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if f := f.facts(toxic)["tox"]; f == nil || f.Score != 0.9 {
			t.Errorf("the facts are %+v", f)
		}
		if f := f.facts(decided)["tox"]; f != nil {
			t.Error("a comment that a moderator decided on was asked about")
		}
		log := got(d.Decisions.Decisions(t.Context(), toxic))(t)
		if last := log[len(log)-1]; len(log) != 2 || last.Actor != moderation.ActorRuleset ||
			last.Note != "Judged again when tox responded, because of toxic." {
			t.Errorf("%+v", log)
		}
		if h := f.health(); h.Judging != 0 || h.CallCounts.Failed != 0 {
			t.Errorf("calls are left: %+v", h.CallCounts)
		}
		if wrong := got(d.Miscounts(t.Context()))(t); len(wrong) > 0 {
			t.Errorf("counters: %v", wrong)
		}
	})
}

func TestOnlyClassifiersOfEnforcedRulesHoldComments(t *testing.T) {
	for name, want := range map[string]moderation.Status{
		"unused": moderation.StatusApproved, "trial": moderation.StatusApproved, "other": moderation.StatusPending,
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				f := newFixture(t, d)
				addHolding(f, name)
				if got := f.status(f.submit("please publish")); got != want {
					t.Errorf("the comment is %s, want %s", got, want)
				}
				if calls := f.health().Judging; (calls > 0) != (want == moderation.StatusPending) {
					t.Errorf("%d calls wait", calls)
				}
			})
		})
	}
}

func TestACommentHeldForTwoClassifiersWaitsForBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		tox, _ := addHolding(f, "tox")
		other, _ := addHolding(f, "other")
		id := f.submit("Nice weather")
		tox.Store(true)
		f.advance(10 * time.Minute)
		ok(t, f.worker.Work(t.Context()))
		if f.status(id) != moderation.StatusPending || f.facts(id)["tox"] == nil {
			t.Fatalf("%s, %v", f.status(id), f.facts(id))
		}
		other.Store(true)
		f.advance(10 * time.Minute)
		ok(t, f.worker.Work(t.Context()))
		if f.status(id) != moderation.StatusApproved || len(f.facts(id)) != 2 {
			t.Errorf("%s, %v", f.status(id), f.facts(id))
		}
	})
}
