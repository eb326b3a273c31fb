package db_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
)

const testIssuer = "https://login.paper.example"

// identityOf is a moderator's identity at a provider, with the entry about linking it.
func identityOf(b *dbtest.Builder, m auth.Moderator, subject string) (auth.FederatedIdentity, auth.AuditEntry) {
	at := b.Now()
	return auth.FederatedIdentity{ID: b.NewID(), ModeratorID: m.ID, Provider: "newsroom", Issuer: testIssuer, Subject: subject,
			CreatedAt: at, LastUsedAt: at},
		auth.AuditEntry{ID: b.NewID(), ActorID: m.ID, Action: auth.ActionLinkIdentity, SubjectID: m.ID, CreatedAt: at}
}

// federatedSession is a session at the provider whose check is due.
func federatedSession(b *dbtest.Builder, i auth.FederatedIdentity, t auth.RefreshToken) auth.FederatedSession {
	return auth.FederatedSession{SessionID: t.FamilyID, IdentityID: i.ID, ModeratorID: i.ModeratorID, Provider: i.Provider,
		ProviderSession: "sid of " + i.Subject, Sealed: []byte("sealed"), CheckedAt: b.Now(), NextCheckAt: b.Now()}
}

func TestAnIdentityBelongsToOneAccountAndAnAccountHasOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		mo, eve := b.Moderator("mo@example.org", auth.RoleAdmin), b.Moderator("eve@example.org", auth.RoleModerator)
		password := newToken(b, mo, "password")
		ok(t, d.Sessions.BeginSession(t.Context(), password, signIn(password)))
		identity, entry := identityOf(b, mo, "mo")
		_, err := d.Federation.FederatedIdentity(t.Context(), testIssuer, "mo")
		wantErr(t, err, auth.ErrNotLinked)
		ok(t, d.Federation.LinkIdentity(t.Context(), identity, entry))
		wantEqual(t, must[auth.FederatedIdentity](t)(d.Federation.FederatedIdentity(t.Context(), testIssuer, "mo")), identity)
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), mo.ID)).Federated, true)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL`), 0)

		second, entry := identityOf(b, mo, "another")
		wantErr(t, d.Federation.LinkIdentity(t.Context(), second, entry), auth.ErrAlreadyLinked)
		taken, entry := identityOf(b, eve, "mo")
		wantErr(t, d.Federation.LinkIdentity(t.Context(), taken, entry), auth.ErrAlreadyLinked)

		_, entry = identityOf(b, mo, "mo")
		ok(t, d.Federation.UnlinkIdentity(t.Context(), mo.ID, entry))
		_, entry = identityOf(b, mo, "mo")
		wantErr(t, d.Federation.UnlinkIdentity(t.Context(), mo.ID, entry), auth.ErrNotLinked)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE subject_id = $1`, mo.ID), 2)
	})
}

func TestAnAccountIsCreatedWithItsIdentity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		mo := b.Moderator("mo@example.org", auth.RoleAdmin)
		linked, entry := identityOf(b, mo, "mo")
		ok(t, d.Federation.LinkIdentity(t.Context(), linked, entry))
		fresh := auth.Moderator{ID: b.NewID(), Name: "Eve", Role: auth.RoleModerator, EmailIndex: dbtest.Index("eve"),
			EmailSealed: []byte("sealed"), CreatedAt: b.Now()}
		identity, entry := identityOf(b, fresh, "mo")
		wantErr(t, d.Federation.CreateFederated(t.Context(), fresh, identity, entry), auth.ErrAlreadyLinked)
		_, err := d.Moderators.Moderator(t.Context(), fresh.ID)
		wantErr(t, err, auth.ErrUnknownModerator) // all or nothing
		identity, entry = identityOf(b, fresh, "eve")
		ok(t, d.Federation.CreateFederated(t.Context(), fresh, identity, entry))
		m := must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), fresh.ID))
		wantEqual(t, m.Status(), "active")
		all := must[map[string]auth.FederatedIdentity](t)(d.Federation.FederatedIdentities(t.Context()))
		wantEqual(t, len(all), 2)
		wantEqual(t, all[fresh.ID], identity)
	})
}

func TestAnAdminWithoutPasswordIsNotifiedOfPausedWebhooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("paper")
		m := auth.Moderator{ID: b.NewID(), Name: "Eve", Role: auth.RoleAdmin, EmailIndex: dbtest.Index("eve"),
			EmailSealed: []byte("sealed"), CreatedAt: b.Now()}
		identity, entry := identityOf(b, m, "eve")
		ok(t, d.Federation.CreateFederated(t.Context(), m, identity, entry))
		wantEqual(t, must[[]string](t)(d.ForWebhooks().SiteAdmins(t.Context(), site.ID)), []string{m.ID})
	})
}

func TestAProvidersConfirmationIsStoredWithTheIdentity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		mo := b.Moderator("mo@example.org", auth.RoleAdmin)
		identity, entry := identityOf(b, mo, "mo")
		ok(t, d.Federation.LinkIdentity(t.Context(), identity, entry))
		token := newToken(b, mo, "first")
		session := federatedSession(b, identity, token)
		ok(t, d.Federation.BeginFederatedSession(t.Context(), token, signIn(token), session))
		confirmed := func() bool {
			return queryInt(t, d, `SELECT COUNT(*) FROM federated_identities WHERE confirmed_at IS NOT NULL`) > 0
		}
		wantEqual(t, confirmed(), true)
		ok(t, d.Federation.RefuseIdentity(t.Context(), mo.ID))
		wantEqual(t, confirmed(), false)
		ok(t, d.Federation.StoreFederatedCheck(t.Context(), session)) // the provider did not respond
		wantEqual(t, confirmed(), false)
		session.CheckedAt = session.CheckedAt.Add(time.Minute)
		ok(t, d.Federation.StoreFederatedCheck(t.Context(), session))
		wantEqual(t, confirmed(), true)
	})
}

func TestOneNodeChecksASessionThatIsDue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		mo := b.Moderator("mo@example.org", auth.RoleAdmin)
		identity, entry := identityOf(b, mo, "mo")
		ok(t, d.Federation.LinkIdentity(t.Context(), identity, entry))
		token := newToken(b, mo, "first")
		session := federatedSession(b, identity, token)
		ok(t, d.Federation.BeginFederatedSession(t.Context(), token, signIn(token), session))
		wantEqual(t, must[auth.FederatedSession](t)(d.Federation.FederatedSession(t.Context(), session.SessionID)), session)

		now := b.Now()
		due := func(usedSince time.Time) int {
			return len(must[[]auth.FederatedSession](t)(d.Federation.DueFederatedSessions(t.Context(), now, usedSince, 10)))
		}
		wantEqual(t, due(now.Add(-time.Minute)), 1)
		wantEqual(t, due(now.Add(time.Minute)), 0) // not used since then
		claim := func() bool {
			return must[bool](t)(d.Federation.ClaimFederatedCheck(t.Context(), session.SessionID, now, now.Add(time.Minute)))
		}
		wantEqual(t, []bool{claim(), claim()}, []bool{true, false})
		wantEqual(t, due(now.Add(-time.Minute)), 0)

		session.Sealed, session.CheckedAt, session.NextCheckAt = []byte("next"), now, now
		ok(t, d.Federation.StoreFederatedCheck(t.Context(), session))
		wantEqual(t, must[auth.FederatedSession](t)(d.Federation.FederatedSession(t.Context(), session.SessionID)), session)

		must[int64](t)(d.Sessions.EndSessions(t.Context(), mo.ID, auth.SessionEnd{Only: session.SessionID, At: now}))
		_, err := d.Federation.FederatedSession(t.Context(), session.SessionID)
		wantErr(t, err, auth.ErrNotLinked)
		ok(t, d.Federation.StoreFederatedCheck(t.Context(), session)) // its check was under way
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM federated_sessions`), 0)
	})
}

func TestALogoutFindsTheSessionsThatItNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		var ids []string
		for _, name := range []string{"mo", "eve"} {
			m := b.Moderator(name+"@example.org", auth.RoleAdmin)
			identity, entry := identityOf(b, m, name)
			ok(t, d.Federation.LinkIdentity(t.Context(), identity, entry))
			token := newToken(b, m, name)
			ok(t, d.Federation.BeginFederatedSession(t.Context(), token, signIn(token), federatedSession(b, identity, token)))
			ids = append(ids, token.FamilyID)
		}
		for _, tc := range []struct {
			name   string
			logout auth.FederatedLogout
			want   []string
		}{
			{"by subject", auth.FederatedLogout{Issuer: testIssuer, Subject: "mo"}, ids[:1]},
			{"by session", auth.FederatedLogout{Issuer: testIssuer, ProviderSession: "sid of eve"}, ids[1:]},
			{"by both", auth.FederatedLogout{Issuer: testIssuer, Subject: "mo", ProviderSession: "sid of eve"}, nil},
			{"of another issuer", auth.FederatedLogout{Issuer: "https://other.example", Subject: "mo"}, nil},
		} {
			var got []string
			for _, f := range must[[]auth.FederatedSession](t)(d.Federation.FederatedSessions(t.Context(), tc.logout)) {
				got = append(got, f.SessionID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.name, diff)
			}
		}
	})
}

func TestSitesOfAMappingAreThoseThatExist(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("paper")
		wantEqual(t, must[[]string](t)(d.Federation.SiteIDs(t.Context(), []string{"paper", "gone"})), []string{site.ID})
		wantEqual(t, len(must[[]string](t)(d.Federation.SiteIDs(t.Context(), []string{"gone"}))), 0)
		wantEqual(t, len(must[[]string](t)(d.Federation.SiteIDs(t.Context(), nil))), 0)
	})
}
