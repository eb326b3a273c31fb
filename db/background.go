package db

import (
	"context"
	"fmt"
	"slices"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// rateCap is where counts of velocity and copies end. No rule needs to tell a thousand in a minute from more,
// and an article in the news must not make every submission to it dearer.
const rateCap = 1_000

// SubmissionContext reads what is known when a submission arrives, together with what others ask at the same
// time. Unknown things are nil in the answer, not errors. Counts of velocity and copies end at 1,000.
// ErrBusy.
func (d *DB) SubmissionContext(ctx context.Context, q moderation.SubmissionContextQuery) (moderation.SubmissionContext, error) {
	return batched(ctx, d.contextBatches, q)
}

// inquiry is one submission about which something is to be found out.
type inquiry struct {
	moderation.SubmissionContextQuery
	moderation.SubmissionContext
	// authors are all that are known by the email: more than one only after two processes with different primary
	// keys met the same email.
	authors []moderation.Commenter
}

func (d *DB) loadContextBatch(
	ctx context.Context,
	qs []moderation.SubmissionContextQuery,
) ([]batch.Result[moderation.SubmissionContext], error) {
	all := make([]*inquiry, len(qs))
	for i, q := range qs {
		all[i] = &inquiry{SubmissionContextQuery: q}
	}
	for _, step := range []func(context.Context, []*inquiry) error{
		d.findArticlesOf, d.findParents, d.findAuthors, d.countAuthors, d.countAddresses, d.countArticles, d.countCopies,
		d.findBlocks,
	} {
		if err := step(ctx, all); err != nil {
			return nil, fmt.Errorf("read background: %w", err)
		}
	}
	results := make([]batch.Result[moderation.SubmissionContext], len(all))
	for i, q := range all {
		results[i].Value = q.SubmissionContext
	}
	return results, nil
}

// sitesOf lists the sites of inquiries, each once.
func sitesOf(all []*inquiry) []string {
	var sites []string
	for _, q := range all {
		sites = append(sites, q.SiteID)
	}
	slices.Sort(sites)
	return padded(slices.Compact(sites))
}

func (d *DB) findArticlesOf(ctx context.Context, all []*inquiry) error {
	wanted := map[keyed][]*inquiry{}
	for _, q := range all {
		key := keyed{q.SiteID, q.ArticleKey}
		wanted[key] = append(wanted[key], q)
	}
	// Aliases last, so that what most write to needs one question only.
	for _, query := range []string{articlesByKey, articlesByAlias} {
		if len(wanted) == 0 {
			return nil
		}
		var rows []struct {
			articleRow
			Asked string `db:"asked"`
		}
		if err := d.allInKept(ctx, &rows, query, sitesOf(all), keysOf(wanted)); err != nil {
			return err
		}
		for _, row := range rows {
			key := keyed{row.SiteID, row.Asked}
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
func keysOf[T any](by map[keyed]T) []string {
	var keys []string
	for k := range by {
		keys = append(keys, k.key)
	}
	slices.Sort(keys)
	return padded(slices.Compact(keys))
}

// Both are asked for sites and keys at once: a pair of which nobody asked is passed over.
const (
	articlesByKey = `
		SELECT ` + articleColumns + `, article_key AS asked FROM articles WHERE site_id IN (?) AND article_key IN (?)`
	articlesByAlias = `
		SELECT a.id, a.site_id, a.article_key, a.url, a.title, a.tags, a.closed, a.close_after_days, a.registered, a.published_at,
			a.approved_count, a.version, a.created_at, l.alias_key AS asked
		FROM article_aliases l JOIN articles a ON a.id = l.article_id WHERE l.site_id IN (?) AND l.alias_key IN (?)`
)

// findParents reads the comments that are replied to, and whether they were written under the email of a
// moderator.
func (d *DB) findParents(ctx context.Context, all []*inquiry) error {
	wanted := map[keyed][]*inquiry{}
	for _, q := range all {
		if q.ParentID != "" {
			key := keyed{q.SiteID, q.ParentID}
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
	err := d.allInKept(ctx, &rows, `
		SELECT `+commentColumns+`,
		       EXISTS (SELECT 1 FROM commenters w JOIN moderators m ON m.email_index = w.email_index
		               WHERE w.id = comments.commenter_id AND m.disabled_at IS NULL) AS by_moderator
		FROM comments WHERE id IN (?)`, keysOf(wanted))
	for _, row := range rows {
		for _, q := range wanted[keyed{row.SiteID, row.ID}] {
			parent := row.comment()
			q.Parent, q.ParentByModerator = &parent, row.ByModerator
		}
	}
	return err
}

// findAuthors finds whoever is known by one of the indexes of an email, the one under the first index first.
func (d *DB) findAuthors(ctx context.Context, all []*inquiry) error {
	var indexes [][]byte
	for _, q := range all {
		indexes = append(indexes, q.EmailIndexes...)
	}
	if len(indexes) == 0 {
		return nil
	}
	var rows []commenterRow
	err := d.allInKept(ctx, &rows, `
		SELECT `+commenterColumns+` FROM commenters c WHERE c.site_id IN (?) AND c.email_index IN (?)`,
		sitesOf(all), padded(indexes))
	if err != nil {
		return err
	}
	known := map[keyed]moderation.Commenter{}
	for _, row := range rows {
		known[keyed{row.SiteID, string(row.EmailIndex)}] = row.commenter()
	}
	for _, q := range all {
		for _, index := range q.EmailIndexes {
			if c, ok := known[keyed{q.SiteID, string(index)}]; ok {
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

// findBlocks finds the blocks that fit, the severest first.
func (d *DB) findBlocks(ctx context.Context, all []*inquiry) error {
	var indexes [][]byte
	for _, q := range all {
		indexes = append(indexes, q.BlockIndexes...)
	}
	if len(indexes) == 0 {
		return nil
	}
	var rows []blockRow
	err := d.allInKept(ctx, &rows, `
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
			asked := slices.ContainsFunc(q.BlockIndexes, func(index []byte) bool { return string(index) == string(row.Index) })
			if block.SiteID == q.SiteID && asked && !ended && len(q.Blocks) < rules.MaxBlocks {
				q.Blocks = append(q.Blocks, moderation.MatchedBlock{ID: block.ID, Kind: block.Kind, Action: block.Action})
			}
		}
	}
	return nil
}
