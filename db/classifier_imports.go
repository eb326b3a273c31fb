package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// lastID sorts after all ids.
const lastID ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// ImportToLearn returns the oldest completed import of a site that has decisions to learn. ErrNotFound.
func (s *ClassifierStore) ImportToLearn(ctx context.Context, siteID string) (moderation.ImportLessons, error) {
	var row struct {
		ID        ID `db:"id"`
		LearnedID ID `db:"learned_id"`
	}
	err := s.get(ctx, &row, `
		SELECT id, learned_id FROM imports
		WHERE site_id = $1 AND learn AND status = 'done' AND learned_id < $2
		ORDER BY started_at, id LIMIT 1`, ID(siteID), lastID)
	return moderation.ImportLessons{ImportID: string(row.ID), After: string(row.LearnedID)},
		wrap("find an import to learn from", err)
}

// ImportedLessons returns decisions that came with an import, in the order of their comments. It skips comments
// whose moderator's decision the classifier has learned already.
func (s *ClassifierStore) ImportedLessons(
	ctx context.Context, from moderation.ImportLessons, learned moderation.LessonKey, limit int,
) ([]moderation.Lesson, error) {
	var rows []struct {
		CommentID ID     `db:"comment_id"`
		Revision  int    `db:"revision"`
		Body      string `db:"body"`
		Status    string `db:"to_status"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT o.comment_id, s.revision, `+bodyLookup("s")+` AS body, d.to_status
		FROM imported_comments o JOIN decisions d ON d.comment_id = o.comment_id AND d.version = 1
			JOIN submissions s ON s.comment_id = d.comment_id AND s.id = d.submission_id
		WHERE o.import_id = $1 AND o.comment_id > $2 AND d.actor = 'import' AND d.to_status IN ('approved', 'spam')
			AND NOT EXISTS (SELECT 1 FROM decisions m WHERE m.comment_id = o.comment_id AND m.actor = 'moderator'
				AND m.submission_id = d.submission_id AND (m.created_at, m.id) <= ($3, $4))
		ORDER BY o.comment_id LIMIT $5`, ID(from.ImportID), ID(from.After), Time(learned.At), ID(learned.DecisionID), limit)
	if err != nil {
		return nil, fmt.Errorf("list imported lessons: %w", err)
	}
	lessons := make([]moderation.Lesson, len(rows))
	for i, r := range rows {
		lessons[i] = moderation.Lesson{TextID: textID(r.CommentID, r.Revision), Body: r.Body,
			Status:    moderation.Status(r.Status),
			CommentID: string(r.CommentID)}
	}
	return lessons, nil
}

// SaveImportLessons saves a classifier with the comment up to which it learned from an import; empty: all of it.
func (s *ClassifierStore) SaveImportLessons(
	ctx context.Context, c moderation.StoredClassifier, i moderation.ImportLessons,
) error {
	after := lastID
	if i.After != "" {
		after = ID(i.After)
	}
	return s.write(ctx, "save classifier", func(tx executor) error {
		if err := saveClassifier(ctx, tx, c); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `UPDATE imports SET learned_id = $2 WHERE id = $1`, ID(i.ImportID), after)
		return err
	})
}

// ForgetImportLessons makes a site's imports due to be learned again.
func (s *ClassifierStore) ForgetImportLessons(ctx context.Context, siteID string) error {
	return s.write(ctx, "forget import lessons", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE imports SET learned_id = $2 WHERE site_id = $1 AND learn`, ID(siteID), ID(""))
		return err
	})
}
