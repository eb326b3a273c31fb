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

// deskRules publish comments that the classifier tox finds harmless, and all that say "please".
const deskRules = `
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

// desk is the domain over a real database, with classifiers.
type desk struct {
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

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, db: d, receipts: map[string]string{}, secrets: fstest.MapFS{}}
	k.clock.Store(dbtest.Epoch.UnixNano())
	k.keys = got(privacy.Open(t.TempDir(), k.now))(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	client := outbound.New(limits, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	t.Cleanup(client.Close)
	k.asker = &external.Asker{Store: d.External, Client: client, Keys: k.keys, Secrets: k.secrets, Now: k.now, NewID: k.newID, Log: log}
	k.admin = &external.Admin{Store: d.ForExternal(), Asker: k.asker, Now: k.now, NewID: k.newID, ParseURL: client.ParseURL}
	k.rulebook = rulebook.New(d.ForRulebook(), k.now, k.newID)
	k.intake = &moderation.Intake{Store: d.ForIntake(), Judges: k.rulebook, Limiter: moderation.NewRateLimiter(0, k.now),
		SiteLimiter: moderation.NewRateLimiter(0, k.now), Keys: k.keys, Log: log, Now: k.now, NewID: k.newID, External: k.asker}
	k.editor = &moderation.Editor{Intake: k.intake, Store: d.ForEditor()}
	k.queue = &queue.Queue{Store: d.ForQueue(), Keys: k.keys, Now: k.now, NewID: k.newID}
	k.worker = &external.Worker{Store: d.ForExternalWorker(), Asker: k.asker, Now: k.now, NewID: k.newID, Log: log,
		Judge: &rulebook.LateJudge{Store: d.ForLateJudge(), Rulebook: k.rulebook, Keys: k.keys, Now: k.now, NewID: k.newID}}
	sites := &moderation.Sites{Store: d.ForSites(), Now: k.now, NewID: k.newID}
	for _, slug := range []string{"daily", "weekly"} {
		got(sites.Add(t.Context(), nobody, moderation.NewSite{Slug: slug, Name: "The " + slug}))(t)
		got(sites.Register(t.Context(), nobody, slug, moderation.NewArticle{ArticleRef: moderation.ArticleRef{Key: "one"}}))(t)
		saved := got(k.rulebook.Save(t.Context(), nobody, slug, rulebook.Draft{Source: deskRules}))(t)
		got(k.rulebook.Activate(t.Context(), nobody, rulebook.Ref{SiteSlug: slug, Version: saved.Version}))(t)
	}
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

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (k *desk) now() time.Time {
	if k.live {
		return time.Now()
	}
	return time.Unix(0, k.clock.Load()).UTC()
}

func (k *desk) advance(d time.Duration) { k.clock.Add(int64(d)) }
func (k *desk) newID() string           { return fmt.Sprintf("019b0000-0000-7000-8000-%012x", k.ids.Add(1)) }

// add adds a classifier of the site daily and returns it with the secret that was made.
func (k *desk) add(name, url string, change func(*external.Request)) (external.Classifier, string) {
	k.t.Helper()
	r := external.Request{Name: name, Settings: external.DefaultSettings(), Sites: []string{"daily"}}
	r.URL, r.TimeoutMS = url, 2_000
	if change != nil {
		change(&r)
	}
	c, secret, err := k.admin.Add(k.t.Context(), nobody, r)
	ok(k.t, err)
	return c, secret
}

// submit sends a comment to the site daily and returns its id. A minute passes.
func (k *desk) submit(body string) string {
	k.t.Helper()
	return k.submitTo("daily", body)
}

func (k *desk) submitTo(site, body string) string {
	k.t.Helper()
	k.advance(time.Minute)
	a := got(k.intake.Submit(k.t.Context(), moderation.Submission{SiteSlug: site, Article: moderation.ArticleRef{Key: "one"},
		AuthorName: "Ines", AuthorEmail: "ines@mail.example", AuthorURL: "https://ines.example/", Body: body,
		Address: netip.MustParseAddr("192.0.2.7")}))(k.t)
	k.receipts[a.Comment.ID] = a.Receipt
	return a.Comment.ID
}

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

// facts returns the frozen facts about classifiers.
func (k *desk) facts(id string) map[string]*rules.External {
	k.t.Helper()
	_, record, err := k.db.Comments.CommentText(k.t.Context(), id)
	ok(k.t, err)
	return got(rules.Unfreeze(record.Facts, rules.Kept{}))(k.t).External
}

// health returns the health of the only classifier.
func (k *desk) health() external.Health {
	k.t.Helper()
	ok(k.t, k.asker.Reload(k.t.Context()))
	list := got(k.admin.List(k.t.Context(), nobody))(k.t)
	if len(list) != 1 {
		k.t.Fatalf("%d classifiers", len(list))
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
