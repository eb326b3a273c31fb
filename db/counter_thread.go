package db

import (
	"context"
	"maps"
	"slices"

	"rejoinder/moderation"
)

// threadShift is a change of an article's thread, and by how much it changes the count of approved comments.
type threadShift struct {
	moderation.Change
	shift int
}

// threadShiftOf returns the effect of a comment's change of status on its thread.
func threadShiftOf(c *counterKey, t transition) threadShift {
	shift := countIf(t.to, moderation.StatusApproved) - countIf(t.from, moderation.StatusApproved)
	return threadShift{
		Change: moderation.Change{Kind: changeKind(shift), ArticleID: c.articleID, CommentID: c.commentID},
		shift:  shift,
	}
}

// changeKind returns the kind of change to announce to readers.
func changeKind(shift int) moderation.ChangeKind {
	switch {
	case shift > 0:
		return moderation.ChangePublished
	case shift < 0:
		return moderation.ChangeRemoved
	}
	return moderation.ChangeEdited
}

// affectsThread reports whether a change of status shows in public, also when one approved text replaces
// another.
func affectsThread(from, to moderation.Status) bool {
	return from == moderation.StatusApproved || to == moderation.StatusApproved
}

// threadWrites collects the changes of public threads.
type threadWrites struct {
	shifts  []threadShift
	replies map[string]int // by parent: the change of its visible replies
}

// add collects the effects of a comment's change of status.
func (w *threadWrites) add(c *counterKey, t transition) {
	if !affectsThread(t.from, t.to) {
		return
	}
	s := threadShiftOf(c, t)
	w.shifts = append(w.shifts, s)
	if s.shift != 0 && c.parentID != "" {
		if w.replies == nil {
			w.replies = map[string]int{}
		}
		w.replies[c.parentID] += s.shift
	}
}

// flush writes the collected changes.
func (w *threadWrites) flush(ctx context.Context, x executor) error {
	if err := bumpThreads(ctx, x, w.shifts...); err != nil {
		return err
	}
	return addReplies(ctx, x, w.replies)
}

var articleBump = newUpdateStmt(`id UUID, shift INTEGER, steps INTEGER`, `
	UPDATE articles SET approved_count = approved_count + v.shift, version = version + v.steps
	FROM v WHERE articles.id = v.id
	RETURNING articles.id, site_id, version, approved_count`)

// bumpThreads increments the version of an article's thread with each change, changes its count, and announces
// the changes.
func bumpThreads(ctx context.Context, x executor, changes ...threadShift) error {
	sums, steps := map[string]int{}, map[string]int{}
	for _, c := range changes {
		sums[c.ArticleID] += c.shift
		steps[c.ArticleID]++
	}
	var values [][]any
	for _, id := range slices.Sorted(maps.Keys(sums)) {
		values = append(values, []any{ID(id), sums[id], steps[id]})
	}
	rows, err := selectRows[articleRow](ctx, x, articleBump, values)
	if err != nil {
		return err
	}
	articles := make(map[string]articleRow, len(rows))
	for _, r := range rows {
		id := string(r.ID)
		r.Version, r.ApprovedCount = r.Version-int64(steps[id]), r.ApprovedCount-sums[id]
		articles[id] = r
	}
	announced := make([]moderation.Change, len(changes))
	for i, c := range changes {
		r, ok := articles[c.ArticleID]
		if !ok {
			return moderation.ErrNotFound
		}
		r.Version, r.ApprovedCount = r.Version+1, r.ApprovedCount+c.shift
		articles[c.ArticleID] = r
		c.SiteID, c.Version, c.Count = string(r.SiteID), r.Version, r.ApprovedCount
		announced[i] = c.Change
	}
	return x.announce(ctx, announced...)
}

// announceEdits announces that comments look different to readers. It names one approved comment of each article,
// since readers then load the whole thread again.
func announceEdits(ctx context.Context, x executor, commentIDs []string) error {
	edited := map[string]string{} // by article
	for chunk := range slices.Chunk(commentIDs, maxListed) {
		var rows []commentRow
		err := x.selectAll(ctx, &rows, `
			SELECT id, article_id FROM comments WHERE id IN (?) AND status = 'approved' ORDER BY id`, padded(toIDs(chunk)))
		if err != nil {
			return err
		}
		for _, r := range rows {
			edited[string(r.ArticleID)] = string(r.ID)
		}
	}
	var changes []threadShift
	for _, article := range slices.Sorted(maps.Keys(edited)) {
		changes = append(changes, threadShift{Change: moderation.Change{Kind: moderation.ChangeEdited, ArticleID: article,
			CommentID: edited[article]}})
	}
	return bumpThreads(ctx, x, changes...)
}

var replyCounts = newUpdateStmt(`id UUID, shift INTEGER`, `,
	above (id, parent_id, shift) AS (
		SELECT c.id, c.parent_id, v.shift FROM v JOIN comments c ON c.id = v.id
		UNION ALL
		SELECT c.id, c.parent_id, above.shift FROM above JOIN comments c ON c.id = above.parent_id
	)
	UPDATE comments SET visible_replies = visible_replies + sums.shift
	FROM (SELECT id, SUM(shift) AS shift FROM above GROUP BY id) AS sums WHERE comments.id = sums.id`)

// addReplies adds to the visible replies of comments and of all above them.
func addReplies(ctx context.Context, x executor, replies map[string]int) error {
	var values [][]any
	for _, id := range slices.Sorted(maps.Keys(replies)) {
		if replies[id] != 0 {
			values = append(values, []any{ID(id), replies[id]})
		}
	}
	_, err := x.execRows(ctx, replyCounts, values)
	return err
}
