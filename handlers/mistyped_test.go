package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"rejoinder/moderation"
)

func TestAMistypedEmailIsAskedAboutOnce(t *testing.T) {
	s := newFixture(t)
	asked := s.browser().submit(quay, "author_email", "ines@gmial.com")
	asked.want(http.StatusConflict, "Did you mean ines@gmail.com? You typed ines@gmial.com.", "A lamp is better than a wall.</textarea>",
		`name="author_email" value="ines@gmail.com"`, `name="email_asked" value="ines@gmial.com"`)
	asked.wantWithout("rj-summary", `name="nudged"`)
	if n := s.count(moderation.StatusPending); n != 0 {
		t.Fatalf("%d comments were stored before the author answered", n)
	}
	action, form := asked.form(submit)

	t.Run("it can be sent as it is", func(t *testing.T) {
		form["author_email"] = []string{"ines@gmial.com"}
		if sent := s.browserFor(t).post(action, form); sent.status != http.StatusSeeOther {
			t.Errorf("status %d", sent.status)
		}
	})
	t.Run("the button sends the other address", func(t *testing.T) {
		form["author_email"] = []string{"ines@gmial.com", "ines@gmail.com"}
		form.Set("body", "A second lamp.")
		if sent := s.browserFor(t).post(action, form); sent.status != http.StatusSeeOther {
			t.Errorf("status %d", sent.status)
		}
	})
	t.Run("another slip is asked about again", func(t *testing.T) {
		form["author_email"] = []string{"ines@gmail.con"}
		s.browserFor(t).post(action, form).want(http.StatusConflict, "Did you mean ines@gmail.com?")
	})
	t.Run("a program that fills everything in learns nothing", func(t *testing.T) {
		if sent := s.browserFor(t).submit(quay, "author_email", "ines@gmial.com", "subject", "x"); sent.status == http.StatusConflict {
			t.Errorf("it is asked: %s", sent.body)
		}
	})
}

func TestTheAPISuggestsAnEmailBesideTheComment(t *testing.T) {
	h := newTestServer(t)
	var sent struct {
		EmailSuggestion string `json:"email_suggestion"`
	}
	body := fields{"article": fields{"key": "quay"}, "author_name": "Ines", "author_email": "ines@hotmial.com", "body": "A lamp."}
	h.post("/api/v1/sites/paper/comments", body).want(http.StatusCreated, &sent)
	if sent.EmailSuggestion != "ines@hotmail.com" {
		t.Errorf("got %q", sent.EmailSuggestion)
	}
}

func TestFollowingAsksAboutAMistypedEmailBeforeItSendsAnything(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.submit("The ferry is late.", nil)
		before := len(p.box.all("mara@gmial.com"))
		asked := string(p.send("/sites/paper/follow", "article", "quay", "email", "mara@gmial.com").want(http.StatusConflict, nil).body)
		if !strings.Contains(asked, "Did you mean mara@gmail.com?") {
			p.t.Errorf("it is not asked about: %s", asked)
		}
		p.deliver()
		if n := len(p.box.all("mara@gmial.com")); n != before {
			p.t.Errorf("%d mails were sent", n)
		}
		sent := string(p.send("/sites/paper/follow", "article", "quay", "email", "mara@gmial.com", "email_asked", "mara@gmial.com").
			want(http.StatusOK, nil).body)
		if !strings.Contains(sent, "a link to mara@gmial.com") {
			p.t.Errorf("it does not say where the mail went: %s", sent)
		}
	})
}

func TestTheAddressOfTheFormLeadsToTheThread(t *testing.T) {
	s := newFixture(t)
	for path, want := range map[string]string{
		submit + "?article=quay": quay + "#respond",
		submit:                   "https://harbour.example",
	} {
		got := s.browser().get(path)
		if location := got.header.Get("Location"); got.status != http.StatusSeeOther || location != want {
			t.Errorf("%s: %d to %q, want %q", path, got.status, location, want)
		}
	}
}

func TestAWebsiteMayLackItsScheme(t *testing.T) {
	s := newFixture(t)
	if sent := s.browser().submit(quay, "author_url", "ines.example/about"); sent.status != http.StatusSeeOther {
		t.Errorf("status %d: %s", sent.status, sent.body)
	}
	for _, typed := range []string{"ines", "ftp://ines.example", "javascript:alert(1)", "ines@mail.example", "mailto:ines@mail.example"} {
		s.browser().submit(quay, "author_url", typed).want(http.StatusUnprocessableEntity, typed)
	}
}

func TestADamagedStatusLinkSaysSo(t *testing.T) {
	s := newFixture(t)
	id := s.comment("quay", "", "Tom", "please publish")
	page := s.browser().get("/comments/" + id + "?receipt=wrong")
	page.want(http.StatusUnauthorized, "This link is not complete or no longer valid")
	page.wantWithout("Back to the article", "About this server") // either would tell nothing or too much
}

func TestThePagesThatStopMailNameTheAddress(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.submit("The ferry is late.", nil)
		p.send("/sites/paper/follow", "article", "quay", "email", mara).want(http.StatusOK, nil)
		p.deliver()
		stop := strings.TrimPrefix(p.newest(mara, confirmSubject).Unsubscribe, publicURL)
		name, domain, _ := strings.Cut(mara, "@")
		address := name[:1] + "…@" + domain
		for _, path := range []string{stop, stop + "?done=stopped"} {
			page := string(p.testServer.send(call{method: http.MethodGet, path: path}).want(http.StatusOK, nil).body)
			for _, want := range []string{address, "The Harbour Gazette"} {
				if !strings.Contains(page, want) {
					p.t.Errorf("%s lacks %s: %s", path, want, page)
				}
			}
		}
	})
}
