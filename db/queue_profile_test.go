package db_test

import (
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func TestACommenterHasAHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, b := t.Context(), dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		first := b.Comment(article, dbtest.Draft{Email: "ray@example.org", Name: "Ray"})
		b.Comment(article, dbtest.Draft{Email: "else@example.org", Name: "Else"})
		second := b.Comment(article, dbtest.Draft{Email: "ray@example.org", Name: "R. Okafor", Status: moderation.StatusPending})
		ada := b.Moderator("ada@example.org", auth.RoleModerator)
		decision := b.NewDecision(second, moderation.ActionReject)
		decision.ModeratorID = ada.ID
		ok(t, d.Decisions.RecordDecision(ctx, decision))
		ray := must[moderation.Commenter](t)(d.Commenters.Commenter(ctx, first.CommenterID))
		note := queue.Note{ID: b.NewID(), CommentID: first.ID, CommenterID: ray.ID, About: queue.NoteComment, ModeratorID: ada.ID,
			Body: "Cross.", CreatedAt: b.Now()}
		ok(t, d.Notes.CreateNote(ctx, note))

		h := must[queue.CommenterHistory](t)(d.Queue.CommenterHistory(ctx, ray, 5))
		wantEqual(t, idsOf(h.Comments), []string{second.ID, first.ID})
		wantEqual(t, h.Names, []string{"R. Okafor", "Ray"})
		note.ModeratorName = ada.Name
		wantEqual(t, h.Notes, []queue.Note{note})
		wantEqual(t, h.Moderators, map[string]string{ada.ID: ada.Name})
		wantEqual(t, idsOf(must[queue.CommenterHistory](t)(d.Queue.CommenterHistory(ctx, ray, 1)).Comments), []string{second.ID})

		block := func(index, comment string) string {
			added := queue.Block{ID: b.NewID(), SiteID: site.ID, Kind: moderation.BlockEmail, Index: dbtest.Index(index),
				Action: moderation.ActionHold, CommentID: comment, ModeratorID: ada.ID, CreatedAt: b.Now()}
			ok(t, d.Blocks.CreateBlock(ctx, added, [][]byte{added.Index}, moderation.AuditEntry{ID: b.NewID(), ModeratorID: ada.ID,
				Action: moderation.AuditAddBlock, SiteID: site.ID, SubjectID: added.ID, CreatedAt: b.Now()}))
			b.Advance(1e9)
			return added.ID
		}
		made, index := block("a", first.ID), block("b", "")
		block("c", "")
		for _, c := range []struct {
			indexes [][]byte
			want    []string
		}{{nil, []string{made}}, {[][]byte{dbtest.Index("b")}, []string{index, made}}} {
			var got []string
			for _, each := range must[[]queue.Block](t)(d.Queue.BlocksOn(ctx, ray, c.indexes)) {
				got = append(got, each.ID)
			}
			wantEqual(t, got, c.want)
		}
	})
}

func TestCommentersAreFoundByEmailAndName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, b := t.Context(), dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		ray := b.Comment(b.Article(daily, "one"), dbtest.Draft{Email: "ray@example.org", Name: "Ray Okafor"})
		rayWeekly := b.Comment(b.Article(weekly, "one"), dbtest.Draft{Email: "ray@example.org", Name: "R_y"})
		b.Comment(b.Article(daily, "two"), dbtest.Draft{Email: "okay@example.org", Name: "Bokay"})
		for name, c := range map[string]struct {
			sel  queue.CommenterSelect
			want []string
		}{
			"an email on all sites":        {queue.CommenterSelect{EmailIndexes: [][]byte{dbtest.Index("ray@example.org")}}, []string{rayWeekly.CommenterID, ray.CommenterID}},
			"an email on one":              {queue.CommenterSelect{SiteIDs: []string{daily.ID}, EmailIndexes: [][]byte{dbtest.Index("ray@example.org")}}, []string{ray.CommenterID}},
			"the beginning of a last word": {queue.CommenterSelect{Name: "OKA"}, []string{ray.CommenterID}},
			"a name with a wildcard":       {queue.CommenterSelect{Name: "r_"}, []string{rayWeekly.CommenterID}},
			"nobody":                       {queue.CommenterSelect{Name: "fo"}, nil},
		} {
			c.sel.Limit = 5
			var got []string
			for _, each := range must[[]moderation.Commenter](t)(d.Queue.Commenters(ctx, c.sel)) {
				got = append(got, each.ID)
			}
			t.Run(name, func(t *testing.T) { wantEqual(t, got, c.want) })
		}
	})
}
