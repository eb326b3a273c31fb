package db_test

import (
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func TestRelatedCommentsAreSiblingsRepliesAndOthersByTheAuthor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		root := b.Comment(article, dbtest.Draft{Email: "root@example.org"})
		elder := b.Comment(article, dbtest.Draft{Parent: &root, Email: "elder@example.org"})
		b.Comment(article, dbtest.Draft{Parent: &root, Email: "gone@example.org", Status: moderation.StatusDeleted})
		c := b.Comment(article, dbtest.Draft{Parent: &root, Status: moderation.StatusPending})
		younger := b.Comment(article, dbtest.Draft{Parent: &root, Email: "younger@example.org", Status: moderation.StatusSpam})
		first := b.Comment(article, dbtest.Draft{})
		second := b.Comment(article, dbtest.Draft{Status: moderation.StatusRejected})
		ada := b.Moderator("ada@example.org", auth.RoleModerator)
		decision := b.NewDecision(c, moderation.ActionApprove)
		decision.ModeratorID = ada.ID
		ok(t, d.Decisions.RecordDecision(t.Context(), decision))
		answer := b.Comment(article, dbtest.Draft{Parent: &c, Email: "elder@example.org"})

		around, err := d.Queue.RelatedComments(t.Context(), c, 5)
		ok(t, err)
		wantEqual(t, idsOf(around.Siblings), []string{younger.ID, elder.ID})
		wantEqual(t, idsOf(around.Replies), []string{answer.ID})
		wantEqual(t, idsOf(around.Others), []string{second.ID, first.ID})
		wantEqual(t, around.Moderators, map[string]string{ada.ID: ada.Name})

		around, err = d.Queue.RelatedComments(t.Context(), c, 1)
		ok(t, err)
		wantEqual(t, idsOf(around.Siblings), []string{younger.ID})
		wantEqual(t, idsOf(around.Others), []string{second.ID})

		records, err := d.Queue.Records(t.Context(), []string{c.CommenterID, elder.CommenterID, c.CommenterID, b.NewID()})
		ok(t, err)
		wantEqual(t, records, map[string]moderation.Record{
			c.CommenterID: {Approved: 2, Rejected: 1}, elder.CommenterID: {Approved: 2},
		})
	})
}

func idsOf(rows []queue.Row) []string {
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.Comment.ID)
	}
	return ids
}
