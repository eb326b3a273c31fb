package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// ownedComment sends a comment and returns its id and receipt.
func (b *browser) ownedComment(body string, fields ...string) (id, receipt string) {
	b.t.Helper()
	_, form := b.filled(quay, append([]string{"body", body}, fields...)...)
	sent := b.part("/sites/paper/comments", form)
	return sent.header.Get("X-Rejoinder-Comment"), sent.header.Get("X-Rejoinder-Receipt")
}

// own requests the state of comments; each is given as id, full stop, receipt.
func (b *browser) own(pairs ...string) pageResponse {
	b.t.Helper()
	return b.part("/sites/paper/own", url.Values{"article": {"quay"}, "lang": {"en"}, "own": pairs})
}

func TestEachReceiptShowsTheStatusOfItsComment(t *testing.T) {
	s := newFixture(t)
	s.changeSettings(upDown)
	writer := s.browser()
	pair := map[string]string{}
	for name, fields := range map[string][]string{
		"held": {"It waits."}, "shown": {"please publish it"}, "declined": {"It is declined later."},
		"trapped": {"It is trapped.", "subject", "Buy"}, "withdrawn": {"It is withdrawn."},
	} {
		id, receipt := writer.ownedComment(fields[0], fields[1:]...)
		pair[name] = id + "." + receipt
	}
	idOf := func(name string) string { id, _, _ := strings.Cut(pair[name], "."); return id }
	s.decide(idOf("declined"), moderation.ActionReject)
	_, receipt, _ := strings.Cut(pair["withdrawn"], ".")
	writer.part("/comments/"+idOf("withdrawn")+"/withdraw", url.Values{"receipt": {receipt}, "confirm": {"yes"}}).want(http.StatusOK)

	got := writer.own(pair["held"], pair["shown"], pair["declined"], pair["trapped"], pair["withdrawn"])
	for name, state := range map[string]string{"held": "pending", "shown": "approved", "declined": "rejected", "trapped": "pending"} {
		got.want(http.StatusOK, `data-id="`+idOf(name)+`" data-parent="" data-state="`+state+`"`)
	}
	got.want(http.StatusOK, `<li class="rj-gone" data-id="`+idOf("withdrawn")+`"></li>`)
	got.wantWithout("rj-report", "rj-vote\"", "It is withdrawn")
	t.Run("spam looks like a pending comment", func(t *testing.T) {
		plain := func(name, body string) string {
			text := strings.NewReplacer(idOf(name), "ID", body, "BODY").Replace(writer.own(pair[name]).body)
			return regexp.MustCompile(`receipt=[^"#&]+`).ReplaceAllString(text, "receipt=R")
		}
		if held, spam := plain("held", "It waits."), plain("trapped", "It is trapped."); held != spam {
			t.Errorf("held:\n%s\nspam:\n%s", held, spam)
		}
	})
	t.Run("a wrong receipt reveals nothing", func(t *testing.T) {
		writer.own(idOf("held")+".wrong", "01957000-0000-7000-8000-0000ffffffff."+receipt).wantWithout("<li")
	})
	t.Run("a comment that a moderator deleted exists until the deletion is final", func(t *testing.T) {
		s.decide(idOf("held"), moderation.ActionDelete)
		deleted := writer.own(pair["held"])
		deleted.want(http.StatusOK, `data-state="deleted"`, "Your comment was deleted.")
		deleted.wantWithout("It waits.", "rj-gone", "ask=withdraw")
	})
	t.Run("edit is offered within the time for it, delete always", func(t *testing.T) {
		writer.own(pair["shown"]).want(http.StatusOK, "#edit", `<time class="rj-clock" datetime="2026-03-02T09:15:00Z">`, "ask=withdraw")
		s.clock.advance(16 * time.Minute)
		late := writer.own(pair["shown"])
		late.want(http.StatusOK, "ask=withdraw")
		late.wantWithout("#edit")
	})
}

func TestAFailingDatabaseForgetsNoReceipt(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	id, receipt := writer.ownedComment("It waits.")
	s.db.Close()
	if got := writer.own(id + "." + receipt); got.status < http.StatusInternalServerError || strings.Contains(got.body, "rj-gone") {
		t.Errorf("status %d:\n%s", got.status, got.body)
	}
}

func TestOwnPublicCommentWithoutScript(t *testing.T) {
	s := newFixture(t)
	s.changeSettings(upDown)
	writer := s.browser()
	page := writer.follow(writer.submit(quay, "body", "please publish this"))
	page.want(http.StatusOK, "Edit (until <time", "ask=withdraw", `class="rj-badge rj-you"`)
	page.wantWithout(`class="rj-report"`, `class="rj-vote"`, "rj-votes", "Your comment was published")
	s.browser().get(quay).want(http.StatusOK, `class="rj-report"`, `class="rj-vote"`)
	s.browser().get(quay).wantWithout("rj-you", "ask=withdraw")
}

func TestAnAppealPromisesWhatWillHappen(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	id, receipt := writer.ownedComment("It is declined.")
	status := "/comments/" + id + "?receipt=" + url.QueryEscape(receipt)
	ada := s.adaBrowser(t)
	action, form := ada.get("/console").decisionForm(id)
	ada.post(action, withField(form, "action", "reject")).want(http.StatusSeeOther)
	writer.get(status).want(http.StatusOK, "A moderator will read your comment and what you write here.")
	s.newModerator("Bo", auth.RoleModerator, nil)
	writer.get(status).want(http.StatusOK, "Another moderator will read your comment and what you write here.")

	sent := writer.part("/comments/"+id+"/appeal", url.Values{"receipt": {receipt}, "text": {"It is about the lamps."}})
	sent.want(http.StatusOK, "You appealed. A moderator will read your appeal.")
	writer.own(id+"."+receipt).want(http.StatusOK, "You appealed. A moderator will read your appeal.")
	s.decide(id, moderation.ActionReject)
	for _, told := range []pageResponse{writer.get(status), writer.own(id + "." + receipt)} {
		told.want(http.StatusOK, "You appealed; the decision stands.")
		told.wantWithout("A moderator will read it")
	}
}

func TestALinkToAMissingCommentSaysSo(t *testing.T) {
	const lost = "The linked comment was removed or is not public yet."
	s := newFixture(t)
	writer := s.browser()
	shown := s.comment("quay", "", "Tom", "please publish the lamps")
	gone := s.comment("quay", "", "Tom", "please publish this one, too")
	s.decide(gone, moderation.ActionReject)
	for _, page := range []string{quay, "/sites/paper/thread?article=quay"} {
		s.browser().get(page+"&comment="+gone).want(http.StatusOK, lost, "please publish the lamps")
		s.browser().get(page + "&comment=" + shown).wantWithout(lost)
		s.browser().get(page).wantWithout(lost)
	}
	sent := writer.follow(writer.submit(quay, "body", "It waits."))
	sent.wantWithout(lost)
	id := regexp.MustCompile(`data-id="([^"]+)" data-parent="" data-state`).FindStringSubmatch(sent.body)[1]
	writer.get(quay + "&comment=" + id).wantWithout(lost)
	s.browser().get(quay+"&comment="+id).want(http.StatusOK, lost)
}

func TestAVoteThatReplacesANeighboursSaysSo(t *testing.T) {
	const replaced, counted = "An earlier vote from yours was replaced.", "This vote from yours was already counted."
	s := newFixture(t)
	s.changeSettings(upDown)
	id := s.comment("quay", "", "Tom", "please publish the lamps")
	path := "/comments/" + id + "/vote"
	vote := func(value, was string) pageResponse {
		return s.browser().part(path, url.Values{"value": {value}, "was": {was}})
	}
	vote("1", "0").wantWithout("rj-voted")
	vote("1", "0").want(http.StatusOK, "1 upvote", counted)
	vote("-1", "0").want(http.StatusOK, "1 downvote", replaced)
	vote("1", "-1").wantWithout("rj-voted")
	reader := s.browser()
	voted := reader.follow(reader.post(path, url.Values{"value": {"-1"}}))
	voted.want(http.StatusOK, replaced, "1 downvote")
	s.browser().get(quay + "&comment=" + id).wantWithout("rj-voted")
}
