package moderation

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/rules"
)

var statuses = []Status{StatusPending, StatusApproved, StatusRejected, StatusSpam, StatusDeleted}

func TestEveryActionFromEveryStatus(t *testing.T) {
	allowed := map[Status]map[Action]Status{
		StatusPending:  {ActionApprove: StatusApproved, ActionReject: StatusRejected, ActionSpam: StatusSpam, ActionDelete: StatusDeleted},
		StatusApproved: {ActionHold: StatusPending, ActionReject: StatusRejected, ActionSpam: StatusSpam, ActionDelete: StatusDeleted},
		StatusRejected: {ActionApprove: StatusApproved, ActionHold: StatusPending, ActionSpam: StatusSpam, ActionDelete: StatusDeleted},
		StatusSpam:     {ActionApprove: StatusApproved, ActionHold: StatusPending, ActionReject: StatusRejected, ActionDelete: StatusDeleted},
		StatusDeleted:  {},
	}
	for _, from := range statuses {
		for _, action := range []Action{ActionApprove, ActionHold, ActionReject, ActionSpam, ActionDelete, "publish"} {
			got, err := Comment{Status: from}.Apply(action)
			want, ok := allowed[from][action]
			if got != want || ok != (err == nil) || (err != nil && !errors.Is(err, ErrTransition)) {
				t.Errorf("%s a comment that is %s: got %q, %v; want %q", action, from, got, err, want)
			}
		}
	}
}

func TestOnlyApprovedTextIsInThePublicView(t *testing.T) {
	for _, status := range statuses {
		c := Comment{ID: "c", Status: status, AuthorName: "Ada", AuthorURL: "https://ada.example",
			BodyHTML: "<p>text</p>", EditedAt: time.Unix(1, 0), VisibleReplies: 1,
			CommenterID: "somebody", Staff: true, UpVotes: 3, DownVotes: 2, PublicReason: "said", BrowserID: "browser", Score: 7}
		got := PublicView(c)
		want := PublicComment{ID: "c", Below: 1, Tombstone: true}
		if status == StatusApproved {
			want = PublicComment{ID: "c", Below: 1, AuthorName: "Ada", AuthorURL: "https://ada.example",
				BodyHTML: "<p>text</p>", EditedAt: time.Unix(1, 0), Staff: true, Avatar: avatarSeed(c), UpVotes: 3, DownVotes: 2}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", status, diff)
		}
	}
}

func TestAnAvatarLinksNeitherPseudonymsNorEmails(t *testing.T) {
	base := Comment{ID: "c1", Status: StatusApproved, CommenterID: "somebody", BrowserID: "browser", AuthorName: "Ada"}
	with := func(change func(*Comment)) Comment {
		c := base
		c.ID = "c2"
		change(&c)
		return c
	}
	for _, tc := range []struct {
		name  string
		other Comment
		same  bool
	}{
		{"the same name from the same browser", with(func(*Comment) {}), true},
		{"another name", with(func(c *Comment) { c.AuthorName = "Eve" }), false},
		{"another browser, as anybody has who types the email", with(func(c *Comment) { c.BrowserID = "another" }), false},
		{"no remembered browser", with(func(c *Comment) { c.BrowserID = "" }), false},
		{"another email", with(func(c *Comment) { c.CommenterID = "another" }), false},
	} {
		if got := PublicView(tc.other).Avatar == PublicView(base).Avatar; got != tc.same {
			t.Errorf("%s: the same avatar is %v, want %v", tc.name, got, tc.same)
		}
	}
	first, second := base, base
	first.BrowserID, second.BrowserID, second.ID = "", "", "c2"
	if PublicView(first).Avatar == PublicView(second).Avatar {
		t.Error("two comments without a remembered browser share an avatar")
	}
	first.Staff, second.Staff = true, true
	if PublicView(first).Avatar != PublicView(second).Avatar {
		t.Error("a moderator's replies have different avatars")
	}
}

func TestSpamLooksLikeAHeldCommentToItsWriter(t *testing.T) {
	held := rules.Hit{Rule: "first", Mode: rules.Enforce, Action: rules.Hold, PublicReason: "First comments are looked at."}
	spam := rules.Hit{Rule: "ad", Mode: rules.Enforce, Action: rules.Spam, PublicReason: "You are advertising."}
	first := rules.Hit{Rule: "link", Mode: rules.Enforce, Action: rules.Hold, Priority: 5, PublicReason: "Links are looked at."}
	scored := rules.Hit{Rule: "loud", Mode: rules.Enforce, Score: 1, PublicReason: "It is loud."}
	for _, tc := range []struct {
		name    string
		verdict rules.Verdict
		want    string
	}{
		{"held", rules.Verdict{Action: rules.Hold, Cause: "first", Hits: []rules.Hit{held}}, held.PublicReason},
		{"spam that would have been held", rules.Verdict{Action: rules.Spam, Cause: "ad", Hits: []rules.Hit{spam, held}}, held.PublicReason},
		{"spam that several rules would have held", rules.Verdict{Action: rules.Spam, Cause: "ad", Hits: []rules.Hit{held, spam, first}},
			first.PublicReason},
		{"spam that also scored", rules.Verdict{Action: rules.Spam, Cause: "ad", Hits: []rules.Hit{spam, scored}}, scored.PublicReason},
		{"spam and nothing else", rules.Verdict{Action: rules.Spam, Cause: "ad", Hits: []rules.Hit{spam}}, ""},
	} {
		if got := AuthorReason(tc.verdict); got != tc.want {
			t.Errorf("%s: the author reads %q, want %q", tc.name, got, tc.want)
		}
	}
	if own := newAuthorView(Site{}, Comment{Status: StatusSpam}, SubmissionRecord{}); own.Status != StatusPending {
		t.Errorf("the writer of spam sees %q", own.Status)
	}
}

func TestArticlesClose(t *testing.T) {
	published := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	days := func(n int) *int { return &n }
	for _, tc := range []struct {
		name    string
		article Article
		setting int
		after   time.Duration
		want    bool
	}{
		{"never, without any setting", Article{}, 0, 100 * 24 * time.Hour, false},
		{"by hand", Article{Closed: true}, 0, 0, true},
		{"not a moment before the site's days are over", Article{}, 14, 14*24*time.Hour - time.Nanosecond, false},
		{"once the site's days are over", Article{}, 14, 14 * 24 * time.Hour, true},
		{"by days of their own", Article{CloseAfterDays: days(2)}, 14, 2 * 24 * time.Hour, true},
		{"never, when their own days are zero", Article{CloseAfterDays: days(0)}, 14, 1000 * 24 * time.Hour, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.article.PublishedAt = published
			if got := tc.article.IsClosed(SiteSettings{CloseAfterDays: tc.setting}, published.Add(tc.after)); got != tc.want {
				t.Errorf("closed: %t, want %t", got, tc.want)
			}
		})
	}
}

func TestOnlyOriginsOfPagesAreAccepted(t *testing.T) {
	for typed, want := range map[string]string{
		"https://gazette.example":       "https://gazette.example",
		" HTTPS://Gazette.Example:443/": "https://gazette.example",
		"https://münchen.example":       "https://xn--mnchen-3ya.example",
		"http://localhost:1313":         "http://localhost:1313",
		"http://[::1]:8080":             "http://[::1]:8080",
		"https://*.gazette.example":     "",
		"https://gazette.example/path":  "",
		"https://gazette.example//":     "",
		"https://gazette.example?":      "",
		"https://gazette.example?x=1":   "",
		"https://gazette.example#":      "",
		"https://gazette.example#x":     "",
		"https://gazette.example:":      "",
		"https://gazette.example:/":     "",
		"https://gazette.example:99999": "",
		"https://gazette.example:http":  "",
		"https://@gazette.example":      "",
		"https://me@gazette.example":    "",
		"gazette.example":               "",
		"ftp://gazette.example":         "",
		"":                              "",
	} {
		if got, ok := ParseOrigin(typed); got != want || ok != (want != "") {
			t.Errorf("ParseOrigin(%q) = %q, %t, want %q", typed, got, ok, want)
		}
	}
}
