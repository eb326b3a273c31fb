package page

import (
	"net/url"
	"testing"

	"rejoinder/moderation"
)

func TestALinkIsReadAsItWasWritten(t *testing.T) {
	const site = "paper"
	at := ThreadURL{Path: "/sites/paper/page", Site: site, Article: "a b&c=d#é+/?", Sort: moderation.ThreadBest, Cursor: "c=&", Root: "r", Focus: "f%41",
		ReplyTo: "<\">", Voted: VoteCounted, Lang: "de"}
	for _, want := range []ThreadURL{at, at.FirstPage(), at.WithSort(moderation.ThreadOldest), {Path: at.Path, Site: site, Article: "quay", Sort: moderation.ThreadOldest}} {
		link, err := url.Parse(want.Link("comment-1"))
		if err != nil {
			t.Fatal(err)
		}
		if got := ParseThreadURL(site, link.Query()); got != want || link.Fragment != "comment-1" {
			t.Errorf("%s is %+v, want %+v", link, got, want)
		}
		if sorted := link.Query().Encode(); link.RawQuery != sorted {
			t.Errorf("the query is %s, want it as before, %s", link.RawQuery, sorted)
		}
	}
}
