package external

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/outbound"
)

// Trial is the result of a call with a text that an admin entered.
type Trial struct {
	Answer
	Took   time.Duration
	Reason string // why there is no answer; empty: there is one
}

// Try asks a classifier about a text, whatever its breaker says; it counts towards the budget, and Akismet's
// key is checked first. Errors: *moderation.Invalid, moderation.ErrNotFound, moderation.ErrForbidden.
func (a *Admin) Try(ctx context.Context, v moderation.Viewer, id, text string) (Trial, error) {
	if len(v.SiteIDs) > 0 {
		return Trial{}, fmt.Errorf("try classifier: %w", moderation.ErrForbidden)
	}
	var faults moderation.Invalid
	reading := moderation.CleanBody(&faults, text)
	if err := faults.Err(); err != nil {
		return Trial{}, err
	}
	if err := a.Asker.Reload(ctx); err != nil {
		return Trial{}, fmt.Errorf("try classifier: %w", err)
	}
	l := a.Asker.line(id)
	if l == nil {
		return Trial{}, fmt.Errorf("try classifier: %w", moderation.ErrNotFound)
	}
	began := a.Now()
	answer, err := l.try(ctx, Document{SiteSlug: "test", Text: reading.Markdown, Language: reading.Language()})
	trial := Trial{Answer: answer, Took: a.Now().Sub(began)}
	if err != nil {
		trial.Reason = reasonOf(err)
	}
	return trial, nil
}

// try checks the key, if the protocol can, and asks about a document.
func (l *line) try(ctx context.Context, d Document) (Answer, error) {
	if l.fault != nil {
		return Answer{}, l.fault
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if protocol, ok := l.protocol.(checkable); ok {
		r, err := protocol.verify(l.Classifier, l.secret)
		if err != nil {
			return Answer{}, err
		}
		var response outbound.Response
		if response, err = l.asker.Client.Do(ctx, r); err != nil {
			return Answer{}, err
		}
		if err := protocol.verified(response); err != nil {
			return Answer{}, err
		}
	}
	return l.send(ctx, l.protocol.body(l.Classifier, l.secret, d))
}
