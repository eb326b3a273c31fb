package moderation

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// EditStore is the storage of Editor, besides that of Intake.
type EditStore interface {
	AuthorStore
	IntakeStore
	// ArticleByID returns ErrNotFound.
	ArticleByID(ctx context.Context, id string) (Article, error)
	// Commenter returns ErrNotFound.
	Commenter(ctx context.Context, id string) (Commenter, error)
	// Decisions returns a comment's log, oldest first.
	Decisions(ctx context.Context, commentID string) ([]Decision, error)
	// ReviseComment commits the new text with its verdict and counters in one transaction. The comment
	// carries its new version. ErrVersion unless the stored version is the one before.
	ReviseComment(ctx context.Context, r Revision) error
}

// Revision is everything that an edit writes.
type Revision struct {
	Comment    Comment
	Submission SubmissionRecord
	Decision   Decision
	Calls      []ExternalCall // to classifiers for which the comment waits
}

// Edit is an author's request to change a comment.
type Edit struct {
	CommentID string
	Receipt   string
	Body      string
	Version   int // of the text that the author saw; 0 means the current one
	Kind      FormKind
	Address   netip.Addr

	reading *text.Reading // of Body
}

// Editor processes edits. An edit is a new submission: the new text is judged before it becomes visible.
type Editor struct {
	Intake *Intake
	Store  EditStore
}

// Edit replaces the text of a comment for the holder of its receipt. Errors: *Invalid, *RateLimitError,
// ErrReceipt, ErrEditClosed, ErrVersion.
func (ed *Editor) Edit(ctx context.Context, e Edit) (AuthorView, error) {
	in := ed.Intake
	if !validReceipt(in.Keys, e.CommentID, e.Receipt) {
		return AuthorView{}, fmt.Errorf("edit: %w", ErrReceipt)
	}
	address := in.Keys.AddressIndex(e.Address)
	if wait, ok := in.Limiter.AllowAddress(e.Address); !ok {
		return AuthorView{}, &RateLimitError{RetryAfter: wait}
	}
	var faults Invalid
	e.reading = CleanBody(&faults, e.Body)
	e.Body = e.reading.Markdown
	if err := faults.Err(); err != nil {
		return AuthorView{}, err
	}
	for range changeTries {
		own, err := ed.edit(ctx, e, address)
		if err == nil {
			return own, nil
		}
		if !errors.Is(err, errConcurrentDecision) {
			return AuthorView{}, fmt.Errorf("edit: %w", err)
		}
	}
	return AuthorView{}, fmt.Errorf("edit: %w", ErrBusy)
}

// errConcurrentDecision means that a decision was made while the new text was judged. The author is not told,
// since the decision may be "spam".
var errConcurrentDecision = errors.New("decided on meanwhile")

// edit tries once. It returns errConcurrentDecision if the edit must be retried.
func (ed *Editor) edit(ctx context.Context, e Edit, address []byte) (AuthorView, error) {
	before, err := ed.load(ctx, e)
	if err != nil {
		return AuthorView{}, err
	}
	revision, err := ed.revise(ctx, before, e, address)
	if err != nil {
		return AuthorView{}, err
	}
	if err := ed.Store.ReviseComment(ctx, revision); errors.Is(err, ErrVersion) {
		return AuthorView{}, errConcurrentDecision
	} else if err != nil {
		return AuthorView{}, err
	}
	own := newAuthorView(before.site, revision.Comment, revision.Submission)
	return own, own.withAppeal(ctx, ed.Store)
}

// edited is the comment being edited and its context.
type edited struct {
	site      Site
	article   Article
	comment   Comment
	record    SubmissionRecord
	commenter Commenter
	// bound is the limit that earlier decisions set on the verdict.
	bound bound
	// accepted is set if the comment is public because a moderator approved it.
	accepted bool
}

func (ed *Editor) load(ctx context.Context, e Edit) (edited, error) {
	var b edited
	var err error
	if b.comment, b.record, err = ed.Store.CommentText(ctx, e.CommentID); err != nil {
		return b, err
	}
	if e.Version != 0 && e.Version != b.comment.Revision {
		return b, ErrVersion
	}
	if b.site, err = ed.Store.Site(ctx, b.comment.SiteID); err != nil {
		return b, err
	}
	until := newAuthorView(b.site, b.comment, SubmissionRecord{}).EditUntil
	if ed.Intake.Now().After(until) {
		return b, ErrEditClosed
	}
	if b.article, err = ed.Store.ArticleByID(ctx, b.comment.ArticleID); err != nil {
		return b, err
	}
	if b.commenter, err = ed.Store.Commenter(ctx, b.comment.CommenterID); err != nil {
		return b, err
	}
	log, err := ed.Store.Decisions(ctx, b.comment.ID)
	if err != nil {
		return b, err
	}
	log = EffectiveDecisions(log)
	if declined(log) {
		return b, ErrEditClosed
	}
	b.bound, b.accepted = boundBy(log), b.comment.Status == StatusApproved && acceptedBy(log)
	if len(b.commenter.EmailSealed) == 0 { // the author had it removed, so rules and blocks cannot read it
		b.bound = max(b.bound, mustBeSeen)
	}
	return b, nil
}

// declined reports whether a moderator rejected the comment and nobody approved it since. Such a comment
// cannot be edited: an appeal is about the rejected text. Spam does not count, since its author is told that
// the comment is pending.
func declined(log []Decision) bool {
	declined := false
	for _, d := range log {
		switch {
		case d.To == StatusApproved:
			declined = false
		case d.To == StatusRejected && d.Actor == ActorModerator:
			declined = true
		}
	}
	return declined
}

// acceptedBy reports whether the last of a comment's moderators approved it.
func acceptedBy(log []Decision) bool {
	accepted := false
	for _, d := range log {
		if d.Actor == ActorModerator {
			accepted = d.To == StatusApproved
		}
	}
	return accepted
}

// bound limits how lenient a verdict on an edit may be after earlier decisions.
type bound int

const (
	unbound    bound = iota // no limit
	mustBeSeen              // a moderator must approve it
	staysSpam               // a moderator marked it as spam; a new text does not change who sent it
)

// boundBy returns the bound that a comment's log, oldest first, sets. A moderator's decision replaces all
// earlier ones. Spam by the ruleset binds until a moderator approves, so that the filter cannot be probed in
// small edits.
func boundBy(log []Decision) bound {
	b := unbound
	for _, d := range log {
		switch {
		case d.Actor == ActorModerator && d.To == StatusApproved:
			b = unbound
		case d.Actor == ActorModerator && d.To == StatusSpam:
			b = staysSpam
		case d.Actor == ActorModerator:
			b = mustBeSeen
		case d.To == StatusSpam, d.From != "" && d.Actor != ActorRuleset && d.To == StatusPending:
			// A reported or appealed comment waits for a moderator, whatever its new text.
			b = max(b, mustBeSeen)
		}
	}
	return b
}

func (ed *Editor) revise(ctx context.Context, b edited, e Edit, address []byte) (Revision, error) {
	in, now := ed.Intake, ed.Intake.Now().UTC()
	facts, known, external, err := ed.facts(ctx, b, e, now)
	if err != nil {
		return Revision{}, err
	}
	verdict := in.judgeAwaiting(ctx, b.site.ActiveRulesetID, facts, &external)
	told := AuthorReason(min(b.bound, mustBeSeen).apply(verdict)) // as if it were not spam
	verdict = b.bound.apply(verdict)
	html, err := e.reading.HTML()
	if err != nil {
		return Revision{}, fmt.Errorf("render: %w", err)
	}
	c := b.comment
	c.Version++
	c.Revision++
	c.BodyHTML, c.EditedAt = html, now
	c.Language, c.Cluster = e.reading.Language(), clusterOf(known, c.ID)
	n, err := in.buildRows(b.site, NewComment{Article: b.article, Commenter: b.commenter, Comment: c}, evidence{
		facts: facts, verdict: verdict, reading: e.reading,
		fingerprint: e.reading.Fingerprint(), minHash: NewMinHash(e.reading),
		addressIndex: address, addressPrefix: addressPrefix(e.Address),
	})
	if err != nil {
		return Revision{}, err
	}
	n.Comment.PublicReason, n.Decision.Reason = told, told
	n.Decision.From, n.Decision.CreatedAt, n.Submission.CreatedAt = b.comment.Status, now, now
	r := Revision{Comment: n.Comment, Submission: n.Submission, Decision: n.Decision}
	if b.bound == unbound { // otherwise no answer can publish it
		r.Calls = external.calls(n, in.NewID)
	}
	return r, nil
}

// recogniseAuthor makes an edit count as sent by the comment's author, with the badges of that time.
func (in *Intake) recogniseAuthor(ctx context.Context, c Comment, s *Submission) error {
	switch id := c.ReaderID(); {
	case id != "" && in.Readers != nil:
		seen, err := in.Readers.FirstSeen(ctx, id)
		if err != nil {
			return fmt.Errorf("gather facts: %w", err)
		}
		s.reader = &SignedReader{ID: id, Badges: c.Badges, AvatarURL: c.AvatarURL, FirstSeenAt: seen}
	case c.BrowserID != "":
		s.CommenterToken = commenterToken(in.Keys, c.BrowserID, c.CommenterID)
	}
	return nil
}

// facts gathers the current facts. The author holds the receipt, so the browser that sent the comment is
// recognised if it was remembered. If it was not, a comment that a moderator approved counts for its author
// nevertheless: a site where first comments wait would otherwise hold it again for each corrected letter.
func (ed *Editor) facts(ctx context.Context, b edited, e Edit, now time.Time,
) (facts *rules.Facts, known SubmissionContext, external ExternalAnswers, err error) {
	in := ed.Intake
	email := ""
	if len(b.commenter.EmailSealed) > 0 {
		if email, err = in.Keys.Open(b.commenter.EmailSealed, b.commenter.ID); err != nil {
			return nil, known, external, fmt.Errorf("open email: %w", err)
		}
	}
	s := Submission{
		AuthorName: b.comment.AuthorName, AuthorURL: b.comment.AuthorURL, AuthorEmail: email,
		Body: e.Body, reading: e.reading, Form: FormEvidence{Kind: e.Kind}, Address: e.Address,
	}
	query := SubmissionContextQuery{
		SiteID: b.site.ID, ArticleKey: b.article.Key, ParentID: b.comment.ParentID,
		EmailIndexes: in.Keys.Indexes(email), AddressIndex: in.Keys.AddressIndex(e.Address),
		Fingerprint: e.reading.Fingerprint(), MinHash: NewMinHash(e.reading), ExceptComment: b.comment.ID,
		BlockIndexes: in.blockIndexes(s), NameSkeletons: text.NameSkeletons(s.AuthorName), Now: now,
	}
	if known, err = ed.Store.SubmissionContext(ctx, query); err != nil {
		return nil, known, external, fmt.Errorf("gather facts: %w", err)
	}
	if err := in.recogniseAuthor(ctx, b.comment, &s); err != nil {
		return nil, known, external, err
	}
	reputation, err := in.reputation(ctx, s, known, query)
	if err != nil {
		return nil, known, external, err
	}
	if b.accepted {
		reputation = reputation.withReceipt()
	}
	facts, external = in.gather(ctx, factSources{
		site: b.site, article: b.article, submission: s, known: known, reputation: reputation,
		edit: &b.comment, editedBody: b.record.Body, now: now,
	}, b.commenter.ID)
	if !b.comment.Public() {
		facts.Form = sentWith(b.record, facts.Form)
	}
	return facts, known, external, nil
}

// sentWith returns how the comment was sent at first. The form of an edit tells nothing about that, so without it
// an edit would publish what was held for the way it was sent.
func sentWith(first SubmissionRecord, form rules.Form) rules.Form {
	before, err := rules.Unfreeze(first.Facts, rules.Kept{})
	if err != nil {
		return form // an imported comment
	}
	before.Form.Kind = form.Kind
	return before.Form
}
