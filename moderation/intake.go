package moderation

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
	"rejoinder/privacy"
)

// JudgeTime is the time limit of one evaluation. Rules take microseconds; a ruleset that takes this long is
// broken, and its submissions are held.
const JudgeTime = 250 * time.Millisecond

// IntakeStore is the storage of Intake.
type IntakeStore interface {
	// SiteBySlug returns ErrSiteUnknown for an unknown slug.
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// SubmissionContext reads all stored context at once. Unknown entities are nil, not errors.
	SubmissionContext(ctx context.Context, q SubmissionContextQuery) (SubmissionContext, error)
	// BrowserRecord counts the comments of one commenter that one remembered browser sent, and looks for the
	// website among the approved ones.
	BrowserRecord(ctx context.Context, q BrowserQuery) (Record, error)
	// BrowserActivity counts the recent submissions of one remembered browser under one email.
	BrowserActivity(ctx context.Context, q BrowserQuery) (Activity, error)
	// CommentText returns a comment with the text of its current revision, or ErrNotFound.
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	// IdempotentComment returns the comment created with a key, and the hash of its request. ErrNotFound if
	// the key is new.
	IdempotentComment(ctx context.Context, siteID string, keyHash []byte) (Comment, []byte, error)
	// CreateComment commits the comment with its submission, decision, counters and idempotency key in one
	// transaction, and returns it as stored. Errors: ErrParentGone, ErrIdempotencyRace.
	CreateComment(ctx context.Context, c NewComment) (Comment, error)
}

// NewComment is everything that an accepted submission writes.
type NewComment struct {
	Article      Article // inserted if missing; storage uses the stored ID in all rows below
	Commenter    Commenter
	Comment      Comment
	Submission   SubmissionRecord
	Decision     Decision
	Idempotency  *IdempotencyKey // nil if none was sent
	Subscription *Subscription   // nil if the author wants no mail
	Calls        []ExternalCall  // to classifiers for which the comment waits
}

// IdempotencyKey is a client's idempotency key, hashed.
type IdempotencyKey struct {
	KeyHash     []byte
	RequestHash []byte
}

// Judge evaluates a ruleset on the facts of a submission.
type Judge interface {
	Evaluate(ctx context.Context, facts *rules.Facts) rules.Verdict
	// DependsOnExternal reports whether a verdict can depend on the outside classifier with that name.
	DependsOnExternal(name string) bool
}

// Judges finds the judge of a ruleset version.
type Judges interface {
	Judge(ctx context.Context, rulesetID string) (Judge, error)
}

// Limiter limits a rate by key, such as a site's ID.
type Limiter interface {
	// Allow takes one from the key's allowance, or returns how long to wait.
	Allow(key []byte) (wait time.Duration, ok bool)
}

// AddressLimiter limits a rate by client IP address.
type AddressLimiter interface {
	// AllowAddress takes one from the address's allowance, or returns how long to wait.
	AllowAddress(address netip.Addr) (wait time.Duration, ok bool)
}

// Intake processes submissions: it validates them, gathers facts, has them judged, and commits before it
// returns.
type Intake struct {
	Store   IntakeStore
	Judges  Judges
	Limiter AddressLimiter
	// SiteLimiter keeps a site under attack from using up the server's capacity.
	SiteLimiter Limiter
	// Mail reports that the server can send mail.
	Mail bool
	// Readers identifies signed-in readers; nil disables it.
	Readers Readers
	// Classifier scores texts; nil disables it.
	Classifier TextScorer
	// External asks classifiers outside of this program; nil disables it.
	External ExternalScorer
	Keys     *privacy.Keyring
	Log      *slog.Logger
	Now      func() time.Time
	NewID    func() string
}

// SubmitResult is the result of a committed submission, for its author only.
type SubmitResult struct {
	Comment        AuthorView
	Receipt        string
	CommenterToken string // empty unless the author asked to be remembered
	// EmailSuggestion is the address that the author probably meant; empty unless theirs looks mistyped.
	EmailSuggestion string
}

// Submit processes a new comment. If it returns no error, the comment is committed with its verdict. Errors:
// *Invalid, *RateLimitError, *NudgeError, *MistypedEmailError, *IdentityError, ErrIdentityRequired,
// ErrIdentityOff, ErrSiteUnknown, ErrArticleUnknown, ErrIdempotencyMismatch, ErrBusy.
func (in *Intake) Submit(ctx context.Context, s Submission) (SubmitResult, error) {
	address := in.Keys.AddressIndex(s.Address)
	if wait, ok := in.Limiter.AllowAddress(s.Address); !ok {
		return SubmitResult{}, &RateLimitError{RetryAfter: wait}
	}
	if err := s.prepare(); err != nil {
		return SubmitResult{}, err
	}
	site, err := in.Store.SiteBySlug(ctx, s.SiteSlug)
	if err != nil {
		return SubmitResult{}, fmt.Errorf("submit: %w", err)
	}
	if _, ok := in.SiteLimiter.Allow([]byte(site.ID)); !ok {
		return SubmitResult{}, fmt.Errorf("submit: more than site %s may get: %w", site.Slug, ErrBusy)
	}
	if err := in.identify(ctx, site, &s); err != nil {
		return SubmitResult{}, fmt.Errorf("submit: %w", err)
	}
	key := in.idempotencyKey(s)
	if accepted, found, err := in.replay(ctx, site, key, s); found || err != nil {
		return accepted, err
	}
	if !site.Settings.Website {
		s.AuthorURL = ""
	}
	if s.Notify && !in.OffersMail(site) {
		if s.Form.Kind == FormJSON {
			return SubmitResult{}, noMail()
		}
		s.Notify = false // the form was loaded when there still was mail
	}
	if err := s.askAboutEmail(); err != nil {
		return SubmitResult{}, err
	}
	draft, err := in.draft(ctx, site, s, address)
	if err != nil {
		return SubmitResult{}, err
	}
	draft.Idempotency = key
	if s.Notify {
		draft.Subscription = in.subscription(draft.Comment, s)
	}
	stored, err := in.Store.CreateComment(ctx, draft)
	switch {
	case errors.Is(err, ErrIdempotencyRace):
		accepted, _, err := in.replay(ctx, site, key, s)
		return accepted, err
	case errors.Is(err, ErrParentGone):
		return SubmitResult{}, parentGone()
	case err != nil:
		return SubmitResult{}, fmt.Errorf("submit: %w", err)
	}
	result := in.accepted(site, stored, draft.Submission)
	result.EmailSuggestion = s.emailSuggestion()
	return result, nil
}

// draft gathers the facts, has them judged and builds all rows to write.
func (in *Intake) draft(ctx context.Context, site Site, s Submission, address []byte) (NewComment, error) {
	now := in.Now().UTC()
	indexes := in.Keys.Indexes(s.AuthorEmail)
	fingerprint := s.reading.Fingerprint()
	query := SubmissionContextQuery{
		SiteID:        site.ID,
		ArticleKey:    s.Article.Key,
		ParentID:      s.ParentID,
		EmailIndexes:  indexes,
		AddressIndex:  address,
		Fingerprint:   fingerprint,
		MinHash:       NewMinHash(s.reading),
		BlockIndexes:  in.blockIndexes(s),
		NameSkeletons: text.NameSkeletons(s.AuthorName),
		Now:           now,
	}
	known, err := in.Store.SubmissionContext(ctx, query)
	if err != nil {
		return NewComment{}, fmt.Errorf("gather facts: %w", err)
	}
	article, err := in.article(site, s, known.Article, now)
	if err != nil {
		return NewComment{}, err
	}
	if err := CheckParent(site, article, s.ParentID, known.Parent); err != nil {
		return NewComment{}, err
	}
	commenter, err := in.commenter(site, s, known.Commenter, indexes[0])
	if err != nil {
		return NewComment{}, err
	}
	reputation, err := in.reputation(ctx, s, known, query)
	if err != nil {
		return NewComment{}, err
	}
	from := factSources{site: site, article: article, submission: s, known: known, reputation: reputation, now: now}
	facts, external := in.gather(ctx, from, commenter.ID)
	verdict := in.judgeAwaiting(ctx, site.ActiveRulesetID, facts, &external)
	if nudge := verdict.Nudge(); nudge != "" && s.MayNudge {
		return NewComment{}, &NudgeError{nudge}
	}
	html, err := s.reading.HTML()
	if err != nil {
		return NewComment{}, fmt.Errorf("render: %w", err)
	}
	comment := in.comment(article, commenter, s, known.Parent)
	comment.BodyHTML, comment.BrowserID, comment.CreatedAt = html, in.browserOf(s, reputation), now
	comment.Language, comment.Cluster = s.reading.Language(), clusterOf(known, comment.ID)
	n, err := in.buildRows(site, NewComment{Article: article, Commenter: commenter, Comment: comment}, evidence{
		facts: facts, verdict: verdict, reading: s.reading, fingerprint: fingerprint, minHash: query.MinHash,
		addressIndex: address, addressPrefix: addressPrefix(s.Address),
	})
	n.Calls = external.calls(n, in.NewID)
	return n, err
}

// article returns the registered article, or a new one if the request may register it. No permission is
// needed if the key is a URL of the site, except for the title and URL sent with it.
func (in *Intake) article(site Site, s Submission, known *Article, now time.Time) (Article, error) {
	if known != nil {
		return *known, nil
	}
	ref := s.Article
	named := site.Allows(s.Origin) && (ref.URL == "" || site.Covers(ref.URL))
	switch covered := site.Covers(ref.Key); {
	case !named && !covered:
		return Article{}, fmt.Errorf("submit: %w", ErrArticleUnknown)
	case !named:
		ref.URL, ref.Title = ref.Key, ""
	case covered:
		ref.URL = cmp.Or(ref.URL, ref.Key)
	}
	return Article{
		ID: in.NewID(), SiteID: site.ID, Key: ref.Key, URL: ref.URL, Title: ref.Title,
		PublishedAt: now, CreatedAt: now, Version: 1,
	}, nil
}

// commenter returns the known commenter with the current name, or a new one with the email sealed.
func (in *Intake) commenter(site Site, s Submission, known *Commenter, index []byte) (Commenter, error) {
	now := in.Now().UTC()
	var c Commenter
	if known != nil {
		c = *known
	} else {
		c = Commenter{ID: in.NewID(), SiteID: site.ID, FirstSeenAt: now}
	}
	if c.Name == "" {
		c.FirstSeenAt = now // so far, they only followed articles
	}
	c.Name, c.EmailIndex, c.LastSeenAt = s.AuthorName, index, now
	if s.reader != nil && c.ConfirmedAt.IsZero() {
		c.ConfirmedAt = now // the publication has verified it, so no mail has to ask
	}
	if len(c.EmailSealed) > 0 {
		return c, nil
	}
	// A new commenter, or one who returns after an erasure.
	sealed, err := in.Keys.Seal(s.AuthorEmail, c.ID)
	if err != nil {
		return Commenter{}, fmt.Errorf("seal email: %w", err)
	}
	c.EmailSealed = sealed
	return c, nil
}

func (in *Intake) comment(article Article, commenter Commenter, s Submission, parent *Comment) Comment {
	id := in.NewID()
	c := Comment{
		ID: id, SiteID: article.SiteID, ArticleID: article.ID, CommenterID: commenter.ID, RootID: id,
		Version: 1, Revision: 1, AuthorName: s.AuthorName, AuthorURL: s.AuthorURL,
	}
	if s.reader != nil {
		c.Badges, c.AvatarURL = s.reader.Badges, s.reader.AvatarURL
	}
	if parent != nil {
		c.ParentID, c.RootID, c.Depth = parent.ID, parent.RootID, parent.Depth+1
	}
	return c
}

// evidence is the input and verdict of judging a submission.
type evidence struct {
	facts         *rules.Facts
	verdict       rules.Verdict
	reading       *text.Reading
	fingerprint   []byte
	minHash       MinHash
	addressIndex  []byte
	addressPrefix string
}

// buildRows completes the rows that record the verdict.
func (in *Intake) buildRows(site Site, n NewComment, e evidence) (NewComment, error) {
	record, err := e.record(site.ActiveRulesetID)
	if err != nil {
		return NewComment{}, err
	}
	action := Action(e.verdict.Action)
	status, ok := action.Target()
	if !ok || action == ActionDelete {
		return NewComment{}, fmt.Errorf("verdict %q is no action of a ruleset", e.verdict.Action)
	}
	c := &n.Comment
	c.Status, c.Score, c.PublicReason = status, e.verdict.Score, AuthorReason(e.verdict)
	c.Risk = Risk(c.Score, c.OpenReports, n.Article.ApprovedCount)
	record.ID, record.SiteID, record.ArticleID = in.NewID(), c.SiteID, c.ArticleID
	record.CommenterID, record.CommentID, record.Revision = c.CommenterID, c.ID, c.Revision
	record.AuthorName, record.AuthorURL, record.CreatedAt = c.AuthorName, c.AuthorURL, c.CreatedAt
	n.Submission = record
	n.Decision = Decision{
		ID: in.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: c.Version, Action: action, To: status,
		Actor: ActorRuleset, RulesetID: site.ActiveRulesetID, SubmissionID: record.ID,
		Reason: c.PublicReason, ReasonCode: e.verdict.ReasonCode(), CreatedAt: c.CreatedAt,
	}
	return n, nil
}

func (e evidence) record(rulesetID string) (SubmissionRecord, error) {
	facts, err := json.Marshal(e.facts)
	if err != nil {
		return SubmissionRecord{}, fmt.Errorf("freeze facts: %w", err)
	}
	verdict, err := json.Marshal(e.verdict)
	if err != nil {
		return SubmissionRecord{}, fmt.Errorf("keep verdict: %w", err)
	}
	return SubmissionRecord{
		Body: e.reading.Markdown, reading: e.reading, Fingerprint: e.fingerprint, MinHash: e.minHash,
		Facts: facts, Verdict: verdict, RulesetID: rulesetID,
		AddressIndex: e.addressIndex, AddressPrefix: e.addressPrefix,
	}, nil
}

// idempotencyKey hashes the client's key and its request. The request contains an email, so its hash is
// keyed.
func (in *Intake) idempotencyKey(s Submission) *IdempotencyKey {
	if s.IdempotencyKey == "" {
		return nil
	}
	hash := sha256.Sum256([]byte(s.IdempotencyKey))
	return &IdempotencyKey{KeyHash: hash[:], RequestHash: []byte(in.Keys.Token(purposeIdempotency, s.content()))}
}

// content returns a string that is equal for equal requests.
func (s Submission) content() string {
	return strings.Join([]string{s.Article.Key, s.ParentID, s.AuthorName, s.AuthorEmail, s.AuthorURL, s.Body}, "\x00")
}

// replay returns the result of the first request for a repeated one.
func (in *Intake) replay(
	ctx context.Context, site Site, key *IdempotencyKey, s Submission,
) (SubmitResult, bool, error) {
	if key == nil {
		return SubmitResult{}, false, nil
	}
	comment, requestHash, err := in.Store.IdempotentComment(ctx, site.ID, key.KeyHash)
	if errors.Is(err, ErrNotFound) {
		return SubmitResult{}, false, nil
	}
	if err != nil {
		return SubmitResult{}, false, fmt.Errorf("replay: %w", err)
	}
	if !in.Keys.VerifyToken(purposeIdempotency, s.content(), string(requestHash)) {
		return SubmitResult{}, false, fmt.Errorf("replay: %w", ErrIdempotencyMismatch)
	}
	comment, present, err := in.Store.CommentText(ctx, comment.ID)
	if err != nil {
		return SubmitResult{}, false, fmt.Errorf("replay: %w", err)
	}
	return in.accepted(site, comment, present), true, nil
}

func (in *Intake) accepted(site Site, c Comment, s SubmissionRecord) SubmitResult {
	a := SubmitResult{Comment: newAuthorView(site, c, s), Receipt: Receipt(in.Keys, c.ID)}
	if c.BrowserID != "" && !c.SignedIn() {
		a.CommenterToken = commenterToken(in.Keys, c.BrowserID, c.CommenterID)
	}
	return a
}
