package moderation

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// EraseStore is the storage of AuthorService.Erase.
type EraseStore interface {
	// BrowserComments returns the IDs of the commenter's comments that came from the remembered browser and
	// still have a text.
	BrowserComments(ctx context.Context, commenterID, browserID string) ([]string, error)
	// ReaderCommenters returns the commenters as whom a signed-in reader commented: one for each email.
	ReaderCommenters(ctx context.Context, browserID string) ([]string, error)
	// ForgetCommenter removes the commenter's name and sealed email if no comment is left. Otherwise it takes
	// the name from a remaining comment. It forgets signed-in readers who have no comment left.
	ForgetCommenter(ctx context.Context, commenterID string) error
}

// Erase erases data for the holder of a receipt: the comment, all others sent from the same remembered
// browser under the same email, or by the same signed-in reader, and everything that quotes them. It also
// erases the email if none of the commenter's comments is left. Other comments under the same email stay,
// since anyone can type an email. It returns the number of comments erased now. Erasing twice is not an
// error. Errors: ErrReceipt, ErrBusy.
func (o *AuthorService) Erase(ctx context.Context, id, receipt string) (int, error) {
	if !validReceipt(o.Keys, id, receipt) {
		return 0, fmt.Errorf("erase: %w", ErrReceipt)
	}
	c, _, err := o.Store.CommentText(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("erase: %w", err)
	}
	commenters := []string{c.CommenterID}
	if c.SignedIn() {
		if commenters, err = o.Store.ReaderCommenters(ctx, c.BrowserID); err != nil {
			return 0, fmt.Errorf("erase: %w", err)
		}
	}
	ids, err := o.sameSender(ctx, c, commenters)
	if err != nil {
		return 0, fmt.Errorf("erase: %w", err)
	}
	// Erase the comment with this receipt last: while it exists, its author sees that erasure is incomplete.
	if at := slices.Index(ids, id); at >= 0 {
		ids = append(slices.Delete(ids, at, at+1), id)
	}
	for n, one := range ids {
		if err := o.eraseOne(ctx, one); err != nil {
			return n, fmt.Errorf("erase: %w", err)
		}
	}
	for _, commenter := range commenters {
		if err := o.Store.ForgetCommenter(ctx, commenter); err != nil {
			return len(ids), fmt.Errorf("erase: %w", err)
		}
	}
	return len(ids), nil
}

// sameSender returns the IDs of the comments that the sender of c sent as these commenters.
func (o *AuthorService) sameSender(ctx context.Context, c Comment, commenters []string) ([]string, error) {
	switch {
	case c.BrowserID == "" && c.AuthorName == "":
		return nil, nil
	case c.BrowserID == "":
		return []string{c.ID}, nil
	}
	var ids []string
	for _, commenter := range commenters {
		more, err := o.Store.BrowserComments(ctx, commenter, c.BrowserID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

func (o *AuthorService) eraseOne(ctx context.Context, id string) error {
	for range changeTries {
		if err := o.withdraw(ctx, id); !errors.Is(err, ErrVersion) {
			return err
		}
	}
	return ErrBusy
}
