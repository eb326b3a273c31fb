package db

import (
	"context"
	"encoding/json"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/rules"
	"rejoinder/transfer"
)

// SiteFresh reports whether a site has neither articles nor submissions.
func (s *ArchiveStore) SiteFresh(ctx context.Context, siteID string) (bool, error) {
	var found int
	err := s.get(ctx, &found, `
		SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM articles WHERE site_id = $1 LIMIT 1) AS a)
			+ (SELECT COUNT(*) FROM (SELECT 1 FROM submissions WHERE site_id = $1 LIMIT 1) AS s)`, ID(siteID))
	return found == 0, wrap("check site for content", err)
}

// RestoreSite sets name, language, origins and settings of a fresh site, and replaces its rulesets.
func (s *ArchiveStore) RestoreSite(ctx context.Context, site moderation.Site, rulesets []transfer.Ruleset) error {
	row, err := newSiteRow(site)
	if err != nil {
		return fmt.Errorf("restore site: %w", err)
	}
	return s.write(ctx, "restore site", func(tx executor) error {
		_, err := tx.execNamed(ctx, `
			UPDATE sites SET name = :name, locale = :locale, origins = :origins, settings = :settings, version = version + 1
			WHERE id = :id`, row)
		if err != nil {
			return err
		}
		for _, table := range []string{"rule_starts", "active_rulesets", "rulesets"} {
			if _, err := tx.exec(ctx, `DELETE FROM `+table+` WHERE site_id = $1`, ID(site.ID)); err != nil {
				return err
			}
		}
		for _, r := range rulesets {
			if err := restoreRuleset(ctx, tx, site.ID, r); err != nil {
				return err
			}
		}
		return tx.announce(ctx, moderation.Change{Kind: moderation.ChangeSite, SiteID: site.ID})
	})
}

func restoreRuleset(ctx context.Context, x executor, siteID string, r transfer.Ruleset) error {
	m := moderation.Ruleset{ID: r.ID, SiteID: siteID, Version: r.Version, Source: r.Source, Base: r.Base,
		Checksum: r.Checksum, Note: r.Note, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt}
	if err := insertRuleset(ctx, x, m); err != nil {
		return err
	}
	if r.ActivatedAt == nil {
		return nil
	}
	return activateRuleset(ctx, x, m, activated{r.ActivatedBy, *r.ActivatedAt})
}

// RestoreRulesets adds rulesets that are missing, as further versions, which are not active.
func (s *ArchiveStore) RestoreRulesets(ctx context.Context, siteID string, rulesets []transfer.Ruleset) error {
	return s.write(ctx, "restore rulesets", func(tx executor) error {
		var newest int
		err := tx.get(ctx, &newest, `SELECT COALESCE(MAX(version), 0) FROM rulesets WHERE site_id = $1`, ID(siteID))
		if err != nil {
			return err
		}
		for _, r := range rulesets {
			var there []string
			if err := tx.selectAll(ctx, &there, `SELECT note FROM rulesets WHERE id = $1`, ID(r.ID)); err != nil {
				return err
			}
			if len(there) > 0 {
				continue
			}
			newest++
			r.Version, r.ActivatedAt = newest, nil
			if err := restoreRuleset(ctx, tx, siteID, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// RestoreModerators adds accounts that are missing. They are disabled and belong to the site only.
func (s *ArchiveStore) RestoreModerators(ctx context.Context, siteID string, all []archive.RestoredModerator) error {
	return s.write(ctx, "restore moderators", func(tx executor) error {
		for _, m := range all {
			n, err := tx.execNamed(ctx, insertNamed("moderators", moderatorColumns)+` ON CONFLICT (id) DO NOTHING`,
				moderatorRow{ID: m.ID, EmailIndex: m.EmailIndex, EmailSealed: m.EmailSealed, Name: m.Name, Role: "moderator",
					MustChange: true, DisabledAt: NullTime(m.At), CreatedAt: Time(m.At)})
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			_, err = tx.exec(ctx, `INSERT INTO moderator_sites (moderator_id, site_id) VALUES ($1, $2)`, m.ID, ID(siteID))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// RestoreArticles adds articles that are missing, with their authors and aliases. It returns the ids of
// articles that are there under another id, by those of the file.
func (s *ArchiveStore) RestoreArticles(
	ctx context.Context, siteID string, articles []transfer.Article,
) (map[string]string, error) {
	ids := map[string]string{}
	err := s.write(ctx, "restore articles", func(tx executor) error {
		for _, a := range articles {
			m := moderation.Article{ID: a.ID, SiteID: siteID, Key: a.Key, URL: a.URL, Title: a.Title, Tags: a.Tags,
				Closed: a.Closed, CloseAfterDays: a.CloseAfterDays, Mode: rules.ModerationMode(a.Mode), PinnedID: a.Pinned,
				Registered:  a.Registered,
				PublishedAt: a.PublishedAt, CreatedAt: a.CreatedAt, Version: 1}
			known, err := articlesOfKeys(ctx, tx, siteID, []string{a.Key})
			if err != nil {
				return err
			}
			if len(a.Schedule) > 0 {
				if err := json.Unmarshal(a.Schedule, &m.Schedule); err != nil {
					return fmt.Errorf("read schedule of article %s: %w", a.ID, err)
				}
			}
			id, _, err := articleID(ctx, tx, m)
			if err != nil {
				return err
			}
			if id != a.ID {
				ids[a.ID] = id
			}
			if len(known) == 0 {
				if err := restoreAuthors(ctx, tx, id, a.Authors); err != nil {
					return err
				}
			}
			for _, alias := range a.Aliases {
				_, err := tx.exec(ctx, `
					INSERT INTO article_aliases (site_id, alias_key, article_id, created_at) VALUES ($1, $2, $3, $4)
					ON CONFLICT (site_id, alias_key) DO NOTHING`, ID(siteID), alias.Key, ID(id), Time(alias.CreatedAt))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	return ids, err
}

// restoreAuthors adds those authors of an article that have an account here.
func restoreAuthors(ctx context.Context, x executor, articleID string, moderators []string) error {
	if len(moderators) == 0 {
		return nil
	}
	_, err := x.exec(ctx, `INSERT INTO article_authors (article_id, moderator_id)
		SELECT p.id, m.id FROM articles p CROSS JOIN moderators m WHERE p.id = ? AND m.id IN (?)`,
		ID(articleID), padded(moderators))
	return err
}

var (
	restoredCommenter = insertInto("commenters", commenterColumns, `ON CONFLICT DO NOTHING`)
	commenterByIndex  = newSelectStmt(`email_index BYTEA, site_id UUID`, `
		SELECT id, email_index FROM commenters WHERE email_index = :email_index AND site_id = :site_id`)
)

// RestoreCommenters adds commenters that are missing, and does the same.
func (s *ArchiveStore) RestoreCommenters(
	ctx context.Context, siteID string, commenters []moderation.Commenter,
) (map[string]string, error) {
	ids := map[string]string{}
	err := s.write(ctx, "restore commenters", func(tx executor) error {
		var rows, asked [][]any
		for _, c := range commenters {
			r := newCommenterRow(c)
			rows = append(rows, []any{r.ID, ID(siteID), nullBytes(r.EmailIndex), sealedOrErased(c), r.Name, 0, 0, 0, 0,
				r.ConfirmedAt, r.FirstSeenAt, r.LastSeenAt})
			if len(c.EmailIndex) > 0 {
				asked = append(asked, []any{c.EmailIndex, ID(siteID)})
			}
		}
		if err := tx.insertAll(ctx, tableRows{restoredCommenter, rows}); err != nil {
			return err
		}
		found, err := selectRows[commenterRow](ctx, tx, commenterByIndex, asked)
		if err != nil {
			return err
		}
		there := map[string]string{}
		for _, r := range found {
			there[string(r.EmailIndex)] = string(r.ID)
		}
		for _, c := range commenters {
			if id := there[string(c.EmailIndex)]; id != "" && id != c.ID {
				ids[c.ID] = id
			}
		}
		return nil
	})
	return ids, err
}

// sealedOrErased distinguishes an email that was erased, which has an index, from none.
func sealedOrErased(c moderation.Commenter) any {
	if len(c.EmailSealed) == 0 && len(c.EmailIndex) == 0 {
		return nullBytes(nil)
	}
	return append([]byte{}, c.EmailSealed...)
}

// Parents returns the comments that are there.
func (s *ArchiveStore) Parents(ctx context.Context, ids []string) (map[string]archive.Parent, error) {
	var rows []commentRow
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT id, site_id, COALESCE(root_id, id) AS root_id, depth FROM comments WHERE id IN (?)`,
		padded(toIDs(ids)))
	if err != nil {
		return nil, fmt.Errorf("find comments: %w", err)
	}
	found := make(map[string]archive.Parent, len(rows))
	for _, r := range rows {
		found[string(r.ID)] = archive.Parent{SiteID: string(r.SiteID), RootID: string(r.RootID), Depth: r.Depth}
	}
	return found, nil
}

var blockInsert = insertInto("blocks", `id, site_id, kind, value_index, shown, action, note, comment_id, created_by,
	created_at, expires_at`, `ON CONFLICT (id) DO NOTHING`)

// RestoreBlocks adds blocks that are missing, and returns how many there were.
func (s *ArchiveStore) RestoreBlocks(ctx context.Context, siteID string, blocks []transfer.Block) (int, error) {
	var restored int64
	err := s.write(ctx, "restore blocks", func(tx executor) error {
		rows := make([][]any, len(blocks))
		for i, b := range blocks {
			var expires NullTime
			if b.ExpiresAt != nil {
				expires = NullTime(*b.ExpiresAt)
			}
			rows[i] = []any{ID(b.ID), ID(siteID), b.Kind, b.Index, b.Shown, b.Action, b.Note, nullID(b.Comment), b.CreatedBy,
				Time(b.CreatedAt), expires}
		}
		var err error
		restored, err = tx.execRows(ctx, blockInsert.rowsStmt, rows)
		return err
	})
	return int(restored), err
}
