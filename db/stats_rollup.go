package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/stats"
)

// RollupStore stores hourly rollups of decisions, in decision_hours, decision_waits and
// decision_hour_progress.
type RollupStore struct{ *core }

// effectiveDecision keeps decisions d that are no undo and are in force. Undos can be undone: a decision is
// in force while the chain of undos behind it is even.
const effectiveDecision = `d.undoes IS NULL AND (d.actor <> 'moderator' OR 0 = (
	WITH RECURSIVE chain (id) AS (
		SELECT u.id FROM decisions u WHERE u.comment_id = d.comment_id AND u.undoes = d.id
		UNION ALL
		SELECT n.id FROM chain JOIN decisions n ON n.comment_id = d.comment_id AND n.undoes = chain.id
	) SELECT COUNT(*) % 2 FROM chain))`

type rollupRow struct {
	SiteID      ID       `db:"site_id"`
	Hour        NullTime `db:"hour"`
	Actor       string   `db:"actor"`
	ModeratorID string   `db:"moderator_id"`
	Arrival     bool     `db:"arrival"`
	To          string   `db:"to_status"`
	ReasonCode  string   `db:"reason_code"`
	N           int      `db:"decisions"`
}

func (r rollupRow) count() stats.DecisionCount {
	return stats.DecisionCount{
		Hour:        r.Hour.time(),
		Actor:       moderation.Actor(r.Actor),
		ModeratorID: r.ModeratorID,
		Arrival:     r.Arrival,
		To:          moderation.Status(r.To),
		ReasonCode:  r.ReasonCode,
		N:           r.N,
	}
}

// RollupProgress returns the time up to which decisions are rolled up, by site. Sites without rollups are
// missing.
func (s *RollupStore) RollupProgress(ctx context.Context) (map[string]time.Time, error) {
	var rows []struct {
		SiteID  ID   `db:"site_id"`
		Tallied Time `db:"tallied_at"`
	}
	if err := s.selectAll(ctx, &rows, `SELECT site_id, tallied_at FROM decision_hour_progress`); err != nil {
		return nil, fmt.Errorf("find rollup progress: %w", err)
	}
	progress := make(map[string]time.Time, len(rows))
	for _, row := range rows {
		progress[string(row.SiteID)] = row.Tallied.time()
	}
	return progress, nil
}

// NextDecisionAt returns the time of a site's first decision in a time range; zero for none.
func (s *RollupStore) NextDecisionAt(ctx context.Context, siteID string, from, to time.Time) (time.Time, error) {
	var at []Time
	err := s.selectAll(ctx, &at, `
		SELECT created_at FROM decisions
		WHERE site_id = $1 AND created_at >= $2 AND created_at < $3 AND actor NOT IN ('import', 'retention')
		ORDER BY created_at, id LIMIT 1`, ID(siteID), Time(from), Time(to))
	if err != nil || len(at) == 0 {
		return time.Time{}, wrap("find next decision", err)
	}
	return at[0].time(), nil
}

// CountDecisions counts a site's decisions in a time range of at most one hour.
func (s *RollupStore) CountDecisions(
	ctx context.Context, siteID string, from, to time.Time,
) (stats.DecisionRollup, error) {
	var rows []rollupRow
	err := s.selectAll(ctx, &rows, `
		SELECT d.actor, d.moderator_id, d.from_status = '' AS arrival, d.to_status, d.reason_code, COUNT(*) AS decisions
		FROM decisions d
		WHERE d.site_id = $1 AND d.created_at >= $2 AND d.created_at < $3
			AND NOT (d.actor = 'moderator' AND d.from_status = '') AND d.actor NOT IN ('import', 'retention') AND `+effectiveDecision+`
		GROUP BY d.actor, d.moderator_id, d.from_status = '', d.to_status, d.reason_code
		ORDER BY d.actor, d.moderator_id, d.to_status, d.reason_code`, ID(siteID), Time(from), Time(to))
	if err != nil {
		return stats.DecisionRollup{}, fmt.Errorf("count decisions: %w", err)
	}
	tally := stats.DecisionRollup{Waits: stats.Waits{}}
	for _, row := range rows {
		tally.Counts = append(tally.Counts, row.count())
	}
	var waits []struct {
		CreatedAt Time     `db:"created_at"`
		Since     NullTime `db:"since"`
	}
	err = s.selectAll(ctx, &waits, `
		SELECT d.created_at, (SELECT MAX(p.created_at) FROM decisions p
			WHERE p.comment_id = d.comment_id AND p.version < d.version AND p.to_status = 'pending'
				AND p.from_status <> 'pending' AND p.undoes IS NULL AND p.actor <> 'import') AS since
		FROM decisions d
		WHERE d.site_id = $1 AND d.created_at >= $2 AND d.created_at < $3 AND d.actor = 'moderator' AND d.actor <> 'ruleset'
			AND d.from_status = 'pending' AND d.to_status <> 'pending' AND `+effectiveDecision, ID(siteID),
		Time(from), Time(to))
	if err != nil {
		return stats.DecisionRollup{}, fmt.Errorf("measure waits: %w", err)
	}
	for _, w := range waits {
		if since := w.Since.time(); !since.IsZero() {
			tally.Waits[stats.WaitBucket(w.CreatedAt.time().Sub(since))]++
		}
	}
	return tally, nil
}

// AddRollups stores rollups and advances the progress. ErrVersion when the progress is not step.From any
// more.
func (s *RollupStore) AddRollups(ctx context.Context, step stats.RollupStep) error {
	return s.write(ctx, "add up decisions", func(tx executor) error {
		if err := advanceRollup(ctx, tx, step); err != nil {
			return err
		}
		for _, hour := range step.Hours {
			if err := insertHour(ctx, tx, step.SiteID, hour); err != nil {
				return err
			}
		}
		return nil
	})
}

// advanceRollup comes first, so that a second process that adds up the same waits here and fails.
func advanceRollup(ctx context.Context, x executor, step stats.RollupStep) error {
	if step.From.IsZero() {
		n, err := x.exec(ctx, `
			INSERT INTO decision_hour_progress (site_id, tallied_at) VALUES ($1, $2) ON CONFLICT (site_id) DO NOTHING`,
			ID(step.SiteID), Time(step.To))
		return versionErrorIfNone(n, err)
	}
	n, err := x.exec(ctx, `UPDATE decision_hour_progress SET tallied_at = $2 WHERE site_id = $1 AND tallied_at = $3`,
		ID(step.SiteID), Time(step.To), Time(step.From))
	return versionErrorIfNone(n, err)
}

func insertHour(ctx context.Context, x executor, siteID string, hour stats.HourRollup) error {
	for _, c := range hour.Counts {
		_, err := x.execNamed(ctx, insertNamed("decision_hours",
			`site_id, hour, actor, moderator_id, arrival, to_status, reason_code, decisions`),
			rollupRow{ID(siteID), NullTime(hour.Hour), string(c.Actor), c.ModeratorID, c.Arrival, string(c.To),
				c.ReasonCode, c.N})
		if err != nil {
			return err
		}
	}
	for bucket, n := range hour.Waits {
		_, err := x.exec(ctx, `INSERT INTO decision_waits (site_id, hour, bucket, decisions) VALUES ($1, $2, $3, $4)`,
			ID(siteID), Time(hour.Hour), bucket, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// Rollups returns the rollups of sites for a range of full hours: by hour, or all hours together with the
// waiting times.
func (s *RollupStore) Rollups(ctx context.Context, q stats.RollupQuery) (stats.DecisionRollup, error) {
	tally := stats.DecisionRollup{Waits: stats.Waits{}}
	hour := ``
	if q.ByHour {
		hour = `hour, `
	}
	for sites := range slices.Chunk(q.SiteIDs, sitesPerQuery) {
		var rows []rollupRow
		err := s.selectAll(ctx, &rows, `
			SELECT `+hour+`actor, moderator_id, arrival, to_status, reason_code, CAST(SUM(decisions) AS BIGINT) AS decisions
			FROM decision_hours WHERE site_id IN (?) AND hour >= ? AND hour < ?
			GROUP BY `+hour+`actor, moderator_id, arrival, to_status, reason_code`, toIDs(sites), Time(q.From), Time(q.To))
		if err != nil {
			return tally, fmt.Errorf("read rollups: %w", err)
		}
		for _, row := range rows {
			tally.Counts = append(tally.Counts, row.count())
		}
		if q.ByHour {
			continue
		}
		var waits []struct {
			Bucket int `db:"bucket"`
			N      int `db:"decisions"`
		}
		err = s.selectAll(ctx, &waits, `
			SELECT bucket, CAST(SUM(decisions) AS BIGINT) AS decisions FROM decision_waits
			WHERE site_id IN (?) AND hour >= ? AND hour < ? GROUP BY bucket`, toIDs(sites), Time(q.From), Time(q.To))
		if err != nil {
			return tally, fmt.Errorf("read waits: %w", err)
		}
		for _, w := range waits {
			tally.Waits[w.Bucket] += w.N
		}
	}
	return tally, nil
}

// AppealOutcomes counts a site's appeals made in a period by their outcome; an empty status stands for open
// appeals.
func (s *RollupStore) AppealOutcomes(
	ctx context.Context, siteID string, from, to time.Time,
) (map[moderation.Status]int, error) {
	var rows []struct {
		Outcome string `db:"outcome"`
		N       int    `db:"n"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT a.outcome, COUNT(*) AS n FROM appeals a CROSS JOIN comments c
		WHERE a.created_at >= $2 AND a.created_at < $3 AND c.id = a.comment_id AND c.site_id = $1
		GROUP BY a.outcome`, ID(siteID), Time(from), Time(to))
	if err != nil {
		return nil, fmt.Errorf("count appeals: %w", err)
	}
	outcomes := map[moderation.Status]int{}
	for _, row := range rows {
		outcomes[moderation.Status(row.Outcome)] = row.N
	}
	return outcomes, nil
}

// ModeratorNames returns the names of moderators by id. Those that do not exist are missing.
func (s *RollupStore) ModeratorNames(ctx context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	if err := s.selectAll(ctx, &rows, `SELECT id, name FROM moderators WHERE id IN (?)`, ids); err != nil {
		return nil, fmt.Errorf("find names of moderators: %w", err)
	}
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, nil
}
