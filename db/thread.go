package db

import (
	"context"
	"fmt"
	"strings"

	"rejoinder/moderation"
)

// questionsAtOnce bounds how many branches one statement reads; SQLite takes 500 at most.
const questionsAtOnce = 100

// ThreadRoots returns the visible roots of an article: approved ones, and those with approved replies.
func (d *DB) ThreadRoots(ctx context.Context, sel moderation.RootsSelect) ([]moderation.Comment, error) {
	// The conditions on parent and visibility are those of the index comments_thread_roots, word for word.
	oldest := `
		SELECT ` + commentColumns + ` FROM comments
		WHERE article_id = $1 AND (created_at, id) > ($2, $3)
			AND parent_id IS NULL AND (status = 'approved' OR visible_replies > 0)
		ORDER BY created_at, id
		LIMIT $4`
	newest := `
		SELECT ` + commentColumns + ` FROM comments
		WHERE article_id = $1 AND (created_at, id) < ($2, $3)
			AND parent_id IS NULL AND (status = 'approved' OR visible_replies > 0)
		ORDER BY created_at DESC, id DESC
		LIMIT $4`
	query, start := oldest, begin
	if sel.Newest {
		query, start = newest, endOfTime
	}
	at, id := place(sel.After, start)
	var rows []commentRow
	if err := d.all(ctx, &rows, query, sel.ArticleID, at, id, sel.Limit); err != nil {
		return nil, fmt.Errorf("read roots: %w", err)
	}
	return comments(rows), nil
}

// ThreadReplies returns what is visible below each of several roots, in the order of writing: one slice for each
// question.
func (d *DB) ThreadReplies(ctx context.Context, sels []moderation.RepliesSelect) ([][]moderation.Comment, error) {
	answers := make([][]moderation.Comment, len(sels))
	for from := 0; from < len(sels); from += questionsAtOnce {
		to := min(from+questionsAtOnce, len(sels))
		if err := d.replies(ctx, sels[from:to], answers[from:to]); err != nil {
			return nil, fmt.Errorf("read replies: %w", err)
		}
	}
	return answers, nil
}

func (d *DB) replies(ctx context.Context, sels []moderation.RepliesSelect, answers [][]moderation.Comment) error {
	// The conditions on parent and visibility are those of the index comments_thread_replies, word for word.
	const branch = `
		SELECT %d AS question, ` + commentColumns + ` FROM (
			SELECT ` + commentColumns + ` FROM comments
			WHERE root_id = ? AND (created_at, id) > (?, ?)
				AND parent_id IS NOT NULL AND (status = 'approved' OR visible_replies > 0)
			ORDER BY created_at, id
			LIMIT ?) AS branch`
	branches := make([]string, len(sels))
	var args []any
	for i, sel := range sels {
		at, id := place(sel.After, begin)
		branches[i] = fmt.Sprintf(branch, i)
		args = append(args, sel.RootID, at, id, sel.Limit)
	}
	var rows []struct {
		Question int `db:"question"`
		commentRow
	}
	query := strings.Join(branches, ` UNION ALL `) + ` ORDER BY question, created_at, id`
	if err := d.allIn(ctx, &rows, query, args...); err != nil {
		return err
	}
	for _, row := range rows {
		answers[row.Question] = append(answers[row.Question], row.comment())
	}
	return nil
}

func comments(rows []commentRow) []moderation.Comment {
	list := make([]moderation.Comment, len(rows))
	for i, row := range rows {
		list[i] = row.comment()
	}
	return list
}
