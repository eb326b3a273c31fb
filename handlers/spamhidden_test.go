package handlers_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"rejoinder/auth"
)

// authorView returns everything that the server shows the writer of a comment, without values that differ
// between any two comments: the JSON, the status page, the widget's fragment, and the responses to edits.
func (h *testServer) authorView(a accepted) string {
	h.t.Helper()
	id := a.Comment.ID
	seen := []reply{
		h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + id, token: a.Receipt}),
		h.send(call{method: http.MethodGet, path: "/comments/" + id + "?receipt=" + url.QueryEscape(a.Receipt),
			header: map[string]string{"Accept": "text/html"}}),
		h.send(call{method: http.MethodPost, path: "/sites/paper/own",
			body: url.Values{"article": {"quay"}, "lang": {"en"}, "own": {id + "." + a.Receipt}, "part": {"1"}}.Encode(),
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://harbour.example",
				"Accept": "text/html"}}),
	}
	for _, body := range []string{"Another text that is held", "Another text, please decline it"} {
		seen = append(seen, h.do(call{method: http.MethodPatch, path: "/api/v1/comments/" + id, token: a.Receipt,
			body: fields{"body": body, "version": len(seen) - 2}}))
	}
	var all strings.Builder
	for _, r := range seen {
		all.WriteString(r.what + "\n" + http.StatusText(r.status) + "\n")
		all.Write(r.body)
	}
	text := strings.NewReplacer(id, "ID", url.QueryEscape(a.Receipt), "RECEIPT", a.Receipt, "RECEIPT").Replace(all.String())
	return regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}`).ReplaceAllString(text, "UUID")
}

// TestSpamAndHeldCommentsLookTheSameToTheirWriters compares two comments with the same history, of
// which the last decision calls one spam, and holds the other or leaves it pending.
func TestSpamAndHeldCommentsLookTheSameToTheirWriters(t *testing.T) {
	rejected, held := fields{"action": "reject", "reason": "First."}, fields{"action": "hold"}
	spam := fields{"action": "spam", "reason": "You sell lamps.", "reason_code": "spam"}
	for _, test := range []struct {
		name, body     string
		before         []fields
		appealed       bool
		caught, waited []fields
	}{
		{name: "a comment that waits", body: "It waits", caught: []fields{spam}},
		{name: "a public comment", body: "It is public, please publish", caught: []fields{spam}, waited: []fields{held}},
		{name: "a comment approved with a word", body: "It waits", before: []fields{{"action": "approve", "reason": "Good."}},
			caught: []fields{spam}, waited: []fields{held}},
		{name: "a declined comment", body: "It waits", before: []fields{rejected}, caught: []fields{spam}, waited: []fields{held}},
		{name: "a comment held with a word", body: "It waits", before: []fields{rejected, {"action": "hold", "reason": "Second."}},
			caught: []fields{spam}},
		{name: "an appeal", body: "It waits", before: []fields{rejected}, appealed: true, caught: []fields{spam}},
		{name: "spam that was taken for a mistake", body: "It waits", caught: []fields{spam, held}},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachEngine(t, func(h *testServer) {
				ada, iris := h.ada(), h.registerModerator("Iris", auth.RoleModerator)
				view := func(after []fields) string {
					a, version := h.submit(test.body), 1
					rule := func(token string, d fields) {
						d = maps.Clone(d)
						d["version"] = version
						version = h.decideWith(token, a.Comment.ID, d).Comment.Version
					}
					for _, d := range test.before {
						rule(ada, d)
					}
					if test.appealed {
						h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/appeal", token: a.Receipt,
							body: fields{"text": "It is about lamps."}}).want(http.StatusOK, nil)
						version++
					}
					for _, d := range after {
						rule(iris, d)
					}
					return h.authorView(a)
				}
				waited := view(test.waited)
				if caught := view(test.caught); caught != waited {
					h.t.Errorf("spam:\n%s\nheld:\n%s", caught, waited)
				}
			})
		})
	}
}
