package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// DecisionLog returns decisions with their authors' names, in the requested order.
func (s *DecisionStore) DecisionLog(ctx context.Context, q queue.DecisionSelect) ([]queue.LoggedDecision, error) {
	sites, err := queueSites(ctx, s.executor, q.SiteIDs)
	if err != nil {
		return nil, fmt.Errorf("read log of decisions: %w", err)
	}
	var list []queue.LoggedDecision
	for chunk := range slices.Chunk(sites, sitesPerQuery) {
		found, err := loggedDecisions(ctx, s.executor, q, chunk)
		if err != nil {
			return nil, fmt.Errorf("read log of decisions: %w", err)
		}
		list = append(list, found...)
	}
	slices.SortFunc(list, func(a, b queue.LoggedDecision) int {
		if !q.Oldest {
			a, b = b, a
		}
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return list[:min(q.Limit, len(list))], nil
}

// loggedDecisions reads the first decisions of each of some sites.
func loggedDecisions(
	ctx context.Context, x executor,
	q queue.DecisionSelect,
	sites []string,
) ([]queue.LoggedDecision, error) {
	var branches []string
	var args []any
	for _, site := range sites {
		branch, of := decisionBranch(q, site)
		branches, args = append(branches, `SELECT * FROM (`+branch+`) AS site`), append(args, of...)
	}
	var rows []struct {
		decisionRow
		Moderator nullString `db:"moderator"`
		SiteSlug  string     `db:"site_slug"`
	}
	err := x.selectAll(ctx, &rows, `
		SELECT page.*, t.slug AS site_slug, (SELECT name FROM moderators m WHERE m.id = page.moderator_id) AS moderator
		FROM (`+strings.Join(branches, ` UNION ALL `)+`) AS page JOIN sites t ON t.id = page.site_id`, args...)
	if err != nil {
		return nil, err
	}
	list := make([]queue.LoggedDecision, len(rows))
	for i, row := range rows {
		list[i] = queue.LoggedDecision{Decision: row.decision(), SiteSlug: row.SiteSlug}
		list[i].Moderator = string(row.Moderator)
	}
	return list, nil
}

// decisionBranch selects the first decisions of one site, with ? for parameters.
func decisionBranch(q queue.DecisionSelect, siteID string) (query string, args []any) {
	after, order := `(created_at, id) < (?, ?)`, `created_at DESC, id DESC`
	if q.Oldest {
		after, order = `(created_at, id) > (?, ?)`, `created_at, id`
	}
	// The index is entered where the last page ended, whichever bound the engine goes by.
	switch {
	case q.After != nil && q.Oldest && q.After.CreatedAt.After(q.From):
		q.From = q.After.CreatedAt
	case q.After != nil && !q.Oldest && q.After.CreatedAt.Before(q.To):
		q.To = q.After.CreatedAt.Add(time.Microsecond)
	}
	where, args := `site_id = ? AND created_at >= ? AND created_at < ?`, []any{ID(siteID), Time(q.From), Time(q.To)}
	and := func(condition string, values ...any) {
		where, args = where+` AND `+condition, append(args, values...)
	}
	if q.After != nil {
		and(after, Time(q.After.CreatedAt), ID(q.After.ID))
	}
	switch {
	case q.Actor == moderation.ActorRuleset:
		and(`actor = 'ruleset'`)
	case q.Actor != "":
		and(`actor = ? AND actor <> 'ruleset'`, string(q.Actor)) // as in the index decisions_actors
	}
	if q.Action != "" {
		and(`action = ?`, string(q.Action))
	}
	if q.ReasonCode != "" {
		and(`reason_code = ? AND reason_code <> ''`, q.ReasonCode) // as in the index decisions_reasons
	}
	if q.ModeratorID != "" {
		and(`moderator_id = ? AND actor = 'moderator' AND actor <> 'ruleset'`, q.ModeratorID)
	}
	return `SELECT ` + decisionColumns + ` FROM decisions WHERE ` + where + ` ORDER BY ` + order + ` LIMIT ?`,
		append(args,
			q.Limit)
}
