package handlers_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// sportRules test the tags of articles, and the page's report of pasted text.
const sportRules = `
rules:
  - {id: sport, when: '"sport" in article.tags', then: reject, reason: "About {{article.tags}}."}
  - {id: pasted, when: form.paste_known && form.pasted_share > 0.9, then: reject, reason: "{{form.pasted}} characters were pasted."}
default: approve
tests:
  - {name: sport is declined, body: Hello, facts: {article.tags: [news, sport]}, expect: {rules: [sport]}}
`

func (a apiClient) enforce(source string) {
	a.t.Helper()
	var saved struct{ Version int }
	a.post(paperRulesets, fields{"source": source}).want(http.StatusCreated, &saved)
	a.post(paperRulesets+"/"+strconv.Itoa(saved.Version)+"/activate", nil).want(http.StatusOK, nil)
}

func TestRulesKnowArticlesByTheirTags(t *testing.T) {
	h := newTestServer(t)
	ada := newAdminClient(h)
	ada.enforce(sportRules)
	var article struct{ Tags []string }
	ada.post("/api/v1/sites/paper/articles", fields{"key": "match", "tags": []string{"news", " news ", "sport"}}).want(http.StatusCreated, &article)
	if !slices.Equal(article.Tags, []string{"news", "sport"}) {
		t.Errorf("the tags are %q", article.Tags)
	}
	about := fields{"article": fields{"key": "match"}}
	if a := h.submit("On the match", about); string(a.Comment.Status) != "rejected" {
		t.Errorf("a comment on sport is %s", a.Comment.Status)
	}
	change := call{method: http.MethodPatch, path: "/api/v1/sites/paper/articles?article=match", token: ada.token, body: fields{"tags": []string{"news"}}}
	h.do(change).want(http.StatusOK, &article)
	if !slices.Equal(article.Tags, []string{"news"}) {
		t.Errorf("the tags are %q after the change", article.Tags)
	}
	change.body = fields{"closed": false}
	h.do(change).want(http.StatusOK, &article)
	if !slices.Equal(article.Tags, []string{"news"}) {
		t.Errorf("another change made the tags %q", article.Tags)
	}
	if a := h.submit("On the match again", about); string(a.Comment.Status) != "approved" {
		t.Errorf("a comment on news is %s", string(a.Comment.Status))
	}
	change.body, change.wrong = fields{"tags": []string{"ok", "", strings.Repeat("x", 101)}}, true
	h.do(change).wantProblem(422, "invalid", "/tags/1 required", "/tags/2 too_long")
	change.body = fields{"tags": []string{"ok", "a\x00b"}}
	h.do(change).wantProblem(422, "invalid", "/tags/1 malformed")
	change.body = fields{"tags": slices.Repeat([]string{"x"}, 51)}
	h.do(change).wantProblem(422, "invalid", "/tags too_many")
}

func TestRulesKnowHowMuchWasPasted(t *testing.T) {
	h := newTestServer(t)
	newAdminClient(h).enforce(sportRules)
	for _, c := range []struct {
		name   string
		form   fields
		status moderation.Status
	}{
		{"a page that does not say", fields{}, "approved"},
		{"a text that was typed", fields{"pasted_characters": 0}, "approved"},
		{"a text that was pasted", fields{"pasted_characters": 30}, "rejected"},
		{"more pasted than is left", fields{"pasted_characters": 5000}, "rejected"},
	} {
		if a := h.submit("A text: "+c.name, fields{"form": c.form}); string(a.Comment.Status) != string(c.status) {
			t.Errorf("%s is %s", c.name, string(a.Comment.Status))
		}
	}
	bad := call{method: http.MethodPost, path: paperComments, wrong: true, body: submission("x", fields{"form": fields{"pasted_characters": -1}})}
	h.do(bad).wantProblem(422, "invalid", "/form/pasted_characters out_of_range")
}

func TestAFormMaySayHowMuchWasPasted(t *testing.T) {
	s := newFixture(t)
	saved := must(s.Rulebook.Save(t.Context(), moderation.Viewer{}, "paper", rulebook.Draft{Source: sportRules}))(t)
	must(s.Rulebook.Activate(t.Context(), moderation.Viewer{}, rulebook.Ref{SiteSlug: "paper", Version: saved.Version}))(t)
	writer := s.browser()
	writer.submit(quay, "body", "Pasted words", "pasted", "400").want(http.StatusUnprocessableEntity, "Your comment was not accepted")
	for _, value := range []string{"0", "", "-1", "many", "99999999999999999999"} {
		body := "Words with " + value
		writer.follow(writer.submit(quay, "body", body, "pasted", value)).want(http.StatusOK, body)
	}
}
