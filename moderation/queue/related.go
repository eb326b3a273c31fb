package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// relatedShown is the maximum length of each list of RelatedComments.
const relatedShown = 5

// RelatedComments are the comments around a comment. Each list has at most five, without deleted ones.
type RelatedComments struct {
	Siblings []Item // newest other replies to the same parent
	Replies  []Item // newest replies to this comment
	Others   []Item // newest other comments of the same commenter on the site
	// Moderators maps the ids of moderators who decided on this comment to their names.
	Moderators map[string]string
}

// RelatedRows is RelatedComments as stored.
type RelatedRows struct {
	Siblings, Replies, Others []Row
	Moderators                map[string]string
}

// RelatedStore is the storage for related comments.
type RelatedStore interface {
	// RelatedComments returns at most limit comments per list.
	RelatedComments(ctx context.Context, c moderation.Comment, limit int) (RelatedRows, error)
	// Records returns the records of commenters by id, without LastNegativeAt and LastDecided.
	Records(ctx context.Context, commenterIDs []string) (map[string]moderation.Record, error)
}

// Related returns the comments related to the open case; none to viewers who are limited to their own articles.
func (q *Queue) Related(ctx context.Context, v moderation.Viewer, open Case) (RelatedComments, error) {
	if v.AuthorOnly {
		return RelatedComments{}, nil
	}
	rows, err := q.Store.RelatedComments(ctx, open.Comment, relatedShown)
	if err != nil {
		return RelatedComments{}, fmt.Errorf("read related comments: %w", err)
	}
	around := RelatedComments{Moderators: rows.Moderators}
	for _, list := range []struct {
		rows []Row
		to   *[]Item
	}{{rows.Siblings, &around.Siblings}, {rows.Replies, &around.Replies}, {rows.Others, &around.Others}} {
		for _, row := range list.rows {
			item, err := row.Item()
			if err != nil {
				return RelatedComments{}, fmt.Errorf("read related comments: %w", err)
			}
			*list.to = append(*list.to, item)
		}
	}
	return around, nil
}

// Records returns the records of a list's commenters, by id; none to viewers who are limited to their own articles.
func (q *Queue) Records(ctx context.Context, v moderation.Viewer, items []Item) (map[string]moderation.Record, error) {
	if v.AuthorOnly {
		return nil, nil
	}
	ids := make([]string, 0, len(items))
	for _, item := range items {
		ids = append(ids, item.Comment.CommenterID)
	}
	records, err := q.Store.Records(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return records, nil
}
