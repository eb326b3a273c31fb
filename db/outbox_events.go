package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/notify"
)

const eventColumns = `id, kind, site_id, comment_id, created_at`

var eventInsert = insertInto("outbox_events", eventColumns, "ON CONFLICT (id) DO NOTHING")

// storesEvents reports whether changes of a site leave events: something sends mail, or the site has a
// webhook.
func (x executor) storesEvents(ctx context.Context, site ID) (bool, error) {
	if x.notifies {
		return true, nil
	}
	return x.webhookSites.has(ctx, x, site)
}

// decisionEvents returns the events of decisions, given their rows, without those of sites that store no
// events.
func (x executor) decisionEvents(ctx context.Context, kind notify.EventKind, decisions [][]any) (tableRows, error) {
	events := tableRows{insert: eventInsert}
	for _, row := range decisions {
		// id, site and comment are the first columns of a decision, and the time is the last.
		stored, err := x.storesEvents(ctx, row[1].(ID))
		if err != nil {
			return events, err
		}
		if stored {
			events.rows = append(events.rows, []any{row[0], string(kind), row[1], nullID(row[2].(ID)), row[len(row)-1]})
		}
	}
	return events, nil
}

// insertDecisions appends to the log and leaves events, and inserts what else there is. There is no statement that
// changes or removes an entry.
func insertDecisions(
	ctx context.Context, x executor, kind notify.EventKind, rows [][]any, others ...tableRows,
) error {
	events, err := x.decisionEvents(ctx, kind, rows)
	if err != nil {
		return err
	}
	return x.insertAll(ctx, append([]tableRows{{decisionInsert, rows}, events}, others...)...)
}

// insertEvent leaves an event that is not about a decision, if the site stores events.
func insertEvent(ctx context.Context, x executor, e notify.Event) error {
	if stored, err := x.storesEvents(ctx, ID(e.SiteID)); err != nil || !stored {
		return err
	}
	_, err := x.execRows(ctx, eventInsert.rowsStmt, [][]any{{ID(e.ID), string(e.Kind), ID(e.SiteID),
		nullID(e.Comment.ID), Time(e.CreatedAt)}})
	return err
}

type eventRow struct {
	ID        ID     `db:"id"`
	Kind      string `db:"kind"`
	SiteID    ID     `db:"site_id"`
	CommentID nullID `db:"comment_id"`
	CreatedAt Time   `db:"created_at"`
}

// Events returns the oldest events that are not planned yet, with their decisions and comments.
func (s *OutboxStore) Events(ctx context.Context, limit int) ([]notify.Event, error) {
	var rows []eventRow
	err := s.selectAll(ctx, &rows, `SELECT `+eventColumns+` FROM outbox_events ORDER BY id LIMIT $1`, limit)
	if err != nil || len(rows) == 0 {
		return nil, wrap("read events", err)
	}
	var comments, decisions []ID
	for _, row := range rows {
		if row.CommentID != "" {
			comments = append(comments, ID(row.CommentID))
		}
		if kind := notify.EventKind(row.Kind); kind == notify.EventDecision || kind == notify.EventEdit {
			decisions = append(decisions, row.ID)
		}
	}
	about, err := s.subjects(ctx, comments, decisions)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]notify.Event, len(rows))
	for i, row := range rows {
		events[i] = notify.Event{ID: string(row.ID), Kind: notify.EventKind(row.Kind), SiteID: string(row.SiteID),
			Decision: about.decisions[row.ID], Comment: about.comments[ID(row.CommentID)], CreatedAt: row.CreatedAt.time()}
	}
	return events, nil
}

// eventSubjects are the subjects of events.
type eventSubjects struct {
	decisions map[ID]moderation.Decision
	comments  map[ID]moderation.Comment
}

func (s *OutboxStore) subjects(ctx context.Context, comments, decisions []ID) (eventSubjects, error) {
	about := eventSubjects{map[ID]moderation.Decision{}, map[ID]moderation.Comment{}}
	if len(decisions) > 0 {
		var rows []decisionRow
		err := s.selectAll(ctx, &rows, `SELECT `+decisionColumns+` FROM decisions WHERE id IN (?)`, padded(decisions))
		if err != nil {
			return about, err
		}
		for _, row := range rows {
			about.decisions[row.ID] = row.decision()
		}
	}
	if len(comments) == 0 {
		return about, nil
	}
	var rows []commentRow
	err := s.selectAll(ctx, &rows, `SELECT `+commentColumns+` FROM comments WHERE id IN (?)`, padded(comments))
	for _, row := range rows {
		about.comments[row.ID] = row.comment()
	}
	return about, err
}
