package rulebook

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/ruleform"
)

// PastCase names a submission of a backtest.
type PastCase struct {
	SiteSlug  string
	CommentID string
	At        time.Time // when it came
}

// TestOf returns a past submission as a test of a document, without a name and without the action that it must lead
// to. It has the text and the facts of its time, but neither the author's name nor any address. Errors:
// ErrSiteUnknown; ErrNotFound if the submission does not exist or was erased.
func (b *Backtests) TestOf(ctx context.Context, v moderation.Viewer, q PastCase) (ruleform.TestCase, error) {
	site, err := b.Rulebook.site(ctx, v, q.SiteSlug)
	if err != nil {
		return ruleform.TestCase{}, fmt.Errorf("find past submission: %w", err)
	}
	past, err := b.Store.PastSubmissions(ctx, moderation.HistoryQuery{SiteID: site.ID, Limit: backtestBatch,
		After: moderation.Keyset{At: q.At.Add(-time.Microsecond)}, Until: q.At.Add(time.Microsecond)})
	if err != nil {
		return ruleform.TestCase{}, fmt.Errorf("find past submission: %w", err)
	}
	for _, one := range past {
		if one.CommentID != q.CommentID || erased(one) {
			continue
		}
		facts, err := one.Facts(b.Keys)
		if err != nil {
			return ruleform.TestCase{}, fmt.Errorf("find past submission: %w", err)
		}
		test := ruleform.TestCase{Body: facts.Body}
		for _, fact := range facts.Unusual() {
			test.Facts = append(test.Facts, ruleform.TestFact{Path: fact.Path, Value: fact.Value})
		}
		return test, nil
	}
	return ruleform.TestCase{}, fmt.Errorf("find past submission: %w", moderation.ErrNotFound)
}
