package handlers_test

import (
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rejoinder/moderation"
)

func TestFormKeepsItsInputAfterAnyFailure(t *testing.T) {
	const body = "\n  My <long> thought & more.\n"
	t.Run("when the comment replied to is gone", func(t *testing.T) {
		s := newFixture(t)
		parent := s.comment("quay", "", "Tom", "please publish")
		writer := s.browser()
		action, form := writer.filled(writer.get(quay).link("Reply"), "body", body)
		s.decide(parent, moderation.ActionReject)
		page := writer.post(action, form)
		page.want(http.StatusUnprocessableEntity, "The comment you are replying to is not there any more.", "Leave a Reply")
		action, again := page.form(submit)
		if again.Get("body") != body || again.Has("parent_id") {
			t.Errorf("the form came back as %v", again)
		}
		writer.follow(writer.post(action, again)).want(http.StatusOK, "awaiting moderation")
	})
	t.Run("when the article was closed meanwhile", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		action, form := writer.filled(quay, "body", body, "author_email", "")
		s.closeArticle("quay")
		page := writer.post(action, form)
		page.want(http.StatusConflict, "Comments are closed.")
		wantKept(page, body)
	})
	t.Run("when the article or the site does not exist", func(t *testing.T) {
		s := newFixture(t)
		_, form := s.browser().filled(quay, "body", body, "article", "nosuch")
		page := s.browser().post(submit, form)
		page.want(http.StatusNotFound, "No such article")
		wantKept(page, body)
		page = s.browser().post("/sites/nosuch/comments", form)
		page.want(http.StatusNotFound, "No such site")
		wantKept(page, body)
	})
	t.Run("when the article key is broken", func(t *testing.T) {
		s := newFixture(t)
		for _, key := range []string{"", "\xff", "a\x00b", strings.Repeat("k", moderation.MaxKeyBytes+1)} {
			_, form := s.browser().filled(quay, "body", body, "article", key)
			page := s.browser().post(submit, form)
			page.want(http.StatusUnprocessableEntity, "article key")
			wantKept(page, body)
		}
	})
	t.Run("when too many come from one address", func(t *testing.T) {
		s := newFixture(t, func(s *fixture) { s.Intake.Limiter = moderation.NewRateLimiter(1, s.clock.Now) })
		writer := s.browser()
		writer.follow(writer.submit(quay))
		page := writer.submit(quay, "body", body)
		page.want(http.StatusTooManyRequests, "Please wait 1 minute, then try again.")
		if got := page.header.Get("Retry-After"); got != "60" {
			t.Errorf("Retry-After is %q", got)
		}
		_, form := page.form(submit)
		if got := form.Get("body"); got != body {
			t.Errorf("the comment came back as %q", got)
		}
	})
	t.Run("when the database is gone", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		action, form := writer.filled(quay, "body", body)
		if err := s.db.Close(); err != nil {
			t.Fatal(err)
		}
		page := writer.post(action, form)
		if page.status < 500 {
			t.Errorf("status %d", page.status)
		}
		wantKept(page, body)
		if strings.Contains(s.log.String(), "thought") || strings.Contains(s.log.String(), "ines@") {
			t.Error("the log has the typed text")
		}
	})
	t.Run("when the list has moved on and its cursor means nothing", func(t *testing.T) {
		page := newFixture(t).browser().submit(quay, "body", body, "author_name", "", "cursor", "!", "root", "?")
		page.want(http.StatusUnprocessableEntity)
		if _, form := page.form(submit); form.Get("body") != body {
			t.Errorf("the comment came back as %q", form.Get("body"))
		}
	})
	t.Run("when the body is far too long to be read", func(t *testing.T) {
		s := newFixture(t)
		page := s.browser().submit(quay, "body", strings.Repeat("long ", 100_000))
		page.want(http.StatusRequestEntityTooLarge, "far too long")
		if _, form := page.form(submit); len(form.Get("body")) < 100_000 {
			t.Errorf("only %d bytes came back", len(form.Get("body")))
		}
	})
	t.Run("when the form is broken on its way", func(t *testing.T) {
		s := newFixture(t)
		page := s.browser().postRaw(submit, "article=quay&body=All+of+this&author_name=%zz")
		page.want(http.StatusBadRequest, "All of this")
		page = s.browser().postRaw(submit, "", "Content-Type", "text/plain")
		page.want(http.StatusUnsupportedMediaType, "go back to find what you typed")
	})
	t.Run("when it has more fields than any form", func(t *testing.T) {
		writer := newFixture(t).browser()
		writer.postRaw(submit, "article=quay"+strings.Repeat("&a=", 1000)).want(http.StatusRequestEntityTooLarge, "far too long")
		form := url.Values{"article": {"quay"}, "z": slices.Repeat([]string{""}, 1000)}
		sent, kind := multipartForm(t, form)
		writer.postRaw(submit, sent, "Content-Type", kind).want(http.StatusRequestEntityTooLarge, "far too long")
		sent, kind = multipartForm(t, url.Values{"article": {"quay"}, "z": slices.Repeat([]string{""}, 998)})
		writer.postRaw(submit, sent, "Content-Type", kind).want(http.StatusUnprocessableEntity)
	})
	t.Run("when the page sends it as multipart", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		_, form := writer.filled(quay, "body", body)
		sent, kind := multipartForm(t, form)
		writer.follow(writer.postRaw(submit, sent, "Content-Type", kind)).want(http.StatusOK, "My &lt;long&gt; thought")
		form.Set("author_name", "")
		sent, kind = multipartForm(t, form)
		page := writer.postRaw(submit, sent, "Content-Type", kind)
		page.want(http.StatusUnprocessableEntity)
		if _, again := page.form(submit); again.Get("body") != body {
			t.Errorf("the comment came back as %q", again.Get("body"))
		}
		page = writer.postRaw(submit, sent[:len(sent)-10], "Content-Type", kind)
		page.want(http.StatusBadRequest, "My &lt;long&gt; thought")
		form.Set("body", strings.Repeat("long ", 100_000))
		sent, kind = multipartForm(t, form)
		page = writer.postRaw(submit, sent, "Content-Type", kind)
		page.want(http.StatusRequestEntityTooLarge, "too")
	})
}

// multipartForm encodes a form as multipart/form-data, with an unexpected file.
func multipartForm(t *testing.T, form url.Values) (body, contentType string) {
	t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	must(w.CreateFormFile("picture", "cat.png"))(t)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

// wantKept requires that a page without a form returns the text.
func wantKept(page pageResponse, body string) {
	page.t.Helper()
	for _, n := range page.find("textarea") {
		if attr(n, "id") == "kept" && textOf(n) == body {
			return
		}
	}
	page.t.Errorf("the text was not given back:\n%s", page.body)
}

func TestTextsAboutWaiting(t *testing.T) {
	for _, c := range []struct {
		perMinute int
		want      string
	}{{1, "1 minute"}, {2, "30 seconds"}, {60, "1 second"}} {
		s := newFixture(t, func(s *fixture) { s.Intake.Limiter = moderation.NewRateLimiter(c.perMinute, s.clock.Now) })
		writer := s.browser()
		var page pageResponse
		for i := range c.perMinute + 1 {
			page = writer.post(submit, url.Values{"article": {"quay"}, "body": {"Text " + strconv.Itoa(i)}})
		}
		page.want(http.StatusTooManyRequests, "Please wait "+c.want+", then try again.")
	}
}

// FuzzFormIntake sends arbitrary forms. None may cause an internal error, and the page that comes back must
// contain the typed values.
func FuzzFormIntake(f *testing.F) {
	s := newFixture(f)
	for _, seed := range [][4]string{
		{"quay", "Ines", "ines@mail.example", "A lamp is better than a wall."},
		{"quay", "", "x", "\xff\x00</textarea><script>"},
		{"", "<b>", "a@b", "\n\n"},
		{"nosuch", "\u202e", "\"@", "\r\n\ttext"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], "", "")
	}
	f.Add("quay", "Ines", "ines@mail.example", "reply", "01957000-0000-7000-8000-000000000001", "yes")
	f.Fuzz(func(t *testing.T, article, name, email, body, parent, other string) {
		writer := s.browserFor(t)
		page := writer.post(submit, url.Values{"article": {article}, "author_name": {name}, "author_email": {email},
			"body": {body}, "parent_id": {parent}, "remember": {other}, "subject": {other}, "author_url": {other},
			"cursor": {other}, "root": {other}, "sort": {other}, "form_token": {other}, "idempotency_key": {name}})
		if page.status == http.StatusSeeOther {
			writer.follow(page).want(http.StatusOK)
			return
		}
		if page.status >= 500 {
			t.Fatalf("status %d: %s", page.status, page.body)
		}
		want := shown(body)
		for _, n := range page.find("textarea") {
			if textOf(n) == want {
				return
			}
		}
		t.Errorf("status %d: %q is not in the page:\n%s", page.status, want, page.body)
	})
}

// shown is a text as a browser shows it in a text area.
func shown(typed string) string {
	typed = strings.ReplaceAll(strings.ToValidUTF8(typed, "\uFFFD"), "\x00", "\uFFFD")
	return strings.ReplaceAll(strings.ReplaceAll(typed, "\r\n", "\n"), "\r", "\n")
}
