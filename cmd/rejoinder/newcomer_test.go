package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestNewcomersWalk does in a real browser, without JavaScript, the first steps after `make run`: read the
// demo article, leave a comment, see it awaiting moderation, approve it as the moderator, and find it under
// the article.
func TestNewcomersWalk(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		began := time.Now()
		p := startProgram(t, env, "serve", "--demo")
		reader, moderator, stranger := newBrowser(t), newBrowser(t), newBrowser(t)
		const comment = "What a pleasant page. I would like to read more of these."

		wantText(t, reader, p.url+"/demo", "Leave a comment", "Leave a Reply",
			"Your email address will not be published. Required fields are marked *")
		fillComment(t, reader, "Ada Newcomer", "not an address", comment)
		wantText(t, reader, "", "email")
		if got := value(t, reader, `textarea[name="body"]`); got != comment {
			t.Fatalf("after a mistyped email the comment field holds %q", got)
		}
		fillComment(t, reader, "Ada Newcomer", "ada@mail.example", comment)
		wantText(t, reader, "", "awaiting moderation", comment)
		wantNoText(t, stranger, p.url+"/demo", comment, "Ada Newcomer")

		wantText(t, moderator, p.url+"/console", "Sign in")
		signInWith(t, moderator, p)
		wantText(t, moderator, "", comment, "Ada Newcomer", "first")
		wantNoText(t, moderator, "", "ada@mail.example")
		follow(t, moderator, chromedp.Click(css(`.item h2 a`)))
		follow(t, moderator, chromedp.Click(css(`.pane button[value="approve"]`)))

		wantText(t, stranger, p.url+"/demo", "1 comment", comment, "Ada Newcomer")
		t.Logf("from the start of the server to the first approved comment: %.1f s", time.Since(began).Seconds())
		wantNoText(t, stranger, "", "ada@mail.example")
		if strings.Contains(p.log.String(), "ada@mail.example") || strings.Contains(p.log.String(), "pleasant page") {
			t.Error("the log holds an email or a comment's text")
		}
	})
}

// fillComment fills in the form and sends it. It clears fields with the backspace key, as people must, since
// JavaScript is off.
func fillComment(t *testing.T, browser context.Context, name, email, body string) {
	t.Helper()
	for field, text := range map[string]string{
		`textarea[name="body"]`: body, `input[name="author_name"]`: name, `input[name="author_email"]`: email,
	} {
		before := len(value(t, browser, field))
		act(t, browser, chromedp.SendKeys(css(field), kb.End+strings.Repeat(kb.Backspace, before)+text))
	}
	follow(t, browser, chromedp.Click(css(`#respond button[type="submit"]`)))
}
