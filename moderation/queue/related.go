package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// relatedShown bounds each list of RelatedComments.
const relatedShown = 5

// RelatedComments is the context of a comment. Each list has at most five comments that are not deleted.
type RelatedComments struct {
	Siblings []Item // the newest others that answer the same comment
	Replies  []Item // the newest that answer this one
	Others   []Item // the newest others of the same commenter on the site
	// Moderators maps the ids of moderators who decided on this comment to their names.
	Moderators map[string]string
}

// RelatedRows is RelatedComments as storage returns it.
type RelatedRows struct {
	Siblings, Replies, Others []Row
	Moderators                map[string]string
}

// RelatedStore is the storage of related comments.
type RelatedStore interface {
	// RelatedComments returns at most limit comments for each list.
	RelatedComments(ctx context.Context, c moderation.Comment, limit int) (RelatedRows, error)
	// Records returns the records of commenters by id, without LastNegativeAt and LastDecided.
	Records(ctx context.Context, commenterIDs []string) (map[string]moderation.Record, error)
}

// Related returns the comments around the open one.
func (q *Queue) Related(ctx context.Context, open Case) (RelatedComments, error) {
	rows, err := q.Store.RelatedComments(ctx, open.Comment, relatedShown)
	if err != nil {
		return RelatedComments{}, fmt.Errorf("read surroundings: %w", err)
	}
	around := RelatedComments{Moderators: rows.Moderators}
	for _, list := range []struct {
		rows []Row
		to   *[]Item
	}{{rows.Siblings, &around.Siblings}, {rows.Replies, &around.Replies}, {rows.Others, &around.Others}} {
		for _, row := range list.rows {
			item, err := row.item()
			if err != nil {
				return RelatedComments{}, fmt.Errorf("read surroundings: %w", err)
			}
			*list.to = append(*list.to, item)
		}
	}
	return around, nil
}

// Records returns the records of the commenters of a list, by their ids.
func (q *Queue) Records(ctx context.Context, items []Item) (map[string]moderation.Record, error) {
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
