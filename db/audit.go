package db

import (
	"context"
	"fmt"
	"strings"

	"rejoinder/moderation"
)

// AuditStore stores audit_entries. Other stores add entries in their own transactions.
type AuditStore struct{ *core }

// auditSource is one of the tables of the audit log.
type auditSource struct {
	columns string
	table   string
	subject string // the column with the moderator that it was done to
	action  string
	site    string // the column with the site; empty: none
}

var auditSources = []auditSource{
	{
		`id, moderator_id, action, site_id, subject_id, reason, created_at`,
		`audit_entries`,
		`subject_id`,
		`action`,
		`site_id`,
	},
	{`id, moderator_id, outcome AS action, CAST(NULL AS UUID) AS site_id, COALESCE(moderator_id, '') AS subject_id,
		client AS reason, created_at`, `sign_ins`, `moderator_id`, `outcome`, ``},
}

// AuditEntries returns entries and attempts to sign in, the newest first.
func (s *AuditStore) AuditEntries(ctx context.Context, q moderation.AuditSelect) ([]moderation.AuditRow, error) {
	var branches []string
	var args []any
	for _, source := range auditSources {
		if source.site == "" && q.SiteID != "" {
			continue
		}
		query, values := source.newest(q)
		branches, args = append(branches, `SELECT * FROM (`+query+`) AS branch`), append(args, values...)
	}
	var rows []struct {
		ID            string     `db:"id"`
		ModeratorID   nullString `db:"moderator_id"`
		Action        string     `db:"action"`
		SiteID        nullID     `db:"site_id"`
		SubjectID     string     `db:"subject_id"`
		Reason        string     `db:"reason"`
		CreatedAt     Time       `db:"created_at"`
		ModeratorName nullString `db:"moderator_name"`
		SiteSlug      nullString `db:"site_slug"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT e.id, e.moderator_id, e.action, e.site_id, e.subject_id, e.reason, e.created_at, m.name AS moderator_name,
			t.slug AS site_slug
		FROM (`+strings.Join(branches, ` UNION ALL `)+`) AS e
			LEFT JOIN moderators m ON m.id = e.moderator_id
			LEFT JOIN sites t ON t.id = e.site_id
		ORDER BY e.created_at DESC, e.id DESC LIMIT ?`, append(args, q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	entries := make([]moderation.AuditRow, len(rows))
	for i, r := range rows {
		entries[i] = moderation.AuditRow{ModeratorName: string(r.ModeratorName), SiteSlug: string(r.SiteSlug),
			AuditEntry: moderation.AuditEntry{ID: r.ID, ModeratorID: string(r.ModeratorID), Action: r.Action,
				SiteID: string(r.SiteID), SubjectID: r.SubjectID, Reason: r.Reason, CreatedAt: r.CreatedAt.time()}}
	}
	return entries, nil
}

// newest selects the first rows of one source, with ? for parameters.
func (a auditSource) newest(q moderation.AuditSelect) (query string, args []any) {
	var conditions []string
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	add(`created_at >= ?`, Time(q.Since))
	if !q.Until.IsZero() {
		add(`created_at < ?`, Time(q.Until))
	}
	if q.After != nil {
		add(`(created_at, id) < (?, ?)`, Time(q.After.CreatedAt), q.After.ID)
	}
	if q.ModeratorID != "" {
		add(`(moderator_id = ? OR `+a.subject+` = ?)`, q.ModeratorID, q.ModeratorID)
	}
	if q.Action != "" {
		add(a.action+` = ?`, q.Action)
	}
	if q.SiteID != "" {
		add(a.site+` = ?`, ID(q.SiteID))
	}
	if len(q.SiteIDs) > 0 {
		// Entries about moderators who work on these sites and on no others.
		account := a.subject + ` IN (SELECT moderator_id FROM moderator_sites WHERE site_id IN (?)
			EXCEPT SELECT moderator_id FROM moderator_sites WHERE site_id NOT IN (?))`
		if a.site == "" {
			add(account, toIDs(q.SiteIDs), toIDs(q.SiteIDs))
		} else {
			add(`(`+a.site+` IN (?) OR `+a.site+` IS NULL AND `+account+`)`, toIDs(q.SiteIDs), toIDs(q.SiteIDs),
				toIDs(q.SiteIDs))
		}
	}
	return `SELECT ` + a.columns + ` FROM ` + a.table + ` WHERE ` + strings.Join(conditions, ` AND `) +
		` ORDER BY created_at DESC, id DESC LIMIT ?`, append(args, q.Limit)
}

// Audit writes one audit entry.
func (s *AuditStore) Audit(ctx context.Context, e moderation.AuditEntry) error {
	return s.write(ctx, "write audit entry", func(tx executor) error { return insertAudit(ctx, tx, &e) })
}

// insertAudit writes an entry unless it is nil, as for changes of sites and rulesets on the command line.
func insertAudit(ctx context.Context, x executor, e *moderation.AuditEntry) error {
	if e == nil {
		return nil
	}
	_, err := x.exec(ctx, `
		INSERT INTO audit_entries (id, moderator_id, action, site_id, subject_id, reason, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.ID, nullString(e.ModeratorID), e.Action, nullID(e.SiteID), e.SubjectID, e.Reason, Time(e.CreatedAt))
	return err
}
