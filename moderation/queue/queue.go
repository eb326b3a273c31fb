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

// QueueSort is the order of the queue.
type QueueSort string

// The orders of the queue.
const (
	QueueOldest QueueSort = "oldest"
	QueueNewest QueueSort = "newest"
	QueueRisk   QueueSort = "risk" // highest risk first, see Risk
)

// QueueQuery asks for one page of comments of one status.
type QueueQuery struct {
	SiteSlug string // empty: every site of the viewer
	Status   moderation.Status
	Sort     QueueSort
	QueueFilter
	Limit  int
	Cursor string
}

// QueuePage is one page of the queue.
type QueuePage struct {
	Items      []QueueItem
	Total      int  // comments that match, on all pages
	TotalMore  bool // there may be more than Total, which was not counted to the end
	NextCursor string
}

// MaxFilteredTotal bounds how many comments are counted that match a filter. Without one, counters know the
// exact number.
const MaxFilteredTotal = 1_000

// QueueItem is a comment in a list, with what a moderator needs to judge it.
type QueueItem struct {
	Comment moderation.Comment
	Article moderation.Article // ID, SiteID, Key, URL, Title only
	Site    moderation.Site    // ID, Slug, Name only
	Body    string
	Verdict rules.Verdict
	Concerns
}

// Case is one comment with everything that bears on it.
type Case struct {
	QueueItem
	Commenter moderation.Commenter // EmailIndex and EmailSealed are never shown
	Prefix    string               // the client's /24 or /48; empty once past its retention
	Decisions []moderation.Decision
	Parent    *QueueItem          // what it replies to; nil for a root
	Reports   []moderation.Report // open and answered, newest first
	Notes     []Note              // of the comment and of its commenter, oldest first
}

// QueueRow is a queue item as storage has it. Of the comment there are neither votes nor replies nor the
// browser.
type QueueRow struct {
	Comment    moderation.Comment
	Article    moderation.Article          // ID, SiteID, Key, URL, Title only
	Site       moderation.Site             // ID, Slug, Name only
	Submission moderation.SubmissionRecord // ID, Body, Verdict, AddressPrefix only
	Appealed   bool                        // there is an appeal, open or answered
	Claimed    bool                        // there is a claim, which may have ended
}

// QueueCounted is a page of the queue as storage has it.
type QueueCounted struct {
	Rows  []QueueRow
	Total int  // comments that match
	More  bool // there may be more than Total, which was not counted to the end
}

// QueueStore is the storage that moderators' work needs.
type QueueStore interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// Site returns ErrNotFound when there is none with that id.
	Site(ctx context.Context, id string) (moderation.Site, error)
	// Article finds an article by a key, also by one that it had before. ErrNotFound.
	Article(ctx context.Context, siteID, key string) (moderation.Article, error)
	// Queue returns one page of comments.
	Queue(ctx context.Context, q QueueSelect) ([]QueueRow, error)
	// QueueMatches counts the comments that match a filter, but no further than limit.
	QueueMatches(ctx context.Context, q QueueSelect, limit int) (int, error)
	// QueueCounted returns one page of comments and how many match, but no further than limit.
	QueueCounted(ctx context.Context, q QueueSelect, limit int) (QueueCounted, error)
	// QueueCounts adds up the comments of sites; none asks for all.
	QueueCounts(ctx context.Context, siteIDs []string) (QueueCounts, error)
	// QueueRow returns one comment with its surroundings. ErrNotFound.
	QueueRow(ctx context.Context, commentID string) (QueueRow, error)
	Commenter(ctx context.Context, id string) (moderation.Commenter, error)
	// Decisions returns a comment's log, oldest first.
	Decisions(ctx context.Context, commentID string) ([]moderation.Decision, error)
	// RecordDecision changes the comment's status, all counters and the log in one transaction.
	// ErrVersion when the comment's version is not d.Version-1.
	RecordDecision(ctx context.Context, d moderation.Decision) error
	// Decision returns one entry of the log. ErrNotFound.
	Decision(ctx context.Context, id string) (moderation.Decision, error)
	BulkStore
	// QueueGroups groups a site's newest pending comments; groups of fewer than two are left out, the largest
	// come first.
	QueueGroups(ctx context.Context, sel GroupSelect) ([]QueueGroup, error)
	// Audit writes one entry.
	Audit(ctx context.Context, e moderation.AuditEntry) error
	ConcernStore
	ClaimStore
	StaffReplyStore
	SurroundingStore
	BlockStore
	NoteStore
}

// Queue is the moderators' work: see what waits and why, decide, look an email up.
type Queue struct {
	Store QueueStore
	Keys  *privacy.Keyring
	Now   func() time.Time
	NewID func() string
	// ClaimFor is for how long a claim is made when nothing else is said; zero: ClaimMinutes.
	ClaimFor time.Duration
}

// List returns one page of the queue. ErrNotFound for a site the viewer may not see, ErrCursor, *Invalid.
func (q *Queue) List(ctx context.Context, v moderation.Viewer, query QueueQuery) (QueuePage, error) {
	sel, err := q.selection(ctx, v, query)
	if err != nil {
		return QueuePage{}, fmt.Errorf("list queue: %w", err)
	}
	sel.Limit++ // one more tells whether there is a next page
	counted, err := q.counted(ctx, sel)
	if err != nil {
		return QueuePage{}, fmt.Errorf("list queue: %w", err)
	}
	page, rows := QueuePage{Total: counted.Total, TotalMore: counted.More}, counted.Rows
	if len(rows) > query.Limit {
		rows = rows[:query.Limit]
		last := rows[len(rows)-1].Comment
		page.NextCursor = moderation.EncodeCursor(query.list(), QueueKey{CreatedAt: last.CreatedAt, Risk: last.Risk, ID: last.ID})
	}
	if page.Items, err = q.items(ctx, rows); err != nil {
		return QueuePage{}, fmt.Errorf("list queue: %w", err)
	}
	return page, nil
}

// items completes rows of the queue.
func (q *Queue) items(ctx context.Context, rows []QueueRow) ([]QueueItem, error) {
	items := make([]QueueItem, len(rows))
	var err error
	for i, row := range rows {
		if items[i], err = row.item(); err != nil {
			return nil, err
		}
	}
	return items, q.addOpenIssues(ctx, rows, items)
}

func (r QueueRow) item() (QueueItem, error) {
	verdict, err := originalVerdict(r.Submission.Verdict)
	if err != nil {
		return QueueItem{}, err
	}
	return QueueItem{Comment: r.Comment, Article: r.Article, Site: r.Site, Body: r.Submission.Body, Verdict: verdict}, nil
}

// Case returns one comment with its hits, log and the commenter's record. ErrNotFound.
func (q *Queue) Case(ctx context.Context, v moderation.Viewer, commentID string) (Case, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	items, err := q.items(ctx, []QueueRow{row})
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	c := Case{QueueItem: items[0], Prefix: row.Submission.AddressPrefix}
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
	item, err := parent.item()
	if err != nil {
		return Case{}, fmt.Errorf("open case: %w", err)
	}
	c.Parent = &item
	return c, nil
}

// visible loads a comment of a site that the viewer works on; any other is ErrNotFound.
func (q *Queue) visible(ctx context.Context, v moderation.Viewer, commentID string) (QueueRow, error) {
	if !moderation.ValidID(commentID) {
		return QueueRow{}, moderation.ErrNotFound
	}
	row, err := q.Store.QueueRow(ctx, commentID)
	if err != nil {
		return QueueRow{}, err
	}
	if !v.MaySee(row.Comment.SiteID) {
		return QueueRow{}, moderation.ErrNotFound
	}
	return row, nil
}

// Ruling is what a moderator decides.
type Ruling struct {
	CommentID string
	Action    moderation.Action
	Version   int    // the version the moderator saw
	Reason    string // for the commenter; may be empty
	Note      string // for moderators; may be empty
	Code      string // one of the site's reason codes; may be empty
	Force     bool   // decide although another moderator holds the comment
}

// Decide carries a moderator's ruling out and returns the comment as it is now. Errors: *Invalid,
// ErrNotFound, ErrVersion as *Stale (somebody else was faster), ErrTransition, ErrAnotherModerator,
// ErrClaimed as *Claimed.
func (q *Queue) Decide(ctx context.Context, v moderation.Viewer, r Ruling) (Decided, error) {
	if err := r.prepare(); err != nil {
		return Decided{}, err
	}
	row, err := q.visible(ctx, v, r.CommentID)
	if err != nil {
		return Decided{}, fmt.Errorf("decide: %w", err)
	}
	c := row.Comment
	if err := q.checkCode(ctx, c.SiteID, r); err != nil {
		return Decided{}, fmt.Errorf("decide: %w", err)
	}
	if c.Version != r.Version {
		return Decided{}, fmt.Errorf("decide: %w", q.conflict(ctx, c.ID, moderation.ErrVersion))
	}
	to, err := c.Apply(r.Action)
	if err != nil {
		return Decided{}, fmt.Errorf("decide: %w", err)
	}
	if err := q.checkAppeal(ctx, v, c); err != nil {
		return Decided{}, fmt.Errorf("decide: %w", err)
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
		return Decided{}, fmt.Errorf("decide: %w", q.conflict(ctx, c.ID, err))
	}
	c.Version, c.Status, c.PublicReason, c.OpenReports = c.Version+1, to, d.Tells(c.PublicReason), 0
	return Decided{c, d.ID}, nil
}

func (r *Ruling) prepare() error {
	var faults moderation.Invalid
	if _, ok := r.Action.Leads(); !ok {
		faults.Add("/action", "unknown", "The action is one of approve, hold, reject, spam, delete.")
	}
	switch {
	case r.Version == 0:
		faults.Add("/version", "required", "Name the version of the comment that you decided on.")
	case r.Version < 0:
		faults.Add("/version", "out_of_range", "A version is a number from 1 on.")
	}
	r.Reason = moderation.CleanReason(&faults, "/reason", r.Reason)
	r.Note = moderation.CleanReason(&faults, "/note", r.Note)
	return faults.Err()
}

// RevealEmail returns a commenter's email to a moderator who says why. The audit entry is written first.
// Errors: *Invalid without a reason, ErrNotFound.
func (q *Queue) RevealEmail(ctx context.Context, v moderation.Viewer, commentID, reason string) (string, error) {
	var faults moderation.Invalid
	if reason = moderation.CleanReason(&faults, "/reason", reason); reason == "" {
		faults.Add("/reason", "required", "Say why you need the address; it goes into the audit log.")
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

// checkAppeal requires that a moderator does not answer an appeal against a decision of their own, as long as
// another one works on the site. ErrAnotherModerator.
func (q *Queue) checkAppeal(ctx context.Context, v moderation.Viewer, c moderation.Comment) error {
	if c.Status != moderation.StatusPending {
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

// originalVerdict reads a stored verdict; one of an erased comment is empty.
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

// checkCode requires a ruling's reason code to be one of its site's, and to go with a refusal. *Invalid.
func (q *Queue) checkCode(ctx context.Context, siteID string, r Ruling) error {
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
		faults.Add("/reason_code", "unknown", "This is none of the site's reason codes.")
	}
	return faults.Err()
}
