package db_test

import (
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestAModeratorRoundTrips(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		one, two := b.Site("one"), b.Site("two")
		m := auth.Moderator{ID: b.NewID(), Name: "Mo", EmailIndex: dbtest.Index("mo"), EmailSealed: []byte{0, 1, 2, 255},
			Role: auth.RoleModerator, SiteIDs: []string{one.ID, two.ID}, PasswordHash: "$argon2id$", CreatedAt: b.Now()}
		ok(t, d.Moderators.CreateModerator(t.Context(), m))
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)), m)
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.ModeratorByEmail(t.Context(), [][]byte{[]byte("newer key"), m.EmailIndex})), m)

		everywhere := m
		everywhere.ID, everywhere.EmailIndex, everywhere.SiteIDs, everywhere.DisabledAt = b.NewID(), dbtest.Index("x"), nil, b.Now()
		ok(t, d.Moderators.CreateModerator(t.Context(), everywhere))
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), everywhere.ID)), everywhere)
	})
}

func TestEmailsOfModeratorsAreUnique(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		m.ID = b.NewID()
		wantErr(t, d.Moderators.CreateModerator(t.Context(), m), auth.ErrModeratorExists)
		m.EmailIndex, m.SiteIDs = dbtest.Index("other"), []string{"no such site"}
		wantErr(t, d.Moderators.CreateModerator(t.Context(), m), moderation.ErrNotFound)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM moderators`), 1)
	})
}

func TestAnUnknownModeratorIsAnError(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, err := d.Moderators.Moderator(t.Context(), "nobody")
		wantErr(t, err, auth.ErrUnknownModerator)
		_, err = d.Moderators.ModeratorByEmail(t.Context(), [][]byte{[]byte("x")})
		wantErr(t, err, auth.ErrUnknownModerator)
		_, err = d.Moderators.ModeratorByEmail(t.Context(), nil)
		wantErr(t, err, auth.ErrUnknownModerator)
	})
}

func TestAPasswordHashIsReplacedOnlyWhileItIsTheOneSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := dbtest.Build(t, d).Moderator("mo@example.org", auth.RoleAdmin)
		ok(t, d.Moderators.ReplacePasswordHash(t.Context(), auth.PasswordHashChange{ModeratorID: m.ID, Old: "another", New: "new"}))
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)), m)
		ok(t, d.Moderators.ReplacePasswordHash(t.Context(), auth.PasswordHashChange{ModeratorID: m.ID, Old: m.PasswordHash, New: "new"}))
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)).PasswordHash, "new")
	})
}
