package handlers_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rejoinder/moderation"
)

// publisher is a publication's server, which signs tokens of its readers.
type publisher struct {
	h      *testServer
	iris   apiClient // an admin
	secret string
}

const (
	identityKeys = "/api/v1/sites/paper/identity-keys"
	ownComments  = "/api/v1/sites/paper/own"
)

// newPublisher gives the site paper a secret, and allows signed-in readers.
func newPublisher(h *testServer, mode string, settings ...fields) publisher {
	h.t.Helper()
	iris := newAdminClient(h)
	change := fields{"identity": mode}
	for _, more := range settings {
		maps.Copy(change, more)
	}
	h.do(call{method: http.MethodPatch, path: "/api/v1/sites/paper", token: iris.token, body: fields{"settings": change}}).want(http.StatusOK, nil)
	var key struct{ Secret string }
	iris.post(identityKeys, fields{"name": "Website", "kind": "secret"}).want(http.StatusCreated, &key)
	return publisher{h, iris, key.Secret}
}

// claims are those of a reader's token, with changes; nil removes a claim.
func (p publisher) claims(subject string, changes fields) jwt.MapClaims {
	now := p.h.clock.Now()
	c := jwt.MapClaims{"aud": "paper", "sub": subject, "name": "Reader " + subject, "email": "reader-" + subject + "@mail.example",
		"email_verified": true, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(c, jwt.MapClaims(changes))
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func (p publisher) token(subject string, changes fields) string {
	p.h.t.Helper()
	return must(jwt.NewWithClaims(jwt.SigningMethodHS256, p.claims(subject, changes)).SignedString([]byte(p.secret)))(p.h.t)
}

func signedBy(token string) map[string]string {
	return map[string]string{"X-Rejoinder-Identity": token}
}

// send sends a comment with only a text and the token.
func (p publisher) send(token, body string) reply {
	p.h.t.Helper()
	return p.h.do(call{method: http.MethodPost, path: paperComments, header: signedBy(token),
		body: fields{"article": fields{"key": "quay"}, "body": body}})
}

func TestASignedInReaderCommentsAndChangesItOnEveryDevice(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		p := newPublisher(h, "optional", fields{"avatar_origins": []string{"https://img.harbour.example"}, "votes": "up"})
		token := p.token("7", fields{"badges": []string{"subscriber", "patron"}, "profile": "https://harbour.example/7",
			"picture": "https://img.harbour.example/7.png"})
		var sent accepted
		p.send(token, "Good news, please publish").want(http.StatusCreated, &sent)
		if c := sent.Comment; c.AuthorName != "Reader 7" || c.AuthorURL != "https://harbour.example/7" || sent.CommenterToken != "" {
			t.Errorf("%+v, token %q", c, sent.CommenterToken)
		}
		thread := string(h.get(paperThread).body)
		for _, shown := range []string{`"badges":["subscriber"]`, `"avatar_url":"https://img.harbour.example/7.png"`} {
			if !strings.Contains(thread, shown) {
				t.Errorf("the thread lacks %s: %s", shown, thread)
			}
		}
		if strings.Contains(thread, "patron") || strings.Contains(thread, "mail.example") {
			t.Errorf("the thread has unpublished content: %s", thread)
		}

		// Another device has only a new token of the same reader.
		h.clock.advance(5 * time.Minute)
		device, other := p.token("7", nil), p.token("8", nil)
		own := "/api/v1/comments/" + sent.Comment.ID
		with := func(method, path, token string, body any) reply {
			t.Helper()
			return h.do(call{method: method, path: path, header: signedBy(token), body: body})
		}
		var list struct{ Items []ownComment }
		with(http.MethodGet, ownComments+"?article=quay", device, nil).want(http.StatusOK, &list)
		if len(list.Items) != 1 || list.Items[0].ID != sent.Comment.ID {
			t.Errorf("own comments: %+v", list.Items)
		}
		with(http.MethodGet, ownComments, other, nil).want(http.StatusOK, &list)
		if len(list.Items) != 0 {
			t.Errorf("somebody else's own comments: %+v", list.Items)
		}
		with(http.MethodPatch, own, device, fields{"body": "Very good news, please publish"}).want(http.StatusOK, nil)
		with(http.MethodGet, own, other, nil).wantProblem(http.StatusUnauthorized, "receipt")
		with(http.MethodPatch, own, other, fields{"body": "Mine now"}).wantProblem(http.StatusUnauthorized, "receipt")
		with(http.MethodPut, own+"/vote", device, fields{"value": 1}).wantProblem(http.StatusConflict, "own-comment")
		with(http.MethodPut, own+"/vote", other, fields{"value": 1}).want(http.StatusOK, nil)
		with(http.MethodDelete, own, other, nil).wantProblem(http.StatusUnauthorized, "receipt")
		with(http.MethodDelete, own, device, nil).want(http.StatusNoContent, nil)
		with(http.MethodGet, ownComments, device, nil).want(http.StatusOK, &list)
		if len(list.Items) != 0 {
			t.Errorf("own comments after the withdrawal: %+v", list.Items)
		}
	})
}

func TestTokensAreRefusedWithTheReasonInTheProblem(t *testing.T) {
	h := newTestServer(t)
	p := newPublisher(h, "optional", fields{"identity_issuer": "https://harbour.example"})
	valid := fields{"iss": "https://harbour.example"}
	with := func(changes fields) string {
		all := maps.Clone(valid)
		maps.Copy(all, changes)
		return p.token("7", all)
	}
	h.clock.advance(time.Minute)
	for name, c := range map[string]struct{ token, code, fault string }{
		"of another audience": {with(fields{"aud": "courier"}), "identity", "/identity/aud audience"},
		"of another issuer":   {with(fields{"iss": "https://courier.example"}), "identity", "/identity/iss issuer"},
		"without email":       {with(fields{"email": nil}), "identity", "/identity/email missing"},
		"with half an email":  {with(fields{"email": "reader"}), "identity", "/identity/email claim"},
		"with a blank name":   {with(fields{"name": "\u200b"}), "identity", "/identity/name claim"},
		"for two days":        {with(fields{"exp": h.clock.Now().Add(48 * time.Hour).Unix()}), "identity", "/identity/exp lifetime"},
		"that ended":          {with(fields{"exp": h.clock.Now().Add(-time.Minute).Unix(), "iat": h.clock.Now().Add(-time.Hour).Unix()}), "identity-expired", "/identity/exp expired"},
		"of another site":     {publisher{h, p.iris, "the secret of another site, which is long"}.token("7", valid), "identity", "/identity signature"},
		"that is malformed":   {"hello", "identity", "/identity malformed"},
	} {
		t.Run("a token "+name, func(t *testing.T) { p.send(c.token, "Hello").wantProblem(http.StatusUnauthorized, c.code, c.fault) })
	}
	if h.log.forget(); h.count(moderation.StatusPending)+h.count(moderation.StatusApproved) != 0 {
		t.Error("a comment with a refused token was stored")
	}
	p.send(with(nil), "Hello").want(http.StatusCreated, nil)
	if log := h.log.String(); strings.Contains(log, "mail.example") || strings.Contains(log, "eyJ") {
		t.Errorf("the log has a token or an email: %s", log)
	}
}

func TestASiteSaysWhetherReadersAreSignedIn(t *testing.T) {
	h := newTestServer(t)
	p := newPublisher(h, "required", fields{"sign_in_url": "https://harbour.example/sign-in"})
	token := p.token("7", nil)
	h.post(paperComments, submission("Hello")).wantProblem(http.StatusForbidden, "identity-required")
	h.do(call{method: http.MethodPost, path: paperComments, body: submission("Hello", fields{"identity": token})}).want(http.StatusCreated, nil)
	page := string(h.get("/sites/paper/page?article=quay").body)
	if !strings.Contains(page, `Sign in to comment here. <a href="https://harbour.example/sign-in">`) || !strings.Contains(page, "novalidate hidden>") {
		t.Error("the page does not say where to sign in")
	}
	h.do(call{method: http.MethodPatch, path: "/api/v1/sites/paper", token: p.iris.token, body: fields{"settings": fields{"identity": "off"}}}).want(http.StatusOK, nil)
	p.send(token, "Hello again").wantProblem(http.StatusConflict, "identity-off")
	h.post(paperComments, submission("Hello")).want(http.StatusCreated, nil)
}

func TestTheWidgetsFormKeepsTheTextWhenTheTokenEnds(t *testing.T) {
	h := newTestServer(t)
	p := newPublisher(h, "optional")
	token := p.token("7", fields{"badges": []string{"author"}})
	post := func(path string, values ...string) reply {
		return h.do(call{method: http.MethodPost, path: path, header: asForm, body: form(append(values, "part", "1", "article", "quay", "lang", "de")...), wrong: true})
	}
	who := post("/sites/paper/identity", "identity", token).want(http.StatusOK, nil)
	for _, shown := range []string{`data-left="3600"`, "<bdi>Reader 7</bdi>", "Autor"} {
		if !strings.Contains(string(who.body), shown) {
			t.Errorf("%s is missing: %s", shown, who.body)
		}
	}
	h.clock.advance(2 * time.Hour)
	if r := post("/sites/paper/identity", "identity", token).want(http.StatusUnauthorized, nil); !strings.Contains(string(r.body), `data-identity="expired"`) {
		t.Errorf("%s", r.body)
	}
	refused := string(post("/sites/paper/comments", "identity", token, "body", "A long text").want(http.StatusUnauthorized, nil).body)
	for _, shown := range []string{`data-identity="expired"`, "A long text</textarea>", "Ihre Anmeldung ist abgelaufen."} {
		if !strings.Contains(refused, shown) {
			t.Errorf("%s is missing: %s", shown, refused)
		}
	}
	sent := post("/sites/paper/comments", "identity", p.token("7", nil), "body", "A long text").want(http.StatusCreated, nil)
	id := sent.header.Get("X-Rejoinder-Comment")
	if own := string(post("/sites/paper/own", "identity", p.token("7", nil)).want(http.StatusOK, nil).body); !strings.Contains(own, id) || !strings.Contains(own, "A long text") {
		t.Errorf("own comments: %s", own)
	}
	if own := string(post("/sites/paper/own", "identity", token).want(http.StatusOK, nil).body); strings.Contains(own, id) {
		t.Errorf("own comments by an expired token: %s", own)
	}
}

// trustRules publish comments of subscribers and known readers.
const trustRules = `
rules:
  - {id: regulars, when: author.approved > 0, then: approve, priority: 5, reason: "Known."}
  - {id: new-subject, when: author.signed_in && author.subject_age_days < 1, then: hold, reason: "New reader."}
default: hold
`

const subscriberRules = `
rules:
  - {id: subscribers, when: 'author.signed_in && "subscriber" in author.badges', then: approve, reason: "Pays."}
default: hold
`

func TestTrustBelongsToTheSignedInReaderAndFactsAreReplayed(t *testing.T) {
	h := newTestServer(t)
	p := newPublisher(h, "optional")
	p.iris.enforce(trustRules)
	subscriber := func() string { return p.token("7", fields{"badges": []string{"subscriber"}}) }
	var first, second accepted
	p.send(subscriber(), "First").want(http.StatusCreated, &first)
	if first.Comment.Status != moderation.StatusPending {
		t.Errorf("a first comment is %s", first.Comment.Status)
	}
	h.decide(first.Comment.ID, moderation.ActionApprove)
	p.send(subscriber(), "Second").want(http.StatusCreated, &second)
	if second.Comment.Status != moderation.StatusApproved {
		t.Errorf("a known reader's comment is %s", second.Comment.Status)
	}
	// Typing the reader's email does not make anyone the reader.
	if a := h.submit("Third", fields{"author_email": "reader-7@mail.example"}); a.Comment.Status != moderation.StatusPending {
		t.Errorf("a stranger's comment under the reader's email is %s", a.Comment.Status)
	}
	h.clock.advance(time.Minute)
	// A draft that publishes comments of subscribers changes the outcome of the first comment only.
	lines := strings.Split(strings.TrimSpace(string(p.iris.post(paperRulesets+"/backtest",
		fields{"source": subscriberRules, "days": 7}).want(http.StatusOK, nil).body)), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, `"from":"hold","to":"approve","count":1`) {
		t.Errorf("the backtest says %s", last)
	}
}

func TestASignedInReaderErasesWhatTheySentUnderEveryEmail(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		p := newPublisher(h, "optional")
		before := p.token("7", nil)
		var first, second accepted
		p.send(before, "First, please publish").want(http.StatusCreated, &first)
		after := p.token("7", fields{"email": "new@mail.example"})
		p.send(after, "Second, please publish").want(http.StatusCreated, &second)
		other := h.submit("Somebody else, please publish", fields{"author_email": "new@mail.example"})
		var erased struct{ Erased int }
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + second.Comment.ID + "/erasure", header: signedBy(after)}).want(http.StatusOK, &erased)
		if erased.Erased != 2 {
			t.Errorf("%d comments were erased", erased.Erased)
		}
		if thread := string(h.get(paperThread).body); strings.Contains(thread, "First") || strings.Contains(thread, "Reader 7") || !strings.Contains(thread, other.Comment.ID) {
			t.Errorf("the thread: %s", thread)
		}
		site := must(h.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
		h.clock.advance(time.Minute)
		if again := must(h.Readers.Identify(t.Context(), site, after))(t); !again.FirstSeenAt.Equal(h.clock.Now()) {
			t.Errorf("the reader is still known, since %s", again.FirstSeenAt)
		}
	})
}

func TestNothingIsLeftOfASignedInReaderWhoIsAnonymized(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		p := newPublisher(h, "optional", fields{"avatar_origins": []string{"https://img.harbour.example"}, "retention": fields{"inactive_years": 1}})
		rare := fields{"badges": []string{"lighthouse-keeper"}, "picture": "https://img.harbour.example/7.png"}
		var sent accepted
		p.send(p.token("7", rare), "Good news, please publish").want(http.StatusCreated, &sent)
		stored := func() moderation.Comment {
			c, _, err := h.db.Comments.CommentText(t.Context(), sent.Comment.ID)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if c := stored(); len(c.Badges) != 1 || c.AvatarURL == "" || !c.SignedIn() {
			t.Fatalf("before: %+v", c)
		}
		h.clock.advance(2 * 366 * 24 * time.Hour)
		if err := h.Retention.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c := stored(); c.AuthorName != "Anonymous" || len(c.Badges) > 0 || c.AvatarURL != "" || c.SignedIn() {
			t.Errorf("afterwards: %+v", c)
		}
		if thread := string(h.get(paperThread).body); strings.Contains(thread, "7.png") || !strings.Contains(thread, "Good news") {
			t.Errorf("the thread: %s", thread)
		}
		site := must(h.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
		if again := must(h.Readers.Identify(t.Context(), site, p.token("7", nil)))(t); !again.FirstSeenAt.Equal(h.clock.Now()) {
			t.Errorf("the reader is still known, since %s", again.FirstSeenAt)
		}
	})
}

func TestASignedInReaderHasAPageOfTheirOwn(t *testing.T) {
	h := newTestServer(t)
	p := newPublisher(h, "optional")
	who := func() string {
		return string(h.do(call{method: http.MethodPost, path: "/sites/paper/identity", header: asForm, wrong: true,
			body: form("identity", p.token("7", nil), "lang", "en")}).want(http.StatusOK, nil).body)
	}
	if strings.Contains(who(), "/mail/comments/") {
		t.Error("a reader without comments is shown a page of them")
	}
	for i := range 25 {
		p.send(p.token("7", nil), fmt.Sprintf("Comment number %d, please publish", i)).want(http.StatusCreated, nil)
		h.clock.advance(time.Second)
	}
	other := h.submit("Somebody else, please publish")
	_, path, _ := strings.Cut(who(), `<a href="/mail/comments/`)
	path, _, _ = strings.Cut(path, `"`)
	path = "/mail/comments/" + path
	first := string(h.get(path).want(http.StatusOK, nil).body)
	_, older, _ := strings.Cut(first, `<p><a href="`)
	link, _, _ := strings.Cut(older, `"`)
	for !strings.Contains(link, "cursor") {
		_, older, _ = strings.Cut(older, `<p><a href="`)
		link, _, _ = strings.Cut(older, `"`)
	}
	second := string(h.get(html.UnescapeString(link)).want(http.StatusOK, nil).body)
	if !strings.Contains(first, "Comment number 24,") || strings.Contains(first, "Comment number 4,") || !strings.Contains(second, "Comment number 4,") {
		t.Errorf("the pages are\n%s\n%s", first, second)
	}
	if strings.Contains(first, other.Comment.ID) || strings.Contains(first, "reader-7@") || !strings.Contains(first, "r…@mail.example") {
		t.Errorf("the page shows forbidden content: %s", first)
	}
	lines := strings.Split(strings.TrimSpace(string(h.get(path+"/export").want(http.StatusOK, nil).body)), "\n")
	if len(lines) != 25 || !strings.Contains(lines[24], `"body":"Comment number 0, please publish"`) {
		t.Errorf("the export has %d lines, the last is %s", len(lines), lines[len(lines)-1])
	}
	erase := call{method: http.MethodPost, path: path + "/erase", header: map[string]string{"Content-Type": asForm["Content-Type"], "Origin": publicURL},
		body: "", wrong: true}
	h.do(erase).want(http.StatusUnprocessableEntity, nil)
	erase.body = form("confirm", "yes")
	h.do(erase).want(http.StatusOK, nil)
	h.get(path).want(http.StatusNotFound, nil)
	if left := h.count(moderation.StatusApproved); left != 1 {
		t.Errorf("%d comments are left", left)
	}
}

func TestASignedInReaderGetsMailWithoutConfirmingTheAddress(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		signs := newPublisher(p.testServer, "optional")
		var sent accepted
		p.do(call{method: http.MethodPost, path: paperComments, header: signedBy(signs.token("7", fields{"email": mara})),
			body: fields{"article": fields{"key": "quay"}, "body": "The ferry is late.", "notify": true}}).want(http.StatusCreated, &sent)
		p.deliver()
		if mails := p.box.all(mara); len(mails) != 0 {
			p.t.Errorf("%d mails before anything happened", len(mails))
		}
		p.decide(sent.Comment.ID, "approve")
		p.deliver()
		p.newest(mara, "Your comment was published")
	})
}
