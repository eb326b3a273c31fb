package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// Sort is the order of the queue.
type Sort string

// Orders of the queue.
const (
	SortOldest Sort = "oldest"
	SortNewest Sort = "newest"
	SortRisk   Sort = "risk" // highest risk first, see Risk
	// SortReports lists the comments with the most open reports first; only for the filter Reported.
	SortReports Sort = "reports"
)

// AnyStatus selects comments of every status; only for the filter Reported.
const AnyStatus moderation.Status = "any"

// Query selects one page of comments with one status.
type Query struct {
	SiteSlug string            // empty: all the viewer's sites
	Status   moderation.Status // or AnyStatus
	Sort     Sort
	Filter
	Limit  int
	Cursor string
}

// Page is one page of the queue.
type Page struct {
	Items      []Item
	Total      int  // matching comments on all pages
	TotalMore  bool // Total is a lower bound: counting stopped there
	NextCursor string
}

// MaxFilteredTotal is the maximum count of comments that match a filter. Without a filter, counters provide
// the exact number.
const MaxFilteredTotal = 1_000

// Item is a list entry: a comment with the data that a moderator needs to judge it.
type Item struct {
	Comment moderation.Comment
	Article moderation.Article // ID, SiteID, Key, URL, Title, PinnedID only
	Site    moderation.Site    // ID, Slug, Name only
	Body    string
	Verdict rules.Verdict
	OpenIssues
}

// Case is one comment with all the data that a moderator needs to decide on it.
type Case struct {
	Item
	Commenter moderation.Commenter // EmailIndex and EmailSealed are never shown
	Prefix    string               // the client's /24 or /48; empty once past its retention
	Decisions []moderation.Decision
	Parent    *Item               // the comment it replies to; nil for a root
	Reports   []moderation.Report // open and resolved, newest first
	Notes     []Note              // on the comment and on its commenter, oldest first
}

// Row is a queue item as stored. The comment lacks votes, replies and browser.
type Row struct {
	Comment    moderation.Comment
	Article    moderation.Article          // ID, SiteID, Key, URL, Title, PinnedID only
	Site       moderation.Site             // ID, Slug, Name only
	Submission moderation.SubmissionRecord // ID, Body, Verdict, AddressPrefix only
	Appealed   bool                        // has an appeal, open or resolved
	Claimed    bool                        // has a claim, possibly expired
}

// CountedPage is a page of the queue with the total, as returned by storage.
type CountedPage struct {
	Rows  []Row
	Total int  // matching comments
	More  bool // Total is a lower bound: counting stopped there
}

// Store is the storage for Queue.
type Store interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// Site returns a site by id. Errors: ErrNotFound.
	Site(ctx context.Context, id string) (moderation.Site, error)
	// Article returns an article by its current key or an earlier one. Errors: ErrNotFound.
	Article(ctx context.Context, siteID, key string) (moderation.Article, error)
	// IsAuthor reports whether an article names the account as an author.
	IsAuthor(ctx context.Context, articleID, moderatorID string) (bool, error)
	// AuthorCounts counts the pending and approved comments on the articles of an author. Empty siteIDs means all
	// sites.
	AuthorCounts(ctx context.Context, authorID string, siteIDs []string) (Counts, error)
	// Queue returns one page of comments.
	Queue(ctx context.Context, q Select) ([]Row, error)
	// QueueMatches counts the comments that match a filter, up to limit.
	QueueMatches(ctx context.Context, q Select, limit int) (int, error)
	// QueueCounted returns one page of comments and the number of matches, counted up to limit.
	QueueCounted(ctx context.Context, q Select, limit int) (CountedPage, error)
	// FilterValues returns the rules and languages of a site's comments, sorted, at most MaxFilterValues each.
	FilterValues(ctx context.Context, siteID string, status moderation.Status) (FilterValues, error)
	// QueueCounts counts the comments of sites. Empty siteIDs means all sites.
	QueueCounts(ctx context.Context, siteIDs []string) (Counts, error)
	// QueueRow returns one comment with its article and site. Errors: ErrNotFound.
	QueueRow(ctx context.Context, commentID string) (Row, error)
	Commenter(ctx context.Context, id string) (moderation.Commenter, error)
	// Decisions returns a comment's decision log, oldest first.
	Decisions(ctx context.Context, commentID string) ([]moderation.Decision, error)
	// RecordDecision updates the comment's status, all counters and the log in one transaction. Errors:
	// ErrVersion if the comment's version is not d.Version-1.
	RecordDecision(ctx context.Context, d moderation.Decision) error
	// Decision returns one entry of the log. Errors: ErrNotFound.
	Decision(ctx context.Context, id string) (moderation.Decision, error)
	BulkStore
	// QueueGroups groups a site's newest pending comments, largest group first. It omits groups of one.
	QueueGroups(ctx context.Context, sel GroupSelect) ([]Group, error)
	// Audit writes an audit entry.
	Audit(ctx context.Context, e moderation.AuditEntry) error
	OpenIssuesStore
	ClaimStore
	StaffReplyStore
	RelatedStore
	ProfileStore
	BlockStore
	NoteStore
	HighlightStore
}

// Queue implements the moderators' use cases on comments.
type Queue struct {
	Store Store
	Keys  *privacy.Keyring
	Now   func() time.Time
	NewID func() string
	// ClaimFor is the default duration of a claim. Zero means ClaimMinutes.
	ClaimFor time.Duration
}

// List returns one page of the queue. Errors: ErrSiteUnknown, ErrCursor, *Invalid.
func (q *Queue) List(ctx context.Context, v moderation.Viewer, query Query) (Page, error) {
	sel, err := q.selection(ctx, v, query)
	if err != nil {
		return Page{}, fmt.Errorf("list queue: %w", err)
	}
	sel.Limit++ // one extra row to detect a next page
	counted, err := q.counted(ctx, sel)
	if err != nil {
		return Page{}, fmt.Errorf("list queue: %w", err)
	}
	page, rows := Page{Total: counted.Total, TotalMore: counted.More}, counted.Rows
	if len(rows) > query.Limit {
		rows = rows[:query.Limit]
		last := rows[len(rows)-1].Comment
		page.NextCursor = moderation.EncodeCursor(query.list(), keyOf(last))
	}
	if page.Items, err = q.items(ctx, rows); err != nil {
		return Page{}, fmt.Errorf("list queue: %w", err)
	}
	if v.AuthorOnly {
		for i := range page.Items {
			page.Items[i] = page.Items[i].forAuthor()
		}
	}
	return page, nil
}

// items completes queue rows.
func (q *Queue) items(ctx context.Context, rows []Row) ([]Item, error) {
	items := make([]Item, len(rows))
	var err error
	for i, row := range rows {
		if items[i], err = row.Item(); err != nil {
			return nil, err
		}
	}
	return items, q.addOpenIssues(ctx, rows, items)
}

// Item returns the row with its verdict, and without open issues and claim.
func (r Row) Item() (Item, error) {
	verdict, err := originalVerdict(r.Submission.Verdict)
	if err != nil {
		return Item{}, err
	}
	return Item{Comment: r.Comment, Article: r.Article, Site: r.Site, Body: r.Submission.Body, Verdict: verdict}, nil
}

// Case returns one comment with its hits, log and the commenter's record. Errors: ErrNotFound.
func (q *Queue) Case(ctx context.Context, v moderation.Viewer, commentID string) (Case, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	items, err := q.items(ctx, []Row{row})
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	if v.AuthorOnly {
		return q.caseForAuthor(ctx, v, items[0])
	}
	c := Case{Item: items[0], Prefix: row.Submission.AddressPrefix}
	if c.Commenter, err = q.Store.Commenter(ctx, row.Comment.CommenterID); err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	if c.Decisions, err = q.Store.Decisions(ctx, commentID); err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	if c.Reports, err = q.Store.Reports(ctx, commentID, reportsShown); err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	if c.Notes, err = q.Store.Notes(ctx, row.Comment, notesShown); err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	if row.Comment.ParentID == "" {
		return c, nil
	}
	parent, err := q.Store.QueueRow(ctx, row.Comment.ParentID)
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	item, err := parent.Item()
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	c.Parent = &item
	return c, nil
}

// forAuthor returns the item without verdict and open issues.
func (i Item) forAuthor() Item {
	i.Verdict, i.OpenIssues = rules.Verdict{}, OpenIssues{}
	return i
}

// caseForAuthor returns a comment for an author of its article, without the data that only deciding
// moderators need: the commenter's record, network, log, reports and notes.
func (q *Queue) caseForAuthor(ctx context.Context, v moderation.Viewer, item Item) (Case, error) {
	item = item.forAuthor()
	c := Case{Item: item, Commenter: moderation.Commenter{
		ID: item.Comment.CommenterID, SiteID: item.Comment.SiteID, Name: item.Comment.AuthorName}}
	if item.Comment.ParentID == "" {
		return c, nil
	}
	row, err := q.visible(ctx, v, item.Comment.ParentID)
	if errors.Is(err, moderation.ErrNotFound) {
		return c, nil // rejected or deleted
	}
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	parent, err := row.Item()
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	parent = parent.forAuthor()
	c.Parent = &parent
	return c, nil
}

// visible returns a comment that the viewer may see, or ErrNotFound.
func (q *Queue) visible(ctx context.Context, v moderation.Viewer, commentID string) (Row, error) {
	if !moderation.ValidID(commentID) {
		return Row{}, moderation.ErrNotFound
	}
	row, err := q.Store.QueueRow(ctx, commentID)
	if err != nil {
		return Row{}, err
	}
	if !v.MaySee(row.Comment.SiteID) {
		return Row{}, moderation.ErrNotFound
	}
	if v.AuthorOnly {
		mine, err := q.Store.IsAuthor(ctx, row.Comment.ArticleID, v.ModeratorID)
		if err == nil && (!mine || !shownToAuthors(row.Comment.Status)) {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return Row{}, err
		}
	}
	return row, nil
}

// shownToAuthors reports whether viewers who are limited to their own articles see comments with a status.
func shownToAuthors(s moderation.Status) bool {
	return s == moderation.StatusPending || s == moderation.StatusApproved
}

// RevealEmail returns a commenter's email to a moderator who gives a reason. It writes the audit entry first.
// Errors: *Invalid without a reason, ErrNotFound.
func (q *Queue) RevealEmail(ctx context.Context, v moderation.Viewer, commentID, reason string) (string, error) {
	var faults moderation.Invalid
	if reason = moderation.CleanReason(&faults, "/reason", reason); reason == "" {
		faults.Add("/reason", "required", "Give a reason for viewing the email; it goes into the audit log.")
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return "", fmt.Errorf("reveal email: %w", err)
	}
	commenter, err := q.Store.Commenter(ctx, row.Comment.CommenterID)
	if err != nil {
		return "", fmt.Errorf("reveal email: %w", err)
	}
	if len(commenter.EmailSealed) == 0 {
		return "", fmt.Errorf("reveal email that was erased: %w", moderation.ErrNotFound)
	}
	err = q.Store.Audit(ctx, moderation.AuditEntry{
		ID: q.NewID(), ModeratorID: v.ModeratorID, Action: moderation.AuditRevealEmail, SiteID: row.Comment.SiteID,
		SubjectID: commentID, Reason: reason, CreatedAt: q.Now().UTC(),
	})
	if err != nil {
		return "", fmt.Errorf("reveal email: %w", err)
	}
	email, err := q.Keys.Open(commenter.EmailSealed, commenter.ID)
	if err != nil {
		return "", fmt.Errorf("reveal email: %w", err)
	}
	return email, nil
}

// originalVerdict decodes a stored verdict. The verdict of an erased comment is empty.
func originalVerdict(raw []byte) (rules.Verdict, error) {
	var v rules.Verdict
	if len(raw) == 0 {
		return v, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("read verdict: %w", err)
	}
	return v, nil
}
