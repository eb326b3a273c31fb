package db

import (
	"context"
	"fmt"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/notify"
)

// DecisionStore stores decisions with what follows from one: the status of comments, counters, and the ends
// of claims, reports and appeals. It reads the log of decisions. Concurrent calls are batched.
type DecisionStore struct {
	*core
	batches *batch.Batcher[moderation.Decision, struct{}]
}

func newDecisionStore(c *core, o Options) *DecisionStore {
	s := &DecisionStore{core: c}
	s.batches = newBatcher(BatchDecisions, c.writers, s.recordDecisionBatch, o.Batched)
	return s
}

type decisionRow struct {
	ID           ID     `db:"id"`
	SiteID       ID     `db:"site_id"`
	CommentID    ID     `db:"comment_id"`
	CommenterID  nullID `db:"commenter_id"`
	Version      int    `db:"version"`
	Action       string `db:"action"`
	From         string `db:"from_status"`
	To           string `db:"to_status"`
	Actor        string `db:"actor"`
	ModeratorID  string `db:"moderator_id"`
	RulesetID    ID     `db:"ruleset_id"`
	SubmissionID ID     `db:"submission_id"`
	Reason       string `db:"reason"`
	Note         string `db:"note"`
	ReasonCode   string `db:"reason_code"`
	Undoes       nullID `db:"undoes"`
	BulkID       string `db:"bulk_id"`
	CreatedAt    Time   `db:"created_at"`
}

const decisionColumns = `id, site_id, comment_id, commenter_id, version, action, from_status, to_status, actor,
	moderator_id, ruleset_id, submission_id, reason, note, reason_code, undoes, bulk_id, created_at`

func (r decisionRow) decision() moderation.Decision {
	return moderation.Decision{
		ID: string(r.ID), SiteID: string(r.SiteID), CommentID: string(r.CommentID), Version: r.Version,
		Action: moderation.Action(r.Action),
		From:   moderation.Status(r.From), To: moderation.Status(r.To), Actor: moderation.Actor(r.Actor),
		ModeratorID: r.ModeratorID, RulesetID: string(r.RulesetID), SubmissionID: string(r.SubmissionID),
		Reason: r.Reason, Note: r.Note,
		ReasonCode: r.ReasonCode, Undoes: string(r.Undoes), BulkID: r.BulkID, CreatedAt: r.CreatedAt.time(),
	}
}

func newDecisionRow(d moderation.Decision, commenterID string) decisionRow {
	if d.To != moderation.StatusRejected && d.To != moderation.StatusSpam {
		commenterID = "" // as in the index decisions_negative
	}
	return decisionRow{ID: ID(d.ID), SiteID: ID(d.SiteID), CommentID: ID(d.CommentID),
		CommenterID: nullID(commenterID), Version: d.Version,
		Action: string(d.Action), From: string(d.From), To: string(d.To), Actor: string(d.Actor),
		ModeratorID: d.ModeratorID, RulesetID: ID(d.RulesetID), SubmissionID: ID(d.SubmissionID), Reason: d.Reason,
		Note:       d.Note,
		ReasonCode: d.ReasonCode, Undoes: nullID(d.Undoes), BulkID: d.BulkID, CreatedAt: Time(d.CreatedAt)}
}

// Decisions returns a comment's log, oldest first.
func (s *DecisionStore) Decisions(ctx context.Context, commentID string) ([]moderation.Decision, error) {
	var rows []struct {
		decisionRow
		Moderator nullString `db:"moderator"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT `+decisionColumns+`, (SELECT name FROM moderators m WHERE m.id = decisions.moderator_id) AS moderator
		FROM decisions WHERE comment_id = $1 ORDER BY version`, ID(commentID))
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	decisions := make([]moderation.Decision, len(rows))
	for i, row := range rows {
		decisions[i] = row.decision()
		decisions[i].Moderator = string(row.Moderator)
	}
	return decisions, nil
}

// RecordDecision changes a comment's status, the counters and the log, or undoes an earlier decision, in one
// transaction with concurrent decisions. Errors: ErrVersion if the comment's version is not d.Version-1 or
// its status not d.From; ErrUndo, ErrClaimed, ErrNotFound, ErrBusy.
func (s *DecisionStore) RecordDecision(ctx context.Context, decision moderation.Decision) error {
	_, err := batched(ctx, s.batches, decision)
	return wrap("record decision", err)
}

// recordDecisionBatch carries out decisions by different people. Of two on one comment the second fails with
// ErrVersion.
func (s *DecisionStore) recordDecisionBatch(
	ctx context.Context,
	decisions []moderation.Decision,
) ([]batch.Result[struct{}], error) {
	var results []batch.Result[struct{}]
	err := s.write(ctx, "decide together", func(tx executor) error {
		refused, err := decideBatch(ctx, tx, decisions)
		results = make([]batch.Result[struct{}], len(decisions))
		for i, decision := range decisions {
			results[i].Err = refused[decision.ID]
		}
		return err
	})
	return results, err
}

// checkVersionAndLock reads the comment that a decision is about, refuses the decision if the comment has
// another version, and locks what will change (optimistic locking). The caller's update must require the same
// version: if it affects a row, nothing changed between the read and the lock.
func checkVersionAndLock(ctx context.Context, x executor, d moderation.Decision) (commentRow, error) {
	var before commentRow
	err := x.get(ctx, &before, `SELECT `+stateColumns+` FROM comments WHERE id = $1`, ID(d.CommentID))
	if err != nil {
		return before, err
	}
	if before.Version != d.Version-1 || before.Status != string(d.From) {
		return before, moderation.ErrVersion
	}
	return before, x.lockForDecisions(ctx, d)
}

// values are the parameters of decisionInsert.
func (r decisionRow) values() []any {
	return []any{r.ID, r.SiteID, r.CommentID, r.CommenterID, r.Version, r.Action, r.From, r.To, r.Actor, r.ModeratorID,
		r.RulesetID, r.SubmissionID, r.Reason, r.Note, r.ReasonCode, r.Undoes, r.BulkID, r.CreatedAt}
}

var decisionInsert = insertInto("decisions", decisionColumns, "")

// insertDecision appends to the log.
func insertDecision(ctx context.Context, x executor, d moderation.Decision, commenterID string) error {
	return insertDecisions(ctx, x, notify.EventDecision, [][]any{newDecisionRow(d, commenterID).values()})
}
