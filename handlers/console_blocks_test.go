package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// filled is the form of a page that is sent to that address, with some fields filled in.
func (a pageResponse) filled(action string, values ...string) (string, url.Values) {
	a.t.Helper()
	to, form := a.form(action)
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return to, form
}

func (s *fixture) statusOf(id string) moderation.Status {
	s.t.Helper()
	return must(s.Queue.Case(s.t.Context(), moderation.Viewer{}, id))(s.t).Comment.Status
}

func TestACommentIsBlockedFromItsPage(t *testing.T) {
	s := newFixture(t)
	s.followShippedRules()
	b := s.adaBrowser(t)
	id := s.comment("quay", "", "Pest", "Look at https://shop.example/ at once")
	page := b.get("/console/comments/" + id)
	page.want(http.StatusOK, "Block…", "The name “Pest”", "Links to shop.example", "The commenter’s email (1 waiting)",
		"Also decide on 1 waiting")
	to, form := page.filled("/console/comments/"+id+"/blocks", "what", "host:shop.example", "action", "spam", "note", "Sells things.")
	if form.Get("waiting") != "yes" {
		t.Error("deciding on pending comments is not ticked by default")
	}
	blocked := b.follow(b.post(to, form))
	blocked.want(http.StatusOK, "Blocked. Marked as spam: 1 comment.", "/console/sites/paper/blocks")
	if s.statusOf(id) != moderation.StatusSpam {
		t.Errorf("the waiting comment is %s", s.statusOf(id))
	}
	undo, back := blocked.form("/console/bulk/")
	b.follow(b.post(undo, back)).want(http.StatusOK, "Undone: 1 comment.")
	if s.statusOf(id) != moderation.StatusPending {
		t.Errorf("after the undo the comment is %s", s.statusOf(id))
	}
	list := b.get("/console/sites/paper/blocks")
	list.want(http.StatusOK, "Links to shop.example", "Mark as spam", "Sells things.", "from a comment", "by Ada")

	again := b.post(to, form)
	again.want(http.StatusConflict, "Already blocked.", "Sells things.")
	if next := s.comment("quay", "", "Other", "See https://www.shop.example/ too"); s.statusOf(next) != moderation.StatusSpam {
		t.Errorf("a comment with that link is %s", s.statusOf(next))
	}
	for action := range strings.SplitSeq(list.body, `action="`) {
		if address, _, _ := strings.Cut(action, `"`); strings.HasSuffix(address, "/remove") {
			b.follow(b.post(address, nil)).want(http.StatusOK, "Block removed.", "Nothing is blocked.")
			return
		}
	}
	t.Error("the list offers no way to remove the block")
}

func TestARefusedBlockKeepsItsInput(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	if led := b.get("/console/blocks?site=paper"); led.header.Get("Location") != "/console/sites/paper/blocks" {
		t.Errorf("led to %q", led.header.Get("Location"))
	}
	to, form := b.get("/console/sites/paper/blocks").filled("/console/sites/paper/blocks", "what", "prefix", "value", "192.0.2.7", "minutes", "0", "note", "Why not.")
	page := b.post(to, form)
	page.want(http.StatusUnprocessableEntity, "Addresses change hands", `value="192.0.2.7"`, `value="Why not."`)
	_, kept := page.form("/console/sites/paper/blocks")
	kept.Set("minutes", "1440")
	b.follow(b.post(to, kept)).want(http.StatusOK, "A network", "Until")
}

func TestNotesAreAddedOnACommentsPage(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	id, other := s.comment("quay", "", "Ines", "Hello there"), s.comment("quay", "", "Ines", "Hello again")
	to, form := b.get("/console/comments/"+id).filled("/console/comments/"+id+"/notes", "body", "Called us & was polite.")
	b.follow(b.post(to, form)).want(http.StatusOK, "Note added.", "Called us &amp; was polite.")
	form.Set("body", "Knows the harbour.")
	form.Set("about", "commenter")
	b.follow(b.post(to, form)).want(http.StatusOK, "Ada, about the commenter")
	b.get("/console/comments/"+other).want(http.StatusOK, "Knows the harbour.")
	form.Set("body", " ")
	b.post(to, form).want(http.StatusUnprocessableEntity, "Write something.")
}
