package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
	"rejoinder/outbound"
)

var onApproval = []webhook.EventType{webhook.CommentApproved}

// approved submits a comment that is published at once.
func (h *webhookFixture) approved(body string) accepted {
	h.t.Helper()
	return h.submit(body + ", please publish it")
}

func TestAnApprovedCommentIsDeliveredWithASignature(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		made := h.add(onApproval)
		held := h.submit("Wait for a moderator.")
		if got := h.deliver(); len(got) != 0 {
			t.Fatalf("before the approval: %s", got[0].body)
		}
		h.decide(held.Comment.ID, moderation.ActionApprove)
		all := h.deliver()
		if len(all) != 1 || !verified(t, all[0], made.Secret) {
			t.Fatalf("%d requests, %v", len(all), all)
		}
		p := payload(t, all[0])
		if p.Type != "comment.approved" || p.Data.Comment.ID != held.Comment.ID || p.Data.Comment.Status != "approved" ||
			p.Data.Decision.From != "pending" || p.Data.Decision.Actor != "moderator" {
			t.Errorf("the payload is %s", all[0].body)
		}
		log := h.deliveries(made.ID)
		if len(log) != 1 || log[0].State != "sent" || log[0].ID != all[0].header.Get("Webhook-Id") {
			t.Fatalf("the log is %+v", log)
		}
		d := h.delivery(made.ID, log[0].ID)
		if len(d.Requests) != 1 || d.Requests[0].Status != 204 || d.Requests[0].RequestBody != string(all[0].body) {
			t.Errorf("the delivery is %+v", d)
		}
		if diff := cmp.Diff([]string{}, types(t, h.deliver())); diff != "" {
			t.Errorf("sent again: %s", diff)
		}
		h.advance(8 * 24 * time.Hour)
		janitor := &moderation.Janitor{Store: h.db.Janitor, AddressesKept: time.Hour, Now: h.clock.Now, Log: h.Server.Log}
		if err := janitor.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := h.delivery(made.ID, log[0].ID); len(d.Requests) != 0 {
			t.Errorf("a week later the request is still kept: %+v", d)
		}
	})
}

func TestFailedDeliveriesAreSentAgainUnderTheSameID(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	made := h.add(onApproval)
	quick := outbound.New(outbound.Limits{Timeout: 50 * time.Millisecond, Response: webhook.MaxResponse}, loopback)
	t.Cleanup(quick.Close)
	sender := *h.Webhooks.Sender
	sender.Client = quick
	for _, c := range []struct {
		name, why string
		respond   http.HandlerFunc
	}{
		{"an error of the server", "the server responded with 500 Internal Server Error",
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		{"an error of ours", "the server responded with 400 Bad Request",
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }},
		{"a redirect", "the server redirected (307); redirects are not followed",
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			}},
		{"a huge response", "the response is larger than 64 KB",
			func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 70<<10)) }}, //nolint:errcheck // the client hangs up
		{"no response in time", "the server did not respond within 10s",
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"a connection that is cut", "the request failed: EOF",
			func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		h.worker.Sender = h.Webhooks.Sender
		if c.name == "no response in time" {
			h.worker.Sender = &sender
		}
		comment := h.approved("After " + c.name)
		h.receiver.respondWith(c.respond)
		first := h.deliver()
		log := h.deliveries(made.ID)[0]
		if len(first) != 1 || log.State != "waiting" || log.Tries != 1 || log.Error != c.why {
			t.Errorf("%s: %d requests, %+v", c.name, len(first), log)
			continue
		}
		h.receiver.respondWith(nil)
		if got := h.deliver(); len(got) != 0 {
			t.Errorf("%s: sent again at once", c.name)
		}
		h.clock.advance(5*time.Second + time.Second)
		again := h.deliver()
		if len(again) != 1 || !verified(t, again[0], made.Secret) || payload(t, again[0]).Data.Comment.ID != comment.Comment.ID ||
			again[0].header.Get("Webhook-Id") != first[0].header.Get("Webhook-Id") ||
			again[0].header.Get("Webhook-Timestamp") == first[0].header.Get("Webhook-Timestamp") {
			t.Errorf("%s: %v, then %v", c.name, first, again)
		}
		d := h.delivery(made.ID, log.ID)
		if len(d.Requests) != 2 || d.Requests[0].Error != c.why || d.State != "sent" || d.Tries != 2 {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

func TestADeliveryFailsAfterEightTriesAndCanBeResent(t *testing.T) {
	onSQLite(t, func(h *webhookFixture) {
		made := h.add(onApproval)
		h.receiver.status(http.StatusServiceUnavailable)
		h.approved("Nobody is at home")
		h.plan()
		var ids []string
		for try := range notify.MaxTries {
			for _, r := range h.send() {
				ids = append(ids, r.header.Get("Webhook-Id"))
			}
			h.advance(notify.Pause(try+1, 0.5) + 5*time.Minute)
		}
		log := h.deliveries(made.ID)
		if len(ids) != notify.MaxTries || len(slices.Compact(ids)) != 1 || log[0].State != "failed" {
			t.Fatalf("IDs %v, %+v", ids, log)
		}
		if got := h.hook(made.ID); got.State != "active" || got.Failures != notify.MaxTries {
			t.Errorf("the webhook is %+v", got)
		}
		h.receiver.respondWith(nil)
		h.clock.advance(5 * time.Minute)
		h.postTo(made.ID+"/deliveries/"+log[0].ID+"/resend").want(http.StatusNoContent, nil)
		again := h.send()
		if len(again) != 1 || again[0].header.Get("Webhook-Id") != ids[0] || !verified(t, again[0], made.Secret) {
			t.Errorf("resent: %v", again)
		}
		if got := h.hook(made.ID); got.Failures != 0 {
			t.Errorf("after a success: %+v", got)
		}
		h.postTo(made.ID+"/deliveries/"+log[0].ID+"/resend").want(http.StatusNoContent, nil) // a delivered one, too
		if again := h.send(); len(again) != 1 || again[0].header.Get("Webhook-Id") != ids[0] {
			t.Errorf("resent after it was delivered: %v", again)
		}
	})
}

func TestAServerCanAskToWait(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	made := h.add(onApproval)
	h.receiver.respondWith(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	h.approved("Not so fast")
	h.approved("The next one")
	if got := h.deliver(); len(got) != 1 {
		t.Errorf("%d requests, want 1: the webhook rests", len(got))
	}
	h.receiver.respondWith(nil)
	h.clock.advance(599 * time.Second)
	if got := h.deliver(); len(got) != 0 {
		t.Errorf("%d requests before the time", len(got))
	}
	h.clock.advance(2 * time.Second)
	if got := h.deliver(); len(got) != 2 {
		t.Errorf("%d requests, want 2", len(got))
	}
	if log := h.deliveries(made.ID); log[0].Tries != 1 {
		t.Errorf("resting cost a try: %+v", log[0])
	}
}

// TestAKilledServerLosesNoDelivery stops workers in both ways: during a request, and like kill -9, after the
// claim and before any result.
func TestAKilledServerLosesNoDelivery(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		made := h.add(onApproval)
		h.approved("It arrives")
		h.plan()
		claimed := must(h.db.Outbox.Claim(t.Context(), notify.Claim{At: h.clock.Now(), Until: h.clock.Now().Add(30 * time.Second),
			Limit: 16, WebhookID: made.ID}))(t)
		if got := h.send(); len(claimed) != 1 || len(got) != 0 {
			t.Fatalf("%d claimed; another worker sent %d", len(claimed), len(got))
		}
		h.clock.advance(31 * time.Second)
		stopping, stop := context.WithCancel(t.Context())
		h.receiver.respondWith(func(_ http.ResponseWriter, r *http.Request) {
			stop()
			<-r.Context().Done()
		})
		if err := h.newWorker().SendDue(stopping); err != nil {
			t.Fatal(err)
		}
		cut := h.receiver.takeRequests()
		h.receiver.respondWith(nil)
		all := h.send()
		if len(cut) != 1 || len(all) != 1 || all[0].header.Get("Webhook-Id") != claimed[0].ID ||
			cut[0].header.Get("Webhook-Id") != claimed[0].ID {
			t.Errorf("cut off: %v, sent: %v, want the ID %s", cut, all, claimed[0].ID)
		}
		if got := h.hook(made.ID); got.Failures != 0 {
			t.Errorf("the interruption counts as a failure: %+v", got)
		}
	})
}

func TestASlowWebhookDelaysNoOther(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	h.add(onApproval, fields{"url": h.receiver.URL + "/slow"})
	h.add(onApproval, fields{"url": h.receiver.URL + "/quick"})
	release, quick := make(chan struct{}), make(chan struct{}, 3)
	h.receiver.respondWith(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-release
		} else {
			quick <- struct{}{}
		}
	})
	for i := range 3 {
		h.approved("Comment " + strconv.Itoa(i))
	}
	h.plan()
	done := make(chan error, 1)
	go func() { done <- h.worker.SendDue(t.Context()) }()
	for range 3 {
		<-quick // all of them, while the first request to the other waits
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var slow []string
	for _, r := range h.receiver.takeRequests() {
		if r.path == "/slow" {
			slow = append(slow, payload(t, r).Data.Comment.Body)
		}
	}
	want := []string{"Comment 0, please publish it", "Comment 1, please publish it", "Comment 2, please publish it"}
	if diff := cmp.Diff(want, slow); diff != "" {
		t.Errorf("the order is not that of the events: %s", diff)
	}
}

func TestNoWebhookGetsObsoleteEvents(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		made := h.add([]webhook.EventType{webhook.CommentHeld, webhook.CommentApproved, webhook.CommentRejected,
			webhook.CommentDeleted})
		held := h.submit("Wait for a moderator.")
		h.decide(held.Comment.ID, moderation.ActionApprove)
		h.decide(held.Comment.ID, moderation.ActionReject)
		if diff := cmp.Diff([]string{"comment.rejected"}, types(t, h.deliver())); diff != "" {
			t.Error(diff)
		}
		var dropped []string
		for _, d := range h.deliveries(made.ID) {
			if d.State == "dropped" {
				dropped = append(dropped, d.Event+": "+d.Error)
			}
		}
		want := []string{"comment.approved: the comment is no longer approved", "comment.held: the comment is no longer pending"}
		if diff := cmp.Diff(want, dropped); diff != "" {
			t.Error(diff)
		}
		h.decide(held.Comment.ID, moderation.ActionDelete)
		all := h.deliver()
		if diff := cmp.Diff([]string{"comment.deleted"}, types(t, all)); diff != "" {
			t.Fatal(diff)
		}
		if strings.Contains(string(all[0].body), "Wait for") || strings.Contains(string(all[0].body), "Ines") {
			t.Errorf("a deleted comment has a name or text: %s", all[0].body)
		}
	})
}

func TestSitesWithoutWebhooksStoreNoEvents(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		events := func() int { return must(h.db.Outbox.OutboxCounts(t.Context()))(t).Events }
		h.decide(h.submit("Wait for a moderator.").Comment.ID, moderation.ActionApprove)
		if n := events(); n != 0 {
			t.Errorf("without a webhook: %d events", n)
		}
		made := h.add(onApproval)
		h.approved("With a webhook")
		if n := events(); n != 1 {
			t.Errorf("with a webhook: %d events, want 1", n)
		}
		h.postTo(made.ID+"/pause").want(http.StatusOK, nil)
		h.approved("With a paused one")
		if n := events(); n != 1 {
			t.Errorf("with a paused webhook: %d events, want 1", n)
		}
	})
}
