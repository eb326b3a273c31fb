package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rejoinder/auth"
)

// classifier is a classifier as the API shows it.
type classifier struct {
	ID, Name, URL, Secret string
	Version               int
	TimeoutMS             int      `json:"timeout_ms"`
	Sites                 []string `json:"sites"`
	HasSecret             bool     `json:"has_secret"`
	Health                struct {
		Today struct{ Sent, Answered int }
	}
}

const classifiersPath = "/api/v1/classifiers"

// scoring starts a classifier that finds the word "awful" toxic.
func scoring(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1<<16)
		n, _ := r.Body.Read(body)
		score := 0.05
		if strings.Contains(string(body[:n]), "awful") {
			score = 0.95
		}
		fmt.Fprintf(w, `{"score": %g, "label": "toxic"}`, score)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAdminsManageClassifiersAndRulesUseThem(t *testing.T) {
	h := newTestServer(t)
	token := h.registerModerator("chief", auth.RoleAdmin)
	rules := "rules:\n  - {id: toxic, when: external.tox.available && external.tox.score > 0.9, then: reject, reason: Toxic.}\n"
	check := func() string {
		r := h.do(call{method: "POST", path: "/api/v1/sites/paper/rulesets/check", body: fields{"source": rules}, token: token}).want(200, nil)
		return string(r.body)
	}
	if warnings := check(); !strings.Contains(warnings, `the classifier \"tox\", which this site does not use`) {
		t.Errorf("no warning: %s", warnings)
	}
	var added classifier
	h.do(call{method: "POST", path: classifiersPath, token: token,
		body: fields{"name": "tox", "url": scoring(t), "sites": []string{"paper"}, "timeout_ms": 2000}}).want(201, &added)
	if !strings.HasPrefix(added.Secret, "whsec_") || !added.HasSecret || added.TimeoutMS != 2000 {
		t.Errorf("%+v", added)
	}
	if warnings := check(); strings.Contains(warnings, "tox") {
		t.Errorf("the classifier is there: %s", warnings)
	}
	var saved struct{ Version int }
	h.do(call{method: "POST", path: "/api/v1/sites/paper/rulesets", token: token,
		body: fields{"source": rules}}).want(201, &saved)
	activate := fmt.Sprintf("/api/v1/sites/paper/rulesets/%d/activate", saved.Version)
	if r := h.do(call{method: "POST", path: activate, token: token}).want(200, nil); !strings.Contains(string(r.body), `"warnings":[]`) {
		t.Errorf("%s", r.body)
	}
	if a := h.submit("What an awful thing"); a.Comment.Status != "rejected" {
		t.Errorf("the comment is %s", a.Comment.Status)
	}
	one := classifiersPath + "/" + added.ID
	var tried struct {
		Available bool
		Score     float64
	}
	h.do(call{method: "POST", path: one + "/try", body: fields{"text": "awful"}, token: token}).want(200, &tried)
	if !tried.Available || tried.Score != 0.95 {
		t.Errorf("%+v", tried)
	}
	var changed classifier
	h.do(call{method: "PATCH", path: one, body: fields{"timeout_ms": 300, "version": added.Version},
		token: token}).want(200, &changed)
	if changed.TimeoutMS != 300 || changed.URL != added.URL || changed.Secret != "" || fmt.Sprint(changed.Sites) != "[paper]" {
		t.Errorf("%+v", changed)
	}
	h.do(call{method: "PATCH", path: one, body: fields{"version": added.Version}, token: token}).wantProblem(409, "stale-settings")
	moved := h.do(call{method: "PATCH", path: one, body: fields{"url": scoring(t)}, token: token}).want(422, nil)
	if !strings.Contains(string(moved.body), "Enter the secret again") {
		t.Errorf("the secret goes elsewhere: %s", moved.body)
	}
	var got classifier
	h.do(call{path: one, token: token}).want(200, &got)
	if got.Health.Today.Sent != 2 || got.Health.Today.Answered != 2 || got.Secret != "" {
		t.Errorf("%+v", got)
	}
	h.do(call{method: "DELETE", path: one, token: token}).want(204, nil)
	if r := h.do(call{method: "POST", path: activate, token: token}).want(200, nil); !strings.Contains(string(r.body), "never available") {
		t.Errorf("no warning: %s", r.body)
	}
}

func TestAnotherHostNeedsTheSecretOfAFileAgain(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	first, second, third := scoring(t), scoring(t), scoring(t)
	list := admin.get("/console/classifiers")
	refused := list.fill(admin, "/console/classifiers", "name", "filed", "protocol", "perspective", "url", first, "sites", "paper",
		"secret_in_file", "yes")
	refused.want(http.StatusUnprocessableEntity, "Enter the secret of the file once, so that it may be sent to "+first+".")
	admin.follow(refused.fill(admin, "/console/classifiers", "secret", "key-in-file")).want(http.StatusOK, "used by paper")
	one := admin.get("/console/classifiers").link("filed")
	moved := admin.get(one).fill(admin, one, "url", second)
	moved.want(http.StatusUnprocessableEntity, "may be sent to "+first+" only. Enter it again to send it to "+second+".")
	admin.follow(moved.fill(admin, one, "secret", "key-in-file")).want(http.StatusOK, "Saved.")

	token := must(s.Auth.Login(t.Context(), auth.LoginRequest{Email: moderatorEmail("Chief"), Password: moderatorPassword,
		AddressKey: []byte("x")}))(t).AccessToken
	patch := func(body string) pageResponse {
		r := must(http.NewRequestWithContext(t.Context(), http.MethodPatch, s.baseURL+"/api/v1/classifiers/"+
			strings.TrimPrefix(one, "/console/classifiers/"), strings.NewReader(body)))(t)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		return s.browser().send(r)
	}
	patch(`{"url": "`+third+`"}`).want(http.StatusUnprocessableEntity, `"pointer":"/secret"`, second+" only.")
	patch(`{"url": "`+third+`", "secret": "guessed"}`).want(http.StatusUnprocessableEntity, "This is not the secret in the file.")
	patch(`{"url": "`+third+`", "secret": "key-in-file"}`).want(http.StatusOK, `"has_secret":true`)
	patch(`{"url": "` + third + `/path", "timeout_ms": 300}`).want(http.StatusOK)
}

func TestMistakesInClassifiersAreNamed(t *testing.T) {
	h := newTestServer(t)
	token := h.registerModerator("chief", auth.RoleAdmin)
	for pointer, body := range map[string]fields{
		"/name":                 {"name": "Not good"},
		"/url":                  {"url": "http://10.0.0.1/"},
		"/sites":                {"sites": []string{"nowhere"}},
		"/timeout_ms":           {"timeout_ms": 1},
		"/protocol":             {"protocol": "carrier pigeon"},
		"/on_late":              {"on_late": "panic"},
		"/feedback":             {"feedback": true},
		"/secret":               {"secret": "not one of ours"},
		"/blog":                 {"protocol": "akismet", "secret": "k", "sends": fields{"address_prefix": true}},
		"/sends/name":           {"protocol": "openai", "sends": fields{"name": true}},
		"/sends/address_prefix": {"protocol": "akismet", "secret": "k", "blog": "https://paper.example"},
		"/secret_in_file":       {"secret_in_file": true},
	} {
		request := fields{"name": "fine", "url": "https://classifier.example/"}
		for key, value := range body {
			request[key] = value
		}
		r := h.do(call{method: "POST", path: classifiersPath, body: request, token: token, wrong: true}).want(422, nil)
		if !strings.Contains(string(r.body), `"pointer":"`+pointer+`"`) {
			t.Errorf("%s: %s", pointer, r.body)
		}
	}
}

func TestTheConsoleManagesClassifiers(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	list := admin.get("/console/classifiers")
	list.want(http.StatusOK, "There are no classifiers yet.")
	wrong := list.fill(admin, "/console/classifiers", "name", "tox", "url", "http://10.1.2.3/", "sites", "paper")
	wrong.want(http.StatusUnprocessableEntity, "10.1.2.3 is not a public address.", `value="tox"`)
	made := admin.follow(wrong.fill(admin, "/console/classifiers", "url", scoring(t), "send_name", "yes", "timeout_ms", "2000"))
	made.want(http.StatusOK, "Secret of ", "whsec_", "Sent to it: the text, the name.", "used by paper", "Moderators agree")
	one := admin.get("/console/classifiers").link("tox")
	shown := admin.get(one)
	shown.wantWithout("whsec_")
	shown.fill(admin, one+"/try", "text", "What an awful thing").want(http.StatusOK, "Score 0.95, label toxic")
	shown.fill(admin, one+"/try", "text", " ").want(http.StatusUnprocessableEntity, "Please write a comment.")
	admin.follow(shown.fill(admin, one, "timeout_ms", "250")).want(http.StatusOK, "Saved.", `value="250"`)
	shown.fill(admin, one, "timeout_ms", "soon").want(http.StatusUnprocessableEntity, "Must be a whole number.")
	admin.get(builderPage).want(http.StatusOK, `<option value="external.tox.score">tox: score (0 to 1)`)
	admin.get("/console/audit").want(http.StatusOK, "added an outside classifier", "changed an outside classifier")
	admin.follow(shown.fill(admin, one+"/remove")).want(http.StatusOK, "has been removed", "There are no classifiers yet.")
}
