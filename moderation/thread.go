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
	ThreadBest   ThreadSort = "best" // by Rank; of the same rank, the newest first
)

// RepliesPerRoot bounds what one page shows below one root; the rest has a cursor of its own.
const RepliesPerRoot = 20

// The sizes of a page of a thread, in comments.
const (
	DefaultThreadLimit = 50
	MaxThreadLimit     = 100
)

// MaxCountKeys bounds how many articles one call may count.
const MaxCountKeys = 100

// ThreadQuery asks for one page of an article's thread.
type ThreadQuery struct {
	SiteSlug   string
	ArticleKey string
	Sort       ThreadSort
	Limit      int    // comments, roots and replies together; 1 to MaxThreadLimit
	Cursor     string // of a page before
	RootID     string // only what is below this root
	// Focus is a comment that the page is to hold: it then begins at the comment's root, or, when the comment is
	// not among its root's first replies, at the comment itself, below that root. Without meaning beside Cursor
	// or RootID. A comment that is not in the thread (any more) gives the first page.
	Focus string
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
	RootID     string // the page shows only what is below this root, flat where parents are on other pages; empty: roots
	Focus      string // the comment that was asked for and is on this page; empty: none
	NextCursor string
	FormToken  string // goes with the form, so that its age is known
}

// ThreadKey is the place of one comment in the order of writing, or of votes.
type ThreadKey struct {
	Rank      float64   `json:"r,omitempty"`
	CreatedAt time.Time `json:"t"`
	ID        string    `json:"i"`
}

// RootsSelect asks for visible roots of an article, from one on, with what is visible below them. Below each,
// Replies comments are wanted, at most RepliesPerRoot. Roots are wanted as long as they and their replies,
// counted by VisibleReplies, are no more than Budget, which is at most MaxThreadLimit.
type RootsSelect struct {
	ArticleID string
	Sort      ThreadSort
	From      *ThreadKey // nil: from the start
	Budget    int
	Replies   int
}

// BranchSelect asks for what is visible below a root, from one comment on, in the order of writing.
type BranchSelect struct {
	ArticleID string
	RootID    string
	From      *ThreadKey // nil: from the start
	Limit     int
}

// Branch is a root with replies, in the order of writing.
type Branch struct {
	Root    Comment
	Replies []Comment
}

// ThreadStore is the storage that reading threads needs. It returns comments of any status that have approved
// ones below them; PublicView takes their text away.
type ThreadStore interface {
	publicStore
	locationStore
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// Article returns ErrNotFound when the key is not registered.
	Article(ctx context.Context, siteID, key string) (Article, error)
	// ThreadArticle finds a site and its article at once. ErrSiteUnknown; the article has no ID when the key is
	// unknown.
	ThreadArticle(ctx context.Context, slug, key string) (Site, Article, error)
	// ThreadRoots returns the roots that were asked for, each with at least one reply more than wanted if there
	// are more, and after them the next root, without its replies, if there is one.
	ThreadRoots(ctx context.Context, sel RootsSelect) ([]Branch, error)
	ThreadBranch(ctx context.Context, sel BranchSelect) ([]Comment, error)
	// ThreadComment finds a visible comment of the article. ErrNotFound.
	ThreadComment(ctx context.Context, articleID, id string) (Comment, error)
	// AuthorNames returns the names under those of the comments that are approved.
	AuthorNames(ctx context.Context, ids []string) (map[string]string, error)
	// ArticleVersion returns ErrSiteUnknown, and ErrNotFound when the key is not known.
	ArticleVersion(ctx context.Context, slug, key string) (ArticleVersion, error)
	// LatestComments returns approved comments of a site or of one article, the newest first.
	LatestComments(ctx context.Context, sel LatestSelect) ([]LatestRow, error)
	// Counts returns the approved comments of each key that is registered.
	Counts(ctx context.Context, siteID string, keys []string) (map[string]int, error)
}

// Threads serves approved comments.
type Threads struct {
	Store ThreadStore
	Keys  *privacy.Keyring
	Now   func() time.Time
}

// Thread returns one page. An article without comments is an empty thread. Errors: ErrSiteUnknown, ErrCursor,
// *Invalid, ErrNotFound for what can't be a root.
func (t *Threads) Thread(ctx context.Context, q ThreadQuery) (Thread, error) {
	page, err := t.frame(ctx, q)
	if err != nil || page.Article.ID == "" {
		return page, err
	}
	var from *ThreadKey
	if q.Cursor != "" {
		from = new(ThreadKey)
		if err := DecodeCursor(q.Cursor, q.list(page.Article.ID), from); err != nil {
			return Thread{}, fmt.Errorf("read thread: %w", err)
		}
	}
	switch {
	case q.RootID != "":
		err = t.branch(ctx, &page, q, from)
	case q.Focus != "" && from == nil:
		err = t.focused(ctx, &page, q)
	default:
		err = t.roots(ctx, &page, q, from)
	}
	if err != nil {
		return Thread{}, fmt.Errorf("read thread: %w", err)
	}
	return page, nil
}

// frame finds site and article: all that a page without comments shows.
func (t *Threads) frame(ctx context.Context, q ThreadQuery) (Thread, error) {
	key, err := ParseKey("/article", q.ArticleKey)
	if err != nil {
		return Thread{}, err
	}
	site, article, err := t.Store.ThreadArticle(ctx, q.SiteSlug, key)
	if err != nil {
		return Thread{}, fmt.Errorf("read thread: %w", err)
	}
	page := Thread{Site: site, Article: article, FormToken: FormToken(t.Keys, site.ID, t.Now())}
	if article.ID == "" {
		page.Article.Key = key
	} else {
		page.Count = article.ApprovedCount
		page.Closed = article.IsClosed(site.Settings, t.Now())
	}
	page.Article = site.publicArticle(page.Article)
	return page, nil
}

// publicArticle returns the article without title and URL unless somebody vouches for them. If its key is a
// URL of the site, that is its URL.
func (s Site) publicArticle(a Article) Article {
	if a.TitleTrusted() {
		return a
	}
	a.URL, a.Title = "", ""
	if s.Covers(a.Key) {
		a.URL = a.Key
	}
	return a
}

// HasThread reports whether the article has a thread: it is registered, or its key is a URL of the site,
// which needs no registration.
func (s Site) HasThread(a Article) bool { return a.ID != "" || s.Covers(a.Key) }

// roots fills the page with whole branches, as many as fit. A branch that alone is too much is cut.
func (t *Threads) roots(ctx context.Context, page *Thread, q ThreadQuery, from *ThreadKey) error {
	replies := min(RepliesPerRoot, q.Limit-1)
	branches, err := t.Store.ThreadRoots(ctx, RootsSelect{
		ArticleID: page.Article.ID, Sort: q.Sort, From: from, Budget: q.Limit, Replies: replies,
	})
	if err != nil {
		return err
	}
	used := 0
	for _, b := range branches {
		// Tombstones are not in VisibleReplies, so there may be more below than it says.
		used += 1 + min(replies, max(b.Root.VisibleReplies, len(b.Replies)))
		if used > q.Limit {
			page.NextCursor = EncodeCursor(q.list(page.Article.ID), keyOf(b.Root, q.Sort))
			break
		}
		page.Roots = append(page.Roots, tree(page.Site, b, replies))
	}
	return nil
}

// branch pages through what is below one root. Its nodes come flat where their parents were on an earlier
// page.
func (t *Threads) branch(ctx context.Context, page *Thread, q ThreadQuery, from *ThreadKey) error {
	if !ValidID(q.RootID) {
		return ErrNotFound
	}
	replies, err := t.Store.ThreadBranch(ctx, BranchSelect{
		ArticleID: page.Article.ID, RootID: q.RootID, From: from, Limit: q.Limit + 1,
	})
	if err != nil {
		return err
	}
	if len(replies) > q.Limit {
		page.NextCursor = EncodeCursor(branchList(q.RootID), keyOf(replies[q.Limit], ThreadOldest))
		replies = replies[:q.Limit]
	}
	names, err := t.parentNames(ctx, replies)
	if err != nil {
		return err
	}
	page.RootID, page.Roots = q.RootID, nest(page.Site, nil, replies)
	for _, node := range page.Roots {
		node.ParentName = names[node.ParentID]
	}
	return nil
}

// parentNames finds the names under comments that others reply to and that are not among them.
func (t *Threads) parentNames(ctx context.Context, replies []Comment) (map[string]string, error) {
	here := make(map[string]bool, len(replies))
	for _, c := range replies {
		here[c.ID] = true
	}
	var ids []string
	for _, c := range replies {
		if c.ParentID != "" && !here[c.ParentID] {
			here[c.ParentID] = true
			ids = append(ids, c.ParentID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return t.Store.AuthorNames(ctx, ids)
}

// focused fills the page that holds a comment.
func (t *Threads) focused(ctx context.Context, page *Thread, q ThreadQuery) error {
	focus, err := t.visible(ctx, page.Article.ID, q.Focus)
	root := focus
	if err == nil && focus.ParentID != "" {
		root, err = t.visible(ctx, page.Article.ID, focus.RootID)
	}
	if isNotFound(err) {
		return t.roots(ctx, page, q, nil)
	}
	if err != nil {
		return err
	}
	from := keyOf(root, q.Sort)
	if err := t.roots(ctx, page, q, &from); err != nil {
		return err
	}
	page.Focus = focus.ID
	if inTree(page.Roots, focus.ID) {
		return nil
	}
	page.NextCursor, q.RootID, from = "", root.ID, keyOf(focus, ThreadOldest)
	return t.branch(ctx, page, q, &from)
}

func (t *Threads) visible(ctx context.Context, articleID, id string) (Comment, error) {
	if !ValidID(id) {
		return Comment{}, ErrNotFound
	}
	return t.Store.ThreadComment(ctx, articleID, id)
}

// keyOf is the comment's place in that order.
func keyOf(c Comment, sort ThreadSort) ThreadKey {
	key := ThreadKey{CreatedAt: c.CreatedAt, ID: c.ID}
	if sort == ThreadBest {
		key.Rank = c.Rank
	}
	return key
}

// Counts returns the number of approved comments for each key as requested; unknown keys count 0.
// Errors: ErrSiteUnknown, *Invalid.
func (t *Threads) Counts(ctx context.Context, siteSlug string, keys []string) (map[string]int, error) {
	var faults Invalid
	if len(keys) == 0 || len(keys) > MaxCountKeys {
		faults.Add("/article", "count", fmt.Sprintf("Name between 1 and %d articles.", MaxCountKeys))
	}
	parsed := make([]string, 0, len(keys))
	for _, key := range keys {
		if len(faults.Fields) == 0 {
			parsed = append(parsed, parseKey(&faults, "/article", key))
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	site, err := t.Store.SiteBySlug(ctx, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("count comments: %w", err)
	}
	found, err := t.Store.Counts(ctx, site.ID, parsed)
	if err != nil {
		return nil, fmt.Errorf("count comments: %w", err)
	}
	counts := make(map[string]int, len(keys))
	for i, key := range keys {
		counts[key] = found[parsed[i]]
	}
	return counts, nil
}
