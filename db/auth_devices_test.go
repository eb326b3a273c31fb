package db_test

import (
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
)

// beginSession starts a session of the moderator on a device.
func beginSession(t *testing.T, d *db.DB, b *dbtest.Builder, m auth.Moderator, device string) auth.RefreshToken {
	t.Helper()
	token := newToken(b, m, b.NewID())
	event := signIn(token)
	event.DeviceID = device
	ok(t, d.Sessions.BeginSession(t.Context(), token, event))
	return token
}

// knownDevices returns which of the devices are known.
func knownDevices(t *testing.T, d *db.DB, b *dbtest.Builder, m auth.Moderator, devices ...string) string {
	t.Helper()
	found := ""
	for _, device := range devices {
		q := auth.OriginQuery{ModeratorID: m.ID, DeviceID: device, AddressKey: dbtest.Index("nowhere"),
			DeviceSince: b.Now().Add(-auth.DeviceLife), AddressSince: b.Now().Add(-time.Hour)}
		if must[auth.KnownOrigin](t)(d.Sessions.KnownOrigin(t.Context(), q)).Device {
			found += device
		}
	}
	return found
}

func TestDevicesAreForgottenWithTheirSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		for name, tc := range map[string]struct {
			end  func(m auth.Moderator, a, b auth.RefreshToken) auth.SessionEnd
			left string
		}{
			"one session is ended": {func(_ auth.Moderator, a, _ auth.RefreshToken) auth.SessionEnd {
				return auth.SessionEnd{Only: a.FamilyID}
			}, "BC"},
			"all others are ended": {func(_ auth.Moderator, a, _ auth.RefreshToken) auth.SessionEnd {
				return auth.SessionEnd{Except: a.FamilyID}
			}, "A"},
			"the password is changed": {func(_ auth.Moderator, a, _ auth.RefreshToken) auth.SessionEnd {
				return auth.SessionEnd{Except: a.FamilyID, Device: "D"}
			}, "D"},
			"the moderator is disabled": {func(auth.Moderator, auth.RefreshToken, auth.RefreshToken) auth.SessionEnd {
				return auth.SessionEnd{}
			}, ""},
		} {
			m, other := b.Moderator(name+"@example.org", auth.RoleAdmin), b.Moderator("other of "+name, auth.RoleAdmin)
			id := func(device string) string { return name + " " + device }
			first, second := beginSession(t, d, b, m, id("A")), beginSession(t, d, b, m, id("B"))
			ok(t, d.Sessions.RevokeRefreshFamily(t.Context(), beginSession(t, d, b, m, id("C")).SecretHash, b.Now())) // signed out
			beginSession(t, d, b, other, id("O"))
			end := tc.end(m, first, second)
			end.At = b.Now()
			if end.Device != "" {
				end.Device = id(end.Device)
			}
			must[int64](t)(d.Sessions.EndSessions(t.Context(), m.ID, end))
			want := ""
			for _, device := range tc.left {
				want += id(string(device))
			}
			wantEqual(t, knownDevices(t, d, b, m, id("A"), id("B"), id("C"), id("D"), id("O")), want)
			wantEqual(t, knownDevices(t, d, b, other, id("O"), id("A")), id("O"))
			if end.Device != "" { // the new one belongs to the remaining session
				must[int64](t)(d.Sessions.EndSessions(t.Context(), m.ID, auth.SessionEnd{Only: first.FamilyID, At: b.Now()}))
				wantEqual(t, knownDevices(t, d, b, m, end.Device), "")
			}
		}
	})
}

func TestADeviceStaysKnownWhileAnotherSessionIsActive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		older, newer := beginSession(t, d, b, m, "A"), beginSession(t, d, b, m, "A")
		must[int64](t)(d.Sessions.EndSessions(t.Context(), m.ID, auth.SessionEnd{Only: older.FamilyID, At: b.Now()}))
		wantEqual(t, knownDevices(t, d, b, m, "A"), "A")
		// Someone who copied the refresh token may have copied the device cookie, too.
		must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(t.Context(), newer.SecretHash, successor(b, "next")))
		b.Advance(auth.RefreshGrace)
		_, err := d.Sessions.RotateRefreshToken(t.Context(), newer.SecretHash, successor(b, "stolen"))
		wantErr(t, err, auth.ErrTokenReused)
		wantEqual(t, knownDevices(t, d, b, m, "A"), "")
	})
}

func TestKnownAddressesAreThoseOfRecentSignIns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		token := beginSession(t, d, b, m, "A")
		ok(t, d.Sessions.RecordSignIn(t.Context(), auth.SignIn{ID: b.NewID(), ModeratorID: m.ID, Outcome: auth.SignInFailed,
			AddressKey: dbtest.Index("198.51.100.1"), CreatedAt: b.Now()}))
		for name, tc := range map[string]struct {
			moderator, address string
			since              time.Time
			want               bool
		}{
			"the address of the sign-in":      {m.ID, "192.0.2.1", token.CreatedAt, true},
			"a sign-in before that time":      {m.ID, "192.0.2.1", token.CreatedAt.Add(time.Second), false},
			"an address where it failed only": {m.ID, "198.51.100.1", token.CreatedAt, false},
			"another moderator":               {b.NewID(), "192.0.2.1", token.CreatedAt, false},
			"nobody":                          {"", "192.0.2.1", token.CreatedAt, false},
		} {
			got := must[auth.KnownOrigin](t)(d.Sessions.KnownOrigin(t.Context(), auth.OriginQuery{ModeratorID: tc.moderator,
				AddressKey: dbtest.Index(tc.address), AddressSince: tc.since, DeviceSince: tc.since}))
			if got.Address != tc.want || got.Device {
				t.Errorf("%s: %+v", name, got)
			}
		}
		must[int64](t)(d.Janitor.ForgetLogins(t.Context(), token.CreatedAt.Add(auth.DeviceLife)))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM devices`), 1)
		must[int64](t)(d.Janitor.ForgetLogins(t.Context(), token.CreatedAt.Add(auth.DeviceLife+time.Second)))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM devices`), 0)
	})
}

func TestFailuresAreForgottenByKeyPrefix(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := b.Moderator("mo@example.org", auth.RoleAdmin)
		for _, key := range []string{"account:\x01\xff", "account:\x01\xff:device:x", "account:\x02", "account:\x01\xfe", "code:m", "code:n"} {
			setFailures(t, d, key, auth.LoginFailures{Count: 3, LastAt: b.Now()})
		}
		entry := auth.AuditEntry{ID: b.NewID(), Action: auth.ActionUnlock, SubjectID: m.ID, CreatedAt: b.Now()}
		ok(t, d.LoginFailures.ForgetLoginFailures(t.Context(), [][]byte{[]byte("account:\x01\xff"), []byte("code:m")}, entry))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures`), 3)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM login_failures WHERE attempt_key = $1`, []byte("account:\x01\xff:device:x")), 0)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE action = 'unlock_moderator'`), 1)
	})
}
