package handlers_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The function below is the example in docs/webhooks.md. A test compares the two.

// verify reports why a request was not sent by Rejoinder; nil if it was. The body must be as it was received.
func verify(secret string, header http.Header, body []byte, now time.Time) error {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return errors.New("the timestamp is missing or too old")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + string(body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, signature := range strings.Fields(header.Get("webhook-signature")) {
		if hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return errors.New("no signature matches")
}

// End of the example.

func TestTheExampleInTheDocumentsVerifiesRequests(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	made := h.add(onApproval)
	h.approved("A <b>signed</b> one")
	all := h.deliver()
	if len(all) != 1 {
		t.Fatalf("%d requests", len(all))
	}
	header, body, now := all[0].header, all[0].body, h.clock.Now()
	if err := verify(made.Secret, header, body, now); err != nil {
		t.Errorf("a right request: %v", err)
	}
	if verify("whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32)), header, body, now) == nil {
		t.Error("another secret is accepted")
	}
	if verify(made.Secret, header, append(body, ' '), now) == nil {
		t.Error("another body is accepted")
	}
	if verify(made.Secret, header, body, now.Add(6*time.Minute)) == nil {
		t.Error("a replayed request is accepted")
	}
	header.Set("webhook-id", "other")
	if verify(made.Secret, header, body, now) == nil {
		t.Error("another ID is accepted")
	}
	source := must(os.ReadFile("webhooks_example_test.go"))(t)
	_, example, _ := strings.Cut(string(source), "A test compares the two.\n\n")
	example, _, _ = strings.Cut(example, "\n// End of the example.")
	document := must(os.ReadFile("../docs/webhooks.md"))(t)
	if !strings.Contains(string(document), "```go\n"+example+"```\n") {
		t.Errorf("docs/webhooks.md does not have this example:\n%s", example)
	}
}
