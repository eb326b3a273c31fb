package db

import (
	"context"

	"rejoinder/moderation"
)

// Audit writes one entry of what a moderator did.
func (d *DB) Audit(ctx context.Context, e moderation.AuditEntry) error {
	return d.write(ctx, "write audit entry", func(tx session) error { return tx.insertAudit(ctx, &e) })
}

// insertAudit writes an entry; nil is none: what the command line does to sites and rulesets leaves none.
func (s session) insertAudit(ctx context.Context, e *moderation.AuditEntry) error {
	if e == nil {
		return nil
	}
	_, err := s.exec(ctx, `
		INSERT INTO audit_entries (id, moderator_id, action, site_id, subject_id, reason, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.ID, nullString(e.ModeratorID), e.Action, nullString(e.SiteID), e.SubjectID, e.Reason, Time(e.CreatedAt))
	return err
}
