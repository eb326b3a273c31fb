package handlers_test

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// emailOf is the email that the fixture uses for a name.
func emailOf(name string) string { return hex.EncodeToString([]byte(name)) + "@mail.example" }

func TestACommenterIsFoundAndShown(t *testing.T) {
	s := newFixture(t)
	first := s.comment("quay", "", "Lou", "Hello from Lou.")
	s.decide(first, moderation.ActionReject)
	second := s.comment("quay", "", "Lou", "Hello again.")
	s.comment("quay", "", "Kim", "Hello from Kim.")
	b := s.adaBrowser(t)

	b.get("/console/commenters").want(http.StatusOK, "Lou", "Kim")
	for _, q := range []string{"lo", strings.ToUpper(emailOf("Lou"))} {
		found := b.get("/console/commenters?q=" + q)
		found.want(http.StatusOK, "1 waiting, 1 rejected", `value="`+q+`"`)
		found.wantWithout(">Kim<")
	}
	b.get("/console/commenters?q=nobody@mail.example").want(http.StatusOK, "Nobody has commented with this email.")

	href := b.get("/console/comments/" + second).link("Commenterc")
	person := b.get(href)
	person.want(http.StatusOK, "<dt>Waiting</dt><dd>1</dd>", "<dt>Rejected</dt><dd>1</dd>", "Hello from Lou.", "Hello again.",
		"Rejected by another moderator", "email not confirmed", "Also decide on 1 waiting")
	person.wantWithout("Hello from Kim.", emailOf("Lou"))
	if got := person.link("Show 1 waiting"); !strings.Contains(got, "commenter=") {
		t.Errorf("the waiting ones are at %q", got)
	}

	target, form := person.form("/console/comments/" + second + "/notes")
	form.Set("body", "Known from the market.")
	b.follow(b.post(target, form)).want(http.StatusOK, "Note added.", "Known from the market.", `id="profile"`)
	target, form = person.form("/console/comments/" + second + "/blocks")
	form.Set("what", "email:")
	form.Set("action", "spam")
	form.Set("waiting", "yes")
	form.Set("minutes", "0")
	b.follow(b.post(target, form)).want(http.StatusOK, "Blocked. Marked as spam: 1 comment.", `id="profile"`, "<h2>Blocks</h2>", "Blocked by Ada")
	if got := s.statusOf(second); got != moderation.StatusSpam {
		t.Errorf("the waiting comment is %s", got)
	}
	for _, id := range []string{"x", "01957000-0000-7000-8000-ffffffffffff"} {
		b.get("/console/commenters/" + id).want(http.StatusNotFound)
	}
}
