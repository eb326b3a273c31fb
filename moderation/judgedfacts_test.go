package moderation_test

import (
	"net/netip"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestRulesKnowNewWebsitesStaffNamesAndRepliesToAnEdit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.activate(`lists: {insults: {mode: word, fields: [body], terms: [fool]}}
default: approve
rules:
  - {id: new-website, when: author.url_new, then: hold, reason: x, public_reason: New., reason_code: links}
  - {id: staff-name, when: author.names_moderator, then: hold, reason: x}
  - {id: addressed, when: addressed("insults"), then: hold, reason: x}
  - {id: rewritten, when: edit.replies > 0 && edit.rewritten > 0.5, then: hold, reason: x}
`)
		token, parent := "", ""
		send := func(name, website, body string) moderation.SubmitResult {
			t.Helper()
			f.advance(time.Minute)
			a := got(f.intake.Submit(t.Context(), moderation.Submission{
				SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"}, AuthorName: name, AuthorEmail: "vic@mail.example",
				AuthorURL: website, Body: body, ParentID: parent, Remember: true, CommenterToken: token,
				Address: netip.MustParseAddr("192.0.2.7"),
			}))(t)
			f.receipts[a.Comment.ID] = a.Receipt
			if a.CommenterToken != "" {
				token = a.CommenterToken
			}
			return a
		}
		status := func(what string, c moderation.AuthorView, want moderation.Status) {
			t.Helper()
			if c.Status != want {
				t.Errorf("%s: %s, want %s", what, c.Status, want)
			}
		}
		first := send("Vic", "https://vic.example/", "The tide mill was my grandfather's.")
		status("a first website", first.Comment, moderation.StatusPending)
		if first.Comment.PublicReason != "New." || first.Comment.ReasonCode != "links" {
			t.Errorf("public reason %q with the code %q", first.Comment.PublicReason, first.Comment.ReasonCode)
		}
		if log := got(d.Decisions.Decisions(t.Context(), first.Comment.ID))(t); log[0].ReasonCode != "links" {
			t.Errorf("the decision has the code %q", log[0].ReasonCode)
		}
		f.decide(first.Comment.ID, moderation.ActionApprove)
		status("the same host", send("Vic", "https://vic.example/about", "He shut the gates by hand.").Comment, moderation.StatusApproved)
		status("another host", send("Vic", "https://shop.example/", "And opened them at noon.").Comment, moderation.StatusPending)
		status("an admin", send("Adm1n", "", "Read the rules.").Comment, moderation.StatusPending)
		parent = first.Comment.ID
		status("the name of the writer replied to", send("Ann", "", "Vic is a fool").Comment, moderation.StatusPending)
		status("a reply", send("Ann", "", "The building is a fool's dream").Comment, moderation.StatusApproved)
		status("a small edit after it", f.edit(first.Comment.ID, "The tide mill was my dear grandfather's."), moderation.StatusApproved)
		status("another text after it", f.edit(first.Comment.ID, "Cheap pills for everybody here."), moderation.StatusPending)
	})
}
