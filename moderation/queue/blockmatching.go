package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// maxPendingScanned is the maximum number of pending comments checked against a new block, pendingBatch the
// batch size.
const (
	maxPendingScanned = 50_000
	pendingBatch      = 500
)

// DecideMatching applies a block's action to the pending comments that it matches, as one bulk of the viewer.
// A block with ActionHold decides nothing, because its comments are already pending. On an error after the
// first batch, it also returns the results so far.
func (q *Queue) DecideMatching(ctx context.Context, v moderation.Viewer, b Block) (BulkResult, error) {
	if b.Action == moderation.ActionHold {
		return BulkResult{}, nil
	}
	bulk, more, err := q.matching(ctx, b)
	if err != nil {
		return BulkResult{}, fmt.Errorf("decide on comments that a block matches: %w", err)
	}
	if len(bulk.IDs) == 0 {
		return BulkResult{More: more}, nil
	}
	bulk.DecisionRequest = DecisionRequest{Action: b.Action, Note: fmt.Sprintf("It waited when this was blocked, by %s.", b.Kind)}
	result, err := q.DecideAll(ctx, v, bulk)
	result.More = result.More || more
	return result, err
}

// matching returns the pending comments that a block matches, oldest first. more reports that some were not
// checked.
func (q *Queue) matching(ctx context.Context, b Block) (bulk Bulk, more bool, err error) {
	bulk.Versions = map[string]int{}
	sel := moderation.HistoryQuery{SiteID: b.SiteID, Until: q.Now().UTC().Add(time.Microsecond), Limit: pendingBatch,
		Emails: b.Kind == moderation.BlockEmail || b.Kind == moderation.BlockDomain}
	for looked := 0; looked < maxPendingScanned; looked += sel.Limit {
		batch, err := q.Store.PendingSubmissions(ctx, sel)
		if err != nil {
			return Bulk{}, false, err
		}
		for _, w := range batch {
			matches, err := q.matches(b, w)
			if err != nil {
				return Bulk{}, false, err
			}
			if !matches {
				continue
			}
			if len(bulk.IDs) == MaxBulk {
				return bulk, true, nil
			}
			bulk.IDs, bulk.Versions[w.CommentID] = append(bulk.IDs, w.CommentID), w.Version
		}
		if len(batch) < sel.Limit {
			return bulk, false, nil
		}
		sel.After = batch[len(batch)-1].Position
	}
	return bulk, true, nil
}

// matches reports whether a block matches the current revision of a pending comment.
func (q *Queue) matches(b Block, w moderation.PendingSubmission) (bool, error) {
	t := moderation.NewBlockTraits(text.Read(w.Body), w.AuthorURL)
	t.Name, t.Prefix = w.AuthorName, w.AddressPrefix
	if len(w.EmailSealed) > 0 {
		email, err := q.Keys.Open(w.EmailSealed, w.CommenterID)
		if err != nil {
			return false, errors.New("open email of a waiting comment")
		}
		t.Email = email
	}
	fits := func(index []byte) bool { return string(index) == string(b.Index) }
	return slices.ContainsFunc(t.Indexes(q.Keys, b.Kind), fits), nil
}
