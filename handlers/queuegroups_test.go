package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// group is a group of pending comments.
type group struct {
	Key    string
	Count  int
	Filter map[string]string
	Sample struct{ Body string }
}

func (h *testServer) groups(token, by string) []group {
	h.t.Helper()
	var list struct{ Items []group }
	h.do(call{method: http.MethodGet, path: "/api/v1/queue/groups?site=paper&by=" + by, token: token}).want(http.StatusOK, &list)
	return list.Items
}

func TestAGroupIsDecidedAsOne(t *testing.T) {
	const pitch = "Everybody should look at https://shop.example/now, the best lamps of the harbour are there today"
	for by, count := range map[string]int{"text": 3, "commenter": 3, "host": 3, "rule": 4} {
		t.Run(by, func(t *testing.T) {
			eachEngine(t, func(h *testServer) {
				ada := h.ada()
				for range 3 {
					h.submit(pitch, fields{"author_email": "seller@mail.example"})
				}
				other := h.submit("What a quiet morning at the quay", fields{"author_email": "reader@mail.example"})
				groups := h.groups(ada, by)
				if len(groups) != 1 || groups[0].Count != count || by != "rule" && !strings.Contains(groups[0].Sample.Body, "shop.example") {
					h.t.Fatalf("the groups are %+v", groups)
				}
				b := h.bulk(ada, fields{"filter": groups[0].Filter, "action": "spam", "expected": count})
				if b.Decided != count || len(h.groups(ada, by)) != 0 {
					h.t.Errorf("the bulk is %+v, and %+v are left", b, h.groups(ada, by))
				}
				if got := h.status(other.Comment.ID); by != "rule" && got != moderation.StatusPending {
					h.t.Errorf("the other comment is %s", got)
				}
				h.checkCounters()
			})
		})
	}
}

func TestGroupsNeedASiteAndAKnownKind(t *testing.T) {
	h := newTestServer(t)
	h.do(call{method: http.MethodGet, path: "/api/v1/queue/groups?by=mood", token: h.ada(), wrong: true}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/site required", "/by unknown")
}
