package moderation

import (
	"context"
	"fmt"
	"time"

	"rejoinder/privacy"
)

// ThreadSort is the order of a thread's roots. Replies are always in the order of writing.
type ThreadSort string

// The orders of a thread.
const (
	ThreadOldest ThreadSort = "oldest"
	ThreadNewest ThreadSort = "newest"
)

// RepliesPerRoot bounds what one page shows below one root; the rest has a cursor of its own.
const RepliesPerRoot = 100

// MaxCountKeys bounds how many articles one call may count.
const MaxCountKeys = 100

// PublicComment is all that the public may know of a comment. A tombstone has neither name nor text.
type PublicComment struct {
	ID         string
	ParentID   string // empty for a root
	RootID     string
	Depth      int
	AuthorName string
	AuthorURL  string
	BodyHTML   string
	CreatedAt  time.Time
	EditedAt   time.Time // zero: never
	// Tombstone stands for a comment that is not public (any more) but has approved replies.
	Tombstone bool
	// Below counts the approved comments anywhere below this one.
	Below int
}

// PublicView returns what the public may know of c.
func PublicView(c Comment) PublicComment {
	p := PublicComment{
		ID: c.ID, ParentID: c.ParentID, RootID: c.RootID, Depth: c.Depth,
		CreatedAt: c.CreatedAt, Below: c.VisibleReplies, Tombstone: !c.Public(),
	}
	if c.Public() {
		p.AuthorName, p.AuthorURL, p.BodyHTML, p.EditedAt = c.AuthorName, c.AuthorURL, c.BodyHTML, c.EditedAt
	}
	return p
}

// ThreadNode is a comment with its replies.
type ThreadNode struct {
	PublicComment
	Replies []*ThreadNode
	// MoreReplies continues below a root whose replies did not fit; empty when all are here.
	MoreReplies string
}

// ThreadQuery asks for one page of an article's thread.
type ThreadQuery struct {
	SiteSlug   string
	ArticleKey string
	Sort       ThreadSort
	Limit      int    // roots
	Cursor     string // of a page before
	RootID     string // only what is below this root; Limit then counts replies
}

// list is what cursors of this list carry.
func (q ThreadQuery) list(articleID string) string {
	if q.RootID != "" {
		return branchList(q.RootID)
	}
	return "thread/" + articleID + "/" + string(q.Sort)
}

func branchList(rootID string) string { return "branch/" + rootID }

// Thread is one page of what the public sees under an article.
type Thread struct {
	Site       Site
	Article    Article // zero ID when nobody has commented yet and it was not registered
	Closed     bool
	Count      int // approved comments in the whole thread
	Roots      []*ThreadNode
	NextCursor string
	FormToken  string // goes with the form, so that its age is known
}

// ThreadKey is the place of one comment in the order of writing.
type ThreadKey struct {
	CreatedAt time.Time `json:"t"`
	ID        string    `json:"i"`
}

// RootsSelect asks for the visible roots of an article.
type RootsSelect struct {
	ArticleID string
	Newest    bool // newest first
	After     *ThreadKey
	Limit     int
}

// RepliesSelect asks for what is visible below a root, in the order of writing.
type RepliesSelect struct {
	RootID string
	After  *ThreadKey
	Limit  int
}

// ThreadStore is the storage that reading threads needs. It returns comments of any status that have approved ones
// below them; PublicView takes their text away.
type ThreadStore interface {
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// Article returns ErrNotFound when the key is not registered.
	Article(ctx context.Context, siteID, key string) (Article, error)
	ThreadRoots(ctx context.Context, sel RootsSelect) ([]Comment, error)
	// ThreadReplies answers several questions at once; the answer has one slice for each.
	ThreadReplies(ctx context.Context, sels []RepliesSelect) ([][]Comment, error)
	// Counts returns the approved comments of each key that is registered.
	Counts(ctx context.Context, siteID string, keys []string) (map[string]int, error)
}

// Threads serves approved comments.
type Threads struct {
	Store ThreadStore
	Keys  *privacy.Keyring
	Now   func() time.Time
}

// Thread returns one page. An article without comments is an empty thread. Errors: ErrSiteUnknown, ErrCursor, *Invalid.
func (t *Threads) Thread(ctx context.Context, q ThreadQuery) (Thread, error) {
	page, err := t.frame(ctx, q)
	if err != nil || page.Article.ID == "" {
		return page, err
	}
	var after *ThreadKey
	if q.Cursor != "" {
		after = new(ThreadKey)
		if err := decodeCursor(q.Cursor, q.list(page.Article.ID), after); err != nil {
			return Thread{}, fmt.Errorf("read thread: %w", err)
		}
	}
	if q.RootID != "" {
		err = t.branch(ctx, &page, q, after)
	} else {
		err = t.roots(ctx, &page, q, after)
	}
	if err != nil {
		return Thread{}, fmt.Errorf("read thread: %w", err)
	}
	return page, nil
}

// frame finds site and article: all that a page without comments shows.
func (t *Threads) frame(ctx context.Context, q ThreadQuery) (Thread, error) {
	if problem := KeyProblem(q.ArticleKey); problem != nil {
		problem.Pointer = "/article"
		return Thread{}, &Invalid{Fields: []FieldError{*problem}}
	}
	site, err := t.Store.SiteBySlug(ctx, q.SiteSlug)
	if err != nil {
		return Thread{}, fmt.Errorf("read thread: %w", err)
	}
	page := Thread{Site: site, FormToken: FormToken(t.Keys, site.ID, t.Now())}
	article, err := t.Store.Article(ctx, site.ID, q.ArticleKey)
	if isNotFound(err) {
		page.Article.Key = q.ArticleKey
		return page, nil
	}
	if err != nil {
		return Thread{}, fmt.Errorf("read thread: %w", err)
	}
	page.Article, page.Count = article, article.ApprovedCount
	page.Closed = article.IsClosed(site.Settings, t.Now())
	if !article.Vouched() {
		page.Article.URL, page.Article.Title = "", ""
	}
	return page, nil
}

func (t *Threads) roots(ctx context.Context, page *Thread, q ThreadQuery, after *ThreadKey) error {
	roots, err := t.Store.ThreadRoots(ctx, RootsSelect{
		ArticleID: page.Article.ID, Newest: q.Sort == ThreadNewest, After: after, Limit: q.Limit + 1,
	})
	if err != nil {
		return err
	}
	if len(roots) > q.Limit {
		roots = roots[:q.Limit]
		page.NextCursor = encodeCursor(q.list(page.Article.ID), keyOf(roots[len(roots)-1]))
	}
	var sels []RepliesSelect
	for _, r := range roots {
		if r.VisibleReplies > 0 {
			sels = append(sels, RepliesSelect{RootID: r.ID, Limit: RepliesPerRoot + 1})
		}
	}
	replies, err := t.Store.ThreadReplies(ctx, sels)
	if err != nil {
		return err
	}
	below := make(map[string][]Comment, len(sels))
	for i, sel := range sels {
		below[sel.RootID] = replies[i]
	}
	for _, r := range roots {
		page.Roots = append(page.Roots, tree(r, below[r.ID]))
	}
	return nil
}

// branch pages through what is below one root. Its nodes come flat where their parents were on an earlier page.
func (t *Threads) branch(ctx context.Context, page *Thread, q ThreadQuery, after *ThreadKey) error {
	if !validID(q.RootID) {
		return ErrNotFound
	}
	answers, err := t.Store.ThreadReplies(ctx, []RepliesSelect{{RootID: q.RootID, After: after, Limit: q.Limit + 1}})
	if err != nil {
		return err
	}
	replies := answers[0]
	for _, c := range replies {
		if c.ArticleID != page.Article.ID {
			return ErrNotFound
		}
	}
	if len(replies) > q.Limit {
		replies = replies[:q.Limit]
		page.NextCursor = encodeCursor(q.list(page.Article.ID), keyOf(replies[len(replies)-1]))
	}
	page.Roots = nest(nil, replies)
	return nil
}

func keyOf(c Comment) ThreadKey { return ThreadKey{CreatedAt: c.CreatedAt, ID: c.ID} }

// tree hangs the replies below their root.
func tree(root Comment, replies []Comment) *ThreadNode {
	node := &ThreadNode{PublicComment: PublicView(root)}
	if len(replies) > RepliesPerRoot {
		replies = replies[:RepliesPerRoot]
		node.MoreReplies = encodeCursor(branchList(root.ID), keyOf(replies[len(replies)-1]))
	}
	node.Replies = nest(node, replies)
	return node
}

// nest hangs each reply below its parent and returns the ones whose parent is root or is not among them.
func nest(root *ThreadNode, replies []Comment) []*ThreadNode {
	nodes := make(map[string]*ThreadNode, len(replies)+1)
	for _, c := range replies {
		nodes[c.ID] = &ThreadNode{PublicComment: PublicView(c)}
	}
	var top []*ThreadNode
	for _, c := range replies {
		node := nodes[c.ID]
		parent, ok := nodes[c.ParentID]
		if !ok || (root != nil && c.ParentID == root.ID) {
			top = append(top, node)
			continue
		}
		parent.Replies = append(parent.Replies, node)
	}
	return top
}

// Counts returns the number of approved comments for each key asked for; unknown keys count 0.
// Errors: ErrSiteUnknown, *Invalid.
func (t *Threads) Counts(ctx context.Context, siteSlug string, keys []string) (map[string]int, error) {
	var faults Invalid
	if len(keys) == 0 || len(keys) > MaxCountKeys {
		faults.Add("/article", "count", fmt.Sprintf("Name between 1 and %d articles.", MaxCountKeys))
	}
	for _, key := range keys {
		if problem := KeyProblem(key); problem != nil {
			problem.Pointer = "/article"
			faults.Fields = append(faults.Fields, *problem)
			break
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	site, err := t.Store.SiteBySlug(ctx, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("count comments: %w", err)
	}
	found, err := t.Store.Counts(ctx, site.ID, keys)
	if err != nil {
		return nil, fmt.Errorf("count comments: %w", err)
	}
	counts := make(map[string]int, len(keys))
	for _, key := range keys {
		counts[key] = found[key]
	}
	return counts, nil
}
