package db

import (
	"context"

	"rejoinder/moderation/rulebook"
)

type draftRow struct {
	SiteID      ID     `db:"site_id"`
	ModeratorID string `db:"moderator_id"`
	FromVersion int    `db:"from_version"`
	Source      string `db:"source"`
	ChangedAt   Time   `db:"changed_at"`
}

const draftColumns = `site_id, moderator_id, from_version, source, changed_at`

// WorkingDraft returns a moderator's draft of a site's ruleset. ErrNotFound.
func (s *RulesetStore) WorkingDraft(ctx context.Context, siteID, moderatorID string) (rulebook.WorkingDraft, error) {
	var row draftRow
	err := s.get(ctx, &row, `SELECT `+draftColumns+` FROM ruleset_drafts WHERE site_id = $1 AND moderator_id = $2`,
		ID(siteID), moderatorID)
	return rulebook.WorkingDraft{SiteID: string(row.SiteID), ModeratorID: row.ModeratorID, From: row.FromVersion,
		Source: row.Source, ChangedAt: row.ChangedAt.time()}, wrap("find draft of ruleset", err)
}

// KeepDraft stores a draft in place of the earlier one.
func (s *RulesetStore) KeepDraft(ctx context.Context, d rulebook.WorkingDraft) error {
	return s.write(ctx, "keep draft of ruleset", func(tx executor) error {
		_, err := tx.execNamed(ctx, insertNamed("ruleset_drafts", draftColumns)+`
			ON CONFLICT (site_id, moderator_id) DO UPDATE SET
				from_version = excluded.from_version, source = excluded.source, changed_at = excluded.changed_at`,
			draftRow{ID(d.SiteID), d.ModeratorID, d.From, d.Source, Time(d.ChangedAt)})
		return err
	})
}

// DiscardDraft deletes a draft, if there is one.
func (s *RulesetStore) DiscardDraft(ctx context.Context, siteID, moderatorID string) error {
	return s.write(ctx, "discard draft of ruleset", func(tx executor) error {
		_, err := tx.exec(ctx, `DELETE FROM ruleset_drafts WHERE site_id = $1 AND moderator_id = $2`,
			ID(siteID), moderatorID)
		return err
	})
}
