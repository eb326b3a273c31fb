package db

import (
	"context"
	"encoding/json"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// HistoryStore reads past submissions and pending comments, for backtests and re-runs. It writes nothing.
type HistoryStore struct{ *core }

type historyRow struct {
	ID            ID         `db:"id"`
	CommentID     ID         `db:"comment_id"`
	CommenterID   ID         `db:"commenter_id"`
	Body          string     `db:"body"`
	AuthorName    string     `db:"author_name"`
	AuthorURL     string     `db:"author_url"`
	Facts         frozenJSON `db:"facts"`
	AddressPrefix nullString `db:"address_prefix"`
	EmailSealed   []byte     `db:"email_sealed"`
	Verdict       frozenJSON `db:"verdict"`
	Person        string     `db:"person"`
	CreatedAt     Time       `db:"created_at"`
}

func (r historyRow) historical() (moderation.HistoricalSubmission, error) {
	var verdict struct {
		Action moderation.Action `json:"action"`
	}
	if err := json.Unmarshal(r.Verdict, &verdict); err != nil {
		return moderation.HistoricalSubmission{}, fmt.Errorf("read verdict: %w", err)
	}
	return moderation.HistoricalSubmission{
		SubmissionID: string(r.ID), CommentID: string(r.CommentID), CommenterID: string(r.CommenterID),
		Body: r.Body, AuthorName: r.AuthorName,
		AuthorURL: r.AuthorURL, FrozenFacts: r.Facts, AddressPrefix: string(r.AddressPrefix), EmailSealed: r.EmailSealed,
		Action: verdict.Action, ModeratorStatus: moderation.Status(r.Person), CreatedAt: r.CreatedAt.time(),
	}, nil
}

// historyColumns are those of a submission s by a commenter m, with the last moderator's decision on this
// very text. The sealed email is read only if it will be opened.
func historyColumns(emails bool) string {
	sealed := `NULL`
	if emails {
		sealed = `m.email_sealed`
	}
	return `s.id, s.comment_id, s.commenter_id, ` + bodyLookup("s") + ` AS body, s.author_name, s.author_url,
		s.facts, s.address_prefix,
		` + sealed + ` AS email_sealed, s.verdict, s.created_at,
		COALESCE((SELECT d.to_status FROM decisions d
		          WHERE d.comment_id = s.comment_id AND d.submission_id = s.id AND d.actor = 'moderator'
		          ORDER BY d.version DESC LIMIT 1), '') AS person`
}

// judgedByRuleset leaves out comments by moderators and imported ones, which no ruleset judged as they came.
const judgedByRuleset = `NOT EXISTS (SELECT 1 FROM comments k WHERE k.id = s.comment_id AND k.staff)
	AND NOT EXISTS (SELECT 1 FROM imported_comments i WHERE i.comment_id = s.comment_id)`

// PastSubmissions reads a site's judged submissions in the order of their arrival.
func (s *HistoryStore) PastSubmissions(
	ctx context.Context, q moderation.HistoryQuery,
) ([]moderation.HistoricalSubmission, error) {
	var rows []historyRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+historyColumns(q.Emails)+`
		FROM submissions s JOIN commenters m ON m.id = s.commenter_id
		WHERE s.site_id = $1 AND (s.created_at, s.id) > ($2, $3) AND s.created_at < $4 AND `+judgedByRuleset+`
		ORDER BY s.created_at, s.id
		LIMIT $5`, ID(q.SiteID), Time(q.After.At), ID(q.After.ID), Time(q.Until), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read past submissions: %w", err)
	}
	past := make([]moderation.HistoricalSubmission, len(rows))
	for i, row := range rows {
		if past[i], err = row.historical(); err != nil {
			return nil, fmt.Errorf("read past submissions: %w", err)
		}
	}
	return past, nil
}

// LatestSubmissions returns the present texts of a site's newest comments of a status, without staff replies.
func (s *HistoryStore) LatestSubmissions(
	ctx context.Context, q rulebook.LatestQuery,
) ([]moderation.HistoricalSubmission, error) {
	var rows []historyRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+historyColumns(q.Emails)+`
		FROM comments c
			JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
			JOIN commenters m ON m.id = c.commenter_id
		WHERE c.site_id = $1 AND c.status = $2 AND NOT c.staff
		ORDER BY c.created_at DESC, c.id DESC
		LIMIT $3`, ID(q.SiteID), string(q.Status), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read latest submissions: %w", err)
	}
	latest := make([]moderation.HistoricalSubmission, len(rows))
	for i, row := range rows {
		if latest[i], err = row.historical(); err != nil {
			return nil, fmt.Errorf("read latest submissions: %w", err)
		}
	}
	return latest, nil
}

// CountPastSubmissions counts what PastSubmissions would read without a limit.
func (s *HistoryStore) CountPastSubmissions(ctx context.Context, q moderation.HistoryQuery) (int, error) {
	var n int
	err := s.get(ctx, &n, `
		SELECT COUNT(*) FROM submissions s
		WHERE s.site_id = $1 AND (s.created_at, s.id) > ($2, $3) AND s.created_at < $4 AND `+judgedByRuleset,
		ID(q.SiteID), Time(q.After.At), ID(q.After.ID), Time(q.Until))
	return n, wrap("count past submissions", err)
}

// PendingSubmissions reads a site's pending comments, oldest first, each with its present text.
func (s *HistoryStore) PendingSubmissions(
	ctx context.Context, q moderation.HistoryQuery,
) ([]moderation.PendingSubmission, error) {
	var rows []pendingRow
	err := s.selectAll(ctx, &rows, selectPending(q.Emails)+`
		WHERE c.site_id = $1 AND c.status = 'pending' AND (c.created_at, c.id) > ($2, $3) AND c.created_at < $4
		ORDER BY c.created_at, c.id
		LIMIT $5`, ID(q.SiteID), Time(q.After.At), ID(q.After.ID), Time(q.Until), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read waiting comments: %w", err)
	}
	waiting := make([]moderation.PendingSubmission, len(rows))
	for i, row := range rows {
		if waiting[i], err = row.pending(); err != nil {
			return nil, fmt.Errorf("read waiting comments: %w", err)
		}
	}
	return waiting, nil
}

// PendingSubmission reads a comment that is pending with its present text. ErrNotFound.
func (s *HistoryStore) PendingSubmission(
	ctx context.Context, commentID string, emails bool,
) (moderation.PendingSubmission, error) {
	var row pendingRow
	err := s.get(ctx, &row, selectPending(emails)+`
		WHERE c.id = $1 AND c.status = 'pending'`, ID(commentID))
	if err != nil {
		return moderation.PendingSubmission{}, fmt.Errorf("read waiting comment: %w", err)
	}
	return row.pending()
}

type pendingRow struct {
	historyRow
	Version          int  `db:"version"`
	ByPerson         bool `db:"by_person"`
	WasSpam          bool `db:"was_spam"`
	CommentCreatedAt Time `db:"comment_created_at"`
}

func (r pendingRow) pending() (moderation.PendingSubmission, error) {
	historical, err := r.historical()
	return moderation.PendingSubmission{HistoricalSubmission: historical, Version: r.Version,
		ByModerator: r.ByPerson, WasSpam: r.WasSpam,
		Position: moderation.Keyset{At: r.CommentCreatedAt.time(), ID: string(r.CommentID)}}, err
}

// selectPending reads comments c with their present text.
func selectPending(emails bool) string {
	return `
		SELECT ` + historyColumns(emails) + `, c.version, c.created_at AS comment_created_at,
			EXISTS (SELECT 1 FROM decisions d
			        WHERE d.comment_id = c.id AND (d.actor IN ('moderator', 'readers')
			              OR d.actor = 'commenter' AND d.to_status = 'pending')) AS by_person,
			EXISTS (SELECT 1 FROM decisions d WHERE d.comment_id = c.id AND d.to_status = 'spam') AS was_spam
		FROM comments c
			JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
			JOIN commenters m ON m.id = c.commenter_id`
}
