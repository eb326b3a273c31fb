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

// deskRules decide by plain words, so that the text of a test's comment names its outcome.
const deskRules = `
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

// desk is the domain on a real database: a site with rules, and all use cases.
type desk struct {
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
	statuses map[string]moderation.Status // on arrival, as the writer is told
}

// The people at the desk.
var (
	nobody = moderation.Viewer{}
	ada    = moderation.Viewer{ModeratorID: "019b0000-0000-7000-8000-00000000ada0"}
)

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, db: d, receipts: map[string]string{}, statuses: map[string]moderation.Status{}}
	k.clock.Store(dbtest.Epoch.UnixNano())
	k.keys = got(privacy.Open(t.TempDir(), k.now))(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	k.rulebook = rulebook.New(d.ForRulebook(), k.now, k.newID)
	k.intake = &moderation.Intake{Store: d.ForIntake(), Judges: k.rulebook, Limiter: moderation.NewRateLimiter(0, k.now), SiteLimiter: moderation.NewRateLimiter(0, k.now), Keys: k.keys,
		Log: log, Now: k.now, NewID: k.newID}
	k.editor = &moderation.Editor{Intake: k.intake, Store: d.ForEditor()}
	k.queue = &queue.Queue{Store: d.ForQueue(), Keys: k.keys, Now: k.now, NewID: k.newID}
	k.tests = rulebook.NewBacktests(rulebook.Backtests{Store: d.History, Rulebook: k.rulebook, Keys: k.keys, Now: k.now, Workers: 2})
	k.rerun = &rulebook.Rerun{Store: d.ForRerun(), Rulebook: k.rulebook, Keys: k.keys, Now: k.now, NewID: k.newID}
	k.health = &rulebook.Health{Store: d.ForRuleHealth(), Rulebook: k.rulebook, Now: k.now}
	k.counter = &rulebook.Counter{Store: d.ForRuleCounter(), Now: k.now, Log: log}
	sites := &moderation.Sites{Store: d.ForSites(), Now: k.now, NewID: k.newID}
	for _, slug := range []string{"daily", "weekly"} {
		got(sites.Add(t.Context(), nobody, moderation.NewSite{Slug: slug, Name: "The " + slug}))(t)
		got(sites.Register(t.Context(), nobody, slug, moderation.NewArticle{ArticleRef: moderation.ArticleRef{Key: "one"}}))(t)
	}
	k.activate(deskRules)
	return k
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

func (k *desk) now() time.Time          { return time.Unix(0, k.clock.Load()).UTC() }
func (k *desk) advance(d time.Duration) { k.clock.Add(int64(d)) }
func (k *desk) newID() string           { return fmt.Sprintf("019b0000-0000-7000-8000-%012x", k.ids.Add(1)) }

// save stores a ruleset of the site daily.
func (k *desk) save(source string) rulebook.Ref {
	k.t.Helper()
	saved := got(k.rulebook.Save(k.t.Context(), nobody, "daily", rulebook.Draft{Source: source}))(k.t)
	return rulebook.Ref{SiteSlug: "daily", Version: saved.Version}
}

func (k *desk) activate(source string) rulebook.Ref {
	k.t.Helper()
	ref := k.save(source)
	got(k.rulebook.Activate(k.t.Context(), nobody, ref))(k.t)
	return ref
}

// submit sends a comment to the site daily and returns its id. A minute passes.
func (k *desk) submit(body string) string { return k.submitBy("ines@mail.example", body) }

func (k *desk) submitBy(email, body string) string {
	k.t.Helper()
	return k.submitTo("daily", email, body)
}

func (k *desk) submitTo(site, email, body string) string {
	k.t.Helper()
	k.advance(time.Minute)
	a := got(k.intake.Submit(k.t.Context(), moderation.Submission{SiteSlug: site, Article: moderation.ArticleRef{Key: "one"},
		AuthorName: "Ines", AuthorEmail: email, Body: body, Address: netip.MustParseAddr("192.0.2.7")}))(k.t)
	k.receipts[a.Comment.ID], k.statuses[a.Comment.ID] = a.Receipt, a.Comment.Status
	return a.Comment.ID
}

// decide makes Ada's decision.
func (k *desk) decide(id string, action moderation.Action) {
	k.t.Helper()
	k.advance(time.Minute)
	open := got(k.queue.Case(k.t.Context(), ada, id))(k.t)
	got(k.queue.Decide(k.t.Context(), ada, queue.DecisionRequest{CommentID: id, Action: action, Version: open.Comment.Version}))(k.t)
}

func (k *desk) status(id string) moderation.Status {
	k.t.Helper()
	return got(k.queue.Case(k.t.Context(), ada, id))(k.t).Comment.Status
}

// backtest runs a draft over the last 30 days of the site daily.
func (k *desk) backtest(source string) rulebook.BacktestReport {
	k.t.Helper()
	k.advance(time.Minute)
	return got(k.tests.Run(k.t.Context(), ada, rulebook.BacktestQuery{SiteSlug: "daily", Days: 30,
		Ruleset: rulebook.DraftRef{Source: source}}, func(int, int) {}))(k.t)
}
