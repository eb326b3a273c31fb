package db_test

import (
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

func TestTheNameOfAModeratorIsTheirsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		m := b.Moderator("mo@example.org", auth.RoleModerator)
		for _, c := range []struct {
			name, email        string
			namesOne, isTheirs bool
		}{
			{m.Name, "mo@example.org", false, true},
			{m.Name, "ann@example.org", true, false},
			{"Nobody else", "ann@example.org", false, false},
			{"Nobody else", "mo@example.org", false, true},
		} {
			known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, Now: b.Now(),
				EmailIndexes: [][]byte{dbtest.Index(c.email)}, NameSkeletons: text.NameSkeletons(c.name)})
			if known.NamesModerator != c.namesOne || known.ByModerator != c.isTheirs {
				t.Errorf("%s, %s: names one %t, is one %t", c.name, c.email, known.NamesModerator, known.ByModerator)
			}
		}
	})
}

func TestAWebsiteIsKnownFromApprovedCommentsOfTheSameBrowser(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		first := b.Comment(article, dbtest.Draft{BrowserID: "mine", AuthorURL: "https://ann.example/about"})
		b.Comment(article, dbtest.Draft{BrowserID: "mine", AuthorURL: "http://b_n.example:8080"})
		b.Comment(article, dbtest.Draft{BrowserID: "mine", AuthorURL: "https://new.example", Status: moderation.StatusPending})
		b.Comment(article, dbtest.Draft{BrowserID: "other", AuthorURL: "https://other.example"})
		for website, want := range map[string]bool{
			"ann.example": true, "b_n.example:8080": true, "ann.exampl": false, "nn.example": false, "bxn.example:8080": false,
			"b_n.example": false, "new.example": false, "other.example": false, "": false, "%": false,
		} {
			record := must[moderation.Record](t)(d.Commenters.BrowserRecord(t.Context(),
				moderation.BrowserQuery{CommenterID: first.CommenterID, BrowserID: "mine", Website: website}))
			if record.WebsiteKnown != want {
				t.Errorf("%q: %t, want %t", website, record.WebsiteKnown, want)
			}
		}
	})
}

func TestCopiesForTheSameParentAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article, other := b.Article(site, "one"), b.Article(site, "two")
		to, another := b.Comment(article, dbtest.Draft{Email: "ben"}), b.Comment(article, dbtest.Draft{Email: "cem"})
		thanks := dbtest.Draft{Body: "Thank you!", BrowserID: "mine", Address: "1"}
		var stored moderation.Comment
		for _, parent := range []*moderation.Comment{&to, &to, nil} {
			thanks.Parent = parent
			stored = b.Comment(article, thanks)
		}
		_, present, err := d.Comments.CommentText(t.Context(), stored.ID)
		ok(t, err)
		for _, c := range []struct {
			article moderation.Article
			parent  string
			want    int
		}{{article, to.ID, 2}, {article, another.ID, 0}, {article, "", 1}, {other, "", 0}} {
			q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: c.article.Key, ParentID: c.parent, Now: b.Now(),
				EmailIndexes: [][]byte{dbtest.Index("ann@example.org")}, AddressIndex: dbtest.Index("1"), Fingerprint: present.Fingerprint}
			copies := contextOf(t, d, q).Copies
			activity := must[moderation.Activity](t)(d.Commenters.BrowserActivity(t.Context(), moderation.BrowserQuery{
				CommenterID: stored.CommenterID, BrowserID: "mine", ArticleID: c.article.ID, ParentID: c.parent,
				Fingerprint: present.Fingerprint, Now: b.Now()}))
			wantEqual(t, []int{copies.Author, copies.SameParent, activity.Copies, activity.SameParent}, []int{3, c.want, 3, c.want})
		}
	})
}

func TestOnlyPeoplesRefusalsCountAgainstAnAuthor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		for _, status := range []moderation.Status{moderation.StatusSpam, moderation.StatusRejected} {
			b.Comment(article, dbtest.Draft{BrowserID: "mine", Status: status}) // by the ruleset
		}
		q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now(),
			EmailIndexes: [][]byte{dbtest.Index("ann@example.org")}}
		record := contextOf(t, d, q).Commenter.Record
		own := must[moderation.Record](t)(d.Commenters.BrowserRecord(t.Context(),
			moderation.BrowserQuery{CommenterID: contextOf(t, d, q).Commenter.ID, BrowserID: "mine"}))
		if !record.LastNegativeAt.IsZero() || !own.LastNegativeAt.IsZero() {
			t.Errorf("rejections by rules count: %v, %v", record.LastNegativeAt, own.LastNegativeAt)
		}
		wantEqual(t, record.Spam+record.Rejected, 2)
	})
}
