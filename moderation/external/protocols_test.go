package external_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rules"
)

// akismet is a server of the protocol that calls everything with "pills" spam, and records its calls.
type akismet struct {
	mu    sync.Mutex
	calls []string
	forms map[string]url.Values
	down  bool
}

func (a *akismet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := r.ParseForm(); err != nil || a.down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	a.calls = append(a.calls, r.URL.Path+" "+r.PostForm.Get("comment_content"))
	a.forms[r.URL.Path] = r.PostForm
	switch r.URL.Path {
	case "/1.1/verify-key":
		if r.PostForm.Get("key") != "the-key" {
			w.Header().Set("X-akismet-debug-help", "Unknown key.")
			fmt.Fprint(w, "invalid")
			return
		}
		fmt.Fprint(w, "valid")
	case "/1.1/comment-check":
		if r.PostForm.Get("comment_content") == "Buy pills" {
			w.Header().Set("X-akismet-pro-tip", "discard")
			fmt.Fprint(w, "true")
			return
		}
		fmt.Fprint(w, "false")
	case "/1.1/submit-spam", "/1.1/submit-ham":
		fmt.Fprint(w, "Thanks for making the web a better place.")
	default:
		http.NotFound(w, r)
	}
}

func (a *akismet) setDown(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

func (a *akismet) recorded() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls := a.calls
	a.calls = nil
	return calls
}

func TestAkismetGetsCallsAndFeedback(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		server := &akismet{forms: map[string]url.Values{}}
		c, _ := f.add("tox", serve(t, server.ServeHTTP)+"/1.1/", func(r *external.Request) {
			r.Protocol, r.Secret, r.Blog, r.Feedback = external.Akismet, "the-key", "https://daily.example", true
			r.Sends = external.Sends{Name: true, URL: true, AddressPrefix: true}
		})
		spam, ham := f.submit("Buy pills"), f.submit("Nice weather")
		if diff := cmp.Diff(map[string]*rules.External{"tox": {Available: true, Score: 1, Label: "discard"}}, f.facts(spam)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		want := url.Values{"api_key": {"the-key"}, "blog": {"https://daily.example"}, "blog_charset": {"UTF-8"}, "blog_lang": {"en"},
			"comment_type": {"comment"}, "comment_content": {"Nice weather"}, "comment_author": {"Ines"},
			"comment_author_url": {"https://ines.example/"}, "user_ip": {"192.0.2.0"}}
		if diff := cmp.Diff(want, server.forms["/1.1/comment-check"]); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		agreed := f.submit("Buy pills")
		server.recorded()
		f.decide(spam, moderation.ActionApprove)
		f.decide(ham, moderation.ActionSpam)
		f.decide(agreed, moderation.ActionSpam)
		ok(t, f.worker.Follow(t.Context()))
		ok(t, f.worker.Work(t.Context()))
		if calls := server.recorded(); len(calls) != 0 {
			t.Errorf("decisions that can be undone were sent: %q", calls)
		}
		f.advance(15 * time.Minute)
		server.setDown(true)
		ok(t, f.worker.Follow(t.Context()))
		ok(t, f.worker.Follow(t.Context()))
		ok(t, f.worker.Work(t.Context()))
		if h := f.health(); h.Waiting != 2 || h.Today.Agreed != 1 || h.Today.Disagreed != 2 {
			t.Errorf("%+v %+v", h.CallCounts, h.Today)
		}
		server.setDown(false)
		f.advance(time.Minute)
		ok(t, f.worker.Work(t.Context()))
		got := map[string]bool{}
		for _, call := range server.recorded() {
			got[call] = true
		}
		if diff := cmp.Diff(map[string]bool{"/1.1/submit-ham Buy pills": true, "/1.1/submit-spam Nice weather": true}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if h := f.health(); h.Waiting != 0 {
			t.Errorf("%d calls are left", h.Waiting)
		}
		f.wantFailure(c.ID, "Buy pills", "")
		_, err := f.admin.Change(t.Context(), nobody, c.ID, 0, func(r *external.Request) { r.Secret = "another" })
		ok(t, err)
		f.wantFailure(c.ID, "Buy pills", "the response does not follow the protocol: the key is not valid (Unknown key.)")
	})
}

// wantFailure asks a classifier about a text and requires a failure for that reason.
func (f *fixture) wantFailure(id, text, reason string) {
	f.t.Helper()
	trial := got(f.admin.Try(f.t.Context(), nobody, id, text))(f.t)
	if trial.Reason != reason {
		f.t.Errorf("no answer because of %q, want %q", trial.Reason, reason)
	}
}

func TestFeedbackIsGivenUpAfterThreeDaysAndCanBeRepeated(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	server := &akismet{forms: map[string]url.Values{}}
	c, _ := f.add("tox", serve(t, server.ServeHTTP)+"/1.1/", func(r *external.Request) {
		r.Protocol, r.Secret, r.Blog, r.Feedback = external.Akismet, "the-key", "https://daily.example", true
		r.Sends.AddressPrefix = true
	})
	f.decide(f.submit("Nice weather"), moderation.ActionSpam)
	server.setDown(true)
	f.advance(time.Hour)
	ok(t, f.worker.Follow(t.Context()))
	for range 20 {
		f.advance(7 * time.Hour)
		ok(t, f.worker.Work(t.Context()))
	}
	if h := f.health(); h.CallCounts.Failed != 1 || h.Waiting != 0 {
		t.Fatalf("%+v", h.CallCounts)
	}
	server.setDown(false)
	ok(t, f.admin.Repeat(t.Context(), nobody, c.ID))
	ok(t, f.worker.Work(t.Context()))
	if calls := server.recorded(); len(calls) != 2 || calls[1] != "/1.1/submit-spam Nice weather" {
		t.Errorf("%q", calls)
	}
}

func TestOpenAIAndPerspectiveFormsAreSpoken(t *testing.T) {
	var header http.Header
	var query url.Values
	var sent string
	answer := ""
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) //nolint:errcheck // a short body fails the comparison
		header, query, sent = r.Header, r.URL.Query(), string(body)
		fmt.Fprint(w, answer)
	})
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	for name, c := range map[string]struct {
		change        func(*external.Request)
		answer        string
		sent, key, by string
		score         float64
		label         string
		reason        string
	}{
		"OpenAI": {change: func(r *external.Request) {
			r.Protocol, r.Model, r.Secret = external.OpenAI, "omni-moderation-latest", "sk-1"
		},
			answer: `{"id": "x", "model": "m", "results": [{"flagged": true, "categories": {"violence": true}, "category_scores": {"violence": 0.9, "hate": 0.2}}]}`,
			sent:   `{"model":"omni-moderation-latest","input":"Text of OpenAI"}`, by: "Bearer sk-1", score: 0.9, label: "violence"},
		"some categories": {change: func(r *external.Request) { r.Protocol, r.Labels = external.OpenAI, []string{"hate"} },
			answer: `{"results": [{"category_scores": {"violence": 0.9, "hate": 0.2}}]}`,
			sent:   `{"input":"Text of some categories"}`, score: 0.2, label: "hate"},
		"two results": {change: func(r *external.Request) { r.Protocol = external.OpenAI },
			answer: `{"results": [{"category_scores": {"a": 0.9}}, {"category_scores": {"a": 0.2}}]}`,
			sent:   `{"input":"Text of two results"}`, reason: "the response does not follow the protocol: 2 results for one text"},
		"a score of 7": {change: func(r *external.Request) { r.Protocol = external.OpenAI },
			answer: `{"results": [{"category_scores": {"a": 7}}]}`,
			sent:   `{"input":"Text of a score of 7"}`, reason: "the response does not follow the protocol: the score is not from 0 to 1"},
		"Perspective": {change: func(r *external.Request) { r.Protocol, r.Secret = external.Perspective, "AIza" },
			answer: `{"attributeScores": {"TOXICITY": {"spanScores": [], "summaryScore": {"value": 0.75, "type": "PROBABILITY"}}}, "languages": ["en"]}`,
			sent:   `{"comment":{"text":"Text of Perspective","type":"PLAIN_TEXT"},"requestedAttributes":{"TOXICITY":{}},"doNotStore":true}`,
			key:    "AIza", score: 0.75, label: "TOXICITY"},
		"two attributes": {change: func(r *external.Request) { r.Protocol, r.Labels = external.Perspective, []string{"THREAT", "INSULT"} },
			answer: `{"attributeScores": {"INSULT": {"summaryScore": {"value": 0.3}}, "THREAT": {"summaryScore": {"value": 0.6}}}}`,
			sent:   `{"comment":{"text":"Text of two attributes","type":"PLAIN_TEXT"},"requestedAttributes":{"INSULT":{},"THREAT":{}},"doNotStore":true}`,
			score:  0.6, label: "THREAT"},
		"a missing attribute": {change: func(r *external.Request) { r.Protocol, r.Labels = external.Perspective, []string{"THREAT", "INSULT"} },
			answer: `{"attributeScores": {"INSULT": {"summaryScore": {"value": 0.3}}}}`,
			sent:   `{"comment":{"text":"Text of a missing attribute","type":"PLAIN_TEXT"},"requestedAttributes":{"INSULT":{},"THREAT":{}},"doNotStore":true}`,
			reason: "the response does not follow the protocol: there is no score of THREAT"},
	} {
		answer = c.answer
		added, _ := f.add("tox", address, c.change)
		trial := got(f.admin.Try(t.Context(), nobody, added.ID, "Text of "+name))(t)
		if trial.Score != c.score || trial.Label != c.label || trial.Reason != c.reason {
			t.Errorf("%s: %+v", name, trial)
		}
		if sent != c.sent || header.Get("Authorization") != c.by || query.Get("key") != c.key || !json.Valid([]byte(sent)) {
			t.Errorf("%s: sent %s, by %q, key %q", name, sent, header.Get("Authorization"), query.Get("key"))
		}
		ok(t, f.admin.Remove(t.Context(), nobody, added.ID))
	}
}

func TestSecretsAreSealedOrInFilesAndNeverNamed(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.secrets["tox"] = file("key-in-file\n")
	var keys []string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.URL.Query().Get("key"))
		w.WriteHeader(http.StatusForbidden)
	})
	c, _ := f.add("tox", address, func(r *external.Request) {
		r.Protocol, r.SecretInFile, r.Secret = external.Perspective, true, "key-in-file"
	})
	f.submit("One")
	f.secrets["tox"] = file("rotated")
	ok(t, f.asker.Reload(t.Context()))
	f.submit("Two")
	delete(f.secrets, "tox")
	ok(t, f.asker.Reload(t.Context()))
	f.submit("Three")
	if diff := cmp.Diff([]string{"key-in-file", "rotated"}, keys); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if h := f.health(); h.Fault != "there is no file with its secret" {
		t.Errorf("%q", h.Fault)
	}
	dead, _ := f.add("dead", "http://127.0.0.1:1/", func(r *external.Request) { r.Protocol, r.Secret = external.Perspective, "AIzaSecret" })
	trial := got(f.admin.Try(t.Context(), nobody, dead.ID, "Text"))(t)
	if trial.Reason != "dial tcp 127.0.0.1:1: connect: connection refused" {
		t.Errorf("%q", trial.Reason)
	}
	stored := got(f.db.External.Classifiers(t.Context()))(t)
	for _, one := range stored {
		if one.ID == c.ID && one.SecretSealed != nil {
			t.Error("a secret of a file was stored")
		}
	}
}

func TestASecretFromAFileIsSentToItsConfirmedHostOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		var keys []string
		keep := func(of string) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) { keys = append(keys, of+" "+r.URL.Query().Get("key")) }
		}
		here, elsewhere := serve(t, keep("here")), serve(t, keep("elsewhere"))
		f.secrets["tox"] = file("key-in-file\n")
		r := external.Request{Name: "tox", Settings: external.DefaultSettings(), Sites: []string{"daily"}}
		r.URL, r.Protocol, r.SecretInFile = here, external.Perspective, true
		detail := func(err error) string {
			var faults *moderation.Invalid
			if !errors.As(err, &faults) || len(faults.Fields) != 1 {
				return fmt.Sprint(err)
			}
			return faults.Fields[0].Pointer + " " + faults.Fields[0].Detail
		}
		add := func(secret string) error {
			r.Secret = secret
			_, _, err := f.admin.Add(t.Context(), nobody, r)
			return err
		}
		for secret, want := range map[string]string{
			"":           "/secret Enter the secret of the file once, so that it may be sent to " + here + ".",
			"not-in-the": "/secret This is not the secret in the file.",
		} {
			if got := detail(add(secret)); got != want {
				t.Errorf("added with %q: %s", secret, got)
			}
		}
		ok(t, add("key-in-file"))
		c := f.health()
		change := func(change func(*external.Request)) error {
			_, err := f.admin.Change(t.Context(), nobody, c.ID, 0, change)
			return err
		}
		ok(t, change(func(r *external.Request) { r.URL, r.TimeoutMS = here+"/other", 1_000 }))
		move := func(r *external.Request) { r.URL = elsewhere }
		if got := detail(change(move)); got != "/secret The secret of the file may be sent to "+here+
			" only. Enter it again to send it to "+elsewhere+"." {
			t.Errorf("moved: %s", got)
		}
		f.submit("One")
		ok(t, change(func(r *external.Request) { r.URL, r.Secret = elsewhere, "key-in-file" }))
		f.submit("Two")
		delete(f.secrets, "tox")
		ok(t, change(func(r *external.Request) { r.Enabled = false }))
		if got := detail(change(func(r *external.Request) { r.Enabled = true })); !strings.HasPrefix(got, "/secret_in_file ") {
			t.Errorf("resumed without the file: %s", got)
		}
		if diff := cmp.Diff([]string{"here key-in-file", "elsewhere key-in-file"}, keys); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
