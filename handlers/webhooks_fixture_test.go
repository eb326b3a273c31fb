package handlers_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
	"rejoinder/outbound"
	"rejoinder/privacy"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// webhooks wires the use cases of webhooks. They may send to this machine.
func (s *fixture) webhooks(keys *privacy.Keyring, newID func() string) *webhook.Hooks {
	store := s.db.ForWebhooks()
	client := outbound.New(outbound.Limits{Timeout: 5 * time.Second, Response: webhook.MaxResponse}, loopback)
	s.t.Cleanup(client.Close)
	sender := &webhook.Sender{Composer: &webhook.Composer{Store: store, Keys: keys, PublicURL: s.baseURL}, Client: client,
		Keys: keys, Now: s.clock.Now, NewID: newID}
	return &webhook.Hooks{Store: store, Keys: keys, Client: client, Sender: sender, Now: s.clock.Now, NewID: newID,
		Random: rand.Reader}
}

// received is a request to a webhook.
type received struct {
	path   string
	header http.Header
	body   []byte
}

// receiver is the server of webhooks.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	all  []received
	hold func(http.ResponseWriter, *http.Request) // responds; nil: 204
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body) // a client that hangs up is part of some tests
		r.mu.Lock()
		r.all = append(r.all, received{req.URL.RequestURI(), req.Header.Clone(), body})
		respond := r.hold
		r.mu.Unlock()
		if respond == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		respond(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

// respondWith sets the response to all further requests.
func (r *receiver) respondWith(f func(http.ResponseWriter, *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold = f
}

func (r *receiver) status(code int) {
	r.respondWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

// takeRequests returns the requests since the last call.
func (r *receiver) takeRequests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// webhookFixture is a server with webhooks, their worker, and a server that receives the requests.
type webhookFixture struct {
	*testServer
	receiver   *receiver
	dispatcher *notify.Dispatcher
	worker     *webhook.Worker
	chief      string // access token of an admin
}

func eachWebhookFixture(t *testing.T, f func(h *webhookFixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWebhookFixture(t, d)) })
}

// onSQLite is eachWebhookFixture for tests in which the engine makes no difference.
func onSQLite(t *testing.T, f func(h *webhookFixture)) { t.Helper(); f(newWebhookFixtureOnSQLite(t)) }

// newWebhookFixtureOnSQLite is for tests in which the engine makes no difference.
func newWebhookFixtureOnSQLite(t *testing.T) *webhookFixture {
	t.Helper()
	return newWebhookFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
}

func newWebhookFixture(t *testing.T, d *db.DB) *webhookFixture {
	t.Helper()
	h := &webhookFixture{testServer: newTestServerOn(t, d), receiver: newReceiver(t)}
	store := d.ForWebhooks()
	h.dispatcher = &notify.Dispatcher{Store: d.ForNotifications(), Log: h.Server.Log, Now: h.clock.Now,
		Planners: []notify.EventPlanner{&webhook.Planner{Store: store, Now: h.clock.Now, NewID: h.NewID}}}
	h.worker = h.newWorker()
	h.chief = h.registerModerator("Chief", auth.RoleAdmin)
	return h
}

// advance lets time pass, and signs the admin in again.
func (h *webhookFixture) advance(d time.Duration) {
	h.t.Helper()
	h.clock.advance(d)
	h.chief = h.login(moderatorEmail("Chief"), moderatorPassword)
}

// newWorker is the worker of another node.
func (h *webhookFixture) newWorker() *webhook.Worker {
	return &webhook.Worker{Store: h.db.ForWebhooks(), Sender: h.Webhooks.Sender, Parallel: 4, Log: h.Server.Log,
		Observe: func(webhook.EventType, webhook.Observation) {}, Now: h.clock.Now, NewID: h.NewID,
		Random: func() float64 { return 0.5 }}
}

const paperWebhooks = "/api/v1/sites/paper/webhooks"

// hookFields are a webhook in the API.
type hookFields struct {
	ID, Name, Type, URL, Secret, State string
	PauseReason                        string `json:"pause_reason"`
	Failures                           int
	Events                             []string
}

// add adds a webhook with the API.
func (h *webhookFixture) add(events []webhook.EventType, changes ...fields) hookFields {
	h.t.Helper()
	request := fields{"name": "Our program", "type": "standard", "url": h.receiver.URL + "/hook", "events": events}
	for _, change := range changes {
		for name, value := range change {
			request[name] = value
		}
	}
	var made hookFields
	h.do(call{method: http.MethodPost, path: paperWebhooks, token: h.chief, body: request}).want(http.StatusCreated, &made)
	return made
}

// plan turns events into deliveries.
func (h *webhookFixture) plan() {
	h.t.Helper()
	for more := true; more; {
		var err error
		if more, err = h.dispatcher.Plan(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
	}
}

// deliver plans and sends all due deliveries, and returns the requests.
func (h *webhookFixture) deliver() []received {
	h.t.Helper()
	h.plan()
	return h.send()
}

func (h *webhookFixture) send() []received {
	h.t.Helper()
	if err := h.worker.SendDue(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return h.receiver.takeRequests()
}

// types returns the types of payloads.
func types(t testing.TB, all []received) []string {
	t.Helper()
	list := []string{}
	for _, r := range all {
		list = append(list, payload(t, r).Type)
	}
	return list
}

// payloadFields are the fields of a payload that tests use.
type payloadFields struct {
	Type string
	Data struct {
		Comment struct {
			ID, Status  string
			AuthorName  string `json:"author_name"`
			AuthorEmail string `json:"author_email"`
			Body        string
		}
		Decision struct{ ID, From, To, Actor string }
		Queue    struct{ Pending, Threshold int }
	}
}

func payload(t testing.TB, r received) payloadFields {
	t.Helper()
	var p payloadFields
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return p
}

// verified reports whether a request is signed with a secret. It is written from the specification,
// independently of our code.
func verified(t testing.TB, r received, secret string) bool {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("secret %q: %v", secret, err)
	}
	mac := hmac.New(sha256.New, key)
	content := bytes.Join([][]byte{[]byte(r.header.Get("Webhook-Id")), []byte(r.header.Get("Webhook-Timestamp")), r.body},
		[]byte("."))
	mac.Write(content)
	want := mac.Sum(nil)
	for one := range strings.FieldsSeq(r.header.Get("Webhook-Signature")) {
		version, signature, _ := strings.Cut(one, ",")
		got, err := base64.StdEncoding.DecodeString(signature)
		if version == "v1" && err == nil && hmac.Equal(got, want) {
			return true
		}
	}
	return false
}

// deliveryFields are a delivery in the API.
type deliveryFields struct {
	ID, Event, State, Error string
	Tries                   int
	Requests                []struct {
		Status       int
		Error        string
		RequestBody  string `json:"request_body"`
		ResponseBody string `json:"response_body"`
	}
}

// deliveries lists the deliveries of a webhook with the API, the newest first.
func (h *webhookFixture) deliveries(id string) []deliveryFields {
	h.t.Helper()
	var list struct{ Items []deliveryFields }
	h.do(call{method: http.MethodGet, path: paperWebhooks + "/" + id + "/deliveries", token: h.chief}).want(http.StatusOK, &list)
	return list.Items
}

// delivery returns one delivery with its requests.
func (h *webhookFixture) delivery(id, delivery string) deliveryFields {
	h.t.Helper()
	var d deliveryFields
	h.do(call{method: http.MethodGet, path: paperWebhooks + "/" + id + "/deliveries/" + delivery, token: h.chief}).
		want(http.StatusOK, &d)
	return d
}

// hook returns a webhook.
func (h *webhookFixture) hook(id string) hookFields {
	h.t.Helper()
	var w hookFields
	h.do(call{method: http.MethodGet, path: paperWebhooks + "/" + id, token: h.chief}).want(http.StatusOK, &w)
	return w
}

// postTo posts to a webhook.
func (h *webhookFixture) postTo(path string) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodPost, path: paperWebhooks + "/" + path, token: h.chief})
}
