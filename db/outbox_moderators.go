package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"rejoinder/auth"
	"rejoinder/moderation/rules"
	"rejoinder/notify"
)

// ModeratorMailStore stores moderators' choices about mail, and reads the data of that mail.
type ModeratorMailStore struct{ *core }

type notifiedRow struct {
	ID          string   `db:"id"`
	Name        string   `db:"name"`
	Language    string   `db:"language"`
	TimeZone    string   `db:"time_zone"`
	EmailSealed []byte   `db:"email_sealed"`
	Decides     bool     `db:"decides"`
	Federated   bool     `db:"federated"`
	ConfirmedAt NullTime `db:"confirmed_at"`
	Choices     jsonText `db:"choices"`
}

const selectNotified = `
	SELECT m.id, m.name, m.language, m.time_zone, m.email_sealed, m.` + deciding + ` AS decides, c.choices,
		f.id IS NOT NULL AS federated, f.confirmed_at
	FROM moderators m LEFT JOIN moderator_mail c ON c.moderator_id = m.id
		LEFT JOIN federated_identities f ON f.moderator_id = m.id
	WHERE m.disabled_at IS NULL`

// Moderators returns the moderators who are not disabled and have accepted their invitation.
func (s *ModeratorMailStore) Moderators(ctx context.Context) ([]notify.Moderator, error) {
	var rows []notifiedRow
	if err := s.selectAll(ctx, &rows, selectNotified+` AND `+canSignIn+` ORDER BY m.id`); err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	return s.withSites(ctx, rows)
}

// NotifiedModerator returns a moderator who is not disabled. ErrNotFound.
func (s *ModeratorMailStore) NotifiedModerator(ctx context.Context, id string) (notify.Moderator, error) {
	var row notifiedRow
	if err := s.get(ctx, &row, selectNotified+` AND m.id = $1`, id); err != nil {
		return notify.Moderator{}, fmt.Errorf("find moderator: %w", err)
	}
	list, err := s.withSites(ctx, []notifiedRow{row})
	if err != nil {
		return notify.Moderator{}, err
	}
	return list[0], nil
}

func (s *ModeratorMailStore) withSites(ctx context.Context, rows []notifiedRow) ([]notify.Moderator, error) {
	list := make([]notify.Moderator, len(rows))
	zones, err := readSiteZones(ctx, s.executor)
	if err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	for i, row := range rows {
		m := notify.Moderator{ID: row.ID, Name: row.Name, Language: row.Language, EmailSealed: row.EmailSealed,
			Decides: row.Decides,
			Choices: notify.DefaultModeratorChoices()}
		if confirmed := row.ConfirmedAt.time(); row.Federated && confirmed.IsZero() {
			m.Decides = false
		} else if row.Federated {
			m.AccessUntil = confirmed.Add(notify.ConfirmedLife)
		}
		if len(row.Choices) > 0 {
			if err := json.Unmarshal(row.Choices, &m.Choices); err != nil {
				return nil, fmt.Errorf("read choices of moderator %s: %w", m.ID, err)
			}
		}
		var err error
		m.SiteIDs, err = s.selectIDs(ctx,
			`SELECT site_id FROM moderator_sites WHERE moderator_id = $1 ORDER BY site_id`, m.ID)
		if err != nil {
			return nil, fmt.Errorf("find a moderator's sites: %w", err)
		}
		m.Choices.TimeZone = cmp.Or(row.TimeZone, zones.of(m.SiteIDs))
		list[i] = m
	}
	return list, nil
}

// SaveModeratorChoices replaces a moderator's choices.
func (s *ModeratorMailStore) SaveModeratorChoices(ctx context.Context, moderatorID string,
	c notify.ModeratorChoices) error {
	choices, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write choices: %w", err)
	}
	return s.write(ctx, "save a moderator's choices", func(tx executor) error {
		_, err := tx.exec(ctx, `
			INSERT INTO moderator_mail (moderator_id, choices) VALUES ($1, $2)
			ON CONFLICT (moderator_id) DO UPDATE SET choices = excluded.choices`, moderatorID, jsonText(choices))
		return err
	})
}

// HitRules returns the rules that hit the current text of a comment and count for the verdict.
func (s *ModeratorMailStore) HitRules(ctx context.Context, commentID string) ([]string, error) {
	_, record, err := (&CommentStore{s.core}).CommentText(ctx, commentID)
	if err != nil {
		return nil, err
	}
	var verdict rules.Verdict
	if err := json.Unmarshal(record.Verdict, &verdict); err != nil {
		return nil, fmt.Errorf("read verdict: %w", err)
	}
	ids := []string{}
	for _, hit := range verdict.Hits {
		if hit.Mode == rules.Enforce {
			ids = append(ids, hit.Rule)
		}
	}
	return ids, nil
}

// Waiting returns the oldest comments that wait on sites (none: on all), and how many there are.
func (s *ModeratorMailStore) Waiting(ctx context.Context, siteIDs []string, limit int) (notify.Waiting, error) {
	var w notify.Waiting
	var sites []ID
	err := s.selectAll(ctx, &sites, `SELECT id FROM sites ORDER BY id`)
	if err != nil {
		return w, fmt.Errorf("list sites: %w", err)
	}
	if len(siteIDs) > 0 {
		sites = toIDs(siteIDs)
	}
	if len(sites) == 0 {
		return w, nil
	}
	var counts struct {
		Total   int `db:"pending"`
		Reports int `db:"reported"`
		Appeals int `db:"appealed"`
	}
	err = s.get(ctx, &counts, `
		SELECT COALESCE(SUM(pending), 0) AS pending, COALESCE(SUM(reported), 0) AS reported,
			COALESCE(SUM(appealed), 0) AS appealed FROM status_counts WHERE site_id IN (?)`, padded(sites))
	if err != nil {
		return w, fmt.Errorf("count pending comments: %w", err)
	}
	w.Total, w.Reports, w.Appeals = counts.Total, counts.Reports, counts.Appeals
	var rows []commentRow
	err = s.selectAll(ctx, &rows, `
		SELECT `+commentColumns+` FROM comments WHERE status = 'pending' AND site_id IN (?)
		ORDER BY created_at, id LIMIT ?`, padded(sites), limit)
	for _, row := range rows {
		w.Oldest = append(w.Oldest, row.comment())
	}
	return w, wrap("read pending comments", err)
}

// accountMail are the actions on an account of which its moderator gets a mail.
var accountMail = map[string]bool{
	auth.ActionAcceptInvitation: true, auth.ActionResetPassword: true, auth.ActionChangePassword: true,
	auth.ActionSecondFactorOn: true, auth.ActionSecondFactorOff: true, auth.ActionResetSecondFactor: true,
	auth.ActionUsedRecoveryCode: true, auth.ActionLinkIdentity: true, auth.ActionUnlinkIdentity: true,
}

// enqueueAccountMail leaves a message about an action on an account.
func enqueueAccountMail(ctx context.Context, x executor, e auth.AuditEntry) error {
	if !x.notifies || !accountMail[e.Action] {
		return nil
	}
	return enqueue(ctx, x, notify.Message{
		ID: e.ID, Channel: notify.ChannelMail, Kind: notify.KindAccount, ModeratorID: e.SubjectID, State: notify.StateWaiting,
		Payload: notify.Payload{Action: e.Action, ByOther: e.ActorID != e.SubjectID}, DueAt: e.CreatedAt,
		CreatedAt: e.CreatedAt,
	})
}

// enqueueFormerEmail leaves a message to a moderator's former email.
func enqueueFormerEmail(ctx context.Context, x executor, e auth.AuditEntry, former []byte) error {
	if !x.notifies {
		return nil
	}
	return enqueue(ctx, x, notify.Message{
		ID: e.ID, Channel: notify.ChannelMail, Kind: notify.KindAccount, ModeratorID: e.SubjectID, State: notify.StateWaiting,
		Payload: notify.Payload{Action: e.Action, ByOther: e.ActorID != e.SubjectID, FormerEmail: former}, DueAt: e.CreatedAt,
		CreatedAt: e.CreatedAt,
	})
}

// enqueueSignInMail leaves a message about a sign-in on a device that the moderator has not used before, unless it
// is their first.
func enqueueSignInMail(ctx context.Context, x executor, event auth.SignIn, deviceKnown bool) error {
	if !x.notifies || deviceKnown || event.DeviceID == "" {
		return nil
	}
	var devices int
	err := x.get(ctx, &devices, `SELECT COUNT(*) FROM devices WHERE moderator_id = $1`, event.ModeratorID)
	if err != nil || devices < 2 {
		return err
	}
	return enqueue(ctx, x, notify.Message{
		ID: event.ID, Channel: notify.ChannelMail, Kind: notify.KindSignIn, ModeratorID: event.ModeratorID,
		State: notify.StateWaiting, Payload: notify.Payload{Client: event.Client}, DueAt: event.CreatedAt,
		CreatedAt: event.CreatedAt,
	})
}

// enqueueLinkMail leaves a message with an account link whose secret is sealed for it.
func enqueueLinkMail(ctx context.Context, x executor, link auth.Link) error {
	if !x.notifies || len(link.Sealed) == 0 {
		return nil
	}
	return enqueue(ctx, x, notify.Message{
		ID: link.Entry.ID, Channel: notify.ChannelMail, Kind: notify.KindLink, ModeratorID: link.ModeratorID,
		State:   notify.StateWaiting,
		Payload: notify.Payload{LinkKind: string(link.Kind), Secret: link.Sealed, Until: link.ExpiresAt},
		DueAt:   link.CreatedAt, CreatedAt: link.CreatedAt,
	})
}
