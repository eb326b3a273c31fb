package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// bulk returns the fields of the form below the list.
func (a pageResponse) bulk(action string, changes ...string) url.Values {
	a.t.Helper()
	_, form := a.form("/console/bulk")
	form.Set("action", action)
	for i := 0; i+1 < len(changes); i += 2 {
		form.Add(changes[i], changes[i+1])
	}
	return form
}

func newFixtureWithPending(t *testing.T, n int) (s *fixture, ids []string) {
	s = newFixture(t)
	for i := range n {
		ids = append(ids, s.comment("quay", "", fmt.Sprintf("Reader %02d", i), fmt.Sprintf("Text number %d.", i)))
	}
	return s, ids
}

func TestABulkShowsItsCommentsAndTakesAReason(t *testing.T) {
	s, ids := newFixtureWithPending(t, 5)
	b := s.adaBrowser(t)
	list := b.get("/console?sort=newest&site=paper")
	form := list.bulk("reject", "selected", ids[0]+"@1", "selected", ids[1]+"@1", "selected", ids[2]+"@1", "selected", ids[3]+"@1")
	asked := b.post("/console/bulk", form)
	asked.want(http.StatusOK, "Reject 4 comments?", "Reader 00", "Text number 0.", "Reader 02", "… 4 in total", ">Reject 4</button>",
		">Off topic</option>")
	asked.wantWithout("Reader 03")
	if got := asked.link("← Back to the queue"); got != "/console?site=paper&sort=newest" {
		t.Errorf("the way back is %q", got)
	}
	if n := s.count(moderation.StatusPending); n != 5 {
		t.Errorf("%d wait before anybody said yes", n)
	}
	_, confirm := asked.form("/console/bulk")
	confirm.Set("action", "reject")
	confirm.Set("reason_code", "off-topic")
	confirm.Set("note", "All about the ferry.")
	confirm.Set("reason", strings.Repeat("r", moderation.MaxReasonCharacters+1))
	again := b.post("/console/bulk", confirm)
	again.want(http.StatusUnprocessableEntity, "Reject 4 comments?", "This has at most 1000 characters.", "All about the ferry.", "Reader 00")
	_, confirm = again.form("/console/bulk")
	confirm.Set("action", "reject")
	confirm.Set("reason", "The ferry has its own page.")
	sent := b.post("/console/bulk", confirm)
	if got := sent.header.Get("Location"); got != "/console?site=paper&sort=newest" {
		t.Errorf("sent to %q", got)
	}
	b.follow(sent).want(http.StatusOK, "Rejected: 4 comments.", "1 comment waiting")
	if got := s.lastReasonCode(ids[2]); got != "off-topic" {
		t.Errorf("the reason is %q", got)
	}
	b.get("/console/comments/"+ids[2]).want(http.StatusOK, "Message to the commenter: The ferry has its own page.", "Note: All about the ferry.")
}

func TestABulkOfNothingLeadsBack(t *testing.T) {
	s, ids := newFixtureWithPending(t, 2)
	b := s.adaBrowser(t)
	list := b.get("/console?sort=newest")
	for name, form := range map[string]url.Values{
		"nothing selected":           list.bulk("approve"),
		"what there is not":          list.bulk("approve", "selected", "01957000-0000-7000-8000-ffffffffffff@1"),
		"what is no id":              list.bulk("approve", "selected", "no id"),
		"a filter without a match":   {"scope": {"all"}, "action": {"approve"}, "q": {"nowhere"}, "sort": {"newest"}},
		"what another page is about": list.bulk("approve", "expected", "0"),
	} {
		t.Run(name, func(t *testing.T) {
			page := b.post("/console/bulk", form)
			page.want(http.StatusUnprocessableEntity, "Nothing was decided", "Select comments with their checkboxes")
			if got := page.link("← Back to the queue"); !strings.HasPrefix(got, "/console?") || !strings.Contains(got, "sort=newest") {
				t.Errorf("the way back is %q", got)
			}
		})
	}
	if n := s.count(moderation.StatusPending); n != len(ids) {
		t.Errorf("%d wait", n)
	}
}

func TestABulkOfMoreCommentsThanShownNeedsConfirmation(t *testing.T) {
	s, _ := newFixtureWithPending(t, 2)
	b := s.adaBrowser(t)
	_, confirm := b.post("/console/bulk", url.Values{"scope": {"all"}, "action": {"spam"}}).form("/console/bulk")
	s.comment("quay", "", "Late", "One more.")
	confirm.Set("action", "spam")
	again := b.post("/console/bulk", confirm)
	again.want(http.StatusConflict, "More comments match than you saw.", "Spam 3 comments?")
	_, confirm = again.form("/console/bulk")
	confirm.Set("action", "spam")
	b.follow(b.post("/console/bulk", confirm)).want(http.StatusOK, "Marked as spam: 3 comments.", "Nothing is waiting")
}

func TestADecisionOnAGroupLeadsBackToTheGroups(t *testing.T) {
	s := newFixture(t)
	for i := range 3 {
		s.comment("quay", "", "Lou", fmt.Sprintf("See https://deals.example/%d for a boat.", i))
	}
	b := s.adaBrowser(t)
	_, form := b.get("/console/groups?by=host&site=paper").form("/console/bulk")
	form.Set("action", "spam")
	_, confirm := b.post("/console/bulk", form).form("/console/bulk")
	confirm.Set("action", "spam")
	sent := b.post("/console/bulk", confirm)
	if got := sent.header.Get("Location"); got != "/console/groups?by=host&site=paper" {
		t.Fatalf("sent to %q", got)
	}
	page := b.follow(sent)
	page.want(http.StatusOK, "Marked as spam: 3 comments.", "Nothing is waiting")
	action, undo := page.form("/console/bulk/")
	back := b.post(action, undo)
	if got := back.header.Get("Location"); got != "/console/groups?by=host&site=paper" {
		t.Errorf("after undo sent to %q", got)
	}
	b.follow(back).want(http.StatusOK, "Undone: 3 comments.", "3 comments: <bdi>deals.example</bdi>")
}

func TestFormsBesideTheListLeadBackToTheList(t *testing.T) {
	s, ids := newFixtureWithPending(t, 3)
	b := s.adaBrowser(t)
	list := "/console?site=paper&sort=newest"
	opened := b.get(list + "&open=" + ids[1])
	opened.want(http.StatusOK, "3 comments waiting", `class="case" id="comment-`+ids[1])
	for _, step := range []struct {
		form   string
		fields []string
		said   string
	}{
		{"/notes", []string{"body", "Asked twice."}, "Note added."},
		{"/blocks", []string{"what", "email:", "note", "Enough."}, "Blocked."},
		{"/claim", nil, "You have claimed this comment."},
	} {
		page := b.get(list + "&open=" + ids[1])
		action, form := page.form("/console/comments/" + ids[1] + step.form)
		for i := 0; i+1 < len(step.fields); i += 2 {
			form.Set(step.fields[i], step.fields[i+1])
		}
		sent := b.post(action, form)
		if got := sent.header.Get("Location"); got != "/console?open="+ids[1]+"&site=paper&sort=newest" {
			t.Errorf("%s leads to %q", step.form, got)
		}
		b.follow(sent).want(http.StatusOK, step.said, "3 comments waiting", `class="case" id="comment-`+ids[1])
	}
	alone := b.get("/console/comments/" + ids[0] + "?sort=newest")
	action, form := alone.form("/console/comments/" + ids[0] + "/notes")
	form.Set("body", "Fine.")
	if got := b.post(action, form).header.Get("Location"); got != "/console/comments/"+ids[0]+"?sort=newest" {
		t.Errorf("from its own page it leads to %q", got)
	}
	b.get(list+"&open=01957000-0000-7000-8000-ffffffffffff").want(http.StatusOK, "3 comments waiting", `class="case" id="comment-`+ids[2])
}

// lastReasonCode returns the reason code of the newest decision on a comment.
func (s *fixture) lastReasonCode(id string) string {
	s.t.Helper()
	log := must(s.Queue.Case(s.t.Context(), moderation.Viewer{}, id))(s.t).Decisions
	return log[len(log)-1].ReasonCode
}
