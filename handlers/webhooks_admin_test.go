package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
	"rejoinder/outbound"
)

func TestAnEndpointThatIsGonePausesItsWebhook(t *testing.T) {
	dbtest.EachWith(t, db.Options{Notifies: true}, func(t *testing.T, d *db.DB) {
		h := newWebhookFixture(t, d)
		h.registerModerator("Elsewhere", auth.RoleAdmin, "demo")
		made := h.add(onApproval)
		h.receiver.status(http.StatusGone)
		h.approved("The first")
		h.approved("The second")
		if got := h.deliver(); len(got) != 1 {
			t.Errorf("%d requests, want 1", len(got))
		}
		if got := h.hook(made.ID); got.State != "paused" || got.PauseReason != "gone" {
			t.Errorf("the webhook is %+v", got)
		}
		for _, d := range h.deliveries(made.ID) {
			if d.State != "failed" {
				t.Errorf("%+v", d)
			}
		}
		h.wantMails("Chief")
		h.postTo(made.ID+"/deliveries/"+h.deliveries(made.ID)[0].ID+"/resend").want(http.StatusUnprocessableEntity, nil)
		h.receiver.respondWith(nil)
		h.postTo(made.ID+"/resume").want(http.StatusOK, nil)
		h.clock.advance(10 * time.Second)
		var resent struct{ Resent int }
		h.postTo(made.ID+"/resend").want(http.StatusOK, &resent)
		if got := h.send(); resent.Resent != 2 || len(got) != 2 {
			t.Errorf("resent %d, %d requests, want 2", resent.Resent, len(got))
		}
	})
}

// wantMails requires one mail about a paused webhook to each of those moderators, and to nobody else.
func (h *webhookFixture) wantMails(names ...string) {
	h.t.Helper()
	page := must((&notify.Outbox{Store: h.db.ForNotifications(), Now: h.clock.Now}).List(h.t.Context(), moderation.Viewer{},
		notify.MessageQuery{Limit: 10}))(h.t)
	composer := &notify.Composer{Store: h.db.ForNotifications(), Keys: h.Intake.Keys, Now: h.clock.Now,
		Links: notify.Links{Keys: h.Intake.Keys, PublicURL: h.baseURL, Now: h.clock.Now}}
	var to []string
	for _, m := range page.Items {
		if m.Kind != notify.KindWebhookPaused {
			continue
		}
		to = append(to, must(h.db.ModeratorMail.NotifiedModerator(h.t.Context(), m.ModeratorID))(h.t).Name)
		letter := must(composer.Compose(h.t.Context(), m))(h.t)
		if letter.To != moderatorEmail(to[len(to)-1]) || letter.Subject != "A webhook was paused" ||
			!strings.Contains(letter.Text, "410 Gone") ||
			!strings.Contains(letter.Text, h.baseURL+"/console/sites/paper/webhooks/"+m.WebhookID) {
			h.t.Errorf("the mail is %+v", letter)
		}
	}
	if diff := cmp.Diff(names, to); diff != "" {
		h.t.Errorf("mails about the pause: %s", diff)
	}
}

func TestADayOfFailuresPausesAWebhook(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	made := h.add(onApproval)
	h.receiver.status(http.StatusInternalServerError)
	h.approved("Nobody listens")
	requests := len(h.deliver())
	for range 60 {
		h.advance(23 * time.Minute)
		requests += len(h.send())
	}
	if got := h.hook(made.ID); got.State != "active" || got.Failures != requests || requests < 5 {
		t.Fatalf("after 23 hours and %d requests: %+v", requests, got)
	}
	h.advance(2 * time.Hour)
	h.approved("Still nobody")
	h.deliver()
	if got := h.hook(made.ID); got.State != "paused" || got.PauseReason != "failures" {
		t.Errorf("after a day: %+v", got)
	}
	h.approved("Not stored")
	if h.deliver(); len(h.deliveries(made.ID)) != 2 {
		t.Errorf("a paused webhook gets deliveries: %+v", h.deliveries(made.ID))
	}
}

// TestWebhooksReachPublicAddressesOnly uses a client without permitted networks.
func TestWebhooksReachPublicAddressesOnly(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	byAddress := h.add(onApproval)
	byName := h.add(onApproval, fields{"url": strings.Replace(h.receiver.URL, "127.0.0.1", "localhost", 1)})
	strict := outbound.New(outbound.Limits{Timeout: 5 * time.Second, Response: webhook.MaxResponse}, nil)
	t.Cleanup(strict.Close)
	h.Webhooks.Client, h.Webhooks.Sender.Client = strict, strict
	h.approved("For nobody")
	if got := h.deliver(); len(got) != 0 {
		t.Fatalf("%d requests reached this machine", len(got))
	}
	for _, w := range []hookFields{byAddress, byName} {
		const why = " is not a public address, and outbound-networks does not permit it"
		if d := h.deliveries(w.ID)[0]; d.State != "waiting" || !strings.HasSuffix(d.Error, why) {
			t.Errorf("%s: %+v", w.URL, d)
		}
	}
	for address, detail := range map[string]string{
		h.receiver.URL:            "127.0.0.1 is not a public address. Operators can permit it with outbound-networks.",
		"http://169.254.169.254/": "169.254.169.254 is not a public address. Operators can permit it with outbound-networks.",
		"ftp://example.org/":      "The URL must begin with https:// or http://.",
	} {
		r := h.do(call{method: http.MethodPost, path: paperWebhooks, token: h.chief,
			body: fields{"name": "N", "type": "standard", "url": address, "events": onApproval}})
		r.want(http.StatusUnprocessableEntity, nil)
		if !strings.Contains(string(r.body), detail) {
			t.Errorf("%s: %s", address, r.body)
		}
	}
}

func TestTwoSecretsSignForADayAfterARotation(t *testing.T) {
	onSQLite(t, func(h *webhookFixture) {
		made := h.add(onApproval)
		var rotated hookFields
		h.postTo(made.ID+"/secret").want(http.StatusOK, &rotated)
		h.approved("Signed twice")
		both := h.deliver()
		if len(both) != 1 || !verified(t, both[0], made.Secret) || !verified(t, both[0], rotated.Secret) ||
			made.Secret == rotated.Secret {
			t.Fatalf("signed with %v", both)
		}
		h.advance(25 * time.Hour)
		h.approved("Signed once")
		if one := h.deliver(); len(one) != 1 || verified(t, one[0], made.Secret) || !verified(t, one[0], rotated.Secret) {
			t.Errorf("a day later: signed with %v", one)
		}
		var again hookFields
		h.postTo(made.ID+"/secret").want(http.StatusOK, &again)
		h.postTo(made.ID+"/secret").want(http.StatusOK, nil)
		h.approved("Signed with the last two")
		if last := h.deliver(); len(last) != 1 || verified(t, last[0], rotated.Secret) || !verified(t, last[0], again.Secret) {
			t.Errorf("after two rotations: signed with %v", last)
		}
		if raw := h.do(call{method: http.MethodGet, path: paperWebhooks, token: h.chief}); strings.Contains(string(raw.body), "whsec") {
			t.Errorf("the secret is shown again: %s", raw.body)
		}
	})
}

func TestOnlyAWebhookWithThatScopeGetsEmails(t *testing.T) {
	onSQLite(t, func(h *webhookFixture) {
		h.add(webhook.EventTypes, fields{"url": h.receiver.URL + "/without", "depth": 1})
		h.add(webhook.EventTypes, fields{"url": h.receiver.URL + "/with", "email": true, "depth": 1})
		for _, kind := range []string{"slack", "discord", "mattermost", "telegram"} {
			change := fields{"type": kind, "url": h.receiver.URL + "/" + kind, "depth": 1}
			if kind == "telegram" {
				change["chat"] = "-100"
			}
			h.add(webhook.EventTypes, change)
		}
		h.changeSettings(func(settings *moderation.SiteSettings) { settings.Reports = true })
		const email = "planted.7q@secret.example"
		for _, body := range []string{"one, please publish", "two, please decline", "three"} {
			a := h.submit("Number "+body, fields{"author_email": email})
			if a.Comment.Status == moderation.StatusApproved {
				h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/reports",
					body: fields{"reason": "spam", "note": "Look."}}).want(http.StatusCreated, nil)
			}
		}
		seen := map[string]int{}
		for _, r := range h.deliver() {
			path, _, _ := strings.Cut(r.path, "?")
			leaks := strings.Contains(string(r.body), "planted.7q") || strings.Contains(string(r.body), "192.0.2.")
			switch {
			case path == "/with" && payload(t, r).Data.Comment.AuthorEmail == email:
				seen["emails"]++
			case path != "/with" && leaks:
				t.Errorf("%s gets an email or address: %s", path, r.body)
			}
			seen[path]++
		}
		if seen["emails"] == 0 || seen["/without"] < 6 || seen["/slack"] != seen["/without"] || seen["/telegram"] != seen["/without"] {
			t.Errorf("requests: %v", seen)
		}
	})
}

func TestAServerKeyGetsNoEmailsThroughWebhooks(t *testing.T) {
	onSQLite(t, func(h *webhookFixture) {
		_, key := h.paperKey("cms", auth.PermissionHooks)
		own, people := h.add(onApproval), h.add(onApproval, fields{"email": true})
		h.approved("Good news")
		if got := h.deliver(); len(got) != 2 {
			t.Fatalf("%d requests, want 2", len(got))
		}
		ask := func(method, path string, body fields) reply {
			return h.do(call{method: method, path: paperWebhooks + path, token: key, body: body})
		}
		ask(http.MethodPost, "", fields{"name": "Mine", "type": "standard", "url": h.receiver.URL, "events": onApproval, "email": true}).
			wantProblem(http.StatusForbidden, "key-refused")
		ask(http.MethodPatch, "/"+own.ID, fields{"email": true}).wantProblem(http.StatusForbidden, "key-refused")
		ask(http.MethodPatch, "/"+people.ID, fields{"url": h.receiver.URL + "/mine"}).wantProblem(http.StatusForbidden, "key-refused")
		ask(http.MethodPatch, "/"+own.ID, fields{"name": "Renamed"}).want(http.StatusOK, nil)
		path := "/" + people.ID + "/deliveries/" + h.deliveries(people.ID)[0].ID
		if r := ask(http.MethodGet, path, nil); r.status != http.StatusOK || strings.Contains(string(r.body), "@") {
			t.Errorf("%d: %s", r.status, r.body)
		}
		if d := h.delivery(people.ID, h.deliveries(people.ID)[0].ID); !strings.Contains(d.Requests[0].RequestBody, "author_email") {
			t.Errorf("people see %+v", d)
		}
	})
}

func TestADeepQueueIsReportedOnce(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		h.add([]webhook.EventType{webhook.QueueDepth}, fields{"depth": 2})
		var ids []string
		submit := func() []received {
			ids = append(ids, h.submit("Wait for a moderator.").Comment.ID)
			return h.deliver()
		}
		if got := len(submit()) + len(submit()); got != 0 {
			t.Errorf("%d requests up to the threshold", got)
		}
		all := submit()
		if len(all) != 1 || payload(t, all[0]).Data.Queue.Pending != 3 || payload(t, all[0]).Data.Queue.Threshold != 2 {
			t.Fatalf("over the threshold: %v", all)
		}
		if got := submit(); len(got) != 0 {
			t.Errorf("reported again: %s", got[0].body)
		}
		h.decide(ids[0], moderation.ActionApprove)
		h.decide(ids[1], moderation.ActionApprove)
		if got := h.deliver(); len(got) != 0 {
			t.Errorf("reported when it became shorter: %s", got[0].body)
		}
		if got := submit(); len(got) != 1 {
			t.Errorf("over the threshold again: %d requests", len(got))
		}
	})
}

func TestRequestsAreErasedWithTheText(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		made := h.add(onApproval)
		a := h.approved("Forget me")
		h.deliver()
		id := h.deliveries(made.ID)[0].ID
		if d := h.delivery(made.ID, id); len(d.Requests) != 1 {
			t.Fatalf("%+v", d)
		}
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/erasure", token: a.Receipt}).
			want(http.StatusOK, nil)
		if d := h.delivery(made.ID, id); len(d.Requests) != 0 {
			t.Errorf("the request is still kept: %+v", d)
		}
		h.do(call{method: http.MethodDelete, path: paperWebhooks + "/" + made.ID, token: h.chief}).want(http.StatusNoContent, nil)
		if got := h.deliver(); len(got) != 0 {
			t.Errorf("a removed webhook got %s", got[0].body)
		}
	})
}

func TestWebhooksAreCheckedWhenTheyAreAdded(t *testing.T) {
	h := newWebhookFixtureOnSQLite(t)
	for name, c := range map[string]struct {
		change fields
		want   string
	}{
		"a name is required":                      {fields{"name": " "}, "/name required"},
		"a type must be known":                    {fields{"type": "pager"}, "/type unknown"},
		"an event must be known":                  {fields{"events": []string{"comment.approved", "comment.liked"}}, "/events/1 unknown"},
		"an event is required":                    {fields{"events": []string{}}, "/events required"},
		"queue.depth needs a threshold":           {fields{"events": []string{"queue.depth"}}, "/depth required"},
		"a threshold is bounded":                  {fields{"depth": 1_000_001}, "/depth out_of_range"},
		"Telegram needs a chat":                   {fields{"type": "telegram"}, "/chat required"},
		"others have no chat":                     {fields{"chat": "5"}, "/chat unexpected"},
		"a chat gets no emails":                   {fields{"type": "slack", "email": true}, "/email unexpected"},
		"the URL must be one":                     {fields{"url": "example.org"}, "/url malformed"},
		"a password does not belong into the URL": {fields{"url": "https://a:b@example.org/"}, "/url malformed"},
	} {
		request := fields{"name": "N", "type": "standard", "url": h.receiver.URL, "events": []string{"comment.approved"}}
		for field, value := range c.change {
			request[field] = value
		}
		h.do(call{method: http.MethodPost, path: paperWebhooks, token: h.chief, body: request, wrong: true}).
			wantFault(name, c.want)
	}
	for range webhook.MaxPerSite {
		h.add(onApproval)
	}
	h.do(call{method: http.MethodPost, path: paperWebhooks, token: h.chief, body: fields{"name": "N", "type": "standard",
		"url": h.receiver.URL, "events": onApproval}}).wantFault("at most 20 webhooks", " too_many")
}

// wantFault requires one fault, named by its pointer and code.
func (r reply) wantFault(name, want string) {
	r.t.Helper()
	var problem struct {
		Errors []struct{ Pointer, Code string }
	}
	r.read(&problem)
	if len(problem.Errors) != 1 || problem.Errors[0].Pointer+" "+problem.Errors[0].Code != want {
		r.t.Errorf("%s: status %d, %s", name, r.status, r.body)
	}
}
