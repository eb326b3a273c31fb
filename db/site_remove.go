package db

import (
	"context"
	"fmt"
	"strings"

	"rejoinder/moderation"
)

// ofSite are the rows that belong to a site, in an order that breaks no reference. $1 is the site.
var ofSite = []struct{ table, condition string }{
	{"outbox_events", bySite},
	{"outbox", bySite},
	{"webhook_attempts", bySite},
	{"webhooks", bySite},
	{"subscriptions", bySite},
	{"reader_mail", bySite},
	{"confirmed_browsers", `commenter_id IN (SELECT id FROM commenters WHERE site_id = $1)`},
	{"pending_rules", byComment},
	{"pending_rule_names", bySite},
	{"pending_hosts", bySite},
	{"external_calls", bySite},
	{"external_progress", bySite},
	{"external_sites", bySite},
	{"claims", bySite},
	{"imported_comments", bySite},
	{"imported_votes", byComment},
	{"imports", bySite},
	{"votes", byComment},
	{"reports", byComment},
	{"appeals", byComment},
	{"idempotency_keys", bySite},
	{"notes", byComment},
	{"blocks", bySite},
	{"sketches", byComment},
	{"decisions", bySite},
	{"submissions", bySite},
	{"comments", bySite},
	{"signed_readers", bySite},
	{"identity_keys", bySite},
	{"commenters", bySite},
	{"article_aliases", bySite},
	{"article_authors", `article_id IN (SELECT id FROM articles WHERE site_id = $1)`},
	{"articles", bySite},
	{"status_counts", bySite},
	{"decision_hours", bySite},
	{"decision_waits", bySite},
	{"decision_hour_progress", bySite},
	{"classifiers", bySite},
	{"rule_days", bySite},
	{"rule_day_progress", bySite},
	{"rule_starts", bySite},
	{"active_rulesets", bySite},
	{"ruleset_drafts", bySite},
	{"rulesets", bySite},
	{"audit_entries", bySite},
	{"moderator_sites", bySite},
	{"sites", `id = $1`},
}

const (
	commentsOfSite = `SELECT id FROM comments WHERE site_id = $1`
	bySite         = `site_id = $1`
	byComment      = `comment_id IN (` + commentsOfSite + `)`
)

// ofAccount are the rows that belong to a moderator's account, likewise.
var ofAccount = []struct{ table, condition string }{
	{"outbox", byModerator},
	{"moderator_mail", byModerator},
	{"account_links", byModerator},
	{"second_factors", byModerator},
	{"recovery_codes", byModerator},
	{"federated_sessions", byModerator},
	{"federated_identities", byModerator},
	{"refresh_tokens", byModerator},
	{"sessions", byModerator},
	{"devices", byModerator},
	{"sign_ins", byModerator},
	{"article_authors", byModerator},
	{"claims", byModerator},
	{"claim_tabs", byModerator},
	{"ruleset_drafts", byModerator},
	{"audit_entries", byModerator},
	{"server_keys", `id IN (?)`},
	{"moderators", `id IN (?)`},
}

const byModerator = `moderator_id IN (?)`

// RemoveSite deletes a site and all that belongs to it. Moderators who work on no other site are deleted too:
// without any site they would have access to all. *moderation.Invalid if one of them wrote notes or blocks on
// another site.
func (s *SiteStore) RemoveSite(
	ctx context.Context, siteID string, audit *moderation.AuditEntry,
) (moderation.SiteRemoval, error) {
	var removed moderation.SiteRemoval
	err := s.write(ctx, "remove site", func(tx executor) error {
		// Concurrent writers to the site wait for this lock, and then get ErrNotFound.
		var id ID
		if err := tx.get(ctx, &id, `SELECT id FROM sites WHERE id = $1`+tx.forUpdate, ID(siteID)); err != nil {
			return err
		}
		accounts, err := accountsOfSite(ctx, tx, siteID)
		if err != nil {
			return err
		}
		counts, err := removeSiteRows(ctx, tx, siteID)
		if err != nil {
			return err
		}
		if err := removeAccounts(ctx, tx, accounts); err != nil {
			return err
		}
		removed = moderation.SiteRemoval{
			Articles: counts["articles"], Comments: counts["comments"], Decisions: counts["decisions"],
			Accounts: len(accounts),
		}
		for _, kind := range []moderation.ChangeKind{moderation.ChangeSite, moderation.ChangeModerator} {
			if err := tx.announce(ctx, moderation.Change{Kind: kind, SiteID: siteID}); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, audit)
	})
	if err != nil {
		return moderation.SiteRemoval{}, err
	}
	return removed, s.checkpoint(ctx)
}

// accountsOfSite returns the moderators who work on this site only.
func accountsOfSite(ctx context.Context, x executor, siteID string) ([]string, error) {
	var accounts []struct {
		ID    string `db:"id"`
		Name  string `db:"name"`
		Wrote int    `db:"wrote"`
	}
	err := x.selectAll(ctx, &accounts, `
		SELECT m.id, m.name,
			(SELECT COUNT(*) FROM blocks b WHERE b.created_by = m.id AND b.site_id <> $1) +
			(SELECT COUNT(*) FROM notes n JOIN comments c ON c.id = n.comment_id
				WHERE n.moderator_id = m.id AND c.site_id <> $1) AS wrote
		FROM moderators m
		WHERE EXISTS (SELECT 1 FROM moderator_sites s WHERE s.moderator_id = m.id AND s.site_id = $1)
			AND NOT EXISTS (SELECT 1 FROM moderator_sites s WHERE s.moderator_id = m.id AND s.site_id <> $1)
		ORDER BY m.id`, ID(siteID))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(accounts))
	var faults moderation.Invalid
	for i, account := range accounts {
		ids[i] = account.ID
		if account.Wrote > 0 {
			faults.Add("/moderators", "in_use",
				account.Name+" works on this site only, but wrote notes or blocks on another. "+
					"Give them access to that site first.")
		}
	}
	return ids, faults.Err()
}

// removeSiteRows deletes all rows of a site and returns how many there were, by table.
func removeSiteRows(ctx context.Context, x executor, siteID string) (map[string]int, error) {
	for _, remove := range x.search.remove {
		if _, err := x.exec(ctx, strings.ReplaceAll(remove, "?", commentsOfSite), ID(siteID)); err != nil {
			return nil, fmt.Errorf("search index: %w", err)
		}
	}
	counts := map[string]int{}
	for _, of := range ofSite {
		n, err := x.exec(ctx, `DELETE FROM `+of.table+` WHERE `+of.condition, ID(siteID))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", of.table, err)
		}
		counts[of.table] = int(n)
	}
	return counts, nil
}

func removeAccounts(ctx context.Context, x executor, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	for _, of := range ofAccount {
		if _, err := x.exec(ctx, `DELETE FROM `+of.table+` WHERE `+of.condition, ids); err != nil {
			return fmt.Errorf("%s: %w", of.table, err)
		}
	}
	return nil
}
