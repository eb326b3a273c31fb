package db_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
)

func newToken(b *dbtest.Builder, m auth.Moderator, secret string) auth.RefreshToken {
	id := b.NewID()
	return auth.RefreshToken{ID: id, ModeratorID: m.ID, FamilyID: id, SecretHash: dbtest.Index(secret),
		CreatedAt: b.Now(), ExpiresAt: b.Now().Add(time.Hour)}
}

func successor(b *dbtest.Builder, secret string) auth.RefreshToken {
	b.Advance(time.Second)
	return auth.RefreshToken{ID: b.NewID(), SecretHash: dbtest.Index(secret), CreatedAt: b.Now(), ExpiresAt: b.Now().Add(time.Hour)}
}

// signIn is the sign-in that a session with this first token began with.
func signIn(t auth.RefreshToken) auth.SignIn {
	return auth.SignIn{ID: t.ID, ModeratorID: t.ModeratorID, Outcome: auth.SignInDone, Client: "Firefox on Linux",
		AddressKey: dbtest.Index("192.0.2.1"), CreatedAt: t.CreatedAt}
}

func TestARefreshTokenRenewsOnceAndItsReuseRevokesTheFamily(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		first, stranger := newToken(b, m, "first"), newToken(b, m, "stranger")
		ok(t, d.Sessions.BeginSession(t.Context(), first, signIn(first)))
		ok(t, d.Sessions.BeginSession(t.Context(), stranger, signIn(stranger)))
		next := successor(b, "second")
		second := must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), first.SecretHash, next))
		wantEqual(t, second, first.Successor(next))

		b.Advance(auth.RefreshGrace)
		old, err := d.Sessions.RotateRefreshToken(t.Context(), first.SecretHash, successor(b, "stolen"))
		wantErr(t, err, auth.ErrTokenReused)
		wantEqual(t, old.ID, first.ID)
		_, err = d.Sessions.RotateRefreshToken(t.Context(), second.SecretHash, successor(b, "third"))
		wantErr(t, err, auth.ErrTokenReused) // revoked, although it was never used
		_, err = d.Sessions.RotateRefreshToken(t.Context(), []byte("unknown"), successor(b, "x"))
		wantErr(t, err, auth.ErrUnknownToken)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL`), 1)
		must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), stranger.SecretHash, successor(b, "fourth")))
	})
}

func TestAnExpiredRefreshTokenIsRefusedWithoutHarm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		token := newToken(b, b.Moderator("mo@example.org", auth.RoleAdmin), "first")
		ok(t, d.Sessions.BeginSession(t.Context(), token, signIn(token)))
		b.Advance(time.Hour)
		_, err := d.Sessions.RotateRefreshToken(t.Context(), token.SecretHash, successor(b, "late"))
		wantErr(t, err, auth.ErrTokenExpired)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE used_at IS NULL AND revoked_at IS NULL`), 1)
	})
}

func TestALogoutRevokesTheFamilyAndKeepsEarlierTimes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		first := newToken(b, b.Moderator("mo@example.org", auth.RoleAdmin), "first")
		ok(t, d.Sessions.BeginSession(t.Context(), first, signIn(first)))
		second := must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), first.SecretHash, successor(b, "second")))
		at := b.Now()
		ok(t, d.Sessions.RevokeRefreshFamily(t.Context(), second.SecretHash, at))
		ok(t, d.Sessions.RevokeRefreshFamily(t.Context(), first.SecretHash, at.Add(time.Minute)))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at = $1`, db.Time(at)), 2)
		wantErr(t, d.Sessions.RevokeRefreshFamily(t.Context(), []byte("unknown"), at), auth.ErrUnknownToken)
	})
}

func TestTheSameSuccessorIsReturnedForTenSeconds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		first := newToken(b, b.Moderator("mo@example.org", auth.RoleAdmin), "first")
		ok(t, d.Sessions.BeginSession(t.Context(), first, signIn(first)))
		next := successor(b, "second")
		next.Sealed = []byte("sealed under the first")
		second := must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), first.SecretHash, next))
		b.Advance(auth.RefreshGrace - time.Second)
		again := must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), first.SecretHash, successor(b, "never")))
		wantEqual(t, again, second)
		wantEqual(t, string(again.Sealed), "sealed under the first")
		_, err := d.Sessions.RotateRefreshToken(t.Context(), first.SecretHash, successor(b, "late"))
		wantErr(t, err, auth.ErrTokenReused)
		_, err = d.Sessions.RotateRefreshToken(t.Context(), second.SecretHash, successor(b, "third"))
		wantErr(t, err, auth.ErrTokenReused)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM sessions WHERE ended_at IS NOT NULL`), 1)
	})
}

func TestASealedTokenIsErasedAfterTheGracePeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		token := newToken(b, b.Moderator("mo@example.org", auth.RoleAdmin), "token 0")
		ok(t, d.Sessions.BeginSession(t.Context(), token, signIn(token)))
		for _, secret := range []string{"token 1", "token 2", "token 3"} {
			next := successor(b, secret)
			next.Sealed = []byte("sealed")
			token = must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), token.SecretHash, next))
			b.Advance(time.Minute)
		}
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE sealed IS NOT NULL`), 1)
	})
}

func TestConcurrentRenewalsGetOneSuccessor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		for round := range 10 {
			token := newToken(b, m, "token"+string(rune('a'+round)))
			ok(t, d.Sessions.BeginSession(t.Context(), token, signIn(token)))
			var ids sync.Map
			var group sync.WaitGroup
			for i := range 4 {
				next := successor(b, token.ID+string(rune('0'+i)))
				group.Go(func() {
					kept, err := d.Sessions.RotateRefreshToken(t.Context(), token.SecretHash, next)
					if err != nil {
						t.Error(err)
					}
					ids.Store(kept.ID, true)
				})
			}
			group.Wait()
			successors := 0
			ids.Range(func(any, any) bool { successors++; return true })
			wantEqual(t, successors, 1)
		}
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens`), 20)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL`), 20)
	})
}

func setFailures(t *testing.T, d *db.DB, key string, f auth.LoginFailures) {
	t.Helper()
	ok(t, d.LoginFailures.UpdateLoginFailures(t.Context(), [][]byte{[]byte(key)},
		func([]auth.LoginFailures) ([]auth.LoginFailures, error) { return []auth.LoginFailures{f}, nil }))
}

func failures(t *testing.T, d *db.DB, keys ...string) []auth.LoginFailures {
	t.Helper()
	var raw [][]byte
	for _, key := range keys {
		raw = append(raw, []byte(key))
	}
	var found []auth.LoginFailures
	ok(t, d.LoginFailures.UpdateLoginFailures(t.Context(), raw, func(f []auth.LoginFailures) ([]auth.LoginFailures, error) {
		found = append([]auth.LoginFailures(nil), f...)
		return f, nil
	}))
	return found
}

func TestLoginFailuresComeInTheOrderOfTheirKeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := dbtest.Epoch
		blocked := auth.LoginFailures{Key: []byte("z"), Count: 5, BlockedUntil: now.Add(time.Minute), LastAt: now}
		free := auth.LoginFailures{Key: []byte("a"), Count: 1, LastAt: now.Add(time.Second)}
		setFailures(t, d, "z", blocked)
		setFailures(t, d, "a", free)
		want := []auth.LoginFailures{blocked, {Key: []byte("m")}, free}
		wantEqual(t, failures(t, d, "z", "m", "a"), want)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures`), 2) // the empty one needs no row
		setFailures(t, d, "z", auth.LoginFailures{})
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures`), 1)
	})
}

func TestAnErrorOfTheUpdateStoresNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		setFailures(t, d, "a", auth.LoginFailures{Count: 1, LastAt: dbtest.Epoch})
		refused := errors.New("refused")
		keys := [][]byte{[]byte("a"), []byte("b")}
		err := d.LoginFailures.UpdateLoginFailures(t.Context(), keys, func(f []auth.LoginFailures) ([]auth.LoginFailures, error) {
			f[0].Count = 9
			return f, refused
		})
		wantErr(t, err, refused)
		wantEqual(t, failures(t, d, "a")[0].Count, 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures`), 1)
		keep := func(f []auth.LoginFailures) ([]auth.LoginFailures, error) { return f, nil }
		if err := d.LoginFailures.UpdateLoginFailures(t.Context(), [][]byte{keys[0], keys[0]}, keep); err == nil {
			t.Error("the same key twice was accepted")
		}
		lose := func(f []auth.LoginFailures) ([]auth.LoginFailures, error) { return f[:1], nil }
		if err := d.LoginFailures.UpdateLoginFailures(t.Context(), keys, lose); err == nil {
			t.Error("a value too few was accepted")
		}
	})
}

func TestFailuresCountedAtOnceAreAllCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		db.TryOnce(d) // so that a deadlock is an error
		var group sync.WaitGroup
		for i := range 16 {
			keys := [][]byte{[]byte("account"), []byte("address")}
			if i%2 == 1 {
				keys[0], keys[1] = keys[1], keys[0]
			}
			group.Go(func() {
				err := d.LoginFailures.UpdateLoginFailures(t.Context(), keys, func(f []auth.LoginFailures) ([]auth.LoginFailures, error) {
					for i := range f {
						f[i].Count, f[i].LastAt = f[i].Count+1, dbtest.Epoch
					}
					return f, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, f := range failures(t, d, "account", "address") {
			wantEqual(t, f.Count, 16)
		}
	})
}
