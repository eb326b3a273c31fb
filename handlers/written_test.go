package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestInvisibleTextIsRefusedEverywhere sends it as a comment, an edit, a preview and a staff
// reply.
func TestInvisibleTextIsRefusedEverywhere(t *testing.T) {
	h := newTestServer(t)
	mine := h.submit("A text to change, please publish it")
	staff := h.ada()
	for _, body := range []string{"\u200b", "<!-- a -->", "***", "> ", "![]()", "```\n```"} {
		text := fields{"body": body}
		for name, c := range map[string]call{
			"comment":     {method: http.MethodPost, path: paperComments, body: submission(body)},
			"edit":        {method: http.MethodPatch, path: "/api/v1/comments/" + mine.Comment.ID, token: mine.Receipt, body: text},
			"preview":     {method: http.MethodPost, path: "/api/v1/sites/paper/preview", body: text},
			"staff reply": {method: http.MethodPost, path: "/api/v1/comments/" + mine.Comment.ID + "/replies", token: staff, body: text},
		} {
			t.Run(name+" "+body, func(t *testing.T) {
				h.in(t).do(c).wantProblem(http.StatusUnprocessableEntity, "invalid", "/body required")
			})
		}
	}
}

func TestANameThatLooksLikeAHostDoesNotHideWhereItLeads(t *testing.T) {
	h := newTestServer(t)
	for i, c := range []struct{ name, website, want string }{
		{"paypal.com", "https://evil.example/", "paypal.com (evil.example)</a>"},
		{"paypal.com", "https://www.paypal.com/", ">paypal.com</a>"},
		{"Ines K.", "https://xn--l-7sba6dbr.com/", ">Ines K.</a>"},
	} {
		body := []string{"The first of these,", "Another text in other words,", "And something else again,"}[i]
		h.submit(body+" please publish", fields{"author_name": c.name, "author_url": c.website})
		if page := string(h.get("/sites/paper/page?article=quay").want(http.StatusOK, nil).body); !strings.Contains(page, c.want) {
			t.Errorf("the page does not show %s", c.want)
		}
	}
}
