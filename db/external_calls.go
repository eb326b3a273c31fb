package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
)

type externalCallRow struct {
	ID           ID     `db:"id"`
	ClassifierID ID     `db:"classifier_id"`
	SiteID       ID     `db:"site_id"`
	CommentID    ID     `db:"comment_id"`
	SubmissionID ID     `db:"submission_id"`
	Kind         string `db:"kind"`
	Failed       bool   `db:"failed"`
	Tries        int    `db:"tries"`
	DueAt        Time   `db:"due_at"`
	Error        string `db:"error"`
	CreatedAt    Time   `db:"created_at"`
}

const externalCallColumns = `id, classifier_id, site_id, comment_id, submission_id, kind, failed, tries, due_at, error,
	created_at`

func (r externalCallRow) call() moderation.ExternalCall {
	return moderation.ExternalCall{ID: string(r.ID), ClassifierID: string(r.ClassifierID), SiteID: string(r.SiteID),
		CommentID: string(r.CommentID), SubmissionID: string(r.SubmissionID), Kind: moderation.ExternalCallKind(r.Kind),
		Tries: r.Tries, DueAt: r.DueAt.time(), Error: r.Error, CreatedAt: r.CreatedAt.time()}
}

var externalCallInsert = insertInto("external_calls", externalCallColumns, "ON CONFLICT (submission_id, classifier_id, kind) DO NOTHING")

// externalCallRows are calls to classifiers.
func externalCallRows(calls []moderation.ExternalCall) [][]any {
	var rows [][]any
	for _, c := range calls {
		rows = append(rows, []any{ID(c.ID), ID(c.ClassifierID), ID(c.SiteID), ID(c.CommentID), ID(c.SubmissionID),
			string(c.Kind), false, c.Tries, Time(c.DueAt), c.Error, Time(c.CreatedAt)})
	}
	return rows
}

// awaitedCallRows are the calls for which new comments are held. A classifier that was removed meanwhile is
// not awaited.
func awaitedCallRows(ctx context.Context, x executor, calls []moderation.ExternalCall) ([][]any, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	var ids []string
	for _, c := range calls {
		ids = append(ids, c.ClassifierID)
	}
	left, err := x.selectIDs(ctx, `SELECT id FROM external_classifiers WHERE id IN (?)`, padded(toIDs(ids)))
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, id := range left {
		known[id] = true
	}
	var awaited []moderation.ExternalCall
	for _, c := range calls {
		if known[c.ClassifierID] {
			awaited = append(awaited, c)
		}
	}
	return externalCallRows(awaited), nil
}

// newCommentCalls are the calls for which new comments are held.
func newCommentCalls(ctx context.Context, x executor, all []*creation) (tableRows, error) {
	var calls []moderation.ExternalCall
	for _, c := range all {
		calls = append(calls, c.Calls...)
	}
	rows, err := awaitedCallRows(ctx, x, calls)
	return tableRows{externalCallInsert, rows}, err
}

// ClaimCalls returns calls that are due, with one more try, and makes them due again when the claim ends.
func (s *ExternalStore) ClaimCalls(ctx context.Context, c external.ClaimCalls) ([]moderation.ExternalCall, error) {
	due, err := s.selectIDs(ctx, `SELECT id FROM external_calls WHERE NOT failed AND due_at <= $1 LIMIT 1`, Time(c.At))
	if err != nil || len(due) == 0 {
		return nil, wrap("find calls", err)
	}
	var rows []externalCallRow
	err = s.write(ctx, "claim calls", func(tx executor) error {
		return tx.selectAll(ctx, &rows, `
			UPDATE external_calls SET tries = tries + 1, due_at = $3
			WHERE id IN (SELECT c.id FROM external_calls c WHERE NOT c.failed AND c.due_at <= $1
			             ORDER BY c.due_at, c.id LIMIT $2`+tx.skipLocked+`)
			RETURNING `+externalCallColumns, Time(c.At), c.Limit, Time(c.Until))
	})
	calls := make([]moderation.ExternalCall, len(rows))
	for i, row := range rows {
		calls[i] = row.call()
	}
	return calls, err
}

// PostponeCall sets when a call is tried again, its tries and its error.
func (s *ExternalStore) PostponeCall(ctx context.Context, c moderation.ExternalCall) error {
	return s.updateCall(ctx, c, false)
}

// GiveUpCall keeps a call with its error until it is repeated.
func (s *ExternalStore) GiveUpCall(ctx context.Context, c moderation.ExternalCall) error {
	return s.updateCall(ctx, c, true)
}

func (s *ExternalStore) updateCall(ctx context.Context, c moderation.ExternalCall, failed bool) error {
	return s.write(ctx, "postpone call", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE external_calls SET tries = $2, due_at = $3, error = $4, failed = $5 WHERE id = $1`,
			ID(c.ID), c.Tries, Time(c.DueAt), c.Error, failed)
		return err
	})
}

// FinishCall removes a call.
func (s *ExternalStore) FinishCall(ctx context.Context, id string) error {
	return s.write(ctx, "finish call", func(tx executor) error {
		_, err := tx.exec(ctx, `DELETE FROM external_calls WHERE id = $1`, ID(id))
		return err
	})
}

// ForgetFailedCalls removes finally failed calls that were created before the given time.
func (s *ExternalStore) ForgetFailedCalls(ctx context.Context, before time.Time) error {
	failed, err := s.selectIDs(ctx, `SELECT id FROM external_calls WHERE failed AND created_at < $1 LIMIT 1`, Time(before))
	if err != nil || len(failed) == 0 {
		return wrap("find failed calls", err)
	}
	return s.write(ctx, "forget failed calls", func(tx executor) error {
		_, err := tx.exec(ctx, `DELETE FROM external_calls WHERE failed AND created_at < $1`, Time(before))
		return err
	})
}

// RepeatCalls makes finally failed calls to a classifier due at once, with all their tries.
func (s *ExternalStore) RepeatCalls(ctx context.Context, classifierID string, at time.Time) error {
	return s.write(ctx, "repeat calls", func(tx executor) error {
		_, err := tx.exec(ctx, `
			UPDATE external_calls SET failed = FALSE, tries = 0, due_at = $2 WHERE classifier_id = $1 AND failed`,
			ID(classifierID), Time(at))
		return err
	})
}

// CallCounts counts waiting and finally failed calls by classifier.
func (s *ExternalStore) CallCounts(ctx context.Context) (map[string]external.CallCounts, error) {
	var rows []struct {
		ClassifierID ID     `db:"classifier_id"`
		Kind         string `db:"kind"`
		Failed       bool   `db:"failed"`
		Calls        int    `db:"calls"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT classifier_id, kind, failed, COUNT(*) AS calls FROM external_calls GROUP BY classifier_id, kind, failed`)
	if err != nil {
		return nil, fmt.Errorf("count calls: %w", err)
	}
	counts := map[string]external.CallCounts{}
	for _, row := range rows {
		n := counts[string(row.ClassifierID)]
		switch {
		case row.Failed:
			n.Failed += row.Calls
		case row.Kind == string(moderation.ExternalJudge):
			n.Judging += row.Calls
		default:
			n.Waiting += row.Calls
		}
		counts[string(row.ClassifierID)] = n
	}
	return counts, nil
}

// Followed returns up to which decision of a site a classifier was compared; zero for none.
func (s *ExternalStore) Followed(ctx context.Context, classifierID, siteID string) (moderation.Keyset, error) {
	var row struct {
		At Time `db:"decided_at"`
		ID ID   `db:"decision_id"`
	}
	err := s.get(ctx, &row, `SELECT decided_at, decision_id FROM external_progress WHERE classifier_id = $1 AND site_id = $2`,
		ID(classifierID), ID(siteID))
	if errors.Is(err, moderation.ErrNotFound) {
		return moderation.Keyset{}, nil
	}
	return moderation.Keyset{At: row.At.time(), ID: string(row.ID)}, wrap("find progress of classifier", err)
}

// DecidedSubmissions returns the decisions of moderators that are in force, in the order of taking them, on
// texts that are still there.
func (s *ExternalStore) DecidedSubmissions(
	ctx context.Context, q moderation.HistoryQuery,
) ([]external.DecidedSubmission, error) {
	var rows []struct {
		ID           ID         `db:"id"`
		CreatedAt    Time       `db:"created_at"`
		CommentID    ID         `db:"comment_id"`
		SubmissionID ID         `db:"submission_id"`
		To           string     `db:"to_status"`
		Facts        frozenJSON `db:"facts"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT d.id, d.created_at, d.comment_id, d.submission_id, d.to_status, s.facts
		FROM decisions d JOIN submissions s ON s.comment_id = d.comment_id AND s.id = d.submission_id
		WHERE d.site_id = $1 AND (d.created_at, d.id) > ($2, $3) AND d.created_at < $4
		  AND d.actor = 'moderator' AND d.to_status <> 'deleted' AND d.undoes IS NULL AND s.body IS DISTINCT FROM ''
		  AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.comment_id = d.comment_id AND u.undoes = d.id)
		ORDER BY d.created_at, d.id
		LIMIT $5`, ID(q.SiteID), Time(q.After.At), ID(q.After.ID), Time(q.Until), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	decided := make([]external.DecidedSubmission, len(rows))
	for i, row := range rows {
		decided[i] = external.DecidedSubmission{Position: moderation.Keyset{At: row.CreatedAt.time(), ID: string(row.ID)},
			CommentID: string(row.CommentID), SubmissionID: string(row.SubmissionID), To: moderation.Status(row.To),
			FrozenFacts: row.Facts}
	}
	return decided, nil
}

// AddFollowed stores what follows from decisions and advances the cursor. ErrVersion unless the cursor is
// step.From.
func (s *ExternalStore) AddFollowed(ctx context.Context, step external.FollowStep) error {
	return s.write(ctx, "follow decisions", func(tx executor) error {
		n, err := advanceFollowed(ctx, tx, step)
		if err == nil && n == 0 {
			err = moderation.ErrVersion
		}
		if err != nil {
			return err
		}
		if err := addExternalDays(ctx, tx, step.Days); err != nil {
			return err
		}
		_, err = tx.execRows(ctx, externalCallInsert.rowsStmt, externalCallRows(step.Calls))
		return err
	})
}

// advanceFollowed moves the cursor and returns how many rows it changed: none if it is not step.From any
// more, or the classifier is gone.
func advanceFollowed(ctx context.Context, x executor, step external.FollowStep) (int64, error) {
	classifier, site, at, id := ID(step.ClassifierID), ID(step.SiteID), Time(step.To.At), ID(step.To.ID)
	if !step.From.At.IsZero() {
		return x.exec(ctx, `
			UPDATE external_progress SET decided_at = $3, decision_id = $4
			WHERE classifier_id = $1 AND site_id = $2 AND decided_at = $5 AND decision_id = $6`,
			classifier, site, at, id, Time(step.From.At), ID(step.From.ID))
	}
	found, err := x.selectIDs(ctx, `SELECT id FROM external_classifiers WHERE id = $1`, classifier)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return x.exec(ctx, `
		INSERT INTO external_progress (classifier_id, site_id, decided_at, decision_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (classifier_id, site_id) DO NOTHING`, classifier, site, at, id)
}

// RecordLateVerdict removes the call and stores the facts with its answer. If the comment waits for no other
// classifier, it stores the verdict and the decision, too. ErrVersion if comment or facts changed
// concurrently.
func (s *ExternalStore) RecordLateVerdict(ctx context.Context, v rulebook.LateVerdict) error {
	return s.write(ctx, "record late verdict", func(tx executor) error {
		before, err := checkVersionAndLock(ctx, tx, v.Decision)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM external_calls WHERE id = $1`, ID(v.Call.ID)); err != nil {
			return err
		}
		if err := replaceFacts(ctx, tx, v); err != nil {
			return err
		}
		awaited, err := tx.selectIDs(ctx, `
			SELECT id FROM external_calls WHERE submission_id = $1 AND kind = 'judge' AND NOT failed`, ID(v.Call.SubmissionID))
		if err != nil || len(awaited) > 0 {
			return err
		}
		_, err = tx.exec(ctx, `UPDATE submissions SET verdict = $3 WHERE comment_id = $1 AND id = $2`,
			ID(v.Call.CommentID), ID(v.Call.SubmissionID), frozenJSON(v.Verdict))
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, `
			UPDATE comments SET score = $3, risk = risk + CAST($3 AS DOUBLE PRECISION) - score, public_reason = $4
			WHERE id = $1 AND version = $2`, ID(v.Call.CommentID), v.Decision.Version-1, v.Score, v.Decision.Reason)
		if err == nil && n == 0 {
			err = moderation.ErrVersion
		}
		if err != nil {
			return err
		}
		if v.Decision.To == moderation.StatusPending {
			t := transition{moderation.StatusPending, moderation.StatusPending}
			return reindexPending(ctx, tx, before.counterKey(), t)
		}
		return decideOne(ctx, tx, v.Decision)
	})
}

// replaceFacts stores the facts of a submission. ErrVersion if they are not those before.
func replaceFacts(ctx context.Context, x executor, v rulebook.LateVerdict) error {
	var stored submissionRow
	err := x.get(ctx, &stored, `SELECT facts FROM submissions WHERE comment_id = $1 AND id = $2`+x.forUpdate,
		ID(v.Call.CommentID), ID(v.Call.SubmissionID))
	if err != nil {
		return err
	}
	if !bytes.Equal(stored.Facts, v.FactsBefore) {
		return moderation.ErrVersion
	}
	_, err = x.exec(ctx, `UPDATE submissions SET facts = $3 WHERE comment_id = $1 AND id = $2`, ID(v.Call.CommentID),
		ID(v.Call.SubmissionID), frozenJSON(v.Facts))
	return err
}
