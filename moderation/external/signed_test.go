package external_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rules"
)

// verified reads a request and checks its signature as Standard Webhooks requires.
func verified(t testing.TB, r *http.Request, secret string) map[string]any {
	t.Helper()
	body := got(io.ReadAll(r.Body))(t)
	key := got(base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")))(t)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want {
		t.Errorf("signature %q, want %q", r.Header.Get("webhook-signature"), want)
	}
	var sent map[string]any
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Error(err)
	}
	return sent
}

func TestASignedCallIsFrozenAndRulesJudgeByIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		var secret string
		var requests []map[string]any
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			sent := verified(t, r, secret)
			requests = append(requests, sent)
			score := 0.1
			if strings.Contains(sent["text"].(string), "idiot") {
				score = 0.9
			}
			fmt.Fprintf(w, `{"score": %g, "label": "x"}`, score)
		})
		_, secret = f.add("tox", url, nil)
		toxic, clean, elsewhere := f.submit("You idiot"), f.submit("Nice **weather**"), f.submitTo("weekly", "You idiot")
		for id, want := range map[string]moderation.Status{toxic: "rejected", clean: "approved", elsewhere: "pending"} {
			if got := f.status(id); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		want := []map[string]any{
			{"version": 1.0, "classifier": "tox", "site": "daily", "language": "en", "text": "You idiot", "edit": false},
			{"version": 1.0, "classifier": "tox", "site": "daily", "language": "en", "text": "Nice **weather**", "edit": false},
		}
		if diff := cmp.Diff(want, requests); diff != "" {
			t.Errorf("only the text is sent: -want +got\n%s", diff)
		}
		if diff := cmp.Diff(map[string]*rules.External{"tox": {Available: true, Score: 0.9, Label: "x"}}, f.facts(toxic)); diff != "" {
			t.Errorf("frozen: -want +got\n%s", diff)
		}
		if f.facts(elsewhere) != nil {
			t.Error("a site without the classifier has its facts")
		}
		again := f.submit("You idiot")
		if len(requests) != 2 || f.status(again) != moderation.StatusRejected {
			t.Errorf("the same text was sent again: %d requests", len(requests))
		}
		h := f.health()
		if h.Today.Sent != 2 || h.Today.Answered != 2 || h.Today.Cached != 1 {
			t.Errorf("%+v", h.Today)
		}
	})
}

func TestEnabledFieldsAreSentToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		secrets := map[string]string{}
		authors := map[string]map[string]any{}
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			sent := verified(t, r, secrets[r.URL.Path])
			authors[r.URL.Path], _ = sent["author"].(map[string]any)
			fmt.Fprint(w, `{"score": 0}`)
		})
		all := func(r *external.Request) {
			r.Sends = external.Sends{Name: true, URL: true, Pseudonym: true, AddressPrefix: true}
		}
		_, secrets["/a"] = f.add("a", url+"/a", all)
		f.submit("One")
		first := authors["/a"]
		pseudonym, _ := first["pseudonym"].(string)
		want := map[string]any{"name": "Ines", "url": "https://ines.example/", "pseudonym": pseudonym, "address_prefix": "192.0.2.0/24"}
		if diff := cmp.Diff(want, first); diff != "" || len(pseudonym) != 43 {
			t.Errorf("-want +got\n%s", diff)
		}
		_, secrets["/b"] = f.add("b", url+"/b", all)
		f.submit("Two")
		if authors["/a"]["pseudonym"] != pseudonym || authors["/b"]["pseudonym"] == pseudonym {
			t.Error("a pseudonym is the same for one classifier, and another for each")
		}
	})
}
