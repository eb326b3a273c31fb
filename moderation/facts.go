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
	now        time.Time
}
