package handlers_test

import (
	"net/http"
	"sync"
	"testing"

	"rejoinder/moderation"
)

func keyed(key string, body fields) call {
	return call{method: http.MethodPost, path: paperComments, body: body, header: map[string]string{"Idempotency-Key": key}}
}

func TestARepeatedRequestGetsTheFirstAnswerAgain(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		body := submission("Sent once, or twice?", fields{"remember": true})
		var first, again, other accepted
		h.do(keyed("k-1", body)).want(http.StatusCreated, &first)
		h.do(keyed("k-1", body)).want(http.StatusCreated, &again)
		if first.Receipt == "" || first.CommenterToken == "" || first.Comment.ID != again.Comment.ID ||
			first.Receipt != again.Receipt || first.CommenterToken != again.CommenterToken {
			h.t.Errorf("the first answer was %+v, the second %+v", first, again)
		}
		h.do(keyed("k-1", submission("Something else."))).wantProblem(http.StatusUnprocessableEntity, "idempotency-mismatch")
		h.do(keyed("k-2", body)).want(http.StatusCreated, &other)
		if other.Comment.ID == first.Comment.ID {
			h.t.Error("another key got the same comment")
		}
		if n := h.count(moderation.StatusPending); n != 2 {
			h.t.Errorf("%d comments were kept, want one for each key", n)
		}
	})
}

func TestTheSameRequestManyTimesAtOnceIsOneComment(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		const senders = 16
		var all sync.WaitGroup
		ids := make(chan string, senders)
		for range senders {
			all.Go(func() {
				r := h.send(keyed("k-1", submission("All at once.")))
				var a accepted
				if r.read(&a); r.status == http.StatusCreated {
					ids <- a.Comment.ID
				}
			})
		}
		all.Wait()
		close(ids)
		seen, answers := map[string]bool{}, 0
		for id := range ids {
			seen[id] = true
			answers++
		}
		if answers != senders || len(seen) != 1 {
			h.t.Errorf("%d of %d requests were answered with 201, naming %d comments", answers, senders, len(seen))
		}
		if n := h.count(moderation.StatusPending); n != 1 {
			h.t.Errorf("%d comments were kept", n)
		}
	})
}
