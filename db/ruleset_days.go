package db

import (
	"context"
	"errors"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// RuleDayStore stores the hits of rules by day, in rule_days and rule_day_progress, and reads the submissions
// and decisions that are counted there.
type RuleDayStore struct{ *core }

type progressRow struct {
	SiteID        ID   `db:"site_id"`
	SubmissionsAt Time `db:"submissions_at"`
	SubmissionsID ID   `db:"submissions_id"`
	DecisionsAt   Time `db:"decisions_at"`
	DecisionsID   ID   `db:"decisions_id"`
}

const progressColumns = `site_id, submissions_at, submissions_id, decisions_at, decisions_id`

func newProgressRow(siteID string, p rulebook.RuleProgress) progressRow {
	return progressRow{SiteID: ID(siteID), SubmissionsAt: Time(p.Submissions.At), SubmissionsID: ID(p.Submissions.ID),
		DecisionsAt: Time(p.Decisions.At), DecisionsID: ID(p.Decisions.ID)}
}

// RuleProgress returns how far a site's rules have been counted; the zero value for not at all.
func (s *RuleDayStore) RuleProgress(ctx context.Context, siteID string) (rulebook.RuleProgress, error) {
	var row progressRow
	err := s.get(ctx, &row, `
		SELECT `+progressColumns+` FROM rule_day_progress WHERE site_id = $1`, ID(siteID))
	if errors.Is(err, moderation.ErrNotFound) {
		return rulebook.RuleProgress{}, nil
	}
	if err != nil {
		return rulebook.RuleProgress{}, fmt.Errorf("find progress of counting: %w", err)
	}
	return rulebook.RuleProgress{
		Submissions: moderation.Keyset{At: row.SubmissionsAt.time(), ID: string(row.SubmissionsID)},
		Decisions:   moderation.Keyset{At: row.DecisionsAt.time(), ID: string(row.DecisionsID)},
	}, nil
}

// JudgedSubmissions reads the verdicts of a site's submissions in the order of their arrival.
func (s *RuleDayStore) JudgedSubmissions(
	ctx context.Context, q moderation.HistoryQuery,
) ([]rulebook.JudgedSubmission, error) {
	var rows []struct {
		ID        ID         `db:"id"`
		CreatedAt Time       `db:"created_at"`
		Verdict   frozenJSON `db:"verdict"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT id, created_at, verdict FROM submissions
		WHERE site_id = $1 AND (created_at, id) > ($2, $3) AND created_at < $4
		ORDER BY created_at, id
		LIMIT $5`, ID(q.SiteID), Time(q.After.At), ID(q.After.ID), Time(q.Until), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read verdicts: %w", err)
	}
	list := make([]rulebook.JudgedSubmission, len(rows))
	for i, row := range rows {
		list[i] = rulebook.JudgedSubmission{
			Position: moderation.Keyset{At: row.CreatedAt.time(), ID: string(row.ID)}, Verdict: row.Verdict}
	}
	return list, nil
}

// ModeratorDecisions reads the decisions of moderators on a site in the order of taking them, each with the
// verdict on the text that it was about.
func (s *RuleDayStore) ModeratorDecisions(
	ctx context.Context, q moderation.HistoryQuery,
) ([]rulebook.ModeratorDecision, error) {
	var rows []struct {
		ID          ID         `db:"id"`
		CreatedAt   Time       `db:"created_at"`
		To          string     `db:"to_status"`
		Before      string     `db:"before_status"`
		SubmittedAt Time       `db:"submitted_at"`
		Verdict     frozenJSON `db:"verdict"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT d.id, d.created_at, d.to_status, s.created_at AS submitted_at, s.verdict,
			COALESCE((SELECT e.to_status FROM decisions e
			          WHERE e.comment_id = d.comment_id AND e.version < d.version AND e.submission_id = d.submission_id
			            AND e.actor = 'moderator'
			          ORDER BY e.version DESC LIMIT 1), '') AS before_status
		FROM decisions d JOIN submissions s ON s.comment_id = d.comment_id AND s.id = d.submission_id
		WHERE d.site_id = $1 AND (d.created_at, d.id) > ($2, $3) AND d.created_at < $4 AND d.actor = 'moderator'
		ORDER BY d.created_at, d.id
		LIMIT $5`, ID(q.SiteID), Time(q.After.At), ID(q.After.ID), Time(q.Until), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read decisions of moderators: %w", err)
	}
	list := make([]rulebook.ModeratorDecision, len(rows))
	for i, row := range rows {
		list[i] = rulebook.ModeratorDecision{Position: moderation.Keyset{At: row.CreatedAt.time(), ID: string(row.ID)},
			To: moderation.Status(row.To), Before: moderation.Status(row.Before), SubmittedAt: row.SubmittedAt.time(),
			Verdict: row.Verdict}
	}
	return list, nil
}

// AddRuleDays adds to the counts and moves the progress on. ErrVersion when the progress is not step.From any
// more.
func (s *RuleDayStore) AddRuleDays(ctx context.Context, step rulebook.CounterStep) error {
	return s.write(ctx, "count rules", func(tx executor) error {
		if err := advanceProgress(ctx, tx, step); err != nil {
			return err
		}
		for _, day := range step.Days {
			if err := addRuleDay(ctx, tx, step.SiteID, day); err != nil {
				return err
			}
		}
		return nil
	})
}

// advanceProgress comes first, so that a second process that counts the same waits here and fails.
func advanceProgress(ctx context.Context, x executor, step rulebook.CounterStep) error {
	from, to := newProgressRow(step.SiteID, step.From), newProgressRow(step.SiteID, step.To)
	if step.From == (rulebook.RuleProgress{}) {
		n, err := x.execNamed(ctx, insertNamed("rule_day_progress",
			progressColumns)+` ON CONFLICT (site_id) DO NOTHING`, to)
		return versionErrorIfNone(n, err)
	}
	n, err := x.exec(ctx, `
		UPDATE rule_day_progress SET submissions_at = $2, submissions_id = $3, decisions_at = $4, decisions_id = $5
		WHERE site_id = $1 AND submissions_at = $6 AND submissions_id = $7 AND decisions_at = $8 AND decisions_id = $9`,
		ID(step.SiteID), to.SubmissionsAt, to.SubmissionsID, to.DecisionsAt, to.DecisionsID,
		from.SubmissionsAt, from.SubmissionsID, from.DecisionsAt, from.DecisionsID)
	return versionErrorIfNone(n, err)
}

func versionErrorIfNone(n int64, err error) error {
	if err == nil && n == 0 {
		return moderation.ErrVersion
	}
	return err
}

func addRuleDay(ctx context.Context, x executor, siteID string, day rulebook.RuleDay) error {
	c := day.Counts
	_, err := x.exec(ctx, `
		INSERT INTO rule_days (site_id, rule, day, hits, acted, upheld, overturned, shadow_hits, shadow_upheld,
			shadow_overturned, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (site_id, rule, day) DO UPDATE SET
			hits = rule_days.hits + excluded.hits, acted = rule_days.acted + excluded.acted,
			upheld = rule_days.upheld + excluded.upheld, overturned = rule_days.overturned + excluded.overturned,
			shadow_hits = rule_days.shadow_hits + excluded.shadow_hits,
			shadow_upheld = rule_days.shadow_upheld + excluded.shadow_upheld,
			shadow_overturned = rule_days.shadow_overturned + excluded.shadow_overturned,
			last_at = CASE WHEN excluded.last_at > rule_days.last_at THEN excluded.last_at ELSE rule_days.last_at END`,
		ID(siteID), day.Rule, day.Day, c.Hits, c.Acted, c.Upheld, c.Overturned, c.ShadowHits, c.ShadowUpheld,
		c.ShadowOverturned, Time(day.LastAt))
	return err
}

// ruleDayRow is a rule's counts for one day or several.
type ruleDayRow struct {
	Rule             string `db:"rule"`
	Day              string `db:"day"`
	Hits             int64  `db:"hits"`
	Acted            int64  `db:"acted"`
	Upheld           int64  `db:"upheld"`
	Overturned       int64  `db:"overturned"`
	ShadowHits       int64  `db:"shadow_hits"`
	ShadowUpheld     int64  `db:"shadow_upheld"`
	ShadowOverturned int64  `db:"shadow_overturned"`
	LastAt           Time   `db:"last_at"`
}

func (r ruleDayRow) counts() rulebook.RuleCounts {
	return rulebook.RuleCounts{Hits: r.Hits, Acted: r.Acted, Upheld: r.Upheld, Overturned: r.Overturned,
		ShadowHits: r.ShadowHits, ShadowUpheld: r.ShadowUpheld, ShadowOverturned: r.ShadowOverturned}
}

// RuleRecords returns every rule that ever fired on a site, with its counts from a day on.
func (s *RuleDayStore) RuleRecords(ctx context.Context, siteID, sinceDay string) ([]rulebook.RuleRecord, error) {
	var rows []ruleDayRow
	err := s.selectAll(ctx, &rows, `
		SELECT r.rule, MAX(r.last_at) AS last_at, CAST(COALESCE(SUM(p.hits), 0) AS BIGINT) AS hits,
			CAST(COALESCE(SUM(p.acted), 0) AS BIGINT) AS acted, CAST(COALESCE(SUM(p.upheld), 0) AS BIGINT) AS upheld,
			CAST(COALESCE(SUM(p.overturned), 0) AS BIGINT) AS overturned,
			CAST(COALESCE(SUM(p.shadow_hits), 0) AS BIGINT) AS shadow_hits,
			CAST(COALESCE(SUM(p.shadow_upheld), 0) AS BIGINT) AS shadow_upheld,
			CAST(COALESCE(SUM(p.shadow_overturned), 0) AS BIGINT) AS shadow_overturned
		FROM rule_days r
			LEFT JOIN rule_days p ON p.site_id = r.site_id AND p.rule = r.rule AND p.day = r.day AND p.day >= $2
		WHERE r.site_id = $1
		GROUP BY r.rule
		ORDER BY r.rule`, ID(siteID), sinceDay)
	if err != nil {
		return nil, fmt.Errorf("read days of rules: %w", err)
	}
	records := make([]rulebook.RuleRecord, len(rows))
	for i, r := range rows {
		records[i] = rulebook.RuleRecord{Rule: r.Rule, LastAt: r.LastAt.time(), Counts: r.counts()}
	}
	return records, nil
}

// RuleDays returns the counts of each rule of a site for each day from a day on, in that order. Days without
// hits are missing.
func (s *RuleDayStore) RuleDays(ctx context.Context, siteID, sinceDay string) ([]rulebook.RuleDay, error) {
	var rows []ruleDayRow
	err := s.selectAll(ctx, &rows, `
		SELECT rule, day, hits, acted, upheld, overturned, shadow_hits, shadow_upheld, shadow_overturned, last_at
		FROM rule_days WHERE site_id = $1 AND day >= $2
		ORDER BY rule, day`, ID(siteID), sinceDay)
	if err != nil {
		return nil, fmt.Errorf("read the days of rules: %w", err)
	}
	days := make([]rulebook.RuleDay, len(rows))
	for i, r := range rows {
		days[i] = rulebook.RuleDay{Rule: r.Rule, Day: r.Day, Counts: r.counts(), LastAt: r.LastAt.time()}
	}
	return days, nil
}
