package db_test

import (
	"strconv"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestAddressesAreForgottenAfterTheirRetention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		old := b.Comment(article, dbtest.Draft{Address: "1"})
		b.Comment(article, dbtest.Draft{})
		young := b.Comment(article, dbtest.Draft{Address: "1"})
		wantEqual(t, must[int64](t)(d.Janitor.ForgetAddresses(t.Context(), young.CreatedAt)), int64(1))
		wantEqual(t, must[int64](t)(d.Janitor.ForgetAddresses(t.Context(), young.CreatedAt)), int64(0))
		_, s := commentText(t, d, old.ID)
		wantEqual(t, s.AddressIndex, []byte(nil))
		wantEqual(t, s.AddressPrefix, "")
		_, s = commentText(t, d, young.ID)
		wantEqual(t, s.AddressPrefix, "192.0.2.0/24")
	})
}

func TestASweepLargerThanATransactionIsFinished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tx, err := db.Raw(d).BeginTxx(t.Context(), nil)
		ok(t, err)
		defer tx.Rollback()
		for i := range 2_500 {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO login_failures VALUES ($1, 1, NULL, $2)`,
				db.Bind(d, []any{dbtest.Index(strconv.Itoa(i)), db.Time(dbtest.Epoch)})...)
			ok(t, err)
		}
		ok(t, tx.Commit())
		wantEqual(t, must[int64](t)(d.Janitor.ForgetLogins(t.Context(), dbtest.Epoch.Add(time.Second))), int64(2_500))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures`), 0)
	})
}

func TestIdempotencyKeysAndLoginsAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		article := b.Article(site, "one")
		b.Comment(article, dbtest.Draft{IdempotencyKey: "old"})
		young := b.Comment(article, dbtest.Draft{IdempotencyKey: "young"})
		wantEqual(t, must[int64](t)(d.Janitor.ForgetIdempotencyKeys(t.Context(), young.CreatedAt)), int64(1))
		_, _, err := d.Submissions.IdempotentComment(t.Context(), site.ID, dbtest.Index("old"))
		wantErr(t, err, moderation.ErrNotFound)
		_, _, err = d.Submissions.IdempotentComment(t.Context(), site.ID, dbtest.Index("young"))
		ok(t, err)

		expired, good := newToken(b, m, "expired"), newToken(b, m, "good")
		expired.ExpiresAt = b.Now().Add(-time.Second)
		ok(t, d.Sessions.BeginSession(t.Context(), expired, signIn(expired)))
		ok(t, d.Sessions.BeginSession(t.Context(), good, signIn(good)))
		setFailures(t, d, "forgotten", auth.LoginFailures{Count: 3, LastAt: b.Now().Add(-time.Second)})
		setFailures(t, d, "kept", auth.LoginFailures{Count: 3, LastAt: b.Now()})
		wantEqual(t, must[int64](t)(d.Janitor.ForgetLogins(t.Context(), b.Now())), int64(3))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE id = $1`, good.ID), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM sessions WHERE id = $1`, good.FamilyID), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures WHERE attempt_key = $1`, []byte("kept")), 1)
		wantEqual(t, must[int64](t)(d.Janitor.ForgetSignIns(t.Context(), good.CreatedAt.Add(time.Second))), int64(2))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM sign_ins`), 0)
	})
}

func TestTheTextOfADeletedCommentIsErasedAfterAWhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		old := b.Comment(article, dbtest.Draft{Body: "secret"})
		r := b.NewRevision(old, "more secret", moderation.StatusPending)
		ok(t, d.Submissions.ReviseComment(t.Context(), r))
		old = b.Decide(r.Comment, moderation.ActionDelete)
		before := b.Now().Add(time.Second)
		b.Advance(time.Hour)
		young := b.Decide(b.Comment(article, dbtest.Draft{}), moderation.ActionDelete)
		kept := b.Comment(article, dbtest.Draft{})
		wantEqual(t, must[int64](t)(d.Janitor.EraseDeleted(t.Context(), before)), int64(1))
		wantEqual(t, must[int64](t)(d.Janitor.EraseDeleted(t.Context(), before)), int64(0))
		got, s := commentText(t, d, old.ID)
		wantEqual(t, got.AuthorName+got.AuthorURL+got.BodyHTML+s.AuthorName+s.AuthorURL+s.Body, "")
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM submissions WHERE comment_id = $1 AND body <> ''`, db.ID(old.ID)), 0)
		wantEqual(t, len(must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), old.ID))), 3)
		for _, c := range []moderation.Comment{young, kept} {
			got, _ := commentText(t, d, c.ID)
			wantEqual(t, got, c)
		}
		checkCounters(t, d)
	})
}
