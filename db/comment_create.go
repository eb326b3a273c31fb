package db

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
)

// CreateComment commits a submission and everything that it writes, in one transaction with concurrent
// submissions, and returns the comment as stored. If the article or the commenter already exists with another
// id than in n, the returned comment has the existing id. Errors: ErrParentGone if the parent is not approved
// or not in the article, ErrIdempotencyRace, ErrBusy.
func (s *SubmissionStore) CreateComment(ctx context.Context, n moderation.NewComment) (moderation.Comment, error) {
	return batched(ctx, s.commentBatches, tokenize(n))
}

// tokenizedComment is a submission with its search words and pending keys. They are computed before the
// submission waits for its batch, so that the batch is short.
type tokenizedComment struct {
	moderation.NewComment
	body, author []string          // their words
	keys         queue.PendingKeys // none unless it is pending
}

func tokenize(n moderation.NewComment) tokenizedComment {
	f := tokenizedComment{
		NewComment: n,
		body:       n.Submission.Reading().SearchWords(),
		author:     queue.SearchWords(n.Submission.AuthorName),
	}
	if n.Comment.Status == moderation.StatusPending {
		f.keys = queue.PendingKeysOf(n.Submission)
	}
	return f
}

func (s *SubmissionStore) createCommentBatch(ctx context.Context, ns []tokenizedComment,
) ([]batch.Result[moderation.Comment], error) {
	var created []batch.Result[moderation.Comment]
	err := s.writeOnce(ctx, "create comment", func(tx executor) error {
		var err error
		created, err = createComments(ctx, tx, ns)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.unsorted.Add(int64(len(created)))
	for _, c := range created {
		if c.Err == nil {
			s.articleRates.increment(c.Value.ArticleID)
		}
	}
	return created, nil
}

// creation is a submission that is being written.
type creation struct {
	tokenizedComment
	title    string // its article's
	oldIndex bool   // its commenter is stored under the index of an older key
	err      error  // why it is refused; nothing was written of it then
}

// createComments writes submissions, except those that turn out to be refused. It takes locks in the order of
// tx_locks.go, and rows of one table in the order of their keys.
func createComments(ctx context.Context, x executor, ns []tokenizedComment,
) ([]batch.Result[moderation.Comment], error) {
	all := make([]*creation, len(ns))
	for i, n := range ns {
		all[i] = &creation{tokenizedComment: n}
	}
	left, err := withoutStored(ctx, x, all)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, executor, []*creation) error{
		loadKnown, rejectRepeatedKeys, lockPublicThreads, lockParents,
	} {
		if len(left) == 0 {
			break
		}
		if err := step(ctx, x, left); err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(slices.Clone(left), func(c *creation) bool { return c.err != nil })
	}
	if len(left) > 0 {
		if err := writeComments(ctx, x, left); err != nil {
			return nil, err
		}
	}
	results := make([]batch.Result[moderation.Comment], len(all))
	for i, c := range all {
		results[i] = batch.Result[moderation.Comment]{Value: c.Comment, Err: c.err}
	}
	return results, nil
}

// withoutStored returns the submissions that an earlier attempt at this transaction has not stored, and reads the
// others as they are stored.
func withoutStored(ctx context.Context, x executor, all []*creation) ([]*creation, error) {
	if !x.tx.doubtful {
		return all, nil
	}
	byID := map[ID]*creation{}
	for _, c := range all {
		byID[ID(c.Comment.ID)] = c
	}
	var rows []commentRow
	err := x.selectAll(ctx, &rows, `SELECT `+commentColumns+` FROM comments WHERE id IN (?)`,
		padded(slices.Collect(maps.Keys(byID))))
	for _, row := range rows {
		byID[row.ID].Comment = row.comment()
		delete(byID, row.ID)
	}
	return slices.DeleteFunc(slices.Clone(all), func(c *creation) bool { return byID[ID(c.Comment.ID)] == nil }), err
}

// writeComments writes submissions that have passed all checks.
func writeComments(ctx context.Context, x executor, all []*creation) error {
	var thread threadWrites
	for _, c := range all {
		thread.add(&counterKey{articleID: c.Comment.ArticleID, commentID: c.Comment.ID, parentID: c.Comment.ParentID},
			transition{to: c.Comment.Status})
	}
	if err := thread.flush(ctx, x); err != nil {
		return err
	}
	if err := upsertCommenters(ctx, x, all); err != nil {
		return err
	}
	calls, err := newCommentCalls(ctx, x, all)
	if err != nil {
		return err
	}
	tables := []tableRows{commentRows(all), submissionRows(all), sketchesOf(all)}
	tables = append(tables, x.search.rows(tokensOf(all))...)
	decisions := decisionRows(all)
	events, err := x.decisionEvents(ctx, notify.EventDecision, decisions.rows)
	if err != nil {
		return err
	}
	tables = append(tables, pendingKeyRows(all)...)
	tables = append(tables, decisions, events, subscriptionRows(all), calls, newCommentCounts(all))
	if err := x.insertAll(ctx, tables...); err != nil {
		return err
	}
	return insertIdempotencyKeys(ctx, x, all)
}

// siteKey is a key within a site.
type siteKey struct{ site, key string }

func (k siteKey) compare(other siteKey) int {
	return cmp.Or(cmp.Compare(k.site, other.site), cmp.Compare(k.key, other.key))
}

// loadKnown finds the id and title of each article, and registers new ones. It finds which commenters are stored
// under the index of an older key, and locks none: new ones have no row to lock, and upsertCommenterGroups locks
// all in one order.
func loadKnown(ctx context.Context, x executor, all []*creation) error {
	articles, commenters := byArticle(all), map[string][]*creation{}
	var sites, ids []string
	for _, c := range all {
		commenters[c.Commenter.ID] = append(commenters[c.Commenter.ID], c)
		sites, ids = append(sites, c.Article.SiteID), append(ids, c.Commenter.ID)
	}
	slices.Sort(sites)
	var rows []struct {
		articleRow
		EmailIndex []byte `db:"email_index"` // of a commenter; NULL for an article
	}
	err := x.selectAll(ctx, &rows, `
		SELECT id, site_id, article_key, title, CAST(NULL AS BYTEA) AS email_index
		FROM articles WHERE site_id IN (?) AND article_key IN (?)
		UNION ALL SELECT id, site_id, '', '', email_index FROM commenters WHERE id IN (?)`,
		padded(toIDs(slices.Compact(sites))), keysOf(articles), padded(toIDs(ids)))
	if err != nil {
		return err
	}
	var known []articleRow
	for _, row := range rows {
		if row.EmailIndex == nil {
			known = append(known, row.articleRow)
			continue
		}
		for _, c := range commenters[string(row.ID)] {
			c.oldIndex = !bytes.Equal(row.EmailIndex, c.Commenter.EmailIndex)
		}
	}
	return setArticles(ctx, x, articles, known)
}

func byArticle(all []*creation) map[siteKey][]*creation {
	articles := map[siteKey][]*creation{}
	for _, c := range all {
		key := siteKey{c.Article.SiteID, c.Article.Key}
		articles[key] = append(articles[key], c)
	}
	return articles
}

// setArticles sets the articles of comments to those that are known, and registers the others.
func setArticles(ctx context.Context, x executor, articles map[siteKey][]*creation, known []articleRow) error {
	for _, row := range known {
		key := siteKey{string(row.SiteID), row.Key}
		for _, c := range articles[key] {
			c.setArticle(string(row.ID), row.Title)
		}
		delete(articles, key)
	}
	// The remaining keys are new or aliases: rare enough to look them up one by one.
	for _, key := range slices.SortedFunc(maps.Keys(articles), siteKey.compare) {
		id, title, err := articleID(ctx, x, articles[key][0].Article)
		if err != nil {
			return err
		}
		for _, c := range articles[key] {
			c.setArticle(id, title)
		}
	}
	return nil
}

// setArticle sets the article of the comment.
func (c *creation) setArticle(articleID, title string) {
	c.Comment.ArticleID, c.Submission.ArticleID, c.title = articleID, articleID, title
}

// lockPublicThreads locks the articles whose public threads get a comment.
func lockPublicThreads(ctx context.Context, x executor, all []*creation) error {
	var ids []string
	for _, c := range all {
		if c.Comment.Public() {
			ids = append(ids, c.Comment.ArticleID)
		}
	}
	return x.lockThreads(ctx, ids...)
}

// lockParents refuses replies whose parent is not approved or is in another article. It locks the other
// parents for share, or with their ancestors for update if the reply counts there.
func lockParents(ctx context.Context, x executor, all []*creation) error {
	var asked, counting []string
	for _, c := range all {
		switch {
		case c.Comment.ParentID == "":
		case c.Comment.Public():
			counting = append(counting, c.Comment.ParentID)
		default:
			asked = append(asked, c.Comment.ParentID)
		}
	}
	how := x.forShare
	if len(counting) > 0 {
		how = x.forUpdate
	}
	rows, err := x.lockComments(ctx, asked, counting, how)
	if err != nil {
		return err
	}
	approved := map[string]string{} // to the article
	for _, row := range rows {
		if row.Status == string(moderation.StatusApproved) {
			approved[string(row.ID)] = string(row.ArticleID)
		}
	}
	for _, c := range all {
		if c.Comment.ParentID != "" && approved[c.Comment.ParentID] != c.Comment.ArticleID {
			c.err = moderation.ErrParentGone
		}
	}
	return nil
}

// commentRows are the comments, which are set as they will be read back.
func commentRows(all []*creation) tableRows {
	rows := make([][]any, len(all))
	for i, c := range all {
		row := newCommentRow(c.Comment)
		rows[i] = row.values()
		c.Comment = row.comment()
	}
	return tableRows{commentInsert, rows}
}

// submissionRows are the texts.
func submissionRows(all []*creation) tableRows {
	rows := make([][]any, len(all))
	for i, c := range all {
		rows[i] = newSubmissionRow(c.Submission).values(c.Comment.BodyHTML)
	}
	return tableRows{submissionInsert, rows}
}

// sketchesOf are the sketches by which near copies are found.
func sketchesOf(all []*creation) tableRows {
	var rows [][]any
	for _, c := range all {
		rows = append(rows, sketchRows(c.Submission)...)
	}
	return tableRows{sketchInsert, rows}
}

// tokensOf are the words by which the comments are found.
func tokensOf(all []*creation) []searchTokens {
	words := make([]searchTokens, len(all))
	for i, c := range all {
		words[i] = searchTokens{c.Comment.ID, c.Comment.SiteID, c.body, c.author, queue.SearchWords(c.title)}
	}
	return words
}

// pendingKeyRows are the rules and hosts by which pending comments are found.
func pendingKeyRows(all []*creation) []tableRows {
	var rows pendingRows
	for _, c := range all {
		if c.Comment.Status == moderation.StatusPending {
			rows.add(newCommentRow(c.Comment).counterKey(), c.keys)
		}
	}
	return rows.tables()
}

// decisionRows are the first entries of the comments' logs.
func decisionRows(all []*creation) tableRows {
	rows := make([][]any, len(all))
	for i, c := range all {
		rows[i] = newDecisionRow(c.Decision, c.Comment.CommenterID).values()
	}
	return tableRows{decisionInsert, rows}
}

// newCommentCounts add the comments to the counts of their sites.
func newCommentCounts(all []*creation) tableRows {
	sums := map[string]queue.Counts{}
	for _, c := range all {
		id := c.Comment.SiteID
		sums[id] = addCounts(sums[id], countsDelta(transition{to: c.Comment.Status}))
	}
	return countRows(sums)
}
