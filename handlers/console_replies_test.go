package handlers_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
)

func TestCannedRepliesAreWrittenInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const path = "/console/sites/paper/replies"
	if got := admin.get("/console/sites/paper").link("Canned replies"); got != path {
		t.Errorf("the site's page leads to %q", got)
	}
	page := admin.get(path)
	bad := page.fill(admin, path, "name-0", "Language", "code-0", "offensive", "text-0", "Dear {writer}", "text-1", "Nameless")
	bad.want(http.StatusUnprocessableEntity, "There is no placeholder {writer}.", "A canned reply needs a name", `href="#replies-name-1"`)
	good := bad.fill(admin, path, "text-0", "Dear {name},\n\nread {guidelines}.\nde: Hallo {name}, lies {guidelines}.", "text-1", "",
		"guidelines_url", "https://harbour.example/rules")
	admin.follow(good).want(http.StatusOK, "Saved.", "de: Hallo {name}, lies {guidelines}.\nen-GB: Dear {name},\n\nread {guidelines}.")
	want := []moderation.CannedReply{{Name: "Language", Code: "offensive", Text: map[string]string{
		"en-GB": "Dear {name},\n\nread {guidelines}.", "de": "Hallo {name}, lies {guidelines}."}}}
	stored := func() moderation.SiteSettings {
		return must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t).Settings
	}
	if diff := cmp.Diff(want, stored().Replies); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	site := admin.get("/console/sites/paper")
	admin.follow(site.fill(admin, "/console/sites/paper", "name", "The Gazette")).want(http.StatusOK, "Saved.")
	if got := stored(); len(got.Replies) != 1 || got.GuidelinesURL == "" {
		t.Errorf("the other settings' form left %+v", got)
	}
}

// TestACannedReplyIsSentWithoutJavaScript sends a reply that belongs to a reason, and one whose quotation has
// no value.
func TestACannedReplyIsSentWithoutJavaScript(t *testing.T) {
	s := newFixture(t)
	s.changeSettings(func(settings *moderation.SiteSettings) {
		settings.GuidelinesURL = "https://harbour.example/rules"
		settings.Replies = []moderation.CannedReply{
			{Name: "Rules", Text: map[string]string{"en": "Dear {name}, read {guidelines} before you write on “{article}”."}},
			{Name: "Quote", Code: "offensive", Text: map[string]string{"en": "Dear {name}, what is “{quote}”?"}},
		}
	})
	b := s.adaBrowser(t)
	lou, kim := s.comment("quay", "", "Lou", "Hello from Lou."), s.comment("quay", "", "Kim", "Hello from Kim.")

	page := b.get("/console/comments/" + lou)
	page.want(http.StatusOK, "Reject because it is…", `data-words="It is offensive."`, "will read, in English:",
		`data-text="Dear Lou, what is “{quote}”?"`)
	action, form := page.decisionForm(lou)
	form.Set("reject", "offensive")
	form.Set("reply", "Quote")
	refused := b.post(action, form)
	refused.want(http.StatusUnprocessableEntity, "Replace {quote} in the message before you send it.", "Dear Lou, what is “{quote}”?</textarea>",
		`<details class="menu reasons" open>`)
	if n := s.count(moderation.StatusPending); n != 2 {
		t.Fatalf("%d wait", n)
	}
	action, form = refused.decisionForm(lou)
	form.Set("reject", "offensive")
	form.Set("reason", "Dear Lou, what is “Hello”?")
	b.follow(b.post(action, form)).want(http.StatusOK, "The comment was rejected.")
	b.get("/console/comments/"+lou).want(http.StatusOK, "Message to the commenter: Dear Lou, what is “Hello”?")
	if got := s.lastReasonCode(lou); got != "offensive" {
		t.Errorf("the code is %q", got)
	}

	action, form = b.get("/console").decisionForm(kim)
	form.Set("reject", "")
	form.Set("reply", "Rules")
	b.follow(b.post(action, form)).want(http.StatusOK, "The comment was rejected.")
	b.get("/console/comments/"+kim).want(http.StatusOK,
		"Dear Kim, read https://harbour.example/rules before you write on “The quay &amp; its &lt;lamps&gt;”.")
	if got := s.lastReasonCode(kim); got != "" {
		t.Errorf("the code is %q", got)
	}
}

// TestACannedReplyIsFilledInForEachCommentOfABulk offers no reply that quotes.
func TestACannedReplyIsFilledInForEachCommentOfABulk(t *testing.T) {
	s, ids := newFixtureWithPending(t, 2)
	s.changeSettings(func(settings *moderation.SiteSettings) {
		settings.Replies = []moderation.CannedReply{
			{Name: "Dear", Text: map[string]string{"en": "Sorry, {name}."}},
			{Name: "Quote", Text: map[string]string{"en": "What is {quote}?"}},
			{Name: "Guide", Text: map[string]string{"en": "See {guidelines}."}},
		}
	})
	b := s.adaBrowser(t)
	asked := b.post("/console/bulk", b.get("/console?site=paper").bulk("reject", "selected", ids[0]+"@1", "selected", ids[1]+"@1"))
	asked.want(http.StatusOK, `<option value="Dear">`)
	asked.wantWithout(`<option value="Quote">`, `<option value="Guide">`)
	_, confirm := asked.form("/console/bulk")
	confirm.Set("action", "reject")
	confirm.Set("reply", "Dear")
	b.follow(b.post("/console/bulk", confirm)).want(http.StatusOK, "Rejected: 2 comments.")
	b.get("/console/comments/"+ids[0]).want(http.StatusOK, "Message to the commenter: Sorry, Reader 00.")
	b.get("/console/comments/"+ids[1]).want(http.StatusOK, "Message to the commenter: Sorry, Reader 01.")
}

func TestAMessageWithPlaceholdersIsRefusedByTheAPI(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		a := h.submit("It waits")
		decide := call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/decisions", token: h.ada()}
		decide.body = fields{"action": "reject", "version": 1, "reason": "Dear {name}"}
		h.do(decide).wantProblem(http.StatusUnprocessableEntity, "invalid", "/reason unfilled")
		decide.body = fields{"action": "reject", "version": 1, "reply": "Nobody wrote this"}
		h.do(decide).wantProblem(http.StatusUnprocessableEntity, "invalid", "/reply unknown")
	})
}
