package db

import (
	"context"

	"rejoinder/auth"
)

// KnownOrigin implements auth.Store: it reports whether the moderator signed in on that device or from that
// address before. See auth.OriginQuery.
func (s *SessionStore) KnownOrigin(ctx context.Context, q auth.OriginQuery) (auth.KnownOrigin, error) {
	var row struct {
		Devices int `db:"devices"`
		SignIns int `db:"sign_ins"`
	}
	err := s.get(ctx, &row, `
		SELECT (SELECT COUNT(*) FROM devices WHERE id = $1 AND moderator_id = $2 AND last_used_at >= $3) AS devices,
		       (SELECT COUNT(*) FROM (SELECT 1 FROM sign_ins
		                              WHERE moderator_id = $2 AND created_at >= $4 AND address_index = $5
		                                AND outcome = 'sign_in'
		                              LIMIT 1) AS found) AS sign_ins`,
		q.DeviceID, q.ModeratorID, Time(q.DeviceSince), Time(q.AddressSince), q.AddressKey)
	return auth.KnownOrigin{Device: row.Devices > 0, Address: row.SignIns > 0}, wrap("find known devices", err)
}

// device is a browser that a moderator signed in on.
type device struct {
	id          string // empty: unknown
	moderatorID string
	usedAt      Time
}

// rememberDevice records a sign-in on a device, unless it is unknown.
func rememberDevice(ctx context.Context, x executor, d device) error {
	if d.id == "" {
		return nil
	}
	_, err := x.exec(ctx, `
		INSERT INTO devices (id, moderator_id, created_at, last_used_at) VALUES ($1, $2, $3, $3)
		ON CONFLICT (id) DO UPDATE SET last_used_at = excluded.last_used_at
			WHERE devices.moderator_id = excluded.moderator_id`,
		d.id, d.moderatorID, d.usedAt)
	return err
}

// forgetDevices deletes the devices of the sessions that end: of the only one, unless another active session
// was started there; of all but the remaining one; or of all, replaced by a new device.
func forgetDevices(ctx context.Context, x executor, moderatorID string, end auth.SessionEnd) error {
	if end.Only != "" {
		_, err := x.exec(ctx, `
			DELETE FROM devices
			WHERE id = (SELECT device_id FROM sessions WHERE id = $1 AND moderator_id = $2)
				AND NOT EXISTS (SELECT 1 FROM sessions o WHERE o.device_id = devices.id AND o.moderator_id = $2 AND o.id <> $1
				                AND o.ended_at IS NULL)`, end.Only, moderatorID)
		return err
	}
	keep := end.Except
	if end.Device != "" {
		keep = ""
	}
	_, err := x.exec(ctx, `
		DELETE FROM devices
		WHERE moderator_id = $1 AND id <> COALESCE((SELECT device_id FROM sessions WHERE id = $2), '')`, moderatorID, keep)
	if err != nil || end.Device == "" {
		return err
	}
	if err := rememberDevice(ctx, x, device{end.Device, moderatorID, Time(stored(end.At))}); err != nil {
		return err
	}
	_, err = x.exec(ctx, `UPDATE sessions SET device_id = $1 WHERE id = $2 AND moderator_id = $3`, end.Device,
		end.Except, moderatorID)
	return err
}
