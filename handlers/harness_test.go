package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// publicURL is the server's public URL, over TLS as in production.
const (
	publicHost = "comments.example"
	publicURL  = "https://" + publicHost
)

// The addresses of the JSON API that most tests use. The fixture has the sites paper (article quay) and demo.
const (
	paperComments = "/api/v1/sites/paper/comments"
	paperThread   = "/api/v1/sites/paper/thread?article=quay"
)

// server is the complete server on a database, called without a network. Responses, and requests that are
// meant to be valid, are checked against openapi.yaml.
type testServer struct {
	*fixture
	handler http.Handler
	dataDir string // where the keys are

	database string // the SQLite file, if there is one
}

// eachEngine runs a test on both engines.
func eachEngine(t *testing.T, f func(h *testServer)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newTestServerOn(t, d)) })
}

// newTestServer returns a server on SQLite. changes are applied before its first response.
func newTestServer(t testing.TB, changes ...func(*testServer)) *testServer {
	t.Helper()
	address := dbtest.SQLiteURL(t)
	h := newTestServerOn(t, dbtest.Migrated(t, address), changes...)
	h.database = strings.TrimPrefix(address, "sqlite:")
	return h
}

func newTestServerOn(t testing.TB, d *db.DB, changes ...func(*testServer)) *testServer {
	t.Helper()
	h := &testServer{fixture: &fixture{t: t, db: d, clock: &manualClock{}, log: &memoryLog{}, baseURL: publicURL}, dataDir: t.TempDir()}
	h.clock.nanos.Store(monday.UnixNano())
	h.Server = h.newServer(h.dataDir)
	for _, change := range changes {
		change(h)
	}
	h.addFixtureData()
	h.handler = must(h.Handler())(t)
	h.followChanges()
	return h
}

// in returns the same server for a subtest.
func (h *testServer) in(t testing.TB) *testServer {
	copied := *h.fixture
	copied.t = t
	return &testServer{fixture: &copied, handler: h.handler, dataDir: h.dataDir}
}

// call is one request.
type call struct {
	method string
	path   string
	body   any // sent as JSON, or as it is when it is a string
	token  string
	header map[string]string
	// address is the client's address; empty for the usual one.
	address string
	// wrong: the request is meant to violate the contract; the response must not.
	wrong bool
}

// reply is a response.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

func (h *testServer) get(path string) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodGet, path: path})
}

func (h *testServer) post(path string, body any) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodPost, path: path, body: body})
}

// do sends a request and checks it and its response against the contract.
func (h *testServer) do(c call) reply {
	h.t.Helper()
	r := h.send(c)
	checkContract(h.t, c, r)
	return r
}

// send sends a request. Unlike do, it may be called from other goroutines.
func (h *testServer) send(c call) reply { return h.sendWith(c, func(*http.Request) {}) }

// sendWith is send with a change of the request.
func (h *testServer) sendWith(c call, change func(*http.Request)) reply {
	recorder, request := httptest.NewRecorder(), c.request(h.t)
	change(request)
	h.handler.ServeHTTP(recorder, request)
	answer := recorder.Result()
	return reply{t: h.t, what: c.method + " " + c.path, status: answer.StatusCode, header: answer.Header, body: recorder.Body.Bytes()}
}

// read decodes the JSON response into target.
func (r reply) read(target any) {
	if err := json.Unmarshal(r.body, target); err != nil {
		r.t.Errorf("%s: %v: %.600s", r.what, err, r.body)
	}
}

func (c call) request(t testing.TB) *http.Request {
	t.Helper()
	var body []byte
	switch b := c.body.(type) {
	case nil:
	case string:
		body = []byte(b)
	default:
		body = must(json.Marshal(b))(t)
	}
	r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, bytes.NewReader(body)) // as it comes over the line
	r.Host = publicHost
	if c.body == nil {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	r.RemoteAddr = "192.0.2.7:40000"
	if c.address != "" {
		r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(c.address), 40000).String()
	}
	return r
}

// want requires a status and decodes the JSON response into target, unless that is nil.
func (r reply) want(status int, target any) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %.600s", r.what, r.status, status, r.body)
	}
	if target != nil {
		r.read(target)
	}
	return r
}

// problem has the fields of a problem that tests use.
type problem struct {
	Type     string
	Title    string
	Status   int
	Detail   string
	Instance string
	Errors   []fault
}

type fault struct {
	Pointer, Code, Detail, Path, Hint string
	Line, Column                      int
}

// wantProblem requires a problem with that status and code and, in that order, faults given as "pointer
// code".
func (r reply) wantProblem(status int, code string, faults ...string) problem {
	r.t.Helper()
	var p problem
	r.want(status, &p)
	if r.header.Get("Content-Type") != "application/problem+json" {
		r.t.Errorf("%s: the problem's content type is %q", r.what, r.header.Get("Content-Type"))
	}
	if got := strings.TrimPrefix(p.Type, "urn:rejoinder:problem:"); got != code || p.Status != status {
		r.t.Errorf("%s: problem %q with status %d, want %q with %d", r.what, got, p.Status, code, status)
	}
	var got []string
	for _, f := range p.Errors {
		got = append(got, strings.TrimSpace(f.Pointer+" "+f.Code))
		if !strings.HasSuffix(f.Detail, ".") && !strings.HasSuffix(f.Detail, "?") {
			r.t.Errorf("%s: the fault at %s has no sentence for people: %q", r.what, f.Pointer, f.Detail)
		}
	}
	if len(faults) > 0 && fmt.Sprint(got) != fmt.Sprint(faults) {
		r.t.Errorf("%s: faults %q, want %q", r.what, got, faults)
	}
	return p
}

// accepted is the response to a submission.
type accepted struct {
	Comment        ownComment
	Receipt        string
	CommenterToken string `json:"commenter_token"`
}

type ownComment struct {
	ID           string
	ParentID     *string `json:"parent_id"`
	Status       moderation.Status
	PublicReason string `json:"public_reason"`
	AuthorName   string `json:"author_name"`
	AuthorURL    string `json:"author_url"`
	Body         string
	HTML         string
	Version      int
	CreatedAt    string `json:"created_at"`
	EditedAt     string `json:"edited_at"`
	EditUntil    string `json:"edit_until"`
}

// fields is a JSON object.
type fields map[string]any

// submission returns a complete submission to the article quay, with changes; a nil value removes a field.
func submission(body string, changes ...fields) fields {
	f := fields{
		"article": fields{"key": "quay"}, "author_name": "Ines Weber", "author_email": "ines@mail.example", "body": body,
	}
	for _, change := range changes {
		for name, value := range change {
			f[name] = value
			if value == nil {
				delete(f, name)
			}
		}
	}
	return f
}

// submit sends a comment that is taken in.
func (h *testServer) submit(body string, changes ...fields) accepted {
	h.t.Helper()
	var a accepted
	h.post(paperComments, submission(body, changes...)).want(http.StatusCreated, &a)
	return a
}

// registerModerator registers a moderator and returns an access token. Without sites, the moderator works on
// all.
func (h *testServer) registerModerator(name string, role auth.Role, sites ...string) string {
	h.t.Helper()
	var ids []string
	for _, slug := range sites {
		ids = append(ids, must(h.Sites.Find(h.t.Context(), moderation.Viewer{}, slug))(h.t).ID)
	}
	must(h.Auth.Register(h.t.Context(), auth.NewModerator{
		Email: moderatorEmail(name), Name: name, Role: role, SiteIDs: ids, Password: moderatorPassword}))(h.t)
	return h.login(moderatorEmail(name), moderatorPassword)
}

const moderatorPassword = "nine lamps along the quay"

func moderatorEmail(name string) string { return strings.ToLower(name) + "@desk.example" }

func (h *testServer) login(email, password string) string {
	h.t.Helper()
	var session struct {
		AccessToken string `json:"access_token"`
	}
	h.post("/api/v1/auth/login", fields{"email": email, "password": password}).want(http.StatusOK, &session)
	return session.AccessToken
}

// ada signs the fixture's moderator in.
func (h *testServer) ada() string { h.t.Helper(); return h.login(adaEmail, adaPassword) }

// threadPage is a thread as readers get it.
type threadPage struct {
	Count      int
	Comments   []threadNode
	NextCursor string `json:"next_cursor"`
	Article    struct {
		Key, URL, Title string
		Closed          bool
	}
}

type threadNode struct {
	ID          string
	ParentID    *string `json:"parent_id"`
	Depth       int
	AuthorName  string `json:"author_name"`
	HTML        string
	Tombstone   bool
	Replies     []threadNode
	MoreReplies string `json:"more_replies"`
}

func (h *testServer) thread(query string) threadPage {
	h.t.Helper()
	var p threadPage
	h.get(paperThread+query).want(http.StatusOK, &p)
	return p
}
