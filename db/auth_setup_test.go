package db_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
)

func firstModerator(b *dbtest.Builder, email, link string) auth.FirstModerator {
	m := auth.Moderator{ID: b.NewID(), Name: "First", EmailIndex: []byte(email), EmailSealed: []byte("sealed"),
		Role: auth.RoleAdmin, PasswordHash: "hash", CreatedAt: b.Now()}
	return auth.FirstModerator{Moderator: m, Link: []byte(link), At: b.Now(),
		Entry: auth.AuditEntry{ID: b.NewID(), ActorID: m.ID, Action: auth.ActionSetUp, SubjectID: m.ID, CreatedAt: b.Now()}}
}

func setupLink(b *dbtest.Builder, hash string) auth.SetupLink {
	return auth.SetupLink{SecretHash: []byte(hash), ExpiresAt: b.Now().Add(time.Hour)}
}

func TestOneHolderOfASetupLinkBecomesTheFirstModerator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		for _, link := range []string{"link one", "link two"} {
			ok(t, d.Moderators.PutSetupLink(t.Context(), setupLink(b, link)))
		}
		var group sync.WaitGroup
		var created, refused atomic.Int32
		for i := range 8 {
			first := firstModerator(b, string(rune('a'+i)), []string{"link one", "link two"}[i%2])
			group.Go(func() {
				switch err := d.Moderators.CreateFirstModerator(t.Context(), first); {
				case err == nil:
					created.Add(1)
				case errors.Is(err, auth.ErrLink):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, [2]int32{created.Load(), refused.Load()}, [2]int32{1, 7})
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM moderators`), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM setup_links`), 0)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE action = 'set_up'`), 1)
	})
}

func TestASetupLinkWorksUntilItExpiresOrThereIsAModerator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		link := setupLink(b, "link")
		valid := func(at time.Time) bool {
			t.Helper()
			return must[bool](t)(d.Moderators.SetupLinkValid(t.Context(), link.SecretHash, at))
		}
		ok(t, d.Moderators.PutSetupLink(t.Context(), link))
		wantEqual(t, []bool{valid(b.Now()), valid(link.ExpiresAt)}, []bool{true, false})
		wantEqual(t, must[bool](t)(d.Moderators.SetupLinkValid(t.Context(), []byte("other"), b.Now())), false)
		late := firstModerator(b, "late@example.org", "link")
		late.At = link.ExpiresAt
		wantErr(t, d.Moderators.CreateFirstModerator(t.Context(), late), auth.ErrLink)
		wantErr(t, d.Moderators.CreateFirstModerator(t.Context(), firstModerator(b, "a@example.org", "guess")), auth.ErrLink)

		// A later start ends the earlier link.
		next := auth.SetupLink{SecretHash: []byte("next"), ExpiresAt: link.ExpiresAt.Add(time.Hour)}
		ok(t, d.Moderators.PutSetupLink(t.Context(), next))
		wantEqual(t, valid(b.Now()), false)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM setup_links`), 1)

		wantEqual(t, must[bool](t)(d.Moderators.AnyModerator(t.Context())), false)
		b.Moderator("mo@example.org", auth.RoleModerator)
		wantEqual(t, must[bool](t)(d.Moderators.AnyModerator(t.Context())), true)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM setup_links`), 0)
		wantErr(t, d.Moderators.CreateFirstModerator(t.Context(), firstModerator(b, "b@example.org", "next")), auth.ErrLink)
		wantErr(t, d.Moderators.PutSetupLink(t.Context(), setupLink(b, "again")), auth.ErrModeratorExists)
	})
}
