package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// relatedShown bounds each list of Surroundings.
const relatedShown = 5

// Surroundings is what stands around a comment, for whoever judges it. Each list has at most five comments
// that are not deleted.
type Surroundings struct {
	Siblings []QueueItem // the newest others that answer the same comment
	Replies  []QueueItem // the newest that answer this one
	Others   []QueueItem // the newest others of the same commenter on the site
	// Moderators are the names of those who decided on this comment, by id.
	Moderators map[string]string
}

// SurroundingRows is Surroundings as storage has it.
type SurroundingRows struct {
	Siblings, Replies, Others []QueueRow
	Moderators                map[string]string
}

// SurroundingStore is the storage that surroundings need.
type SurroundingStore interface {
	// Surroundings reads at most limit comments for each list.
	Surroundings(ctx context.Context, c moderation.Comment, limit int) (SurroundingRows, error)
	// Records returns what commenters sent so far, by their ids. LastNegativeAt and LastDecided are not looked
	// up.
	Records(ctx context.Context, commenterIDs []string) (map[string]moderation.Record, error)
}

// Around returns what stands around a comment that the viewer has open.
func (q *Queue) Around(ctx context.Context, open Case) (Surroundings, error) {
	rows, err := q.Store.Surroundings(ctx, open.Comment, relatedShown)
	if err != nil {
		return Surroundings{}, fmt.Errorf("read surroundings: %w", err)
	}
	around := Surroundings{Moderators: rows.Moderators}
	for _, list := range []struct {
		rows []QueueRow
		to   *[]QueueItem
	}{{rows.Siblings, &around.Siblings}, {rows.Replies, &around.Replies}, {rows.Others, &around.Others}} {
		for _, row := range list.rows {
			item, err := row.item()
			if err != nil {
				return Surroundings{}, fmt.Errorf("read surroundings: %w", err)
			}
			*list.to = append(*list.to, item)
		}
	}
	return around, nil
}

// Records returns the records of the commenters of a list, by their ids.
func (q *Queue) Records(ctx context.Context, items []QueueItem) (map[string]moderation.Record, error) {
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
