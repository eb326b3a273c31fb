package moderation

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// EraseStore is the storage that erasing somebody's data needs.
type EraseStore interface {
	// BrowserComments returns the ids of the commenter's comments that came from that remembered browser and
	// still have a text.
	BrowserComments(ctx context.Context, commenterID, browserID string) ([]string, error)
	// ForgetCommenter takes the commenter's name from a comment that is left, and removes it with the sealed
	// email when none is.
	ForgetCommenter(ctx context.Context, commenterID string) error
}

// Erase removes a writer's data for the holder of a receipt: that comment, and every other that the same
// remembered browser sent under the same email, with everything that quotes them; and the email, when none of
// the commenter's comments is left. What others wrote under the same email stays, since an email that anybody
// can type proves nothing. It returns how many comments were erased now. Erasing twice is no error. Errors:
// ErrReceipt, ErrBusy.
func (o *AuthorService) Erase(ctx context.Context, id, receipt string) (int, error) {
	if !validReceipt(o.Keys, id, receipt) {
		return 0, fmt.Errorf("erase: %w", ErrReceipt)
	}
	c, _, err := o.Store.CommentText(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("erase: %w", err)
	}
	ids := []string{}
	if c.BrowserID != "" {
		if ids, err = o.Store.BrowserComments(ctx, c.CommenterID, c.BrowserID); err != nil {
			return 0, fmt.Errorf("erase: %w", err)
		}
	} else if c.AuthorName != "" {
		ids = append(ids, id)
	}
	// The comment whose receipt this is comes last: as long as it is there, its writer sees that not all is
	// done.
	if at := slices.Index(ids, id); at >= 0 {
		ids = append(slices.Delete(ids, at, at+1), id)
	}
	for n, one := range ids {
		if err := o.eraseOne(ctx, one); err != nil {
			return n, fmt.Errorf("erase: %w", err)
		}
	}
	if err := o.Store.ForgetCommenter(ctx, c.CommenterID); err != nil {
		return len(ids), fmt.Errorf("erase: %w", err)
	}
	return len(ids), nil
}

func (o *AuthorService) eraseOne(ctx context.Context, id string) error {
	for range changeTries {
		if err := o.withdraw(ctx, id); !errors.Is(err, ErrVersion) {
			return err
		}
	}
	return ErrBusy
}
