package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// RecordDecisions records decisions on many comments in one transaction. It returns the reason for each
// comment whose decision could not be recorded: ErrVersion, ErrNotFound, ErrClaimed or ErrUndo. The other
// decisions are committed.
func (s *DecisionStore) RecordDecisions(
	ctx context.Context, decisions []moderation.Decision,
) (map[string]error, error) {
	refused := map[string]error{}
	err := s.write(ctx, "record decisions", func(tx executor) error {
		byDecision, err := decideBatch(ctx, tx, decisions)
		clear(refused)
		for _, decision := range decisions {
			if why := byDecision[decision.ID]; why != nil {
				refused[decision.CommentID] = why
			}
		}
		return err
	})
	return refused, err
}

// BulkDecisions returns decisions of one bulk in the order of their ids, those after the one named.
func (s *DecisionStore) BulkDecisions(
	ctx context.Context, bulkID, after string, limit int,
) ([]moderation.Decision, error) {
	var rows []decisionRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+decisionColumns+` FROM decisions
		WHERE bulk_id = $1 AND bulk_id <> '' AND id > $2 ORDER BY id LIMIT $3`, bulkID, ID(after), limit)
	if err != nil {
		return nil, fmt.Errorf("list decisions of a bulk: %w", err)
	}
	list := make([]moderation.Decision, len(rows))
	for i, row := range rows {
		list[i] = row.decision()
	}
	return list, nil
}

// Logs returns the logs of comments, each oldest first.
func (s *DecisionStore) Logs(ctx context.Context, commentIDs []string) (map[string][]moderation.Decision, error) {
	logs := map[string][]moderation.Decision{}
	if len(commentIDs) == 0 {
		return logs, nil
	}
	var rows []decisionRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+decisionColumns+` FROM decisions WHERE comment_id IN (?) ORDER BY comment_id, version`, toIDs(commentIDs))
	if err != nil {
		return nil, fmt.Errorf("read logs: %w", err)
	}
	for _, row := range rows {
		logs[string(row.CommentID)] = append(logs[string(row.CommentID)], row.decision())
	}
	return logs, nil
}
