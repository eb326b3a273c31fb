package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// approved publishes a comment and returns its id.
func (h *testServer) approved(article, parent, body string) string {
	h.t.Helper()
	return h.comment(article, parent, "Ines Weber", body+", please publish it")
}

// outline returns a thread on one line, with replies in brackets.
func outline(nodes []threadNode) string {
	var parts []string
	for _, n := range nodes {
		word := "†"
		if !n.Tombstone {
			word, _, _ = strings.Cut(strings.TrimPrefix(n.HTML, "<p>"), ",")
		}
		if len(n.Replies) > 0 {
			word += "[" + outline(n.Replies) + "]"
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, " ")
}

func TestTheThreadNestsRepliesAndHasTombstones(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		a := h.approved("quay", "", "a")
		b := h.approved("quay", "", "b")
		a1 := h.approved("quay", a, "a1")
		a2 := h.approved("quay", a, "a2")
		h.approved("quay", a1, "a11")
		h.comment("quay", a, "Bo Lund", "waits")
		if got, want := outline(h.thread("").Comments), "a[a1[a11] a2] b"; got != want {
			h.t.Errorf("the thread is %s, want %s", got, want)
		}
		if got, want := outline(h.thread("&sort=newest").Comments), "b a[a1[a11] a2]"; got != want {
			h.t.Errorf("newest first it is %s, want %s", got, want)
		}
		h.decide(a1, moderation.ActionReject)
		h.decide(a2, moderation.ActionSpam)
		h.decide(b, moderation.ActionDelete)
		p := h.thread("")
		if got, want := outline(p.Comments), "a[†[a11]]"; got != want || p.Count != 2 {
			h.t.Errorf("afterwards it is %s with %d comments, want %s with 2", got, p.Count, want)
		}
		gone := p.Comments[0].Replies[0]
		if gone.ID != a1 || gone.AuthorName != "" || gone.HTML != "" {
			h.t.Errorf("a place of something gone shows %+v", gone)
		}
		h.decide(a, moderation.ActionHold)
		if got, want := outline(h.thread("").Comments), "†[†[a11]]"; got != want {
			h.t.Errorf("with its root held it is %s, want %s", got, want)
		}
		var counts struct{ Counts map[string]int }
		h.get("/api/v1/sites/paper/counts?article=quay&article=nosuch").want(http.StatusOK, &counts)
		if fmt.Sprint(counts.Counts) != "map[nosuch:0 quay:1]" {
			h.t.Errorf("the counts are %v", counts.Counts)
		}
	})
}

// readPages reads a list to its end, page by page, and returns an outline of each page.
func (h *testServer) readPages(query string) []string {
	h.t.Helper()
	var pages []string
	cursor := ""
	for range 20 {
		p := h.thread(query + cursor)
		pages = append(pages, outline(p.Comments))
		if p.NextCursor == "" {
			return pages
		}
		cursor = "&cursor=" + p.NextCursor
	}
	h.t.Fatalf("%s does not end: %q", query, pages)
	return nil
}

func TestPagesOfAThreadMissNothingAndRepeatNothing(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			h.approved("quay", h.approved("quay", "", name), name+"1")
		}
		for query, want := range map[string]string{
			"&limit=5":             "a[a1] b[b1] | c[c1] d[d1] | e[e1]",
			"&limit=4&sort=newest": "e[e1] d[d1] | c[c1] b[b1] | a[a1]",
			"&limit=1":             "a | b | c | d | e",
			"":                     "a[a1] b[b1] c[c1] d[d1] e[e1]",
		} {
			if got := strings.Join(h.readPages(query), " | "); got != want {
				h.t.Errorf("%s: pages %s, want %s", query, got, want)
			}
		}
	})
}

func TestALongBranchContinuesOnPagesOfItsOwn(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		root := h.approved("quay", "", "root")
		var want []string
		for i := range moderation.RepliesPerRoot + 3 {
			h.approved("quay", root, fmt.Sprintf("r%d", i))
			want = append(want, fmt.Sprintf("r%d", i))
		}
		top := h.thread("").Comments[0]
		if len(top.Replies) != moderation.RepliesPerRoot || top.MoreReplies == "" {
			h.t.Fatalf("the first page has %d replies, and goes on with %q", len(top.Replies), top.MoreReplies)
		}
		rest := h.thread("&root=" + root + "&cursor=" + top.MoreReplies)
		if got := outline(top.Replies) + " " + outline(rest.Comments); got != strings.Join(want, " ") || rest.NextCursor != "" {
			h.t.Errorf("the branch is %s", got)
		}
		h.do(call{method: http.MethodGet, path: paperThread + "&root=7", wrong: true}).wantProblem(http.StatusNotFound, "not-found")
		h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/thread?article=other&root=" + root}).want(http.StatusOK, nil)
	})
}

func TestAClientWithTheThreadGets304UntilItChanges(t *testing.T) {
	h := newTestServer(t)
	id := h.approved("quay", "", "a")
	for _, path := range []string{paperThread, "/api/v1/sites/paper/counts?article=quay"} {
		first := h.get(path).want(http.StatusOK, nil)
		tag := first.header.Get("ETag")
		has := func(value string) reply {
			return h.do(call{method: http.MethodGet, path: path, header: map[string]string{"If-None-Match": value}})
		}
		for _, value := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
			r := has(value).want(http.StatusNotModified, nil)
			if len(r.body) != 0 || r.header.Get("ETag") != tag || r.header.Get("Cache-Control") == "" || !strings.HasPrefix(r.header.Get("Vary"), "Origin") {
				t.Errorf("%s with %s: %q %v", path, value, r.body, r.header)
			}
			for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Content-Security-Policy"} {
				if r.header.Get(name) != "" {
					t.Errorf("%s: the client has %s already", path, name)
				}
			}
		}
		has(`"other"`).want(http.StatusOK, nil)
		h.decide(id, moderation.ActionHold)
		if changed := has(tag).want(http.StatusOK, nil); changed.header.Get("ETag") == tag {
			t.Errorf("%s: another content has the same tag", path)
		}
		h.decide(id, moderation.ActionApprove)
	}
	if first, second := h.get(paperThread), h.get(paperThread); first.header.Get("X-Form-Token") == "" || string(first.body) != string(second.body) {
		t.Error("there is no form token, or it changes the body")
	}
}

func TestTheFormTokenOfAThreadMeasuresTheWritingTime(t *testing.T) {
	h := newTestServer(t)
	token := h.get(paperThread).header.Get("X-Form-Token")
	sent := h.submit("Filled in by a program", fields{"form": fields{"token": token, "honeypot": "http://spam.example"}})
	if sent.Comment.Status != moderation.StatusPending {
		t.Errorf("the sender who filled in the honeypot sees %s", sent.Comment.Status)
	}
	if n := h.count(moderation.StatusSpam); n != 1 {
		t.Errorf("%d comments are spam", n)
	}
}

func TestHeadWorksWhereGetDoes(t *testing.T) {
	h := newTestServer(t)
	for _, path := range []string{"/healthz", paperThread, "/openapi.yaml", "/sites/paper/page?article=quay"} {
		if r := h.send(call{method: http.MethodHead, path: path}); r.status != http.StatusOK {
			t.Errorf("HEAD %s: status %d", path, r.status)
		}
	}
}
