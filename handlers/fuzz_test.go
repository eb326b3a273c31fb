package handlers_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// FuzzJSONIntake sends arbitrary bodies to the JSON intake. Each is accepted or refused with a problem; none
// causes an internal error.
func FuzzJSONIntake(f *testing.F) {
	h := newTestServer(f)
	for _, seed := range []string{
		"", "{}", "null", "[]", `{"article":{"key":"quay"}`, `{"body":"a","body":"b"}`, `{"body":"\ud800"}`, "{\"body\":\"\xff\"}",
		`{"article":{"key":"quay","url":"https://harbour.example/","title":"T"},"parent_id":"` + nowhere + `","author_name":"Ines",` +
			`"author_email":"ines@mail.example","author_url":"https://ines.example","body":"**a** [b](https://c.example)","remember":true,` +
			`"notify":false,"commenter_token":"x.y","form":{"token":"a.b","honeypot":""}}`,
		`{"article":{"key":"\u0000"},"author_name":"\u202e","author_email":"\"a b\"@mail.example","body":"\u0000"}`,
		strangeSubmission("body", "<script>alert(1)</script>\n> [x](javascript:alert(1))"),
		strangeSubmission("author_name", "\u200d\u200d"), strangeSubmission("author_email", "ü@mail.example"),
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "key\x00\xff")
	}
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		h := h.in(t)
		h.clock.advance(25 * time.Hour)
		c := call{method: http.MethodPost, path: paperComments, body: string(body), wrong: true}
		r := h.sendWith(c, func(r *http.Request) { r.Header["Idempotency-Key"] = []string{key} })
		checkContract(t, c, r)
		switch {
		case r.status == http.StatusCreated:
			var a accepted
			r.want(http.StatusCreated, &a)
			h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + a.Comment.ID, token: a.Receipt}).want(http.StatusOK, nil)
			h.get(paperThread).want(http.StatusOK, nil)
		case r.status >= 500 || r.status < 400:
			t.Fatalf("status %d for %q: %s\n%s", r.status, body, r.body, h.log)
		default:
			var p problem
			if err := json.Unmarshal(r.body, &p); err != nil || p.Status != r.status {
				t.Errorf("status %d with %s (%v)", r.status, r.body, err)
			}
		}
	})
}
