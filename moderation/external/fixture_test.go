package external_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
	"rejoinder/outbound"
	"rejoinder/privacy"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// fixtureRules publish comments that the classifier tox finds harmless, and all that say "please".
const fixtureRules = `
rules:
  - {id: toxic, when: external.tox.available && external.tox.score > 0.8, then: reject, reason: "Scored {{external.tox.score}}."}
  - {id: clean, when: external.tox.available && external.tox.score < 0.2, then: approve, reason: Harmless.}
  - {id: other, when: external.other.available && external.other.score > 0.95, then: reject, reason: Scored by the other one.}
  - {id: trial, mode: shadow, when: external.trial.available && external.trial.score > 0.5, then: reject, reason: On trial.}
  - {id: polite, when: text.body.contains("please"), then: approve, reason: Polite.}
default: hold
`

var (
	nobody = moderation.Viewer{}
	ada    = moderation.Viewer{ModeratorID: "019b0000-0000-7000-8000-00000000ada0"}
)

// fixture has the use cases on a real database, with classifiers.
type fixture struct {
	t        testing.TB
	db       *db.DB
	clock    atomic.Int64
	ids      atomic.Int64
	keys     *privacy.Keyring
	secrets  fstest.MapFS
	rulebook *rulebook.Rulebook
	intake   *moderation.Intake
	editor   *moderation.Editor
	queue    *queue.Queue
	asker    *external.Asker
	admin    *external.Admin
	worker   *external.Worker
	receipts map[string]string
	live     bool // the clock is the real one
}

var limits = outbound.Limits{Timeout: 5 * time.Second, Response: 64 << 10}

func newFixture(t testing.TB, d *db.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: d, receipts: map[string]string{}, secrets: fstest.MapFS{}}
	f.clock.Store(dbtest.Epoch.UnixNano())
	f.keys = got(privacy.Open(t.TempDir(), f.now))(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	client := outbound.New(limits, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	t.Cleanup(client.Close)
	f.asker = &external.Asker{Store: d.External, Client: client, Keys: f.keys, Secrets: f.secrets, Now: f.now, NewID: f.newID, Log: log}
	f.admin = &external.Admin{Store: d.ForExternal(), Asker: f.asker, Now: f.now, NewID: f.newID, ParseURL: client.ParseURL}
	f.rulebook = rulebook.New(d.ForRulebook(), f.now, f.newID)
	f.intake = &moderation.Intake{Store: d.ForIntake(), Judges: f.rulebook, Limiter: moderation.NewRateLimiter(0, f.now),
		SiteLimiter: moderation.NewRateLimiter(0, f.now), Keys: f.keys, Log: log, Now: f.now, NewID: f.newID, External: f.asker}
	f.editor = &moderation.Editor{Intake: f.intake, Store: d.ForEditor()}
	f.queue = &queue.Queue{Store: d.ForQueue(), Keys: f.keys, Now: f.now, NewID: f.newID}
	f.worker = &external.Worker{Store: d.ForExternalWorker(), Asker: f.asker, Now: f.now, NewID: f.newID, Log: log,
		Judge: &rulebook.LateJudge{Store: d.ForLateJudge(), Rulebook: f.rulebook, Keys: f.keys, Now: f.now, NewID: f.newID}}
	sites := &moderation.Sites{Store: d.ForSites(), Now: f.now, NewID: f.newID}
	for _, slug := range []string{"daily", "weekly"} {
		got(sites.Add(t.Context(), nobody, moderation.NewSite{Slug: slug, Name: "The " + slug}))(t)
		got(sites.Register(t.Context(), nobody, slug, moderation.NewArticle{ArticleRef: moderation.ArticleRef{Key: "one"}}))(t)
		saved := got(f.rulebook.Save(t.Context(), nobody, slug, rulebook.Draft{Source: fixtureRules}))(t)
		got(f.rulebook.Activate(t.Context(), nobody, rulebook.Ref{SiteSlug: slug, Version: saved.Version}))(t)
	}
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

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) now() time.Time {
	if f.live {
		return time.Now()
	}
	return time.Unix(0, f.clock.Load()).UTC()
}

func (f *fixture) advance(d time.Duration) { f.clock.Add(int64(d)) }
func (f *fixture) newID() string           { return fmt.Sprintf("019b0000-0000-7000-8000-%012x", f.ids.Add(1)) }

// add adds a classifier of the site daily and returns it with the secret that was made.
func (f *fixture) add(name, url string, change func(*external.Request)) (external.Classifier, string) {
	f.t.Helper()
	r := external.Request{Name: name, Settings: external.DefaultSettings(), Sites: []string{"daily"}}
	r.URL, r.TimeoutMS = url, 2_000
	if change != nil {
		change(&r)
	}
	c, secret, err := f.admin.Add(f.t.Context(), nobody, r)
	ok(f.t, err)
	return c, secret
}

// submit sends a comment to the site daily and returns its id. A minute passes.
func (f *fixture) submit(body string) string {
	f.t.Helper()
	return f.submitTo("daily", body)
}

func (f *fixture) submitTo(site, body string) string {
	f.t.Helper()
	f.advance(time.Minute)
	a := got(f.intake.Submit(f.t.Context(), moderation.Submission{SiteSlug: site, Article: moderation.ArticleRef{Key: "one"},
		AuthorName: "Ines", AuthorEmail: "ines@mail.example", AuthorURL: "https://ines.example/", Body: body,
		Address: netip.MustParseAddr("192.0.2.7")}))(f.t)
	f.receipts[a.Comment.ID] = a.Receipt
	return a.Comment.ID
}

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

// facts returns the frozen facts about classifiers.
func (f *fixture) facts(id string) map[string]*rules.External {
	f.t.Helper()
	_, record, err := f.db.Comments.CommentText(f.t.Context(), id)
	ok(f.t, err)
	return got(rules.Unfreeze(record.Facts, rules.Kept{}))(f.t).External
}

// health returns the health of the only classifier.
func (f *fixture) health() external.Health {
	f.t.Helper()
	ok(f.t, f.asker.Reload(f.t.Context()))
	list := got(f.admin.List(f.t.Context(), nobody))(f.t)
	if len(list) != 1 {
		f.t.Fatalf("%d classifiers", len(list))
	}
	return list[0]
}

// serve starts a server on 127.0.0.1.
func serve(t testing.TB, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

func file(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
