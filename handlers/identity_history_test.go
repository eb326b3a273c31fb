package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"rejoinder/moderation"
)

// statusAfter returns the status that a new comment gets.
func (p publisher) statusAfter(token, body string) moderation.Status {
	p.h.t.Helper()
	var sent accepted
	p.send(token, body).want(http.StatusCreated, &sent)
	p.h.clock.advance(time.Minute)
	return sent.Comment.Status
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
