package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
)

// ClassifierStore stores classifiers, and reads the submissions and decisions that they learn from.
type ClassifierStore struct{ *core }

type classifierRow struct {
	SiteID    ID        `db:"site_id"`
	Version   int       `db:"version"`
	Model     nullBytes `db:"model"`
	LearnedAt Time      `db:"learned_at"`
	LearnedID ID        `db:"learned_id"`
	UpdatedAt Time      `db:"updated_at"`
}

// NewerClassifier returns a site's classifier if its version is above the one named. ErrNotFound.
func (s *ClassifierStore) NewerClassifier(
	ctx context.Context, siteID string, than int,
) (moderation.StoredClassifier, error) {
	var row classifierRow
	err := s.get(ctx, &row, `
		SELECT site_id, version, model, learned_at, learned_id, updated_at FROM classifiers
		WHERE site_id = $1 AND version > $2`, ID(siteID), than)
	if err != nil {
		return moderation.StoredClassifier{}, fmt.Errorf("find classifier: %w", err)
	}
	return moderation.StoredClassifier{
		SiteID:  string(row.SiteID),
		Version: row.Version,
		Model:   row.Model,
		Learned: moderation.LessonKey{
			At:         row.LearnedAt.time(),
			DecisionID: string(row.LearnedID),
		},
		UpdatedAt: row.UpdatedAt.time(),
	}, nil
}

// SaveClassifier stores the model together with its position in the log. ErrVersion unless the stored version
// is the one before; ErrNotFound when there is no such site.
func (s *ClassifierStore) SaveClassifier(ctx context.Context, c moderation.StoredClassifier) error {
	return s.write(ctx, "save classifier", func(tx executor) error { return saveClassifier(ctx, tx, c) })
}

func saveClassifier(ctx context.Context, x executor, c moderation.StoredClassifier) error {
	n, err := x.exec(ctx, `
			INSERT INTO classifiers (site_id, version, model, learned_at, learned_id, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (site_id) DO UPDATE SET version = excluded.version, model = excluded.model,
				learned_at = excluded.learned_at, learned_id = excluded.learned_id, updated_at = excluded.updated_at
			WHERE classifiers.version = excluded.version - 1`,
		ID(c.SiteID), c.Version, c.Model, Time(c.Learned.At), ID(c.Learned.DecisionID), Time(c.UpdatedAt))
	if err == nil && n == 0 {
		err = moderation.ErrVersion
	}
	return err
}

const textsPerQuery = 500

// textID is the TextID of a lesson.
func textID(commentID ID, revision int) string { return fmt.Sprintf("%s/%d", commentID, revision) }

// ErasedTexts returns those of the texts that were erased, or whose comment was removed.
func (s *ClassifierStore) ErasedTexts(ctx context.Context, textIDs []string) ([]string, error) {
	var erased []string
	for chunk := range slices.Chunk(textIDs, textsPerQuery) {
		comments := make([]ID, len(chunk))
		for i, id := range chunk {
			commentID, _, _ := strings.Cut(id, "/")
			comments[i] = ID(commentID)
		}
		var rows []submissionRow
		err := s.selectAll(ctx, &rows, `
			SELECT comment_id, revision FROM submissions WHERE comment_id IN (?) AND body IS DISTINCT FROM ''`,
			padded(comments))
		if err != nil {
			return nil, fmt.Errorf("find erased texts: %w", err)
		}
		present := make(map[string]bool, len(rows))
		for _, row := range rows {
			present[textID(row.CommentID, row.Revision)] = true
		}
		for _, id := range chunk {
			if !present[id] {
				erased = append(erased, id)
			}
		}
	}
	return erased, nil
}

// Lessons returns moderators' decisions on texts, oldest first, each with the previous decision of a
// moderator on the same text.
func (s *ClassifierStore) Lessons(ctx context.Context, sel moderation.LessonSelect) ([]moderation.Lesson, error) {
	var rows []struct {
		ID        ID     `db:"id"`
		CreatedAt Time   `db:"created_at"`
		CommentID ID     `db:"comment_id"`
		Revision  int    `db:"revision"`
		Body      string `db:"body"`
		Before    string `db:"before_status"`
		Status    string `db:"to_status"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT d.id, d.created_at, d.comment_id, s.revision, `+bodyLookup("s")+` AS body, d.to_status,
		       COALESCE((SELECT p.to_status FROM decisions p
		                 WHERE p.comment_id = d.comment_id AND p.version < d.version AND p.submission_id = d.submission_id
		                   AND p.to_status <> 'deleted' AND (p.actor = 'moderator' OR p.actor = 'import' AND EXISTS (
		                       SELECT 1 FROM imported_comments o JOIN imports i ON i.id = o.import_id
		                       WHERE o.comment_id = p.comment_id AND i.learned_id >= o.comment_id))
		                 ORDER BY p.version DESC LIMIT 1), '') AS before_status
		FROM decisions d JOIN submissions s ON s.comment_id = d.comment_id AND s.id = d.submission_id
		WHERE d.site_id = $1 AND (d.created_at, d.id) > ($2, $3) AND d.created_at < $4
		  AND d.actor = 'moderator' AND d.to_status <> 'deleted' AND d.undoes IS NULL
		  AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.comment_id = d.comment_id AND u.undoes = d.id)
		ORDER BY d.created_at, d.id
		LIMIT $5`, ID(sel.SiteID), Time(sel.After.At), ID(sel.After.DecisionID), Time(sel.Before), sel.Limit)
	if err != nil {
		return nil, fmt.Errorf("list lessons: %w", err)
	}
	lessons := make([]moderation.Lesson, len(rows))
	for i, r := range rows {
		lessons[i] = moderation.Lesson{Key: moderation.LessonKey{At: r.CreatedAt.time(), DecisionID: string(r.ID)},
			TextID: textID(r.CommentID, r.Revision), Body: r.Body, Before: moderation.Status(r.Before),
			Status: moderation.Status(r.Status)}
	}
	return lessons, nil
}
