package moderation

import (
	"context"
	"net/netip"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// standing is what a commenter's continuity has earned: who is recognised, and on which record trust is counted.
type standing struct {
	recognised bool
	confirmed  bool
	record     Record
}

// standing decides whose record counts. An email alone is guessable, so an unproved writer has no approvals to show;
// what counts against an email counts all the same. A recognised browser answers for what it sent itself.
func (in *Intake) standing(ctx context.Context, token string, c Commenter, known bool) (string, standing, error) {
	if !known {
		return "", standing{}, nil
	}
	browserID := recogniseBrowser(in.Keys, token, c.ID)
	if browserID == "" {
		unproved := c.Record
		unproved.Approved = 0
		if unproved.LastDecided == StatusApproved {
			unproved.LastDecided = ""
		}
		return "", standing{record: unproved}, nil
	}
	if !c.ConfirmedAt.IsZero() {
		return browserID, standing{recognised: true, confirmed: true, record: c.Record}, nil
	}
	record, err := in.Store.BrowserRecord(ctx, c.ID, browserID)
	if err != nil {
		return "", standing{}, err
	}
	return browserID, standing{recognised: true, record: record}, nil
}

// factSources is everything that facts are made of, besides the form.
type factSources struct {
	site       Site
	article    Article
	submission Submission
	known      Background
	standing   standing
	edit       *Comment // the comment being edited; nil for a new one
	editedBody string   // its text before
	now        time.Time
}

// gatherFacts lays out what rules may look at.
func gatherFacts(from factSources) *rules.Facts {
	s, record := from.submission, from.standing.record
	facts := &rules.Facts{
		Body:    s.Body,
		Address: s.Address,
		Author: rules.Author{
			Name: s.AuthorName, URL: s.AuthorURL, Email: s.AuthorEmail,
			Confirmed: from.standing.confirmed, Recognised: from.standing.recognised,
			Approved: record.Approved, Rejected: record.Rejected, Spam: record.Spam, Pending: record.Pending,
			HoursSinceNegative: rules.HoursSince(record.LastNegativeAt, from.now), LastDecided: string(record.LastDecided),
		},
		Velocity: rules.Velocity{
			Author:  rules.Rate(from.known.Velocity.Author),
			Address: rules.Rate(from.known.Velocity.Address),
			Article: rules.Rate(from.known.Velocity.Article),
		},
		Similarity: rules.Similarity{
			Author: from.known.Copies.Author, Article: from.known.Copies.Article, Site: from.known.Copies.Site,
		},
		Article: rules.Article{
			AgeHours: rules.HoursSince(from.article.PublishedAt, from.now),
			Closed:   from.article.IsClosed(from.site.Settings, from.now),
			Comments: from.article.ApprovedCount,
		},
	}
	facts.Similarity.NearArticle, facts.Similarity.NearSite = nearCopies(from)
	if from.known.Commenter != nil {
		facts.Author.FirstSeenHours = rules.HoursSince(from.known.Commenter.FirstSeenAt, from.now)
	}
	if parent := from.known.Parent; parent != nil {
		facts.Reply = rules.Reply{Depth: parent.Depth + 1, ToStaff: from.known.ParentByModerator,
			ToSelf: from.known.Commenter != nil && parent.CommenterID == from.known.Commenter.ID}
	}
	if from.edit != nil {
		facts.Edit = rules.EditOf(string(from.edit.Status), from.editedBody, s.Body)
	}
	return facts
}

// spamScore asks the classifier about a text. Without one nothing is known.
func (in *Intake) spamScore(ctx context.Context, siteID, body string) rules.SpamScore {
	if in.Classifier == nil {
		return rules.SpamScore{}
	}
	return in.Classifier.Score(ctx, siteID, body)
}

// formFacts says how the submission was made. A token that is not ours counts as none: the age is unknown then.
func (in *Intake) formFacts(site Site, form FormEvidence, now time.Time) rules.Form {
	facts := rules.Form{Kind: string(form.Kind), Honeypot: form.Honeypot != ""}
	if made, ok := formMade(in.Keys, site.ID, form.Token); ok {
		facts.AgeKnown = true
		facts.AgeSeconds = max(0, now.Sub(made).Seconds())
	}
	return facts
}

// judge has the facts evaluated by the site's ruleset. Without a usable ruleset everything is held, and the log says why.
func (in *Intake) judge(ctx context.Context, rulesetID string, facts *rules.Facts) rules.Verdict {
	ctx, cancel := context.WithTimeout(ctx, judgeTime)
	defer cancel()
	ruleset, err := in.Judges.Judge(ctx, rulesetID)
	if err != nil {
		in.Log.ErrorContext(ctx, "ruleset cannot be used, holding a submission", "ruleset", rulesetID, "err", err)
		return held(rules.CauseError, "The site's ruleset could not be used, so a person must judge this.")
	}
	return ruleset.Evaluate(ctx, facts)
}

// causeEdited is the cause of a verdict on an edit that no ruleset may approve alone.
const causeEdited = "edited-after-decision"

// neverApproves turns an approval into a hold: what a person decided is not overturned by an edit alone.
func neverApproves(v rules.Verdict) rules.Verdict {
	if v.Action != rules.Approve {
		return v
	}
	h := held(causeEdited, "Edited after it had been decided against: a person must judge the new text.")
	h.Score, h.Hits = v.Score, append(h.Hits, v.Hits...)
	return h
}

func held(cause, reason string) rules.Verdict {
	return rules.Verdict{Action: rules.Hold, Cause: cause, Hits: []rules.Hit{
		{Rule: cause, Mode: rules.Enforce, Action: rules.Hold, Field: "body", Reason: reason},
	}}
}

// prefixOf is what is kept of an address in clear, for a while; empty when the address is unknown.
func prefixOf(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return privacy.Prefix(address).String()
}
