package db_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/notify"
)

var errOnlyAdmin = errors.New("the only admin")

// demote takes the role away, as long as another admin stays.
func demote(b *dbtest.Builder, m auth.Moderator) auth.ModeratorUpdate {
	return auth.ModeratorUpdate{ID: m.ID, At: b.Now(), Change: func(m *auth.Moderator, admins []auth.Moderator) error {
		if len(admins) == 0 {
			return errOnlyAdmin
		}
		m.Role = auth.RoleModerator
		return nil
	}}
}

func TestOneOfTwoAdminsWhoDemoteEachOtherStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		admins := []auth.Moderator{b.Moderator("a@example.org", auth.RoleAdmin), b.Moderator("b@example.org", auth.RoleAdmin),
			b.Moderator("c@example.org", auth.RoleAdmin)}
		var group sync.WaitGroup
		for _, m := range admins {
			update := demote(b, m)
			group.Go(func() {
				if _, err := d.Moderators.UpdateModerator(t.Context(), update); err != nil && !errors.Is(err, errOnlyAdmin) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM moderators WHERE role = 'admin'`), 1)
	})
}

func TestOnlyAdminsWhoCanSignInCountAsOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		only := b.Moderator("a@example.org", auth.RoleAdmin)
		disabled, invited := b.Moderator("b@example.org", auth.RoleAdmin), b.Moderator("c@example.org", auth.RoleAdmin)
		b.Moderator("d@example.org", auth.RoleModerator)
		tamper(t, d, `UPDATE moderators SET disabled_at = $1 WHERE id = $2`, db.Time(b.Now()), disabled.ID)
		tamper(t, d, `UPDATE moderators SET password_hash = '' WHERE id = $1`, invited.ID)
		_, err := d.Moderators.UpdateModerator(t.Context(), demote(b, only))
		wantErr(t, err, errOnlyAdmin)
	})
}

func TestOneOfTwoConcurrentChangesToAnEmailWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		var group sync.WaitGroup
		refused := make(chan error, 2)
		for _, email := range []string{"a@example.org", "b@example.org"} {
			m := b.Moderator(email, auth.RoleModerator)
			entry := auth.AuditEntry{ID: b.NewID(), ActorID: m.ID, Action: auth.ActionChangeEmail, SubjectID: m.ID, CreatedAt: b.Now()}
			update := auth.ModeratorUpdate{ID: m.ID, At: b.Now(), EmailEntry: &entry, Change: func(m *auth.Moderator, _ []auth.Moderator) error {
				m.EmailIndex, m.EmailSealed = []byte("the same"), []byte("sealed")
				return nil
			}}
			group.Go(func() {
				_, err := d.Moderators.UpdateModerator(t.Context(), update)
				refused <- err
			})
		}
		group.Wait()
		first, second := <-refused, <-refused
		if first == nil {
			first, second = second, first
		}
		wantErr(t, first, auth.ErrModeratorExists)
		ok(t, second)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM moderators WHERE email_index = $1`, []byte("the same")), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE action = 'change_email'`), 1)
	})
}

func TestAnUpdateStoresEverythingOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, m := b.Site("daily"), b.Moderator("mo@example.org", auth.RoleAdmin)
		token := newToken(b, m, "first")
		ok(t, d.Sessions.BeginSession(t.Context(), token, signIn(token)))
		entry := auth.AuditEntry{ID: b.NewID(), Action: auth.ActionDisable, SubjectID: m.ID, CreatedAt: b.Now()}
		update := auth.ModeratorUpdate{ID: m.ID, At: b.Now(), End: &auth.SessionEnd{At: b.Now()}, Entry: &entry,
			Change: func(m *auth.Moderator, _ []auth.Moderator) error {
				m.Name, m.SiteIDs, m.DisabledAt, m.MustChangePassword = "New", []string{site.ID}, b.Now(), true
				return nil
			}}
		update.Link = []byte("no such link")
		_, err := d.Moderators.UpdateModerator(t.Context(), update)
		wantErr(t, err, auth.ErrLink)
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)), m)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries`), 0)

		update.Link = nil
		after := must[auth.Moderator](t)(d.Moderators.UpdateModerator(t.Context(), update))
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)), after)
		wantEqual(t, must[[]auth.Moderator](t)(d.Moderators.Moderators(t.Context())), []auth.Moderator{after})
		wantEqual(t, after.SiteIDs, []string{site.ID})
		wantEqual(t, must[[]string](t)(d.Sessions.EndedSessions(t.Context(), b.Now())), []string{token.FamilyID})
		wantEqual(t, len(must[[]string](t)(d.Sessions.EndedSessions(t.Context(), b.Now().Add(time.Microsecond)))), 0)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL`), 0)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE moderator_id IS NULL AND site_id IS NULL`), 1)
		update.ID = b.NewID()
		_, err = d.Moderators.UpdateModerator(t.Context(), update)
		wantErr(t, err, auth.ErrUnknownModerator)
	})
}

func TestEveryChangeOfAccessIsAnnounced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		token := newToken(b, m, "first")
		ok(t, d.Sessions.BeginSession(t.Context(), token, signIn(token)))
		told := make(chan moderation.Change, 100)
		ctx, cancel := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() {
			if err := d.Watch(ctx, func(change moderation.Change) { told <- change }); err != nil {
				t.Error(err)
			}
		})
		<-told // watching has begun
		entry := func() auth.AuditEntry {
			return auth.AuditEntry{ID: b.NewID(), Action: auth.ActionSecondFactorOn, SubjectID: m.ID, CreatedAt: b.Now()}
		}
		f := auth.SecondFactor{ModeratorID: m.ID, SecretSealed: []byte("sealed"), CreatedAt: b.Now(), ConfirmedAt: b.Now()}
		ok(t, d.SecondFactors.PutSecondFactor(t.Context(), f))
		for what, change := range map[string]func() error{
			"a new moderator": func() error { b.Moderator("new@example.org", auth.RoleModerator); return nil },
			"another name": func() error {
				_, err := d.Moderators.UpdateModerator(t.Context(), auth.ModeratorUpdate{ID: m.ID, At: b.Now(),
					Change: func(m *auth.Moderator, _ []auth.Moderator) error { m.Name = "Other"; return nil }})
				return err
			},
			"a sign-out":      func() error { return d.Sessions.RevokeRefreshFamily(t.Context(), token.SecretHash, b.Now()) },
			"a second factor": func() error { return d.SecondFactors.ConfirmSecondFactor(t.Context(), f, nil, entry()) },
		} {
			for len(told) > 0 {
				<-told
			}
			ok(t, change())
			if len(told) == 0 {
				t.Errorf("%s is not announced", what)
				continue
			}
			wantEqual(t, <-told, moderation.Change{Kind: moderation.ChangeModerator})
		}
		cancel()
		watching.Wait()
	})
}

func TestALinkWorksOnceAndForOneModerator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m, other := b.Moderator("mo@example.org", auth.RoleModerator), b.Moderator("other@example.org", auth.RoleModerator)
		link := auth.Link{ModeratorID: m.ID, Kind: auth.LinkPasswordReset, SecretHash: dbtest.Index("secret"), CreatedAt: b.Now(),
			ExpiresAt: b.Now().Add(time.Hour)}
		link.Entry = auth.AuditEntry{ID: b.NewID(), ActorID: m.ID, Action: auth.ActionLinkPasswordReset, SubjectID: m.ID, CreatedAt: b.Now()}
		ok(t, d.Moderators.PutLink(t.Context(), link))
		use := func(m auth.Moderator, at time.Time) error {
			_, err := d.Moderators.UpdateModerator(t.Context(), auth.ModeratorUpdate{ID: m.ID, At: at, Link: link.SecretHash,
				Change: func(*auth.Moderator, []auth.Moderator) error { return nil }})
			return err
		}
		wantErr(t, use(other, b.Now()), auth.ErrLink)
		wantErr(t, use(m, link.ExpiresAt), auth.ErrLink)
		_, err := d.Moderators.LinkByHash(t.Context(), link.SecretHash, link.ExpiresAt)
		wantErr(t, err, auth.ErrLink)
		wantEqual(t, len(must[map[string]auth.Link](t)(d.Moderators.Links(t.Context(), b.Now()))), 1)
		var good, refused int
		var mu sync.Mutex
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				err := use(m, b.Now())
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					good++
				} else if errors.Is(err, auth.ErrLink) {
					refused++
				}
			})
		}
		group.Wait()
		wantEqual(t, []int{good, refused}, []int{1, 3})
	})
}

func TestASecondFactorCodeWorksOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleModerator)
		entry := func() auth.AuditEntry {
			return auth.AuditEntry{ID: b.NewID(), ActorID: m.ID, Action: auth.ActionSecondFactorOn, SubjectID: m.ID, CreatedAt: b.Now()}
		}
		f := auth.SecondFactor{ModeratorID: m.ID, SecretSealed: []byte("first"), CreatedAt: b.Now()}
		wantErr(t, d.SecondFactors.ConfirmSecondFactor(t.Context(), f, nil, entry()), auth.ErrSecondFactorOff)
		ok(t, d.SecondFactors.PutSecondFactor(t.Context(), f))
		f.SecretSealed = []byte("second")
		ok(t, d.SecondFactors.PutSecondFactor(t.Context(), f))
		wantErr(t, d.SecondFactors.UseStep(t.Context(), m.ID, 7), auth.ErrWrongCode) // not confirmed
		f.LastStep, f.ConfirmedAt = 7, b.Now()
		ok(t, d.SecondFactors.ConfirmSecondFactor(t.Context(), f, [][]byte{dbtest.Index("r1"), dbtest.Index("r2")}, entry()))
		wantErr(t, d.SecondFactors.ConfirmSecondFactor(t.Context(), f, nil, entry()), auth.ErrSecondFactorOn)
		wantErr(t, d.SecondFactors.PutSecondFactor(t.Context(), f), auth.ErrSecondFactorOn)
		f.CodesLeft = 2
		wantEqual(t, must[auth.SecondFactor](t)(d.SecondFactors.SecondFactor(t.Context(), m.ID)), f)
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)).SecondFactor, true)

		results := make([]error, 8)
		var group sync.WaitGroup
		for i := range results {
			use := entry()
			group.Go(func() {
				if i%2 == 0 {
					results[i] = d.SecondFactors.UseStep(t.Context(), m.ID, 8)
				} else {
					results[i] = d.SecondFactors.UseRecoveryCode(t.Context(), m.ID, dbtest.Index("r1"), use)
				}
			})
		}
		group.Wait()
		refused := slices.DeleteFunc(results, func(err error) bool { return err == nil })
		wantEqual(t, len(refused), 6)
		for _, err := range refused {
			wantErr(t, err, auth.ErrWrongCode)
		}
		wantErr(t, d.SecondFactors.UseStep(t.Context(), m.ID, 7), auth.ErrWrongCode)
		ok(t, d.SecondFactors.RemoveSecondFactor(t.Context(), m.ID, entry()))
		wantErr(t, d.SecondFactors.RemoveSecondFactor(t.Context(), m.ID, entry()), auth.ErrSecondFactorOff)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM recovery_codes`), 0)
	})
}

func TestTheAuditLogIsReadByKeysetOverBothTables(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, m := b.Site("daily"), b.Moderator("mo@example.org", auth.RoleModerator)
		var want []string
		for i := range 9 {
			b.Advance(time.Second)
			id := b.NewID()
			want = append(want, id)
			if i%3 == 0 {
				ok(t, d.Sessions.RecordSignIn(t.Context(), auth.SignIn{ID: id, ModeratorID: m.ID, Outcome: auth.SignInFailed, CreatedAt: b.Now()}))
				continue
			}
			ok(t, d.Audit.Audit(t.Context(), moderation.AuditEntry{ID: id, ModeratorID: m.ID, Action: "change_site", SiteID: site.ID,
				SubjectID: site.ID, CreatedAt: b.Now()}))
		}
		slices.Reverse(want)
		q := moderation.AuditSelect{Limit: 2}
		var got []string
		for {
			rows := must[[]moderation.AuditRow](t)(d.Audit.AuditEntries(t.Context(), q))
			if len(rows) == 0 {
				break
			}
			for _, row := range rows {
				got = append(got, row.ID)
				wantEqual(t, row.ModeratorName, m.Name)
			}
			last := rows[len(rows)-1]
			q.After = &moderation.ThreadKey{CreatedAt: last.CreatedAt, ID: last.ID}
		}
		wantEqual(t, got, want)
	})
}

func TestAModeratorsLanguageIsStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("a@example.org", auth.RoleModerator)
		wantEqual(t, m.Language, "")
		must[auth.Moderator](t)(d.Moderators.UpdateModerator(t.Context(), auth.ModeratorUpdate{ID: m.ID, At: b.Now(),
			Change: func(m *auth.Moderator, _ []auth.Moderator) error { m.Language = "de"; return nil }}))
		wantEqual(t, must[auth.Moderator](t)(d.Moderators.Moderator(t.Context(), m.ID)).Language, "de")
		wantEqual(t, must[[]auth.Moderator](t)(d.Moderators.Moderators(t.Context()))[0].Language, "de")
		wantEqual(t, must[notify.Moderator](t)(d.ModeratorMail.NotifiedModerator(t.Context(), m.ID)).Language, "de")
	})
}
