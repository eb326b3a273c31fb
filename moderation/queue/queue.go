package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
)

// Query selects one page of comments with one status.
type Query struct {
	SiteSlug string // empty: all the viewer's sites
	Status   moderation.Status
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
	Article moderation.Article // ID, SiteID, Key, URL, Title only
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
	Article    moderation.Article          // ID, SiteID, Key, URL, Title only
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
		page.NextCursor = moderation.EncodeCursor(query.list(), Key{CreatedAt: last.CreatedAt, Risk: last.Risk, ID: last.ID})
	}
	if page.Items, err = q.items(ctx, rows); err != nil {
		return Page{}, fmt.Errorf("list queue: %w", err)
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

// visible returns a comment on one of the viewer's sites, or ErrNotFound.
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
	return row, nil
}

// DecisionRequest is a moderator's decision on one comment.
type DecisionRequest struct {
	CommentID string
	Action    moderation.Action
	Version   int    // version that the moderator saw
	Reason    string // for the commenter; may be empty
	Reply     string // name of a canned reply to send if there is no Reason; may be empty
	Note      string // for moderators; may be empty
	Code      string // one of the site's reason codes; may be empty
	Force     bool   // decide even if another moderator holds the comment
}

// Decide executes a decision and returns the changed comment. Errors: *Invalid, ErrNotFound, *ConflictError
// (wraps ErrVersion) if the comment changed concurrently, ErrTransition, ErrAnotherModerator, *ClaimedError
// (wraps ErrClaimed).
func (q *Queue) Decide(ctx context.Context, v moderation.Viewer, r DecisionRequest) (DecisionResult, error) {
	if err := r.prepare(); err != nil {
		return DecisionResult{}, err
	}
	row, err := q.visible(ctx, v, r.CommentID)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	c := row.Comment
	if err := q.checkCode(ctx, c.SiteID, r); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	if c.Version != r.Version {
		return DecisionResult{}, fmt.Errorf("decide: %w", q.conflict(ctx, c.ID, moderation.ErrVersion))
	}
	if r.Reason, err = q.message(ctx, row, r); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	to, err := c.Apply(r.Action)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	if err := q.checkAppeal(ctx, v, row); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	now := q.Now().UTC()
	d := moderation.Decision{
		ID:           q.NewID(),
		SiteID:       c.SiteID,
		CommentID:    c.ID,
		Version:      c.Version + 1,
		Action:       r.Action,
		From:         c.Status,
		To:           to,
		Actor:        moderation.ActorModerator,
		ModeratorID:  v.ModeratorID,
		SubmissionID: row.Submission.ID,
		Reason:       r.Reason,
		Note:         r.Note,
		ReasonCode:   r.Code,
		CreatedAt:    now,
		Force:        r.Force,
		ClaimsUntil:  now.Add(q.ClaimLength()),
	}
	if err := q.Store.RecordDecision(ctx, d); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", q.conflict(ctx, c.ID, err))
	}
	c.Version, c.Status, c.PublicReason, c.OpenReports = c.Version+1, to, d.PublicReasonAfter(c.PublicReason), 0
	return DecisionResult{c, d.ID}, nil
}

func (r *DecisionRequest) prepare() error {
	var faults moderation.Invalid
	if _, ok := r.Action.Target(); !ok {
		faults.Add("/action", "unknown", "The action is one of approve, hold, reject, spam, delete.")
	}
	switch {
	case r.Version == 0:
		faults.Add("/version", "required", "Name the version of the comment that the decision is about.")
	case r.Version < 0:
		faults.Add("/version", "out_of_range", "Must be a whole number from 1 on.")
	}
	r.Reason = moderation.CleanReason(&faults, "/reason", r.Reason)
	r.Note = moderation.CleanReason(&faults, "/note", r.Note)
	if left := moderation.UnfilledPlaceholders(r.Reason); len(left) > 0 {
		faults.Add("/reason", "unfilled", unfilledText(left))
	}
	return faults.Err()
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

// checkAppeal returns ErrAnotherModerator if the viewer would decide on an appeal against their own decision
// although another moderator works on the site.
func (q *Queue) checkAppeal(ctx context.Context, v moderation.Viewer, row Row) error {
	c := row.Comment
	if !row.Appealed || c.Status != moderation.StatusPending {
		return nil
	}
	appeals, err := q.Store.Appeals(ctx, []string{c.ID})
	if err != nil {
		return err
	}
	appeal, ok := appeals[c.ID]
	if !ok || !appeal.Open() || appeal.ModeratorID == "" || appeal.ModeratorID != v.ModeratorID {
		return nil
	}
	others, err := q.Store.OtherModerators(ctx, c.SiteID, v.ModeratorID)
	if err == nil && others {
		err = moderation.ErrAnotherModerator
	}
	return err
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

// checkCode returns *Invalid unless the reason code is one of the site's and the action is not an approval.
func (q *Queue) checkCode(ctx context.Context, siteID string, r DecisionRequest) error {
	if r.Code == "" {
		return nil
	}
	var faults moderation.Invalid
	if r.Action == moderation.ActionApprove {
		faults.Add("/reason_code", "unexpected", "An approval has no reason code.")
		return faults.Err()
	}
	site, err := q.Store.Site(ctx, siteID)
	if err != nil {
		return err
	}
	known := func(reason moderation.Reason) bool { return reason.Code == r.Code }
	if !slices.ContainsFunc(site.Settings.ReasonList(), known) {
		faults.Add("/reason_code", "unknown", "Must be one of the site's reason codes.")
	}
	return faults.Err()
}
