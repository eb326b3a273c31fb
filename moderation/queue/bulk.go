package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
)

// Limits of bulks.
const (
	MaxBulk   = 5_000 // comments per bulk
	bulkBatch = 200   // comments per transaction
)

// ErrMoreMatch rejects a bulk whose filter matches more comments than the moderator expected.
var ErrMoreMatch = errors.New("more comments match than expected")

// Bulk is one action on many comments: listed ones, or all that match a filter at the start.
type Bulk struct {
	DecisionRequest                // CommentID and Version are ignored
	IDs             []string       // at most MaxBulk
	Versions        map[string]int // versions that the moderator saw, by comment id; may be incomplete
	Filter          *Query         // nil if IDs are given
	Expected        *int           // number of matches that the moderator saw; nil: unknown
	// Limit is after how many comments this part of the bulk ends, at the next whole transaction; 0: there is one
	// part only.
	Limit  int
	Cursor string // of the part before; empty for the first part. All else must be the same
}

// BulkResult is the outcome of a bulk.
type BulkResult struct {
	BulkID  string // id shared by all its decisions; empty if there are none
	Decided int
	Skipped []Skipped
	More    bool // the filter matches more than MaxBulk; the rest is unchanged
	// NextCursor continues a bulk that Limit has ended; empty: it is complete.
	NextCursor string
}

// Skipped is a comment that a bulk did not change, with the reason: ErrNotFound, ErrVersion, ErrTransition,
// ErrAnotherModerator, ErrUndo, or any other error of Decide.
type Skipped struct {
	CommentID string
	Cause     error
}

// BulkStore is the storage for bulks.
type BulkStore interface {
	// QueueRows returns comments with their context and omits those that do not exist.
	QueueRows(ctx context.Context, commentIDs []string) ([]Row, error)
	// RecordDecisions stores decisions in one transaction. It returns the errors of rejected decisions by
	// comment: ErrVersion, ErrNotFound or ErrUndo. The others are committed.
	RecordDecisions(ctx context.Context, decisions []moderation.Decision) (map[string]error, error)
	// BulkDecisions returns decisions of one bulk with ids greater than after, ordered by id.
	BulkDecisions(ctx context.Context, bulkID, after string, limit int) ([]moderation.Decision, error)
	// Logs returns the decision logs of comments, each oldest first.
	Logs(ctx context.Context, commentIDs []string) (map[string][]moderation.Decision, error)
}

// Matches counts the comments that match a filter, up to MaxBulk. more reports whether there are more.
// Errors: those of List.
func (q *Queue) Matches(ctx context.Context, v moderation.Viewer, filter Query) (count int, more bool, err error) {
	sel, err := q.bulkSelection(ctx, v, filter)
	if err == nil {
		count, err = q.Store.QueueMatches(ctx, sel, MaxBulk+1)
	}
	if err != nil {
		return 0, false, fmt.Errorf("count matches: %w", err)
	}
	return min(count, MaxBulk), count > MaxBulk, nil
}

// BulkSamples is the number of comments in a BulkPreview.
const BulkSamples = 3

// BulkPreview shows which comments a bulk would change.
type BulkPreview struct {
	Count   int
	More    bool // more than MaxBulk match, and Count is MaxBulk
	Samples []Item
}

// Preview counts the comments that a bulk lists or matches, and returns the first ones. Errors: those of
// List.
func (q *Queue) Preview(ctx context.Context, v moderation.Viewer, b Bulk) (BulkPreview, error) {
	var preview BulkPreview
	var rows []Row
	var err error
	if b.Filter != nil {
		if preview.Count, preview.More, err = q.Matches(ctx, v, *b.Filter); err != nil {
			return BulkPreview{}, err
		}
		sel, err := q.bulkSelection(ctx, v, *b.Filter)
		if err == nil {
			sel.Limit = BulkSamples
			rows, err = q.Store.Queue(ctx, sel)
		}
		if err != nil {
			return BulkPreview{}, fmt.Errorf("preview a bulk: %w", err)
		}
	} else {
		if rows, err = q.namedRows(ctx, v, b.IDs); err != nil {
			return BulkPreview{}, fmt.Errorf("preview a bulk: %w", err)
		}
		preview.Count = len(rows)
	}
	preview.Samples, err = q.items(ctx, rows[:min(BulkSamples, len(rows))])
	if err != nil {
		return BulkPreview{}, fmt.Errorf("preview a bulk: %w", err)
	}
	return preview, nil
}

// namedRows returns the listed comments that exist and are visible to the viewer, sorted by id.
func (q *Queue) namedRows(ctx context.Context, v moderation.Viewer, ids []string) ([]Row, error) {
	valid, _ := splitIDs(ids)
	var rows []Row
	for chunk := range slices.Chunk(valid[:min(len(valid), MaxBulk)], bulkBatch) {
		some, err := q.Store.QueueRows(ctx, chunk)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool { return !v.MaySee(r.Comment.SiteID) })
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Comment.ID, b.Comment.ID) })
	return rows, nil
}

func (q *Queue) bulkSelection(ctx context.Context, v moderation.Viewer, filter Query) (Select, error) {
	filter.Sort, filter.Limit, filter.Cursor = SortOldest, bulkBatch-1, ""
	return q.selection(ctx, v, filter)
}

// DecideAll applies one action to many comments, in transactions of bulkBatch. The result lists the skipped
// comments, which changed concurrently or do not allow the action. On an error after the first batch, it also
// returns the results so far. Errors: *Invalid, ErrMoreMatch, and those of List for a filter.
func (q *Queue) DecideAll(ctx context.Context, v moderation.Viewer, b Bulk) (BulkResult, error) {
	if err := b.prepare(); err != nil {
		return BulkResult{}, err
	}
	run := bulkRun{queue: q, viewer: v, id: q.NewID(), bulk: b, began: q.Now().UTC(),
		codes: map[string]error{}}
	err := run.all(ctx)
	if err != nil {
		err = fmt.Errorf("decide on many: %w", err)
	}
	return run.result, err
}

func (b *Bulk) prepare() error {
	b.DecisionRequest.Version = 1 // passes validation; each comment has its own
	var faults moderation.Invalid
	if wrong := (*moderation.Invalid)(nil); errors.As(b.DecisionRequest.prepare(), &wrong) {
		faults = *wrong
	}
	switch {
	case (len(b.IDs) > 0) == (b.Filter != nil):
		faults.Add("/ids", "required", "Name either comments or a filter.")
	case len(b.IDs) > MaxBulk:
		faults.Add("/ids", "too_many", fmt.Sprintf("At most %d comments are allowed.", MaxBulk))
	case b.Limit < 0:
		faults.Add("/limit", "out_of_range", "Must not be negative.")
	case b.Expected != nil && *b.Expected < 0:
		faults.Add("/expected", "out_of_range", "Must not be negative.")
	}
	return faults.Err()
}

// bulkRun is the state of a running bulk.
type bulkRun struct {
	queue  *Queue
	viewer moderation.Viewer
	id     string
	bulk   Bulk
	began  time.Time
	from   int  // comments that earlier parts have looked at
	seen   int  // comments looked at so far
	after  *Key // the last of them, if they match a filter
	result BulkResult
	codes  map[string]error // by site: the result of checkCode
}

func (r *bulkRun) all(ctx context.Context) error {
	if err := r.resume(ctx); err != nil {
		return err
	}
	r.from = r.seen
	if r.bulk.Filter != nil {
		return r.filtered(ctx)
	}
	ids, invalid := splitIDs(r.bulk.IDs)
	if r.from > 0 {
		invalid = nil // the first part has reported them
	}
	for _, id := range invalid {
		r.skip(id, moderation.ErrNotFound)
	}
	for chunk := range slices.Chunk(ids[min(r.from, len(ids)):], bulkBatch) {
		if r.stop() {
			return nil
		}
		r.seen += len(chunk)
		rows, err := r.queue.Store.QueueRows(ctx, chunk)
		if err != nil {
			return err
		}
		found := map[string]bool{}
		for _, row := range rows {
			found[row.Comment.ID] = true
		}
		for _, id := range chunk {
			if !found[id] {
				r.skip(id, moderation.ErrNotFound)
			}
		}
		if err := r.batch(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// splitIDs returns the ids without duplicates, in their order, and those that cannot name a comment apart.
func splitIDs(ids []string) (valid, invalid []string) {
	seen := map[string]bool{}
	for _, id := range ids {
		switch {
		case seen[id]:
		case moderation.ValidID(id):
			valid = append(valid, id)
		default:
			invalid = append(invalid, id)
		}
		seen[id] = true
	}
	return valid, invalid
}

// filtered decides on all matching comments, oldest first. It ignores comments that arrive later.
func (r *bulkRun) filtered(ctx context.Context) error {
	sel, err := r.queue.bulkSelection(ctx, r.viewer, *r.bulk.Filter)
	if err != nil {
		return err
	}
	if expected := r.bulk.Expected; expected != nil {
		n, err := r.queue.Store.QueueMatches(ctx, sel, *expected+1)
		if err == nil && n > *expected {
			err = ErrMoreMatch
		}
		if err != nil {
			return err
		}
	}
	for sel.After = r.after; r.seen < MaxBulk; sel.After = r.after {
		if r.stop() {
			return nil
		}
		rows, err := r.queue.Store.Queue(ctx, sel)
		if err != nil {
			return err
		}
		last := len(rows) < sel.Limit
		for len(rows) > 0 && rows[len(rows)-1].Comment.CreatedAt.After(r.began) {
			rows, last = rows[:len(rows)-1], true
		}
		if err := r.batch(ctx, rows); err != nil || last {
			return err
		}
		c := rows[len(rows)-1].Comment
		r.seen, r.after = r.seen+len(rows), &Key{CreatedAt: c.CreatedAt, ID: c.ID}
	}
	sel.Limit = 1
	rest, err := r.queue.Store.Queue(ctx, sel)
	r.result.More = len(rest) > 0
	return err
}

// batch decides on a batch of comments in one transaction.
func (r *bulkRun) batch(ctx context.Context, rows []Row) error {
	var decisions []moderation.Decision
	now := r.queue.Now().UTC()
	for _, row := range rows {
		c := row.Comment
		to, err := r.permitted(ctx, row)
		if err != nil {
			if cause := (*moderation.Invalid)(nil); errors.As(err, &cause) || !skippable(err) {
				return err
			}
			r.skip(c.ID, err)
			continue
		}
		message, err := r.queue.message(ctx, row, r.bulk.DecisionRequest)
		if err != nil {
			return err
		}
		decisions = append(decisions, moderation.Decision{
			ID: r.queue.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: c.Version + 1,
			Action: r.bulk.Action, From: c.Status, To: to, Actor: moderation.ActorModerator, ModeratorID: r.viewer.ModeratorID,
			SubmissionID: row.Submission.ID,
			Reason:       message, Note: r.bulk.Note, ReasonCode: r.bulk.Code, BulkID: r.id, CreatedAt: now,
			ClaimsUntil: now.Add(r.queue.ClaimLength()),
		})
	}
	return r.record(ctx, decisions)
}

// permitted returns the target status of the action, or the reason to skip the comment.
func (r *bulkRun) permitted(ctx context.Context, row Row) (moderation.Status, error) {
	c := row.Comment
	if !r.viewer.MaySee(c.SiteID) {
		return "", moderation.ErrNotFound
	}
	if _, checked := r.codes[c.SiteID]; !checked {
		r.codes[c.SiteID] = r.queue.checkCode(ctx, c.SiteID, r.bulk.DecisionRequest)
	}
	if err := r.codes[c.SiteID]; err != nil {
		return "", err
	}
	if seen, named := r.bulk.Versions[c.ID]; named && seen != c.Version {
		return "", moderation.ErrVersion
	}
	to, err := c.Apply(r.bulk.Action)
	if err != nil {
		return "", err
	}
	return to, r.queue.checkAppeal(ctx, r.viewer, row)
}

func (r *bulkRun) record(ctx context.Context, decisions []moderation.Decision) error {
	if len(decisions) == 0 {
		return nil
	}
	refused, err := r.queue.Store.RecordDecisions(ctx, decisions)
	if err != nil {
		return err
	}
	if n := len(decisions) - len(refused); n > 0 {
		r.result.Decided, r.result.BulkID = r.result.Decided+n, r.id
	}
	for _, d := range decisions {
		if cause := refused[d.CommentID]; cause != nil {
			r.skip(d.CommentID, cause)
		}
	}
	return nil
}

func (r *bulkRun) skip(id string, cause error) {
	r.result.Skipped = append(r.result.Skipped, Skipped{id, cause})
}

// skippable reports whether an error concerns only one comment.
func skippable(err error) bool {
	for _, known := range []error{
		moderation.ErrNotFound, moderation.ErrVersion, moderation.ErrTransition, moderation.ErrAnotherModerator,
		moderation.ErrClaimed, ErrUndo,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
