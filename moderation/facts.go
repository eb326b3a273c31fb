package moderation

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"golang.org/x/text/language"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
	"rejoinder/privacy"
)

// reputation is the author's history that rules may test. An author counts as
// confirmed in a browser that sent a comment for which they confirmed their email.
type reputation struct {
	browserID string   // of a recognised browser; empty otherwise
	receipt   bool     // the author proved one comment that a moderator approved, by its receipt
	record    Record   // past decisions on the author's comments
	activity  Activity // recent submissions
}

// withReceipt counts the approved comment whose receipt the author holds, unless the browser is recognised: then it
// is counted already.
func (r reputation) withReceipt() reputation {
	if r.browserID == "" {
		r.receipt, r.record.Approved = true, 1
		if r.record.LastDecided == "" {
			r.record.LastDecided = StatusApproved
		}
	}
	return r
}

// Activity counts an author's recent submissions.
type Activity struct {
	Rate       Rate
	Copies     int // with the given fingerprint, in the last 24 hours
	SameParent int // of these: as replies to the same comment, or as roots on the same article
}

// BrowserQuery selects the submissions of one remembered browser under one email.
type BrowserQuery struct {
	CommenterID   string
	BrowserID     string
	Website       string // host and port of the author's URL; empty for none
	ArticleID     string // empty for one that is not registered
	ParentID      string // empty for a root
	Fingerprint   []byte
	ExceptComment string // excluded from the copies
	Now           time.Time
}

// reputation returns the record and the activity that count for a submission.
//
// From an unrecognised browser, anyone may have typed the email. So its approvals do not count, but
// moderators' decisions against it do. Activity counts only from the same IP address: otherwise public
// reasons of rules could confirm a guessed email, and strangers could use up an author's limits.
//
// From a recognised browser, only what this browser sent counts, so strangers who use its owner's email do no
// harm. All browsers of a signed-in reader count as one.
func (in *Intake) reputation(
	ctx context.Context, s Submission, known SubmissionContext, q SubmissionContextQuery,
) (reputation, error) {
	if known.Commenter == nil {
		return reputation{}, nil
	}
	c := *known.Commenter
	browserID := in.sender(s, c.ID)
	if browserID == "" {
		unproved := c.Record
		unproved.Approved = 0
		if unproved.LastDecided == StatusApproved {
			unproved.LastDecided = ""
		}
		return reputation{record: unproved, activity: Activity{
			Rate: known.Velocity.Author, Copies: known.Copies.Author, SameParent: known.Copies.SameParent,
		}}, nil
	}
	query := BrowserQuery{
		CommenterID: c.ID, BrowserID: browserID, Website: authority(s.AuthorURL), ParentID: q.ParentID,
		Fingerprint: q.Fingerprint, ExceptComment: q.ExceptComment, Now: q.Now,
	}
	if known.Article != nil {
		query.ArticleID = known.Article.ID
	}
	record, err := in.Store.BrowserRecord(ctx, query)
	if err != nil {
		return reputation{}, fmt.Errorf("gather facts: %w", err)
	}
	activity, err := in.Store.BrowserActivity(ctx, query)
	if err != nil {
		return reputation{}, fmt.Errorf("gather facts: %w", err)
	}
	return reputation{browserID: browserID, record: record, activity: activity}, nil
}

// authority returns host and port of a canonical URL; empty for none.
func authority(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Host
}

// factSources is the input of gatherFacts, besides the form.
type factSources struct {
	site       Site
	article    Article
	submission Submission
	known      SubmissionContext
	reputation reputation
	edit       *Comment // the comment being edited; nil for a new one
	editedBody string   // its previous text
	now        time.Time
}

// gather assembles all facts, and asks the classifiers of the site.
func (in *Intake) gather(ctx context.Context, from factSources, commenterID string) (*rules.Facts, ExternalAnswers) {
	s := from.submission
	facts := gatherFacts(from)
	facts.Form, facts.Spam = in.formFacts(from.site, s.Form, from.now), in.spamScore(ctx, from.site.ID, s.reading)
	answers := in.askExternal(ctx, s, ExternalQuery{Site: from.site, CommenterID: commenterID, Edit: from.edit != nil})
	facts.External = answers.Facts
	return facts, answers
}

// effectiveMode returns the mode for the fact article.mode. The fact article.closed says whether the article is
// closed, so the fact then is the article's own mode.
func effectiveMode(a Article, settings SiteSettings, at time.Time) rules.ModerationMode {
	if mode := a.ModeAt(settings, at); mode != rules.ModeClosed {
		return mode
	}
	return a.Mode
}

// gatherFacts assembles the facts that rules can test, besides those of form and classifiers.
func gatherFacts(from factSources) *rules.Facts {
	s, record := from.submission, from.reputation.record
	facts := &rules.Facts{
		Body:         s.Body,
		Reading:      s.reading,
		SiteLanguage: PrimaryLanguage(from.site.Locale),
		Address:      s.Address,
		Author: rules.Author{
			Name: s.AuthorName, URL: s.AuthorURL, Email: s.AuthorEmail,
			Recognised: from.reputation.browserID != "" || from.reputation.receipt, Confirmed: record.Confirmed,
			Approved: record.Approved, Rejected: record.Rejected, Spam: record.Spam, Pending: record.Pending,
			HoursSinceNegative: rules.HoursSince(record.LastNegativeAt, from.now), LastDecided: string(record.LastDecided),
			URLNew:         s.AuthorURL != "" && !record.WebsiteKnown,
			NamesModerator: from.known.NamesModerator || namesStaff(from.site, s.AuthorName) && !from.known.ByModerator,
		},
		Velocity: rules.Velocity{
			Author:  rules.Rate(from.reputation.activity.Rate),
			Address: rules.Rate(from.known.Velocity.Address),
			Article: rules.Rate(from.known.Velocity.Article),
		},
		Similarity: rules.Similarity{
			Author: from.reputation.activity.Copies, SameParent: from.reputation.activity.SameParent,
			Article: from.known.Copies.Article, Site: from.known.Copies.Site,
		},
		Article: rules.Article{
			AgeHours: rules.HoursSince(from.article.PublishedAt, from.now),
			Closed:   from.article.IsClosed(from.site.Settings, from.now),
			Comments: from.article.ApprovedCount,
			Tags:     from.article.Tags,
			Mode:     string(effectiveMode(from.article, from.site.Settings, from.now)),
		},
	}
	addReaderFacts(&facts.Author, s.reader, from.now)
	facts.Blocks = blockFacts(from.known.Blocks)
	facts.Similarity.NearArticle, facts.Similarity.NearSite = countNearDuplicates(from.known.NearDuplicates, from.article.ID)
	if commenter := from.known.Commenter; commenter != nil && commenter.Name != "" {
		facts.Author.FirstSeenHours = rules.HoursSince(commenter.FirstSeenAt, from.now)
	}
	if parent := from.known.Parent; parent != nil {
		facts.Reply = rules.Reply{Depth: parent.Depth + 1, ToStaff: from.known.ParentByModerator,
			ToSelf:     from.known.Commenter != nil && parent.CommenterID == from.known.Commenter.ID,
			ParentName: parent.AuthorName}
	}
	if from.edit != nil {
		facts.Edit = rules.EditOf(string(from.edit.Status), text.Read(from.editedBody), s.reading)
		facts.Edit.Replies = from.edit.VisibleReplies
	}
	return facts
}

// addReaderFacts adds what the publication says of a signed-in reader.
func addReaderFacts(author *rules.Author, reader *SignedReader, now time.Time) {
	if reader == nil {
		return
	}
	author.SignedIn, author.Recognised, author.Confirmed = true, true, true
	author.Badges = reader.Badges
	if !reader.FirstSeenAt.IsZero() {
		author.SubjectAgeDays = rules.HoursSince(reader.FirstSeenAt, now) / 24
	}
}

// spamScore scores a text with the classifier. The score is unknown without one.
func (in *Intake) spamScore(ctx context.Context, siteID string, r *text.Reading) rules.SpamScore {
	if in.Classifier == nil {
		return rules.SpamScore{}
	}
	return in.Classifier.Score(ctx, siteID, r)
}

// formFacts describes how the submission was made. The age is unknown for a token that we did not issue.
func (in *Intake) formFacts(site Site, form FormEvidence, now time.Time) rules.Form {
	facts := rules.Form{Kind: string(form.Kind), Honeypot: form.Honeypot != ""}
	if made, ok := formMade(in.Keys, site.ID, form.Token); ok {
		facts.AgeKnown = true
		facts.AgeSeconds = max(0, now.Sub(made).Round(time.Millisecond).Seconds())
	}
	if form.Pasted != nil {
		facts.PasteKnown, facts.Pasted = true, *form.Pasted
	}
	return facts
}

// judgeAwaiting evaluates the site's ruleset on the facts, and holds the submission if the verdict can depend on an
// awaited classifier; it removes the others from external. Without a usable ruleset it holds everything and logs why.
func (in *Intake) judgeAwaiting(
	ctx context.Context, rulesetID string, facts *rules.Facts, external *ExternalAnswers,
) rules.Verdict {
	// Look up the ruleset outside the evaluation's time limit: the first lookup after a start waits for
	// compilation.
	ruleset, err := in.Judges.Judge(ctx, rulesetID)
	if err != nil {
		in.Log.ErrorContext(ctx, "ruleset cannot be used, holding a submission", "ruleset", rulesetID, "err", err)
		return held(rules.CauseError, "The site's ruleset could not be used, so a person must judge this.")
	}
	external.Awaited = slices.DeleteFunc(external.Awaited,
		func(c AwaitedClassifier) bool { return !ruleset.DependsOnExternal(c.Name) })
	ctx, cancel := context.WithTimeout(ctx, JudgeTime)
	defer cancel()
	return external.hold(ruleset.Evaluate(ctx, facts))
}

// CauseEdited is the cause of a verdict on an edit that earlier decisions made more severe.
const CauseEdited = "edited-after-decision"

// apply makes a verdict on an edit at least as severe as the bound and keeps all hits. A rejection remains
// one even for comments marked as spam: authors must not be able to tell them from pending comments.
func (b bound) apply(v rules.Verdict) rules.Verdict {
	bounded := v
	switch {
	case b == staysSpam && (v.Action == rules.Approve || v.Action == rules.Hold):
		bounded = held(CauseEdited, "A moderator called this spam, and it was edited.")
		bounded.Action, bounded.Hits[0].Action = rules.Spam, rules.Spam
	case b == mustBeSeen && v.Action == rules.Approve:
		bounded = held(CauseEdited, "Edited while it was waiting for a person, who must judge the new text.")
	default:
		return v
	}
	bounded.Score, bounded.Hits = v.Score, append(bounded.Hits, v.Hits...)
	return bounded
}

func held(cause, reason string) rules.Verdict {
	return rules.Verdict{Action: rules.Hold, Cause: cause, Hits: []rules.Hit{
		{Rule: cause, Mode: rules.Enforce, Action: rules.Hold, Field: "body", Reason: reason},
	}}
}

// addressPrefix returns the prefix of an IP address that is stored unencrypted for a limited time; empty if
// the address is unknown.
func addressPrefix(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return privacy.Prefix(address).String()
}

// PrimaryLanguage returns the language of a locale: "pt" for pt-BR. It is empty for an invalid one.
func PrimaryLanguage(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	base, _ := tag.Base()
	return base.String()
}
