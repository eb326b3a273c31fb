package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// RulesetStore stores rulesets, with active_rulesets and rule_starts.
type RulesetStore struct{ *core }

type rulesetRow struct {
	ID        ID     `db:"id"`
	SiteID    ID     `db:"site_id"`
	Version   int    `db:"version"`
	Source    string `db:"source"`
	Base      string `db:"base"`
	Checksum  string `db:"checksum"`
	Note      string `db:"note"`
	CreatedBy string `db:"created_by"`
	CreatedAt Time   `db:"created_at"`
	Active    bool   `db:"active"`

	Author      string   `db:"author"`
	ActivatedAt NullTime `db:"activated_at"`
	ActivatedBy string   `db:"activator"`
}

const rulesetColumns = `id, site_id, version, source, base, checksum, note, created_by, created_at`

// rulesetState adds to a version, named r, whether it is active, and the names of those who saved and
// activated it.
const (
	rulesetState = `a.ruleset_id IS NOT NULL AS active, a.activated_at,
	       COALESCE(author.name, '') AS author, COALESCE(activator.name, '') AS activator`
	fromRulesets = `
	FROM rulesets r LEFT JOIN active_rulesets a ON a.ruleset_id = r.id AND a.site_id = r.site_id
	     LEFT JOIN moderators author ON author.id = r.created_by
	     LEFT JOIN moderators activator ON activator.id = a.activated_by`
)

// selectRulesets reads versions with their sources.
var selectRulesets = `SELECT ` + columnsOf("r", rulesetColumns) + `, ` + rulesetState + fromRulesets

func (r rulesetRow) ruleset() moderation.Ruleset {
	return moderation.Ruleset{ID: string(r.ID), SiteID: string(r.SiteID), Version: r.Version, Source: r.Source,
		Base:     r.Base,
		Checksum: r.Checksum, Note: r.Note, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.time(), Active: r.Active,
		Author: r.Author, ActivatedAt: r.ActivatedAt.time(), Activator: r.ActivatedBy}
}

// Ruleset finds a version by its id. ErrNotFound.
func (s *RulesetStore) Ruleset(ctx context.Context, id string) (moderation.Ruleset, error) {
	var row rulesetRow
	err := s.get(ctx, &row, selectRulesets+` WHERE r.id = $1`, ID(id))
	return row.ruleset(), wrap("find ruleset", err)
}

// RulesetVersion finds a site's version by its number. ErrNotFound.
func (s *RulesetStore) RulesetVersion(ctx context.Context, siteID string, version int) (moderation.Ruleset, error) {
	var row rulesetRow
	err := s.get(ctx, &row, selectRulesets+` WHERE r.site_id = $1 AND r.version = $2`, ID(siteID), version)
	return row.ruleset(), wrap("find ruleset", err)
}

// Rulesets returns a site's versions, newest first, without their sources.
func (s *RulesetStore) Rulesets(ctx context.Context, siteID string) ([]moderation.Ruleset, error) {
	var rows []rulesetRow
	err := s.selectAll(ctx, &rows, `
		SELECT r.id, r.site_id, r.version, '' AS source, '' AS base, r.checksum, r.note, r.created_by, r.created_at,
			`+rulesetState+fromRulesets+`
		WHERE r.site_id = $1
		ORDER BY r.version DESC`, ID(siteID))
	if err != nil {
		return nil, fmt.Errorf("list rulesets: %w", err)
	}
	list := make([]moderation.Ruleset, len(rows))
	for i, row := range rows {
		list[i] = row.ruleset()
	}
	return list, nil
}

// SaveRuleset stores r under the site's next version number and returns it with that number. The active
// version stays active. ErrNotFound when there is no such site.
func (s *RulesetStore) SaveRuleset(
	ctx context.Context,
	r moderation.Ruleset,
	audit *moderation.AuditEntry,
) (moderation.Ruleset, error) {
	err := s.write(ctx, "save ruleset", func(tx executor) error {
		// Concurrent saves for the same site wait here, so that version numbers have no gaps.
		var siteID ID
		if err := tx.get(ctx, &siteID, `SELECT id FROM sites WHERE id = $1`+tx.forUpdate, ID(r.SiteID)); err != nil {
			return err
		}
		err := tx.get(ctx, &r.Version, `SELECT COALESCE(MAX(version), 0) + 1 FROM rulesets WHERE site_id = $1`,
			ID(r.SiteID))
		if err != nil {
			return err
		}
		if err := insertRuleset(ctx, tx, r); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
	if err != nil {
		return moderation.Ruleset{}, err
	}
	r.CreatedAt, r.Active = stored(r.CreatedAt), false
	return r, nil
}

func insertRuleset(ctx context.Context, x executor, r moderation.Ruleset) error {
	_, err := x.execNamed(ctx, insertNamed("rulesets", rulesetColumns),
		rulesetRow{ID: ID(r.ID), SiteID: ID(r.SiteID), Version: r.Version, Source: r.Source, Base: r.Base,
			Checksum: r.Checksum,
			Note:     r.Note, CreatedBy: r.CreatedBy, CreatedAt: Time(r.CreatedAt)})
	return err
}

// ActivateRuleset makes r the one version that judges its site's submissions. ErrNotFound, and ErrVersion if it
// replaces a version that is not active.
func (s *RulesetStore) ActivateRuleset(ctx context.Context, r moderation.Ruleset, audit *moderation.AuditEntry) error {
	return s.write(ctx, "activate ruleset", func(tx executor) error {
		if r.Replaces != "" {
			var active ID
			err := tx.get(ctx, &active, `SELECT ruleset_id FROM active_rulesets WHERE site_id = $1`+tx.forUpdate, ID(r.SiteID))
			if err == nil && string(active) != r.Replaces {
				err = moderation.ErrVersion
			}
			if err != nil {
				return err
			}
		}
		if err := activateRuleset(ctx, tx, r, activation(audit, "", s.now())); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// activated says who made a version the active one, and when.
type activated struct {
	by string
	at time.Time
}

// activation returns actor and time of the audit entry, or by and at if there is no entry.
func activation(audit *moderation.AuditEntry, by string, at time.Time) activated {
	if audit != nil {
		return activated{audit.ModeratorID, audit.CreatedAt}
	}
	return activated{by, at}
}

func activateRuleset(ctx context.Context, x executor, r moderation.Ruleset, a activated) error {
	n, err := x.exec(ctx, `
		INSERT INTO active_rulesets (site_id, ruleset_id, activated_by, activated_at)
		SELECT site_id, id, $3, $4 FROM rulesets WHERE site_id = $1 AND id = $2
		ON CONFLICT (site_id) DO UPDATE SET ruleset_id = excluded.ruleset_id,
			activated_by = excluded.activated_by, activated_at = excluded.activated_at`,
		ID(r.SiteID), ID(r.ID), a.by, Time(a.at))
	if err == nil && n == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return err
	}
	event := notify.Event{ID: r.ID, Kind: notify.EventRuleset, SiteID: r.SiteID, CreatedAt: a.at}
	if err := insertEvent(ctx, x, event); err != nil {
		return err
	}
	return startRules(ctx, x, r, a.at)
}

// startRules notes since when the version's rules judge. A rule that the version before had goes on as it
// began.
func startRules(ctx context.Context, x executor, r moderation.Ruleset, at time.Time) error {
	var before []string
	if err := x.selectAll(ctx, &before, `SELECT rule FROM rule_starts WHERE site_id = $1`, ID(r.SiteID)); err != nil {
		return err
	}
	for _, rule := range before {
		if !slices.Contains(r.Judging, rule) {
			if _, err := x.exec(ctx, `DELETE FROM rule_starts WHERE site_id = $1 AND rule = $2`, ID(r.SiteID),
				rule); err != nil {
				return err
			}
		}
	}
	for _, rule := range r.Judging {
		if slices.Contains(before, rule) {
			continue
		}
		_, err := x.exec(ctx, `
			INSERT INTO rule_starts (site_id, rule, started_at) VALUES ($1, $2, $3)
			ON CONFLICT (site_id, rule) DO NOTHING`, ID(r.SiteID), rule, Time(at))
		if err != nil {
			return err
		}
	}
	return nil
}

// RuleStarts returns since when each rule of a site's active version judges.
func (s *RulesetStore) RuleStarts(ctx context.Context, siteID string) (map[string]time.Time, error) {
	var rows []struct {
		Rule      string `db:"rule"`
		StartedAt Time   `db:"started_at"`
	}
	if err := s.selectAll(ctx, &rows, `SELECT rule, started_at FROM rule_starts WHERE site_id = $1`,
		ID(siteID)); err != nil {
		return nil, fmt.Errorf("read starts of rules: %w", err)
	}
	starts := make(map[string]time.Time, len(rows))
	for _, row := range rows {
		starts[row.Rule] = row.StartedAt.time()
	}
	return starts, nil
}

// SubmissionBefore returns when the submission came after which n others came to the site; the zero time when
// there is none.
func (s *RulesetStore) SubmissionBefore(ctx context.Context, siteID string, n int) (time.Time, error) {
	var at []Time
	err := s.selectAll(ctx, &at, `
		SELECT created_at FROM submissions WHERE site_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET $2`,
		ID(siteID), n)
	if err != nil {
		return time.Time{}, fmt.Errorf("find earlier submission: %w", err)
	}
	if len(at) == 0 {
		return time.Time{}, nil
	}
	return at[0].time(), nil
}
