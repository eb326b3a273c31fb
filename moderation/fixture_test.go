package moderation_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rulebook"
	"rejoinder/privacy"
)

// fixtureRules decide by plain words, so that the text of a test's comment names its outcome.
const fixtureRules = `
lists:
  promises: {terms: [casino, lottery]}
  senders: {mode: email, terms: [known@mail.example]}
rules:
  - {id: promises, when: listed("promises"), then: spam, reason: "Says {{matched}}."}
  - {id: sender, when: listed("senders"), then: reject, reason: A blocked address.}
  - {id: links, when: links.count > 0, then: hold, reason: "{{links.count}} links."}
  - {id: welcome, when: text.body.contains("please"), then: approve, reason: Polite.}
default: hold
`

// fixture has all use cases on a real database, and two sites with rules.
type fixture struct {
	t        testing.TB
	db       *db.DB
	clock    atomic.Int64
	ids      atomic.Int64
	keys     *privacy.Keyring
	rulebook *rulebook.Rulebook
	intake   *moderation.Intake
	editor   *moderation.Editor
	queue    *queue.Queue
	tests    *rulebook.Backtests
	rerun    *rulebook.Rerun
	health   *rulebook.Health
	counter  *rulebook.Counter
	receipts map[string]string
	statuses map[string]moderation.Status // on arrival, as the author is told
}

// The callers.
var (
	nobody = moderation.Viewer{}
	ada    = moderation.Viewer{ModeratorID: "019b0000-0000-7000-8000-00000000ada0"}
)

func newFixture(t testing.TB, d *db.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: d, receipts: map[string]string{}, statuses: map[string]moderation.Status{}}
	f.clock.Store(dbtest.Epoch.UnixNano())
	f.keys = got(privacy.Open(t.TempDir(), f.now))(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	f.rulebook = rulebook.New(d.ForRulebook(), f.now, f.newID)
	f.intake = &moderation.Intake{Store: d.ForIntake(), Judges: f.rulebook, Limiter: moderation.NewRateLimiter(0, f.now), SiteLimiter: moderation.NewRateLimiter(0, f.now), Keys: f.keys,
		Log: log, Now: f.now, NewID: f.newID}
	f.editor = &moderation.Editor{Intake: f.intake, Store: d.ForEditor()}
	f.queue = &queue.Queue{Store: d.ForQueue(), Keys: f.keys, Now: f.now, NewID: f.newID}
	f.tests = rulebook.NewBacktests(rulebook.Backtests{Store: d.History, Rulebook: f.rulebook, Keys: f.keys, Now: f.now, Workers: 2})
	f.rerun = &rulebook.Rerun{Store: d.ForRerun(), Rulebook: f.rulebook, Keys: f.keys, Now: f.now, NewID: f.newID}
	f.health = &rulebook.Health{Store: d.ForRuleHealth(), Rulebook: f.rulebook, Now: f.now}
	f.counter = &rulebook.Counter{Store: d.ForRuleCounter(), Now: f.now, Log: log}
	sites := &moderation.Sites{Store: d.ForSites(), Now: f.now, NewID: f.newID}
	for _, slug := range []string{"daily", "weekly"} {
		got(sites.Add(t.Context(), nobody, moderation.NewSite{Slug: slug, Name: "The " + slug}))(t)
		got(sites.Register(t.Context(), nobody, slug, moderation.NewArticle{ArticleRef: moderation.ArticleRef{Key: "one"}}))(t)
	}
	f.activate(fixtureRules)
	return f
}

// got returns the value, or fails the test.
func got[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (f *fixture) now() time.Time          { return time.Unix(0, f.clock.Load()).UTC() }
func (f *fixture) advance(d time.Duration) { f.clock.Add(int64(d)) }
func (f *fixture) newID() string           { return fmt.Sprintf("019b0000-0000-7000-8000-%012x", f.ids.Add(1)) }

// save stores a ruleset of the site daily.
func (f *fixture) save(source string) rulebook.Ref {
	f.t.Helper()
	saved := got(f.rulebook.Save(f.t.Context(), nobody, "daily", rulebook.Draft{Source: source}))(f.t)
	return rulebook.Ref{SiteSlug: "daily", Version: saved.Version}
}

func (f *fixture) activate(source string) rulebook.Ref {
	f.t.Helper()
	ref := f.save(source)
	got(f.rulebook.Activate(f.t.Context(), nobody, ref))(f.t)
	return ref
}

// submit sends a comment to the site daily and returns its id. A minute passes.
func (f *fixture) submit(body string) string { return f.submitBy("ines@mail.example", body) }

func (f *fixture) submitBy(email, body string) string {
	f.t.Helper()
	return f.submitTo("daily", email, body)
}

func (f *fixture) submitTo(site, email, body string) string {
	f.t.Helper()
	f.advance(time.Minute)
	a := got(f.intake.Submit(f.t.Context(), moderation.Submission{SiteSlug: site, Article: moderation.ArticleRef{Key: "one"},
		AuthorName: "Ines", AuthorEmail: email, Body: body, Address: netip.MustParseAddr("192.0.2.7")}))(f.t)
	f.receipts[a.Comment.ID], f.statuses[a.Comment.ID] = a.Receipt, a.Comment.Status
	return a.Comment.ID
}

// decide makes Ada's decision.
func (f *fixture) decide(id string, action moderation.Action) {
	f.t.Helper()
	f.advance(time.Minute)
	open := got(f.queue.Case(f.t.Context(), ada, id))(f.t)
	got(f.queue.Decide(f.t.Context(), ada, queue.DecisionRequest{CommentID: id, Action: action, Version: open.Comment.Version}))(f.t)
}

func (f *fixture) status(id string) moderation.Status {
	f.t.Helper()
	return got(f.queue.Case(f.t.Context(), ada, id))(f.t).Comment.Status
}

// backtest runs a draft over the last 30 days of the site daily.
func (f *fixture) backtest(source string) rulebook.BacktestReport {
	f.t.Helper()
	f.advance(time.Minute)
	return got(f.tests.Run(f.t.Context(), ada, rulebook.BacktestQuery{SiteSlug: "daily", Days: 30,
		Ruleset: rulebook.DraftRef{Source: source}}, func(int, int) {}))(f.t)
}
