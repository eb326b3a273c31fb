package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
)

// ThreadStore reads public threads: approved comments of an article. It writes nothing.
type ThreadStore struct {
	*core
	sites    *SiteStore
	articles *ArticleStore
}

// threadOrder is the order of roots, and the condition for those from a position on: time $6, id $7, rank $8.
type threadOrder struct {
	keys string
	from string
}

var threadOrders = map[moderation.ThreadSort]threadOrder{
	moderation.ThreadOldest: {`created_at, id`, ` AND (created_at, id) >= ($6, $7)`},
	moderation.ThreadNewest: {`created_at DESC, id DESC`, ` AND (created_at, id) <= ($6, $7)`},
	moderation.ThreadBest:   {`rank DESC, created_at DESC, id DESC`, ` AND (rank, created_at, id) <= ($8, $6, $7)`},
}

// rootsText names one text of the query.
type rootsText struct {
	sort  moderation.ThreadSort
	first bool // from the start
	large bool // up to MaxThreadLimit comments, not only DefaultThreadLimit
}

// rootsQuery returns the statement that reads a page of roots with their first replies.
//
//   - roots selects as many roots as fit on the page if none has replies, and one more, without the pinned
//     comment ($5).
//   - sums adds up the sizes of the branches: a root and its first replies.
//   - page drops the branches after the first one that does not fit. If a root has more than RepliesPerRoot
//     replies, upto is the time of the first reply beyond them, so the rest of a large branch is not read.
//
// The conditions on parent and visibility repeat those of the partial indexes literally, so the planner uses
// these. CROSS JOIN makes SQLite read the page first, then its comments.
//
// Limit and offset are literals, the first page has its own text without a keyset condition, and the article
// is in a subquery. Otherwise PostgreSQL prefers a new plan for the given values to the generic one, and
// planning takes longer than reading.
func rootsQuery(order threadOrder, budget int) string {
	return fmt.Sprintf(`
	WITH roots AS (
		SELECT id, rank, created_at, visible_replies,
		       1 + CASE WHEN visible_replies > $2 THEN $2 ELSE visible_replies END AS size
		FROM comments
		WHERE article_id = (SELECT id FROM articles WHERE id = $1)`+order.from+`
			AND parent_id IS NULL AND (status = 'approved' OR visible_replies > 0)
			AND NOT (id = $5 AND status = 'approved')
		ORDER BY `+order.keys+`
		LIMIT %[1]d
	), sums AS (
		SELECT id, visible_replies, size,
		       SUM(size) OVER (ORDER BY `+order.keys+` ROWS UNBOUNDED PRECEDING) AS used
		FROM roots
	), page AS (
		SELECT id, used, CASE WHEN visible_replies > %[2]d THEN (
			SELECT b.created_at FROM comments b
			WHERE b.root_id = sums.id AND b.parent_id IS NOT NULL AND (b.status = 'approved' OR b.visible_replies > 0)
			ORDER BY b.created_at, b.id LIMIT 1 OFFSET %[2]d
		) ELSE $4 END AS upto
		FROM sums WHERE used - size <= $3
	)
	SELECT p.used, `+columnsOf("c", pageColumns)+`
	FROM page p CROSS JOIN comments c
	WHERE c.id = p.id
	UNION ALL
	SELECT p.used, `+columnsOf("c", pageColumns)+`
	FROM page p CROSS JOIN comments c
	WHERE c.root_id = p.id AND p.used <= $3 AND c.created_at <= p.upto
		AND c.parent_id IS NOT NULL AND (c.status = 'approved' OR c.visible_replies > 0)`,
		budget+1, moderation.RepliesPerRoot)
}

var rootsQueries = func() map[rootsText]string {
	queries := map[rootsText]string{}
	for sort, order := range threadOrders {
		queries[rootsText{sort, false, false}] = rootsQuery(order, moderation.DefaultThreadLimit)
		queries[rootsText{sort, false, true}] = rootsQuery(order, moderation.MaxThreadLimit)
		order.from = ""
		queries[rootsText{sort, true, false}] = rootsQuery(order, moderation.DefaultThreadLimit)
		queries[rootsText{sort, true, true}] = rootsQuery(order, moderation.MaxThreadLimit)
	}
	return queries
}()

// ThreadRoots returns the visible roots of an article, approved ones and those with approved replies, each
// with at least one reply more than wanted if there are more; then the next root, without its replies.
func (s *ThreadStore) ThreadRoots(ctx context.Context, sel moderation.RootsSelect) ([]moderation.Branch, error) {
	sort := cmp.Or(sel.Sort, moderation.ThreadOldest)
	query, known := rootsQueries[rootsText{sort, sel.From == nil, sel.Budget > moderation.DefaultThreadLimit}]
	if !known || sel.Budget > moderation.MaxThreadLimit {
		return nil, fmt.Errorf("read roots: there is no order %q, or no page of %d", sort, sel.Budget)
	}
	args := []any{ID(sel.ArticleID), sel.Replies, sel.Budget, maxTime, ID(sel.Pinned)}
	if sel.From != nil {
		args = append(args, Time(sel.From.CreatedAt), ID(sel.From.ID))
		if sort == moderation.ThreadBest {
			args = append(args, sel.From.Rank)
		}
	}
	rows, err := s.selectPage(ctx, query, sel.Budget, args...)
	if err != nil {
		return nil, fmt.Errorf("read roots: %w", err)
	}
	return branches(sel.ArticleID, rows), nil
}

// branches returns the rows by branch, each in order of creation.
func branches(articleID string, rows []pageRow) []moderation.Branch {
	order := make([]*pageRow, len(rows)) // rows are too large to be moved
	for i := range rows {
		order[i] = &rows[i]
	}
	slices.SortFunc(order, func(a, b *pageRow) int {
		return cmp.Or(cmp.Compare(a.used, b.used), cmp.Compare(min(a.Depth, 1), min(b.Depth, 1)),
			a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	var list []moderation.Branch
	for _, row := range order {
		row.ArticleID = articleID
		if row.ParentID == "" {
			row.RootID = row.ID
			list = append(list, moderation.Branch{Root: &row.Comment})
			continue
		}
		last := &list[len(list)-1]
		row.RootID = last.Root.ID
		last.Replies = append(last.Replies, &row.Comment)
	}
	return list
}

var branchQuery = `
	SELECT 0, ` + columnsOf("c", pageColumns) + ` FROM comments c
	WHERE c.root_id = $1 AND (c.created_at, c.id) >= ($2, $3)
		AND c.parent_id IS NOT NULL AND (c.status = 'approved' OR c.visible_replies > 0) AND c.article_id = $5
	ORDER BY c.created_at, c.id
	LIMIT $4`

// ThreadBranch returns what is visible below a root of the article, in the order of writing.
func (s *ThreadStore) ThreadBranch(
	ctx context.Context, sel moderation.BranchSelect,
) ([]*moderation.Comment, error) {
	at, id := keysetStart(sel.From, minTime)
	rows, err := s.selectPage(ctx, branchQuery, sel.Limit,
		ID(sel.RootID), at, ID(id), sel.Limit, ID(sel.ArticleID))
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", err)
	}
	comments := make([]*moderation.Comment, len(rows))
	for i := range rows {
		comments[i] = &rows[i].Comment
		comments[i].ArticleID, comments[i].RootID = sel.ArticleID, sel.RootID
	}
	return comments, nil
}

// ThreadComment finds a visible comment of the article. ErrNotFound.
func (s *ThreadStore) ThreadComment(ctx context.Context, articleID, id string) (moderation.Comment, error) {
	var row commentRow
	err := s.get(ctx, &row, `
		SELECT `+columnsOf("c", threadColumns)+` FROM comments c
		WHERE c.id = $1 AND c.article_id = $2 AND (c.status = 'approved' OR c.visible_replies > 0)`, ID(id), ID(articleID))
	return row.comment(), wrap("find comment", err)
}

// AuthorNames returns the names under those of the comments that are approved.
func (s *ThreadStore) AuthorNames(ctx context.Context, ids []string) (map[string]string, error) {
	var rows []struct {
		ID   ID     `db:"id"`
		Name string `db:"author_name"`
	}
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	err := s.selectAll(ctx, &rows, `SELECT id, author_name FROM comments WHERE status = 'approved' AND id IN (?)`,
		toIDs(ids))
	for _, row := range rows {
		names[string(row.ID)] = row.Name
	}
	return names, wrap("find names", err)
}

var (
	latestOfSite    = latestQuery + ` WHERE c.site_id = $1 AND c.status = 'approved'` + latestOrder
	latestOfArticle = latestQuery + ` WHERE c.article_id = $1 AND c.status = 'approved'` + latestOrder
	latestQuery     = `SELECT ` + columnsOf("c", threadColumns) + `,
		` + prefixed("a", "article", `id, article_key, url, title, registered, approved_count`) + `
		FROM comments c JOIN articles a ON a.id = c.article_id`
	latestOrder = ` ORDER BY c.created_at DESC, c.id DESC LIMIT $2`
)

// LatestComments returns approved comments of a site or of one article, the newest first.
func (s *ThreadStore) LatestComments(ctx context.Context, sel moderation.LatestSelect) ([]moderation.LatestRow, error) {
	query, id := latestOfSite, sel.SiteID
	if sel.ArticleID != "" {
		query, id = latestOfArticle, sel.ArticleID
	}
	var rows []struct {
		commentRow
		Article articleRow `db:"article"`
	}
	if err := s.prepared.selectAll(ctx, &rows, query, ID(id), sel.Limit); err != nil {
		return nil, fmt.Errorf("read the latest comments: %w", err)
	}
	latest := make([]moderation.LatestRow, len(rows))
	for i, row := range rows {
		article, err := row.Article.article()
		if err != nil {
			return nil, fmt.Errorf("read the latest comments: %w", err)
		}
		latest[i] = moderation.LatestRow{Comment: row.comment(), Article: article}
	}
	return latest, nil
}
