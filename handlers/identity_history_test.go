package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
)

// importCSV imports a CSV file into the site paper and waits for its end.
func (p publisher) importCSV(lines string) {
	p.h.t.Helper()
	var started struct{ ID string }
	p.h.do(call{method: http.MethodPost, path: "/api/v1/sites/paper/imports?format=csv", token: p.iris.token,
		header: map[string]string{"Content-Type": "application/octet-stream"},
		body:   "id,url,name,email,date,status,text\n" + lines}).want(http.StatusAccepted, &started)
	var run struct{ Status string }
	eventually(p.h.t, "the import ends", func() bool {
		p.h.do(call{path: "/api/v1/sites/paper/imports/" + started.ID, token: p.iris.token}).want(http.StatusOK, &run)
		return run.Status != "running"
	})
	if run.Status != "done" {
		p.h.t.Fatalf("the import is %s", run.Status)
	}
}

// ownTexts returns the texts of the comments that belong to the reader of a token, newest first.
func (p publisher) ownTexts(token string) []string {
	p.h.t.Helper()
	var own struct{ Items []struct{ Body string } }
	p.h.do(call{path: ownComments, header: signedBy(token)}).want(http.StatusOK, &own)
	texts := make([]string, len(own.Items))
	for i, c := range own.Items {
		texts[i] = c.Body
	}
	return texts
}

func wantTexts(t testing.TB, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// statusAfter returns the status that a new comment gets.
func (p publisher) statusAfter(token, body string) moderation.Status {
	p.h.t.Helper()
	var sent accepted
	p.send(token, body).want(http.StatusCreated, &sent)
	p.h.clock.advance(time.Minute)
	return sent.Comment.Status
}

func TestAnImportedCommenterAndTheReaderWithThatEmailAreOnePerson(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, p := h.t, newPublisher(h, "optional")
		p.iris.enforce(trustRules)
		const page = ",https://paper.example/quay,Seven,reader-7@mail.example,"
		p.importCSV("1" + page + "2025-03-01T10:00:00Z,approved,An old comment\n2" + page + "2025-03-02T10:00:00Z,spam,An old advertisement\n" +
			"3,https://paper.example/quay,Somebody,other@mail.example,2025-03-03T10:00:00Z,approved,Of another\n")
		if a := h.submit("Typed by a stranger", fields{"author_email": "reader-7@mail.example"}); a.Comment.Status != moderation.StatusPending {
			t.Errorf("the email alone makes a comment %s", a.Comment.Status)
		}
		h.clock.advance(time.Minute)
		seven, eight := p.token("7", nil), p.token("8", fields{"email": "reader-7@mail.example"})
		if status := p.statusAfter(seven, "Signed in"); status != moderation.StatusApproved {
			t.Errorf("the history does not count: a comment is %s", status)
		}
		wantTexts(t, p.ownTexts(seven), "Signed in", "An old advertisement", "An old comment")

		// Another reader with the email gets nothing, not even from a later import.
		if status := p.statusAfter(eight, "Later"); status != moderation.StatusPending {
			t.Errorf("the history counts for another reader: a comment is %s", status)
		}
		p.importCSV("4" + page + "2025-03-04T10:00:00Z,approved,Imported later\n")
		if status := p.statusAfter(p.token("8", fields{"email": "reader-7@mail.example"}), "Later still"); status != moderation.StatusPending {
			t.Errorf("the later import counts for another reader: a comment is %s", status)
		}
		wantTexts(t, p.ownTexts(p.token("8", nil)), "Later still", "Later")
		p.statusAfter(p.token("7", nil), "Signed in again")
		wantTexts(t, p.ownTexts(p.token("7", nil)), "Signed in again", "Signed in", "Imported later", "An old advertisement", "An old comment")
	})
}

func TestAReaderSeenBeforeTheImportComesFirst(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, p := h.t, newPublisher(h, "optional")
		shared := fields{"email": "shared@mail.example"}
		p.statusAfter(p.token("first", shared), "The first reader")
		p.statusAfter(p.token("second", shared), "The second reader")
		p.importCSV("1,https://paper.example/quay,Old,shared@mail.example,2025-03-01T10:00:00Z,approved,An old comment\n")
		p.statusAfter(p.token("second", shared), "The second reader again")
		wantTexts(t, p.ownTexts(p.token("second", shared)), "The second reader again", "The second reader")
		p.statusAfter(p.token("first", shared), "The first reader again")
		wantTexts(t, p.ownTexts(p.token("first", shared)), "The first reader again", "The first reader", "An old comment")
	})
}

func TestAReaderWhoseOnlyCommentWasRefusedIsForgotten(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, p := h.t, newPublisher(h, "optional")
		refused := func(subject string) {
			h.do(call{method: http.MethodPost, path: paperComments, header: signedBy(p.token(subject, nil)),
				body: fields{"article": fields{"key": "quay"}, "body": "A reply to nothing",
					"parent_id": "019b0000-0000-7000-8000-00000000dead"}}).want(http.StatusUnprocessableEntity, nil)
		}
		forgotten := func() int64 {
			return must(h.db.Janitor.ForgetReaders(t.Context(), h.clock.Now().Add(-24*time.Hour)))(t)
		}
		p.statusAfter(p.token("7", nil), "Stays")
		refused("8")
		refused("9")
		h.clock.advance(13 * time.Hour)
		refused("9") // counts as new again
		h.clock.advance(12 * time.Hour)
		if n := forgotten(); n != 1 {
			t.Errorf("%d readers were forgotten, want the 8th", n)
		}
		h.clock.advance(13 * time.Hour)
		if n := forgotten(); n != 1 {
			t.Errorf("%d readers were forgotten, want the 9th", n)
		}
		site := must(h.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
		seen := must(h.Readers.Identify(t.Context(), site, p.token("7", nil)))(t).FirstSeenAt
		if age := h.clock.Now().Sub(seen); age < 37*time.Hour {
			t.Errorf("the 7th reader is known for %s only", age)
		}
		if again := must(h.Readers.Identify(t.Context(), site, p.token("9", nil)))(t); !again.FirstSeenAt.Equal(h.clock.Now()) {
			t.Errorf("the 9th reader is still known, since %s", again.FirstSeenAt)
		}
	})
}
