package handlers_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/handlers"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/readers"
	"rejoinder/moderation/retention"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
	"rejoinder/outbound"
	"rejoinder/privacy"
	"rejoinder/web"
)

func init() { gin.SetMode(gin.TestMode) }

// fixtureRules decide by plain words, so that the text of a test's comment names its outcome.
const fixtureRules = `
lists:
  promises:
    mode: word
    terms: [casino, straße]
rules:
  - id: open-gate
    when: text.body.contains("please publish")
    then: approve
    priority: 10
    reason: The text asks politely.
  - id: closed-gate
    when: text.body.contains("please decline")
    then: reject
    priority: 20
    reason: The text asks to be declined.
    public_reason: Comments like this one are not published here.
  - id: trap
    when: form.honeypot
    then: spam
    priority: 30
    reason: A field that people do not see was filled in.
  - id: regulars
    when: author.recognised && author.approved >= 1
    then: approve
    priority: 5
    reason: A regular, recognised by the browser.
  - id: promises
    when: listed("promises")
    score: 1.5
    reason: The comment uses {{matched}}.
  - id: newcomers
    when: author.approved == 0
    then: hold
    reason: This commenter has no approved comment yet.
default: hold
`

var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

const (
	adaEmail    = "ada@paper.example"
	adaPassword = "a quiet orchard at dawn"
)

// fixture is a whole server on SQLite, with a site, an article and a moderator.
type fixture struct {
	*handlers.Server
	t       testing.TB
	db      *db.DB
	clock   *manualClock
	log     *memoryLog
	baseURL string
	// factorRequired: the operator requires a second factor of everybody.
	factorRequired bool
	// providers are the identity providers; nil: none. breakGlass is the email of the only account with a password.
	providers  *oidc.Providers
	breakGlass string
}

type manualClock struct{ nanos atomic.Int64 }

func (c *manualClock) Now() time.Time          { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *manualClock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

type memoryLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *memoryLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// forget discards the log that was written so far.
func (l *memoryLog) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

func (l *memoryLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type noMetrics struct{}

func (noMetrics) ObserveRequest(string, string, int, time.Duration) {}

// newFixture builds the server. changes are applied before its first request.
func newFixture(t testing.TB, changes ...func(*fixture)) *fixture {
	t.Helper()
	s := &fixture{t: t, clock: &manualClock{}, log: &memoryLog{}}
	s.clock.nanos.Store(monday.UnixNano())
	dir := t.TempDir()
	s.db = dbtest.MigratedWith(t, "sqlite:"+filepath.Join(dir, "rejoinder.db"), db.Options{Now: s.clock.Now})
	listener := httptest.NewUnstartedServer(nil)
	s.baseURL = "http://" + listener.Listener.Addr().String()
	s.Server = s.newServer(dir)
	for _, change := range changes {
		change(s)
	}
	s.addFixtureData()
	listener.Config.Handler = must(s.Handler())(t)
	s.followChanges()
	listener.Start()
	t.Cleanup(listener.Close)
	return s
}

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (s *fixture) newServer(dir string) *handlers.Server {
	t, now := s.t, s.clock.Now
	log := slog.New(slog.NewTextHandler(s.log, nil))
	keys := must(privacy.Open(dir, now))(t)
	ring := must(auth.OpenKeyRing(auth.KeyRingConfig{Dir: dir, Now: now, Random: rand.Reader, Log: log}))(t)
	tokens := must(auth.NewTokens(auth.TokensConfig{Issuer: s.baseURL, Audience: "rejoinder-api", Keys: ring, Now: now, Random: rand.Reader}))(t)
	hasher := must(auth.NewHasher(auth.HasherConfig{
		Params: auth.HashParams{MemoryKiB: 8, Passes: 1, Parallelism: 1}, AtOnce: 2, Random: rand.Reader,
	}))(t)
	service := auth.ServiceConfig{
		Store: s.db.ForAuth(), Emails: keys, Hasher: hasher, Tokens: tokens, Log: log, Now: now, Random: rand.Reader,
		RequireSecondFactor: s.factorRequired, BreakGlassEmail: s.breakGlass,
	}
	if s.providers != nil {
		service.Providers = s.providers
	}
	accounts := must(auth.NewService(service))(t)
	serverKeys := must(auth.NewServerKeys(auth.ServerKeysConfig{Store: s.db.ForServerKeys(), Log: log, Now: now, Random: rand.Reader}))(t)
	var ids atomic.Int64
	newID := func() string { return fmt.Sprintf("01957000-0000-7000-8000-%012x", ids.Add(1)) }
	book := rulebook.New(s.db.ForRulebook(), now, newID)
	asker, externals := s.externals(keys, newID)
	book.Externals = asker.Names
	intake := &moderation.Intake{External: asker, Store: s.db.ForIntake(), Judges: book, Keys: keys,
		Limiter: moderation.NewRateLimiter(0, now), SiteLimiter: moderation.NewRateLimiter(0, now),
		Log: log, Now: now, NewID: newID}
	own := &moderation.AuthorService{Store: s.db.ForAuthors(), Keys: keys, Limiter: moderation.NewRateLimiter(0, now), Now: now, NewID: newID}
	signed := &readers.Readers{Store: s.db.ForReaders(), Author: own, Keys: keys, Log: log, Now: now, NewID: newID, Random: rand.Reader,
		Fetch: readers.KeyFetcher{Client: outbound.New(readers.FetchLimits, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})}}
	intake.Readers = signed
	return &handlers.Server{
		Intake: intake, Editor: &moderation.Editor{Intake: intake, Store: s.db.ForEditor()},
		Own: own, Readers: signed,
		Votes:   &moderation.Votes{Store: s.db.ForVotes(), Keys: keys, Limiter: moderation.NewRateLimiter(0, now), Now: now, Log: log},
		Reports: &moderation.Reports{Store: s.db.ForReports(), Keys: keys, Limiter: moderation.NewRateLimiter(0, now), Now: now, NewID: newID},
		Threads: &moderation.Threads{Store: s.db.ForThreads(), Keys: keys, Now: now},
		Queue:   &queue.Queue{Store: s.db.ForQueue(), Keys: keys, Now: now, NewID: newID},
		Sites:   &moderation.Sites{Store: s.db.ForSites(), Now: now, NewID: newID, Emails: keys}, Rulebook: book, Auth: accounts, ServerKeys: serverKeys, Providers: s.providers, AuditLog: &moderation.AuditLog{Store: s.db.ForAuditLog()}, Keys: keys,
		Imports: &imports.Log{Store: s.db.ForImportLog(), Now: now, NewID: newID},
		Uploads: &archive.Runner{Importer: &imports.Importer{Store: s.db.ForImports(), Judges: book, Keys: keys, Now: now, NewID: newID, Processors: 1},
			Restorer: &archive.Restorer{Store: s.db.ForRestore(), Keys: keys, Now: now, NewID: newID, Processors: 1}, Life: context.Background(), Log: slog.New(slog.DiscardHandler)},
		Exports:    &archive.Exporter{Store: s.db.ForExport(), Keys: keys, Now: now, NewID: newID},
		Trials:     &rulebook.Trials{Rulebook: book},
		Backtests:  rulebook.NewBacktests(rulebook.Backtests{Store: s.db.History, Rulebook: book, Keys: keys, Now: now}),
		Rerun:      &rulebook.Rerun{Store: s.db.ForRerun(), Rulebook: book, Keys: keys, Now: now, NewID: newID},
		RuleHealth: &rulebook.Health{Store: s.db.ForRuleHealth(), Rulebook: book, Now: now},
		Drafts:     &rulebook.Drafts{Store: s.db.Rulesets, Rulebook: book, Now: now},
		Effects:    &rulebook.Effects{Store: s.db.History, Rulebook: book, Keys: keys},
		Decisions:  &queue.DecisionLog{Store: s.db.ForDecisionLog()}, Figures: &stats.Stats{Store: s.db.ForStats(), Now: now},
		Subjects:  &archive.Subjects{Store: s.db.ForSubjects(), Keys: keys, Now: now, NewID: newID},
		Retention: &retention.Sweeper{Store: s.db.ForRetention(), Now: now, NewID: newID, Log: log},
		Mail:      s.mailPages(keys, newID),
		Webhooks:  s.webhooks(keys, newID), Externals: externals,
		Database: s.db, Changes: s.db, Metrics: noMetrics{}, Log: log, Now: now, NewID: newID,
		Config: handlers.Config{PublicURL: s.baseURL, Demo: true, CacheBytes: 8 << 20, Streams: 100, AddressStreams: 10},
	}
}

// followChanges subscribes the server to changes during the test. It returns once the subscription is active.
func (s *fixture) followChanges() {
	ctx, cancel := context.WithCancel(context.Background())
	watched := &watchedChanges{Changes: s.Changes, begun: make(chan struct{})}
	s.Changes = watched
	done := make(chan error, 1)
	go func() { done <- s.Follow(ctx) }()
	s.t.Cleanup(func() {
		s.Stop()
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("follow changes: %v", err)
		}
	})
	<-watched.begun
}

// watchedChanges signals when the first change has been passed on.
type watchedChanges struct {
	handlers.Changes
	once  sync.Once
	begun chan struct{}
}

func (w *watchedChanges) Watch(ctx context.Context, tell func(moderation.Change)) error {
	return w.Changes.Watch(ctx, func(change moderation.Change) {
		tell(change)
		w.once.Do(func() { close(w.begun) })
	})
}

// addFixtureData creates the sites paper and demo, their articles, the rules and the moderator Ada.
func (s *fixture) addFixtureData() {
	t, viewer := s.t, moderation.Viewer{}
	t.Helper()
	must(s.Sites.Add(t.Context(), viewer, moderation.NewSite{Slug: "paper", Name: "The Harbour Gazette", Locale: "en-GB",
		Origins: []string{"https://harbour.example"}}))(t)
	must(s.Sites.Add(t.Context(), viewer, moderation.NewSite{Slug: web.DemoSite, Name: "Demo"}))(t)
	for _, site := range []string{"paper", web.DemoSite} {
		saved := must(s.Rulebook.Save(t.Context(), viewer, site, rulebook.Draft{Source: fixtureRules}))(t)
		must(s.Rulebook.Activate(t.Context(), viewer, rulebook.Ref{SiteSlug: site, Version: saved.Version}))(t)
	}
	s.article("quay", func(n *moderation.NewArticle) {
		n.URL, n.Title = "https://harbour.example/quay", "The quay & its <lamps>"
		n.PublishedAt = monday.Add(-24 * time.Hour)
	})
	must(s.Sites.Register(t.Context(), viewer, web.DemoSite, moderation.NewArticle{
		ArticleRef: moderation.ArticleRef{Key: web.DemoArticleKey, Title: web.DemoArticleTitle}}))(t)
	must(s.Auth.Register(t.Context(), auth.NewModerator{Email: adaEmail, Name: "Ada", Role: auth.RoleModerator, Password: adaPassword}))(t)
}

// article registers an article of the site paper.
func (s *fixture) article(key string, change func(*moderation.NewArticle)) {
	s.t.Helper()
	n := moderation.NewArticle{ArticleRef: moderation.ArticleRef{Key: key}}
	if change != nil {
		change(&n)
	}
	must(s.Sites.Register(s.t.Context(), moderation.Viewer{}, "paper", n))(s.t)
}

// closeArticle closes an article of the site paper by hand.
func (s *fixture) closeArticle(key string) {
	s.t.Helper()
	closed := true
	must(s.Sites.ChangeArticle(s.t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: "paper", Key: key},
		moderation.ArticleChange{Closed: &closed}))(s.t)
}

// comment submits a comment past the form and returns its id.
func (s *fixture) comment(article, parent, name, body string) string {
	s.t.Helper()
	s.clock.advance(time.Second)
	accepted := must(s.Intake.Submit(s.t.Context(), moderation.Submission{
		SiteSlug: "paper", Article: moderation.ArticleRef{Key: article}, ParentID: parent, AuthorName: name,
		AuthorEmail: hex.EncodeToString([]byte(name))[:min(2*len(name), 60)] + "@mail.example", Body: body,
	}))(s.t)
	return accepted.Comment.ID
}

// decide makes a decision without the console.
func (s *fixture) decide(id string, action moderation.Action) {
	s.t.Helper()
	open := must(s.Queue.Case(s.t.Context(), moderation.Viewer{}, id))(s.t)
	must(s.Queue.Decide(s.t.Context(), moderation.Viewer{ModeratorID: "01957000-0000-7000-8000-00000000aaaa"},
		queue.DecisionRequest{CommentID: id, Action: action, Version: open.Comment.Version}))(s.t)
}

// count returns how many comments of the site paper have that status.
func (s *fixture) count(status moderation.Status) int {
	s.t.Helper()
	return must(s.Queue.List(s.t.Context(), moderation.Viewer{}, queue.Query{
		SiteSlug: "paper", Status: status, Sort: queue.SortOldest, Limit: 1}))(s.t).Total
}

// browser is a person's browser: it keeps cookies, sends the headers of browsers, and runs no script.
type browser struct {
	t      testing.TB
	base   string
	client *http.Client
	jar    *cookiejar.Jar
}

func (s *fixture) browser() *browser { return s.browserFor(s.t) }

// browserFor returns a browser that reports to another test.
func (s *fixture) browserFor(t testing.TB) *browser {
	jar := must(cookiejar.New(nil))(t)
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	return &browser{t: t, base: s.baseURL, client: client, jar: jar}
}

func (b *browser) get(path string) pageResponse {
	b.t.Helper()
	return b.send(must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil))(b.t))
}

// post sends a form. A header "Origin" stands for a form on another site's page.
func (b *browser) post(path string, form url.Values, headers ...string) pageResponse {
	b.t.Helper()
	return b.postRaw(path, form.Encode(), headers...)
}

func (b *browser) postRaw(path, body string, headers ...string) pageResponse {
	b.t.Helper()
	path, _, _ = strings.Cut(path, "#")
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(body)))(b.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.base)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

// cookie returns the cookies that the browser would send to the path.
func (b *browser) cookie(path, name string) string {
	for _, c := range b.jar.Cookies(must(url.Parse(b.base + path))(b.t)) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}
