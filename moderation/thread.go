package moderation

import (
	"context"
	"fmt"
	"time"

	"rejoinder/privacy"
)

// ThreadSort is the order of a thread's roots. Replies are always in order of creation.
type ThreadSort string

// Orders of a thread.
const (
	ThreadOldest ThreadSort = "oldest"
	ThreadNewest ThreadSort = "newest"
	ThreadBest   ThreadSort = "best" // by Comment.BestKey, then newest first
)

// RepliesPerRoot is the maximum number of replies shown below a root; a separate cursor returns the others.
const RepliesPerRoot = 20

// Page sizes of a thread, in comments.
const (
	DefaultThreadLimit = 50
	MaxThreadLimit     = 100
)

// MaxCountKeys is the maximum number of articles per request for counts.
const MaxCountKeys = 100

// ThreadQuery asks for one page of an article's thread.
type ThreadQuery struct {
	SiteSlug   string
	ArticleKey string
	Sort       ThreadSort
	Limit      int    // comments, roots and replies together; 1 to MaxThreadLimit
	Cursor     string // from an earlier page
	RootID     string // only comments below this root
	// Focus is a comment that the page must contain. The page starts at its root, or at the comment itself if
	// it is not among its root's first replies. Focus is ignored with Cursor or RootID. If the comment is not
	// in the thread, the first page is returned.
	Focus string
}

// list identifies cursors of this list.
func (q ThreadQuery) list(articleID string) string {
	if q.RootID != "" {
		return branchList(q.RootID)
	}
	return "thread/" + articleID + "/" + string(q.Sort)
}

func branchList(rootID string) string { return "branch/" + rootID }

// Thread is one page of an article's public thread.
type Thread struct {
	Site       Site
	Article    Article // zero ID if unregistered and without comments
	Closed     bool
	OpensAt    time.Time // when a closed thread takes comments again by itself; zero: not known
	ChangesAt  time.Time // when Closed or OpensAt may change without an announcement; zero: never
	Count      int       // approved comments in the whole thread
	Roots      []*ThreadNode
	RootID     string // only comments below this root, flat if parents are on other pages; empty for roots
	Focus      string // the requested comment if it is on this page, else empty
	NextCursor string
	FormToken  string // signed creation time of the form
}

// ThreadKey is a comment's position in the order of creation or of votes.
type ThreadKey struct {
	Rank      float64   `json:"r,omitempty"`
	CreatedAt time.Time `json:"t"`
	ID        string    `json:"i"`
}

// RootsSelect selects visible roots of an article, starting with From, and visible comments below them:
// Replies comments below each, at most RepliesPerRoot. It ends before the roots and their replies, counted by
// VisibleReplies, exceed Budget, which is at most MaxThreadLimit. Pinned is left out if it is approved.
type RootsSelect struct {
	ArticleID string
	Sort      ThreadSort
	From      *ThreadKey // nil starts at the beginning
	Budget    int
	Replies   int
	Pinned    string // empty leaves nothing out
}

// BranchSelect selects visible comments below a root, starting with From, in order of creation.
type BranchSelect struct {
	ArticleID string
	RootID    string
	From      *ThreadKey // nil starts at the beginning
	Limit     int
}

// Branch is a root with replies in order of creation.
type Branch struct {
	Root    *Comment
	Replies []*Comment
}

// ThreadStore is the storage of Threads. It returns comments of any status that have approved comments below
// them; PublicView removes their text.
type ThreadStore interface {
	publicStore
	locationStore
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// Article returns ErrNotFound if the key is not registered.
	Article(ctx context.Context, siteID, key string) (Article, error)
	// ThreadArticle returns a site and its article in one query. ErrSiteUnknown for an unknown site; the
	// article of an unknown key has no ID.
	ThreadArticle(ctx context.Context, slug, key string) (Site, Article, error)
	// ThreadRoots returns the selected roots. Each has at least one reply more than requested if there are
	// more. The next root follows, without its replies, if there is one.
	ThreadRoots(ctx context.Context, sel RootsSelect) ([]Branch, error)
	ThreadBranch(ctx context.Context, sel BranchSelect) ([]*Comment, error)
	// ThreadComment returns a visible comment of the article, or ErrNotFound.
	ThreadComment(ctx context.Context, articleID, id string) (Comment, error)
	// AuthorNames returns the author names of those comments that are approved, by ID.
	AuthorNames(ctx context.Context, ids []string) (map[string]string, error)
	// ArticleVersion returns ErrSiteUnknown, or ErrNotFound for an unknown key.
	ArticleVersion(ctx context.Context, slug, key string) (ArticleVersion, error)
	// LatestComments returns approved comments of a site or an article, newest first.
	LatestComments(ctx context.Context, sel LatestSelect) ([]LatestRow, error)
	// Counts returns the number of approved comments for each registered key.
	Counts(ctx context.Context, siteID string, keys []string) (map[string]int, error)
}

// Threads serves approved comments.
type Threads struct {
	Store ThreadStore
	Keys  *privacy.Keyring
	Now   func() time.Time
}

// Thread returns one page. An article without comments has an empty thread. Errors: ErrSiteUnknown,
// ErrCursor, *Invalid, ErrNotFound if RootID cannot be a root.
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

// frame returns a page with site and article, without comments.
func (t *Threads) frame(ctx context.Context, q ThreadQuery) (Thread, error) {
	key, err := ParseKey("/article", q.ArticleKey)
	if err != nil {
		return Thread{}, err
	}
	site, article, err := t.Store.ThreadArticle(ctx, q.SiteSlug, key)
	if err != nil {
		return Thread{}, fmt.Errorf("read thread: %w", err)
	}
	now := t.Now()
	page := Thread{Site: site, Article: article, FormToken: FormToken(t.Keys, site.ID, now)}
	if article.ID == "" {
		page.Article.Key = key
	} else {
		page.Count = article.ApprovedCount
	}
	if article.ID == "" {
		article.PublishedAt = now // as the first comment would register it
	}
	page.Closed = article.IsClosed(site.Settings, now)
	page.ChangesAt = article.ModeChangesAt(site.Settings, now)
	if page.Closed {
		page.OpensAt = article.OpensAt(site.Settings, now)
	}
	page.Article = site.publicArticle(page.Article)
	return page, nil
}

// publicArticle removes title and URL from the article unless they are trusted. A key that is a URL of the
// site becomes the URL.
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

// HasThread reports whether the article has a thread: it is registered, or its key is a URL of the site and
// needs no registration.
func (s Site) HasThread(a Article) bool { return a.ID != "" || s.Covers(a.Key) }

// roots fills the page with as many whole branches as fit. A single branch that is too large is cut.
func (t *Threads) roots(ctx context.Context, page *Thread, q ThreadQuery, from *ThreadKey) error {
	if from == nil {
		if err := t.pinned(ctx, page, q); err != nil {
			return err
		}
	}
	replies := min(RepliesPerRoot, q.Limit-1)
	branches, err := t.Store.ThreadRoots(ctx, RootsSelect{
		ArticleID: page.Article.ID, Sort: q.Sort, From: from, Budget: q.Limit, Replies: replies,
		Pinned: page.Article.PinnedID,
	})
	if err != nil {
		return err
	}
	used := 0
	for _, b := range branches {
		// VisibleReplies excludes tombstones, so the branch may have more replies.
		used += 1 + min(replies, max(b.Root.VisibleReplies, len(b.Replies)))
		if used > q.Limit {
			page.NextCursor = EncodeCursor(q.list(page.Article.ID), keyOf(*b.Root, q.Sort))
			break
		}
		page.Roots = append(page.Roots, tree(&page.Site, b, replies))
	}
	return nil
}

// pinned puts the article's pinned comment on top of the first page, in addition to its other comments.
func (t *Threads) pinned(ctx context.Context, page *Thread, q ThreadQuery) error {
	if page.Article.PinnedID == "" {
		return nil
	}
	root, err := t.visible(ctx, page.Article.ID, page.Article.PinnedID)
	if isNotFound(err) || err == nil && !page.Article.pins(root) {
		return nil
	}
	if err != nil {
		return err
	}
	replies := min(RepliesPerRoot, q.Limit-1)
	below, err := t.Store.ThreadBranch(ctx, BranchSelect{ArticleID: page.Article.ID, RootID: root.ID, Limit: replies + 1})
	if err != nil {
		return err
	}
	node := tree(&page.Site, Branch{Root: &root, Replies: below}, replies)
	node.Pinned = true
	page.Roots = append(page.Roots, node)
	return nil
}

// branch pages through the comments below a root. Nodes whose parents were on an earlier page are flat.
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
		page.NextCursor = EncodeCursor(branchList(q.RootID), keyOf(*replies[q.Limit], ThreadOldest))
		replies = replies[:q.Limit]
	}
	names, err := t.parentNames(ctx, replies)
	if err != nil {
		return err
	}
	page.RootID, page.Roots = q.RootID, nest(&page.Site, nil, replies)
	for _, node := range page.Roots {
		node.ParentName = names[node.ParentID]
	}
	return nil
}

// parentNames returns the author names of those parents that are not among the replies.
func (t *Threads) parentNames(ctx context.Context, replies []*Comment) (map[string]string, error) {
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

// focused fills the page that contains the focused comment.
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
	start := new(keyOf(root, q.Sort))
	if page.Article.pins(root) {
		start = nil // it is on top of the first page
	}
	if err := t.roots(ctx, page, q, start); err != nil {
		return err
	}
	page.Focus = focus.ID
	if inTree(page.Roots, focus.ID) {
		return nil
	}
	page.NextCursor, q.RootID = "", root.ID
	return t.branch(ctx, page, q, new(keyOf(focus, ThreadOldest)))
}

func (t *Threads) visible(ctx context.Context, articleID, id string) (Comment, error) {
	if !ValidID(id) {
		return Comment{}, ErrNotFound
	}
	return t.Store.ThreadComment(ctx, articleID, id)
}

// keyOf returns the comment's key in the given order.
func keyOf(c Comment, sort ThreadSort) ThreadKey {
	key := ThreadKey{CreatedAt: c.CreatedAt, ID: c.ID}
	if sort == ThreadBest {
		key.Rank = c.Rank
	}
	return key
}

// Counts returns the number of approved comments by key as requested; unknown keys count 0. Errors:
// ErrSiteUnknown, *Invalid.
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
