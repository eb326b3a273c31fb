package db

import (
	"context"
	"maps"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
)

// importedRow is a comment that is being imported.
type importedRow struct {
	*creation
	key []byte
}

// WriteImported writes a batch of imported comments in one transaction, with the rows that a submission writes
// but for sketches and idempotency keys. It reports whether others waited meanwhile to write to the same SQLite file;
// always false on PostgreSQL. ErrExists if one of their source keys is there.
func (s *ImportStore) WriteImported(ctx context.Context, b imports.Batch) (contended bool, err error) {
	all := newCreations(len(b.Rows), func(i int) moderation.NewComment { return b.Rows[i].NewComment })
	rows := make([]importedRow, len(b.Rows))
	for i, row := range b.Rows {
		rows[i] = importedRow{all[i], []byte(row.Key)}
	}
	waits := s.writer.Stats().WaitCount
	err = s.writeUninterrupted(ctx, "import comments", func(ctx context.Context, tx executor) error {
		if err := loadArticles(ctx, tx, all); err != nil {
			return err
		}
		if err := lockImport(ctx, tx, all, b.Replies); err != nil {
			return err
		}
		if err := writeImported(ctx, tx, rows, b); err != nil {
			return err
		}
		contended = s.turns != nil && (s.turns.wanted() || s.writer.Stats().WaitCount > waits)
		return nil
	})
	return contended, err
}

// loadArticles finds the id and title of each article, and registers new ones. All are of one site.
func loadArticles(ctx context.Context, x executor, all []*creation) error {
	articles, site := byArticle(all), ID(all[0].Article.SiteID)
	keys := keysOf(articles)
	var known []articleRow
	err := x.selectAll(ctx, &known, `
		SELECT id, site_id, article_key, title FROM articles WHERE site_id = ? AND article_key IN (?)
		UNION ALL SELECT a.id, a.site_id, l.alias_key, a.title
		FROM article_aliases l JOIN articles a ON a.id = l.article_id
		WHERE l.site_id = ? AND l.alias_key IN (?)`,
		site, keys, site, keys)
	if err != nil {
		return err
	}
	registered, err := registerUnknown(ctx, x, articles, known)
	if err != nil {
		return err
	}
	return setArticles(ctx, x, articles, append(known, registered...))
}

// registerUnknown registers the articles that are not known and returns them, but none if another process
// registered one of them meanwhile.
func registerUnknown(
	ctx context.Context, x executor, articles map[siteKey][]*creation, known []articleRow,
) ([]articleRow, error) {
	unknown := maps.Clone(articles)
	for _, row := range known {
		delete(unknown, siteKey{string(row.SiteID), row.Key})
	}
	var rows []articleRow
	var values [][]any
	for _, key := range slices.SortedFunc(maps.Keys(unknown), siteKey.compare) {
		row, err := newArticleRow(unknown[key][0].Article)
		if err != nil {
			return nil, err
		}
		rows, values = append(rows, row), append(values, row.values())
	}
	n, err := x.execRows(ctx, articleInsert.rowsStmt, values)
	if n < int64(len(rows)) {
		return nil, err
	}
	return rows, err
}

// newCreations finds the words of n comments, before the transaction. A transaction that is repeated sets the articles
// and authors anew.
func newCreations(n int, comment func(i int) moderation.NewComment) []*creation {
	all := make([]*creation, n)
	for i := range all {
		all[i] = &creation{tokenizedComment: tokenize(comment(i))}
	}
	return all
}

// lockImport locks what changes, in the order of tx_locks.go.
func lockImport(ctx context.Context, x executor, all []*creation, replies map[string]int) error {
	if err := lockPublicThreads(ctx, x, all); err != nil {
		return err
	}
	_, err := x.lockComments(ctx, nil, slices.Sorted(maps.Keys(replies)), x.forUpdate)
	return err
}

func writeImported(ctx context.Context, x executor, rows []importedRow, b imports.Batch) error {
	all := make([]*creation, len(rows))
	for i, r := range rows {
		all[i] = r.creation
	}
	if err := countInThreads(ctx, x, all, b.Replies); err != nil {
		return err
	}
	if err := upsertImportedCommenters(ctx, x, all); err != nil {
		return err
	}
	tables := []tableRows{importedCommentRows(all), submissionRows(all)}
	tables = append(tables, x.search.rows(tokensOf(searchable(all)))...)
	tables = append(append(tables, pendingKeyRows(all)...), decisionRows(all))
	origins, votes := originRows(rows, b.Import)
	if err := x.copyAll(ctx, append(tables, origins, votes)...); err != nil {
		return err
	}
	return x.insertAll(ctx, newCommentCounts(all))
}

// searchable leaves out deleted comments, which have no text.
func searchable(all []*creation) []*creation {
	return slices.DeleteFunc(slices.Clone(all), func(c *creation) bool {
		return c.Comment.Status == moderation.StatusDeleted
	})
}

// importedCommentRows are the comments with the counters that they come with.
func importedCommentRows(all []*creation) tableRows {
	rows := make([][]any, len(all))
	for i, c := range all {
		row := newCommentRow(c.Comment)
		row.VisibleReplies, row.UpVotes, row.DownVotes, row.Rank = c.Comment.VisibleReplies, c.Comment.UpVotes,
			c.Comment.DownVotes, c.Comment.Rank
		row.OpenReports = c.Comment.OpenReports
		rows[i] = row.values()
	}
	return tableRows{commentInsert, rows}
}

var (
	importedInsert = insertInto("imported_comments", `comment_id, site_id, import_id, source_key`, "")
	importedVotes  = insertInto("imported_votes", `comment_id, up, down`, "")
)

// originRows say where the comments came from, and which votes they brought.
func originRows(rows []importedRow, i imports.Import) (origins, votes tableRows) {
	origins.insert, votes.insert = importedInsert, importedVotes
	for _, r := range rows {
		c := r.Comment
		origins.rows = append(origins.rows, []any{ID(c.ID), ID(c.SiteID), ID(i.ID), r.key})
		if c.UpVotes > 0 || c.DownVotes > 0 {
			votes.rows = append(votes.rows, []any{ID(c.ID), c.UpVotes, c.DownVotes})
		}
	}
	return origins, votes
}

// countInThreads adds approved comments to their articles, and replies to comments that were there before.
func countInThreads(ctx context.Context, x executor, all []*creation, replies map[string]int) error {
	approved := map[string]int{}
	for _, c := range all {
		if c.Comment.Public() {
			approved[c.Comment.ArticleID]++
		}
	}
	var shifts []threadShift
	for _, id := range slices.Sorted(maps.Keys(approved)) {
		shifts = append(shifts, threadShift{moderation.Change{Kind: moderation.ChangePublished, ArticleID: id}, approved[id]})
	}
	if err := bumpThreads(ctx, x, shifts...); err != nil {
		return err
	}
	return addReplies(ctx, x, replies)
}

// An imported comment never changes the name of a commenter who wrote later.
const importedCommenter = `
	name = CASE WHEN commenters.name = '' OR excluded.last_seen_at > commenters.last_seen_at
		THEN excluded.name ELSE commenters.name END,
	first_seen_at = CASE WHEN excluded.first_seen_at < commenters.first_seen_at
		THEN excluded.first_seen_at ELSE commenters.first_seen_at END,
	last_seen_at = CASE WHEN excluded.last_seen_at > commenters.last_seen_at
		THEN excluded.last_seen_at ELSE commenters.last_seen_at END,
	pending_count = commenters.pending_count + excluded.pending_count,
	approved_count = commenters.approved_count + excluded.approved_count,
	rejected_count = commenters.rejected_count + excluded.rejected_count,
	spam_count = commenters.spam_count + excluded.spam_count`

var (
	knownByEmail = insertInto("commenters", commenterColumns, `
		ON CONFLICT (site_id, email_index) DO UPDATE SET `+importedCommenter+`,
			email_sealed = CASE WHEN length(commenters.email_sealed) = 0 AND commenters.id = excluded.id
				THEN excluded.email_sealed ELSE commenters.email_sealed END
		RETURNING id, site_id, email_index`)
	knownByID = insertInto("commenters", commenterColumns, `
		ON CONFLICT (id) DO UPDATE SET `+importedCommenter)
)

// upsertImportedCommenters stores the authors and sets their final ids in the comments. Those without an email
// are known by their id.
func upsertImportedCommenters(ctx context.Context, x executor, all []*creation) error {
	known, guests := map[siteKey]*commenterGroup{}, map[siteKey]*commenterGroup{}
	for _, c := range all {
		groups, key := known, siteKey{c.Commenter.SiteID, string(c.Commenter.EmailIndex)}
		if key.key == "" {
			groups, key = guests, siteKey{c.Commenter.SiteID, c.Commenter.ID}
		}
		row := newCommenterRow(c.Commenter)
		if groups[key] == nil {
			groups[key] = &commenterGroup{row: row}
		}
		groups[key].add(row, c)
	}
	if _, err := x.execRows(ctx, knownByID.rowsStmt, groupRows(guests)); err != nil {
		return err
	}
	for _, g := range guests {
		g.setIDs(string(g.row.ID))
	}
	rows := groupRows(known)
	if len(rows) == 0 {
		return nil
	}
	saved, err := selectRows[commenterRow](ctx, x, knownByEmail.rowsStmt, rows)
	if err != nil {
		return err
	}
	for _, row := range saved {
		known[siteKey{string(row.SiteID), string(row.EmailIndex)}].setIDs(string(row.ID))
	}
	return nil
}

// add takes in a comment, with the name of the newest.
func (g *commenterGroup) add(row commenterRow, c *creation) {
	if row.LastSeenAt.time().After(g.row.LastSeenAt.time()) {
		g.row.Name, g.row.LastSeenAt = row.Name, row.LastSeenAt
	}
	if row.FirstSeenAt.time().Before(g.row.FirstSeenAt.time()) {
		g.row.FirstSeenAt = row.FirstSeenAt
	}
	g.comments = append(g.comments, c)
}

func (g *commenterGroup) setIDs(id string) {
	for _, c := range g.comments {
		c.Comment.CommenterID, c.Submission.CommenterID = id, id
	}
}

// groupRows are commenters with the counts of their new comments, in the order of locks.
func groupRows(groups map[siteKey]*commenterGroup) [][]any {
	var rows [][]any
	for _, key := range slices.SortedFunc(maps.Keys(groups), siteKey.compare) {
		g := groups[key]
		var n queue.Counts
		for _, c := range g.comments {
			n = addCounts(n, countsDelta(transition{to: c.Comment.Status}))
		}
		r := g.row
		rows = append(rows, []any{r.ID, r.SiteID, nullBytes(r.EmailIndex), nullBytes(r.EmailSealed), r.Name, n.Pending,
			n.Approved, n.Rejected, n.Spam, r.ConfirmedAt, r.FirstSeenAt, r.LastSeenAt})
	}
	return rows
}
