package db

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// CreateComment commits a submission with everything that it writes, in one transaction with those that come
// at the same time, and returns the comment as stored. Article and commenter may turn out to be known under
// other ids than n says; the comment has the real ones. ErrParentGone when the parent is not approved, or not
// in the article; ErrIdempotencyRace; ErrBusy.
func (d *DB) CreateComment(ctx context.Context, n moderation.NewComment) (moderation.Comment, error) {
	return batched(ctx, d.commentBatches, findableOf(n))
}

// findable is a submission with what it will be found by. That is worked out before it waits for its turn,
// since while it is written others wait.
type findable struct {
	moderation.NewComment
	body, author []string          // their words
	keys         queue.PendingKeys // none unless it is pending
}

func findableOf(n moderation.NewComment) findable {
	f := findable{
		NewComment: n,
		body:       queue.SearchWords(n.Submission.Body),
		author:     queue.SearchWords(n.Submission.AuthorName),
	}
	if n.Comment.Status == moderation.StatusPending {
		f.keys = queue.PendingKeysOf(n.Submission)
	}
	return f
}

func (d *DB) createCommentBatch(ctx context.Context, ns []findable) ([]batch.Result[moderation.Comment], error) {
	var created []batch.Result[moderation.Comment]
	err := d.write(ctx, "create comment", func(tx session) error {
		var err error
		created, err = tx.createComments(ctx, ns)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, c := range created {
		if c.Err == nil {
			d.articleRates.count(c.Value.ArticleID)
		}
	}
	return created, nil
}

// creation is one submission on its way into the database.
type creation struct {
	findable
	title string // its article's
	err   error  // why it is refused; nothing was written of it then
}

// createComments writes submissions, except for those that turn out to be refused. Locks are taken in the
// order that locks.go tells of, and rows of one table in the order of their keys.
func (s session) createComments(ctx context.Context, ns []findable) ([]batch.Result[moderation.Comment], error) {
	all := make([]*creation, len(ns))
	for i, n := range ns {
		all[i] = &creation{findable: n}
	}
	left := all
	for _, step := range []func(context.Context, []*creation) error{
		s.findArticles, s.refuseRepeated, s.lockPublicThreads, s.holdParents,
	} {
		if err := step(ctx, left); err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(slices.Clone(left), func(c *creation) bool { return c.err != nil })
	}
	if len(left) > 0 {
		if err := s.writeComments(ctx, left); err != nil {
			return nil, err
		}
	}
	results := make([]batch.Result[moderation.Comment], len(all))
	for i, c := range all {
		results[i] = batch.Result[moderation.Comment]{Value: c.Comment, Err: c.err}
	}
	return results, nil
}

// writeComments writes submissions of which nothing is in the way.
func (s session) writeComments(ctx context.Context, all []*creation) error {
	for _, c := range all {
		counters := counted{
			siteID:    c.Comment.SiteID,
			articleID: c.Comment.ArticleID,
			commentID: c.Comment.ID,
			parentID:  c.Comment.ParentID,
		}
		if err := s.moveThread(ctx, &counters, "", c.Comment.Status); err != nil {
			return err
		}
	}
	if err := s.saveCommenters(ctx, all); err != nil {
		return err
	}
	for _, step := range []func(context.Context, []*creation) error{
		s.insertComments, s.insertSubmissions, s.insertSketches, s.indexAll, s.insertPendingKeys, s.insertDecisions,
		s.keepIdempotencyKeys, s.countArrivals,
	} {
		if err := step(ctx, all); err != nil {
			return err
		}
	}
	return nil
}

// keyed is what many rows are looked up by in one question: a site, and a key in it.
type keyed struct{ site, key string }

func (k keyed) compare(other keyed) int {
	return cmp.Or(cmp.Compare(k.site, other.site), cmp.Compare(k.key, other.key))
}

// findArticles finds out under which id each article is known, and its title, registering those that are new.
func (s session) findArticles(ctx context.Context, all []*creation) error {
	wanted := map[keyed][]*creation{}
	var sites []string
	for _, c := range all {
		key := keyed{c.Article.SiteID, c.Article.Key}
		wanted[key] = append(wanted[key], c)
		sites = append(sites, c.Article.SiteID)
	}
	slices.Sort(sites)
	var rows []articleRow
	err := s.allIn(
		ctx,
		&rows,
		`SELECT id, site_id, article_key, title FROM articles WHERE site_id IN (?) AND article_key IN (?)`,
		padded(slices.Compact(sites)),
		keysOf(wanted),
	)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, c := range wanted[keyed{row.SiteID, row.Key}] {
			c.in(row.ID, row.Title)
		}
		delete(wanted, keyed{row.SiteID, row.Key})
	}
	// What is left is new, or named by an alias: rare enough to be asked one by one.
	for _, key := range slices.SortedFunc(maps.Keys(wanted), keyed.compare) {
		id, title, err := s.articleID(ctx, wanted[key][0].Article)
		if err != nil {
			return err
		}
		for _, c := range wanted[key] {
			c.in(id, title)
		}
	}
	return nil
}

// in says of which article the comment is.
func (c *creation) in(articleID, title string) {
	c.Comment.ArticleID, c.Submission.ArticleID, c.title = articleID, articleID, title
}

// lockPublicThreads locks the articles in which comments appear.
func (s session) lockPublicThreads(ctx context.Context, all []*creation) error {
	var ids []string
	for _, c := range all {
		if c.Comment.Public() {
			ids = append(ids, c.Comment.ArticleID)
		}
	}
	return s.lockThreads(ctx, ids...)
}

// holdParents refuses replies whose parent is not approved, or in another article, and keeps the other
// parents as they are, or locks them and all above them if a reply is counted there.
func (s session) holdParents(ctx context.Context, all []*creation) error {
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
	how := s.forShare
	if len(counting) > 0 {
		how = s.forUpdate
	}
	rows, err := s.lockComments(ctx, asked, counting, how)
	if err != nil {
		return err
	}
	approved := map[string]string{} // to the article
	for _, row := range rows {
		if row.Status == string(moderation.StatusApproved) {
			approved[row.ID] = row.ArticleID
		}
	}
	for _, c := range all {
		if c.Comment.ParentID != "" && approved[c.Comment.ParentID] != c.Comment.ArticleID {
			c.err = moderation.ErrParentGone
		}
	}
	return nil
}

// insertComments writes the comments' rows.
func (s session) insertComments(ctx context.Context, all []*creation) error {
	rows := make([][]any, len(all))
	for i, c := range all {
		row := newCommentRow(c.Comment)
		rows[i] = row.values()
		c.Comment = row.comment()
	}
	_, err := s.execRows(ctx, commentInsert, rows)
	return err
}

// insertSubmissions writes the texts.
func (s session) insertSubmissions(ctx context.Context, all []*creation) error {
	rows := make([][]any, len(all))
	for i, c := range all {
		rows[i] = newSubmissionRow(c.Submission).values()
	}
	_, err := s.execRows(ctx, submissionInsert, rows)
	return err
}

// insertSketches stores by what each text is found that is nearly the same as another.
func (s session) insertSketches(ctx context.Context, all []*creation) error {
	var rows [][]any
	for _, c := range all {
		rows = append(rows, sketchRows(c.Submission)...)
	}
	_, err := s.execRows(ctx, sketchInsert, rows)
	return err
}

// indexAll makes the comments be found by their words.
func (s session) indexAll(ctx context.Context, all []*creation) error {
	words := make([]searchWords, len(all))
	for i, c := range all {
		words[i] = searchWords{c.Comment.ID, c.Comment.SiteID, c.body, c.author, queue.SearchWords(c.title)}
	}
	return s.indexWords(ctx, words...)
}

// insertPendingKeys makes those that wait be found by the rules that hit them and the hosts that they link
// to.
func (s session) insertPendingKeys(ctx context.Context, all []*creation) error {
	var rules, hosts [][]any
	for _, c := range all {
		if c.Comment.Status != moderation.StatusPending {
			continue
		}
		r, h := pendingRows(newCommentRow(c.Comment).counted(), c.keys)
		rules, hosts = append(rules, r...), append(hosts, h...)
	}
	return s.insertKeys(ctx, rules, hosts)
}

// insertDecisions begins each comment's log.
func (s session) insertDecisions(ctx context.Context, all []*creation) error {
	rows := make([][]any, len(all))
	for i, c := range all {
		rows[i] = newDecisionRow(c.Decision, c.Comment.CommenterID).values()
	}
	_, err := s.execRows(ctx, decisionInsert, rows)
	return err
}

// countArrivals counts the comments under their status, in one shard for each site. It locks it, so it comes
// last.
func (s session) countArrivals(ctx context.Context, all []*creation) error {
	sums, shards := map[string]queue.Counts{}, map[string]string{}
	for _, c := range all {
		id := c.Comment.SiteID
		sums[id], shards[id] = sum(sums[id], statusChange("", c.Comment.Status)), c.Comment.ID
	}
	for _, site := range slices.SortedFunc(maps.Keys(sums), inShards(shards)) {
		if err := s.shiftCounts(ctx, site, shards[site], sums[site]); err != nil {
			return err
		}
	}
	return nil
}
