package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// DecisionStore is the storage for the decision log.
type DecisionStore interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// DecisionLog returns decisions with their moderators' names, in the requested order.
	DecisionLog(ctx context.Context, q DecisionSelect) ([]LoggedDecision, error)
}

// DecisionLog lists and exports the decisions on the moderators' sites.
type DecisionLog struct {
	Store DecisionStore
}

// DecisionFilter restricts the log. Empty fields do not restrict.
type DecisionFilter struct {
	Actor       moderation.Actor
	Action      moderation.Action
	ReasonCode  string
	ModeratorID string
	From, To    time.Time // From inclusive, To exclusive
}

// DecisionQuery selects a page of the log.
type DecisionQuery struct {
	DecisionFilter
	SiteSlug string // empty: all the viewer's sites
	Limit    int
	Cursor   string
}

// DecisionSelect is a DecisionQuery for storage. Its From and To are both set.
type DecisionSelect struct {
	DecisionFilter
	SiteIDs []string // empty: all sites
	Oldest  bool     // oldest first; otherwise newest first
	After   *moderation.ThreadKey
	Limit   int
}

// LoggedDecision is an entry of the log of several sites.
type LoggedDecision struct {
	moderation.Decision
	SiteSlug string
}

// DecisionPage is one page of the log.
type DecisionPage struct {
	Items      []LoggedDecision
	NextCursor string // empty on the last page
}

const decisionsCursor = "decisions"

// List returns one page, newest first. Errors: ErrSiteUnknown, ErrNotFound for a site that the viewer may not
// see, ErrCursor, *Invalid if the time range ends before it starts.
func (l *DecisionLog) List(ctx context.Context, v moderation.Viewer, q DecisionQuery) (DecisionPage, error) {
	sel := DecisionSelect{DecisionFilter: q.DecisionFilter, SiteIDs: v.SiteIDs, Limit: q.Limit + 1}
	var err error
	if sel.From, sel.To, err = moderation.NormalizeTimeRange(q.From, q.To); err != nil {
		return DecisionPage{}, err
	}
	if q.SiteSlug != "" {
		site, err := moderation.VisibleSite(ctx, l.Store, v, q.SiteSlug)
		if err != nil {
			return DecisionPage{}, fmt.Errorf("list decisions: %w", err)
		}
		sel.SiteIDs = []string{site.ID}
	}
	if q.Cursor != "" {
		sel.After = new(moderation.ThreadKey)
		if err := moderation.DecodeCursor(q.Cursor, decisionsCursor, sel.After); err != nil {
			return DecisionPage{}, err
		}
	}
	rows, err := l.Store.DecisionLog(ctx, sel)
	if err != nil {
		return DecisionPage{}, fmt.Errorf("list decisions: %w", err)
	}
	page := DecisionPage{Items: rows}
	if len(rows) > q.Limit {
		page.Items = rows[:q.Limit]
		page.NextCursor = moderation.EncodeCursor(decisionsCursor, page.Items[q.Limit-1].key())
	}
	return page, nil
}

func (d LoggedDecision) key() moderation.ThreadKey {
	return moderation.ThreadKey{CreatedAt: d.CreatedAt, ID: d.ID}
}
