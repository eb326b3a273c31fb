package db

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// SubmissionStore reads the context of a submission, and stores new and edited comments: in submissions,
// comments, commenters, sketches, idempotency_keys, pending_rules with their names, pending_hosts and
// decisions, and new articles. Concurrent calls are batched.
type SubmissionStore struct {
	*core
	contextBatches *batch.Batcher[moderation.SubmissionContextQuery, moderation.SubmissionContext]
	commentBatches *batch.Batcher[tokenizedComment, moderation.Comment]
	articleRates   rateCache
	moderators     moderatorCache
}

func newSubmissionStore(c *core, o Options) *SubmissionStore {
	s := &SubmissionStore{core: c}
	s.contextBatches = newBatcher(BatchContexts, readWorkers, s.loadContextBatch, o.Batched)
	s.commentBatches = newBatcher(BatchSubmissions, c.writers, s.createCommentBatch, o.Batched)
	return s
}

// SubmissionContext reads what is known when a submission arrives, together with what others ask at the same time.
// Unknown things are nil in the answer, not errors. Counts of velocity and copies end at 1,000. ErrBusy.
func (s *SubmissionStore) SubmissionContext(
	ctx context.Context, q moderation.SubmissionContextQuery,
) (moderation.SubmissionContext, error) {
	return batched(ctx, s.contextBatches, q)
}

// submissionContext is a query for a submission's context with its result.
type submissionContext struct {
	moderation.SubmissionContextQuery
	moderation.SubmissionContext
	// authors are all that are known by the email: more than one only after two processes with different primary
	// keys met the same email.
	authors []moderation.Commenter
}

func (s *SubmissionStore) loadContextBatch(
	ctx context.Context,
	qs []moderation.SubmissionContextQuery,
) ([]batch.Result[moderation.SubmissionContext], error) {
	all := make([]*submissionContext, len(qs))
	for i, q := range qs {
		all[i] = &submissionContext{SubmissionContextQuery: q}
	}
	for _, steps := range [][]contextStep{
		{s.findNearCopies, s.loadArticles, s.loadParents, s.loadAuthors, s.countAddresses, s.loadBlocks, s.matchModerators},
		{s.countAuthors, s.countArticles, s.countCopies}, // for the authors and articles found
	} {
		if err := s.runSteps(ctx, steps, all); err != nil {
			return nil, fmt.Errorf("read submission context: %w", err)
		}
	}
	results := make([]batch.Result[moderation.SubmissionContext], len(all))
	for i, q := range all {
		results[i].Value = q.SubmissionContext
	}
	return results, nil
}

// contextStep reads a part of the contexts. Steps that run at once set different fields.
type contextStep func(context.Context, []*submissionContext) error

// runSteps runs steps that do not depend on each other.
func (s *SubmissionStore) runSteps(ctx context.Context, steps []contextStep, all []*submissionContext) error {
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(s.readsAtOnce)
	for _, step := range steps {
		running.Go(func() error { return step(ctx, all) })
	}
	return running.Wait()
}

// articleID is empty for an article that is not registered.
func (c *submissionContext) articleID() string {
	if c.Article == nil {
		return ""
	}
	return c.Article.ID
}

// sitesOf lists the sites of contexts, each once.
func sitesOf(all []*submissionContext) []ID {
	var sites []string
	for _, q := range all {
		sites = append(sites, q.SiteID)
	}
	slices.Sort(sites)
	return padded(toIDs(slices.Compact(sites)))
}

func (s *SubmissionStore) loadArticles(ctx context.Context, all []*submissionContext) error {
	wanted := map[siteKey][]*submissionContext{}
	for _, q := range all {
		key := siteKey{q.SiteID, q.ArticleKey}
		wanted[key] = append(wanted[key], q)
	}
	// Aliases last: most submissions name an article's own key, and then one query is enough.
	for _, query := range []string{articlesByKey, articlesByAlias} {
		if len(wanted) == 0 {
			return nil
		}
		var rows []struct {
			articleRow
			Asked string `db:"asked"`
		}
		if err := s.prepared.selectAll(ctx, &rows, query, sitesOf(all), keysOf(wanted)); err != nil {
			return err
		}
		for _, row := range rows {
			key := siteKey{string(row.SiteID), row.Asked}
			for _, q := range wanted[key] {
				article, err := row.article()
				if err != nil {
					return err
				}
				q.Article = &article
			}
			delete(wanted, key)
		}
	}
	return nil
}

// keysOf lists keys without their sites.
func keysOf[T any](by map[siteKey]T) []string {
	var keys []string
	for k := range by {
		keys = append(keys, k.key)
	}
	slices.Sort(keys)
	return padded(slices.Compact(keys))
}

// Both look up sites and keys at once, so they may find pairs that nobody asked for.
var (
	articlesByKey = `
		SELECT ` + articleColumns + `, article_key AS asked FROM articles WHERE site_id IN (?) AND article_key IN (?)`
	articlesByAlias = `
		SELECT ` + columnsOf("a", articleColumns) + `, l.alias_key AS asked
		FROM article_aliases l JOIN articles a ON a.id = l.article_id WHERE l.site_id IN (?) AND l.alias_key IN (?)`
)

// loadParents loads the comments that are replied to, and whether a moderator's email wrote them.
func (s *SubmissionStore) loadParents(ctx context.Context, all []*submissionContext) error {
	wanted := map[siteKey][]*submissionContext{}
	for _, q := range all {
		if q.ParentID != "" {
			key := siteKey{q.SiteID, q.ParentID}
			wanted[key] = append(wanted[key], q)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	var rows []struct {
		commentRow
		ByModerator bool `db:"by_moderator"`
	}
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT `+commentColumns+`,
		       EXISTS (SELECT 1 FROM commenters w JOIN moderators m ON m.email_index = w.email_index
		               WHERE w.id = comments.commenter_id AND m.disabled_at IS NULL) AS by_moderator
		FROM comments WHERE id IN (?)`, toIDs(keysOf(wanted)))
	for _, row := range rows {
		for _, q := range wanted[siteKey{string(row.SiteID), string(row.ID)}] {
			parent := row.comment()
			q.Parent, q.ParentByModerator = &parent, row.ByModerator
		}
	}
	return err
}

// loadAuthors loads the commenters stored under one of the indexes of an email, the one under the first index
// first.
func (s *SubmissionStore) loadAuthors(ctx context.Context, all []*submissionContext) error {
	var indexes [][]byte
	for _, q := range all {
		indexes = append(indexes, q.EmailIndexes...)
	}
	if len(indexes) == 0 {
		return nil
	}
	var rows []commenterRow
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT `+commenterWithRecord+` FROM commenters c WHERE c.site_id IN (?) AND c.email_index IN (?)`,
		sitesOf(all), padded(indexes))
	if err != nil {
		return err
	}
	known := map[siteKey]moderation.Commenter{}
	for _, row := range rows {
		known[siteKey{string(row.SiteID), string(row.EmailIndex)}] = row.commenter()
	}
	for _, q := range all {
		for _, index := range q.EmailIndexes {
			if c, ok := known[siteKey{q.SiteID, string(index)}]; ok {
				q.authors = append(q.authors, c)
			}
		}
		if len(q.authors) > 0 {
			first := q.authors[0]
			q.Commenter = &first
		}
	}
	return nil
}

// loadBlocks loads the matching blocks, the severest first.
func (s *SubmissionStore) loadBlocks(ctx context.Context, all []*submissionContext) error {
	var indexes [][]byte
	for _, q := range all {
		indexes = append(indexes, q.BlockIndexes...)
	}
	if len(indexes) == 0 {
		return nil
	}
	var rows []blockRow
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT id, site_id, value_index, kind, action, expires_at FROM blocks
		WHERE site_id IN (?) AND value_index IN (?)
		ORDER BY CASE action WHEN 'spam' THEN 0 WHEN 'reject' THEN 1 ELSE 2 END, id`, sitesOf(all), padded(indexes))
	if err != nil {
		return err
	}
	for _, q := range all {
		for _, row := range rows {
			block := row.block()
			ended := !block.ExpiresAt.IsZero() && !block.ExpiresAt.After(q.Now)
			asked := slices.ContainsFunc(q.BlockIndexes,
				func(index []byte) bool { return string(index) == string(row.Index) })
			if block.SiteID == q.SiteID && asked && !ended && len(q.Blocks) < rules.MaxBlocks {
				q.Blocks = append(q.Blocks, moderation.MatchedBlock{ID: block.ID, Kind: block.Kind, Action: block.Action})
			}
		}
	}
	return nil
}
