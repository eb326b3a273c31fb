package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

var webhookSecretShown = regexp.MustCompile(`value="(whsec_[A-Za-z0-9+/=&#;]+)"`)

func TestAWebhookIsManagedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin, receiver := s.newAdmin(), newReceiver(t)
	const list = "/console/sites/paper/webhooks"
	if got := admin.get("/console/sites/paper").link("Webhooks"); got != list {
		t.Errorf("the site's page leads to %q", got)
	}
	page := admin.get(list)
	wrong := page.fill(admin, list, "name", "Our archive", "url", "ftp://archive.example/", "depth", "0")
	wrong.want(http.StatusUnprocessableEntity, "The URL must begin with https:// or http://.", `href="#add-url"`, `value="Our archive"`)
	made := admin.follow(wrong.fill(admin, list, "url", receiver.URL+"/<hook>"))
	made.want(http.StatusOK, "The webhook has been added.", "Our archive", "Standard Webhooks at", "No deliveries match.")
	secret := webhookSecretShown.FindStringSubmatch(made.body)
	if secret == nil {
		t.Fatalf("no secret: %s", made.body)
	}
	one := made.path
	admin.get(one).wantWithout("whsec_")
	receiver.respondWith(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		w.Write([]byte("<script>I am a teapot</script>")) //nolint:errcheck // the log shows it
	})
	tested := admin.follow(admin.get(one).fill(admin, one+"/test"))
	tested.want(http.StatusOK, "The test failed: the server responded with 418", "&lt;script&gt;I am a teapot", "webhook-signature")
	receiver.respondWith(nil)
	admin.follow(admin.get(one).fill(admin, one+"/test")).want(http.StatusOK, "The server accepted the test.", "(empty)")
	got := receiver.takeRequests()
	if len(got) != 2 || !verified(t, got[1], strings.NewReplacer("&#43;", "+", "&#34;", `"`).Replace(secret[1])) {
		t.Errorf("the tests were %v", got)
	}
	rotated := admin.follow(admin.get(one).fill(admin, one+"/secret"))
	rotated.want(http.StatusOK, "Requests are signed with both secrets for 24 hours.", "Both are in use until")
	if again := webhookSecretShown.FindStringSubmatch(rotated.body); again == nil || again[1] == secret[1] {
		t.Errorf("the new secret is %v", again)
	}
	admin.follow(admin.get(one).fill(admin, one+"/pause")).want(http.StatusOK, "This webhook is paused. An admin paused it.")
	admin.get(list).want(http.StatusOK, "Our archive", "Paused")
	admin.follow(admin.get(one).fill(admin, one+"/resume")).want(http.StatusOK, "The webhook is active again.")
	changed := admin.follow(admin.get(one).fill(admin, one, "name", "The <archive>", "depth", "0"))
	changed.want(http.StatusOK, "Saved.", "The &lt;archive&gt;")
	admin.get("/console/audit").want(http.StatusOK, "added a webhook", "made a new secret for a webhook")
	admin.follow(changed.fill(admin, one+"/remove")).want(http.StatusOK, "The webhook has been removed.", "There are no webhooks yet.")
	admin.get(one).want(http.StatusNotFound)
}

func TestTheLogOfDeliveriesIsShownAndResent(t *testing.T) {
	s := newFixture(t)
	admin, receiver := s.newAdmin(), newReceiver(t)
	w, _, err := s.Webhooks.Add(t.Context(), moderation.Viewer{}, "paper", webhook.NewWebhook{Name: "Archive", Type: webhook.Standard,
		URL: receiver.URL, Events: []webhook.EventType{webhook.CommentHeld}})
	if err != nil {
		t.Fatal(err)
	}
	receiver.status(http.StatusInternalServerError)
	s.comment("quay", "", "Ines <b>", "Is this <i>text</i>?")
	worker := &webhook.Worker{Store: s.db.ForWebhooks(), Sender: s.Webhooks.Sender, Parallel: 1, Log: s.Log, Now: s.clock.Now,
		Observe: func(webhook.EventType, webhook.Observation) {}, NewID: s.NewID, Random: func() float64 { return 0.5 }}
	dispatcher := &notify.Dispatcher{Store: s.db.ForNotifications(), Log: s.Log, Now: s.clock.Now,
		Planners: []notify.EventPlanner{&webhook.Planner{Store: s.db.ForWebhooks(), Now: s.clock.Now, NewID: s.NewID}}}
	if _, err := dispatcher.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := worker.SendDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := "/console/sites/paper/webhooks/" + w.ID
	page := admin.get(one)
	page.want(http.StatusOK, "comment.held", "Waiting", "the server responded with 500", "Deliveries are failing. The first of them failed just now.")
	delivery := admin.get(page.link("comment.held"))
	delivery.want(http.StatusOK, "Is this \\u003ci\\u003etext", "the server responded with 500")
	admin.follow(page.fill(admin, one+"/pause")).want(http.StatusOK, "the webhook is paused")
	admin.follow(admin.get(one).fill(admin, one+"/resume"))
	admin.follow(admin.get(one+"?state=failed").fill(admin, one+"/resend")).want(http.StatusOK, "1 delivery will be sent again.")
	receiver.respondWith(nil)
	s.clock.advance(time.Minute)
	if err := worker.SendDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := receiver.takeRequests(); len(got) != 2 || got[0].header.Get("Webhook-Id") != got[1].header.Get("Webhook-Id") {
		t.Errorf("received %v", got)
	}
	admin.follow(admin.get(delivery.path).fill(admin, delivery.path+"/resend")).want(http.StatusOK, "The delivery will be sent again.", "Waiting")
}
