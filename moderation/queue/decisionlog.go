package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// DecisionStore is the storage that the log of decisions needs.
type DecisionStore interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// DecisionLog returns decisions with the names of who took them, in the order asked for.
	DecisionLog(ctx context.Context, q DecisionSelect) ([]LoggedDecision, error)
}

// DecisionLog shows moderators the decisions of their sites, and writes those of a site out.
type DecisionLog struct {
	Store DecisionStore
}

// DecisionFilter narrows the log down. What is empty does not.
type DecisionFilter struct {
	Actor       moderation.Actor
	Action      moderation.Action
	ReasonCode  string
	ModeratorID string
	From, To    time.Time // the first moment, and the one after the last
}

// DecisionQuery asks for a page of the log.
type DecisionQuery struct {
	DecisionFilter
	SiteSlug string // empty: all sites of the viewer
	Limit    int
	Cursor   string
}

// DecisionSelect is DecisionQuery as storage reads it. Its From and To are both set.
type DecisionSelect struct {
	DecisionFilter
	SiteIDs []string // empty for all
	Oldest  bool     // from the oldest on, and not from the newest
	After   *moderation.ThreadKey
	Limit   int
}

// LoggedDecision is a decision as the log of several sites shows it.
type LoggedDecision struct {
	moderation.Decision
	SiteSlug string
}

// DecisionPage is one page of the log.
type DecisionPage struct {
	Items      []LoggedDecision
	NextCursor string // empty: the last page
}

const decisionsCursor = "decisions"

// List returns one page, the newest first. Errors: ErrSiteUnknown, ErrNotFound for a site that the viewer may
// not see, ErrCursor, *Invalid for a time that ends before it begins.
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
