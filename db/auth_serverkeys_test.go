package db_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func newServerKey(b *dbtest.Builder, name string, sites ...string) auth.ServerKey {
	return auth.ServerKey{ID: b.NewID(), Name: name, Scopes: []auth.Permission{auth.PermissionRead}, SiteIDs: sites,
		PerMinute: 60, Hint: "rjk_abcd", SecretHash: []byte("hash of " + name), CreatedAt: b.Now(), ExpiresAt: b.Now().Add(time.Hour)}
}

// keyEntry is an audit entry about the key itself, which is deleted with it.
func keyEntry(b *dbtest.Builder, action, id string) auth.AuditEntry {
	return auth.AuditEntry{ID: b.NewID(), ActorID: id, Action: action, SubjectID: id, CreatedAt: b.Now()}
}

// driveServerKeys calls every method for server keys, and stores a batch of articles.
func driveServerKeys(t *testing.T, d *db.DB, b *dbtest.Builder, siteID string) {
	t.Helper()
	key := newServerKey(b, "cms", siteID)
	ok(t, d.ServerKeys.AddServerKey(t.Context(), key, keyEntry(b, auth.ActionAddKey, key.ID)))
	must[[]auth.ServerKey](t)(d.ServerKeys.ServerKeys(t.Context()))
	ok(t, d.ServerKeys.TouchServerKey(t.Context(), key.ID, b.Now()))
	must[auth.ServerKey](t)(d.ServerKeys.UpdateServerKey(t.Context(), key.ID, func(*auth.ServerKey) error { return nil },
		keyEntry(b, auth.ActionRotateKey, key.ID)))
	ok(t, d.Articles.PutArticles(t.Context(), moderation.ArticleBatch{SiteID: siteID, Keys: []string{"one", "new"},
		Plan: func(found map[string]moderation.Article) ([]moderation.ArticleWrite, *moderation.AuditEntry) {
			renamed := found["one"]
			renamed.Title += " renamed"
			return []moderation.ArticleWrite{{Article: renamed}, {New: true, Article: moderation.Article{ID: b.NewID(), SiteID: siteID,
				Key: "new", PublishedAt: b.Now(), CreatedAt: b.Now(), Version: 1}}}, nil
		}}))
}

func TestAServerKeyIsStoredAndChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		key := newServerKey(b, "cms", site.ID)
		ok(t, d.ServerKeys.AddServerKey(t.Context(), key, keyEntry(b, auth.ActionAddKey, key.ID)))
		wantEqual(t, must[[]auth.ServerKey](t)(d.ServerKeys.ServerKeys(t.Context())), []auth.ServerKey{key})
		until := b.Now().Add(time.Minute)
		rotated := must[auth.ServerKey](t)(d.ServerKeys.UpdateServerKey(t.Context(), key.ID, func(k *auth.ServerKey) error {
			k.PreviousHash, k.PreviousUntil, k.SecretHash, k.RotatedAt = k.SecretHash, until, []byte("new"), b.Now()
			return nil
		}, keyEntry(b, auth.ActionRotateKey, key.ID)))
		later := b.Now().Add(time.Hour)
		ok(t, d.ServerKeys.TouchServerKey(t.Context(), key.ID, later))
		ok(t, d.ServerKeys.TouchServerKey(t.Context(), key.ID, later.Add(-time.Minute)))
		rotated.LastUsedAt = later
		read := must[[]auth.ServerKey](t)(d.ServerKeys.ServerKeys(t.Context()))
		if diff := cmp.Diff([]auth.ServerKey{rotated}, read); diff != "" || string(read[0].PreviousHash) != "hash of cms" {
			t.Errorf("the key is stored otherwise (-want +got):\n%s", diff)
		}
		refused := errors.New("refused")
		_, err := d.ServerKeys.UpdateServerKey(t.Context(), key.ID, func(*auth.ServerKey) error { return refused }, keyEntry(b, auth.ActionRevokeKey, key.ID))
		wantErr(t, err, refused)
		_, err = d.ServerKeys.UpdateServerKey(t.Context(), b.NewID(), func(*auth.ServerKey) error { return nil }, keyEntry(b, auth.ActionRevokeKey, key.ID))
		wantErr(t, err, auth.ErrUnknownKey)
		_, err = d.Sites.RemoveSite(t.Context(), site.ID, nil)
		ok(t, err)
		wantEqual(t, len(must[[]auth.ServerKey](t)(d.ServerKeys.ServerKeys(t.Context()))), 0)
	})
}

func TestTheAccountOfAServerKeyIsNoModerator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		ok(t, d.Moderators.PutSetupLink(t.Context(), setupLink(b, "link")))
		key := newServerKey(b, "cms")
		ok(t, d.ServerKeys.AddServerKey(t.Context(), key, keyEntry(b, auth.ActionAddKey, key.ID)))
		wantEqual(t, len(must[[]auth.Moderator](t)(d.Moderators.Moderators(t.Context()))), 0)
		_, err := d.Moderators.Moderator(t.Context(), key.ID)
		wantErr(t, err, auth.ErrUnknownModerator)
		wantEqual(t, must[bool](t)(d.Moderators.AnyModerator(t.Context())), false)
		wantEqual(t, must[bool](t)(d.Moderators.SetupLinkValid(t.Context(), []byte("link"), b.Now())), true)
		wantEqual(t, must[bool](t)(d.Appeals.OtherModerators(t.Context(), site.ID, "")), false)
		wantEqual(t, len(must[[]db.Sealed](t)(d.NewestSealed(t.Context()))), 0)
		wantEqual(t, must[string](t)(d.Moderators.ModeratorName(t.Context(), key.ID)), "cms (key)")
	})
}
