package moderation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// EraseStore is the storage of AuthorService.Erase.
type EraseStore interface {
	// BrowserComments returns the IDs of the commenter's comments that came from the remembered browser and
	// still have a text.
	BrowserComments(ctx context.Context, commenterID, browserID string) ([]string, error)
	// CommenterComments returns the IDs of a commenter's comments that have a text, newest first.
	CommenterComments(ctx context.Context, commenterID string, after *ThreadKey, limit int) ([]string, error)
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

// EraseCommenter erases everything that was sent under the email of a commenter, and the email. The caller
// has checked that the email is the requester's. It returns the number of comments erased now. Errors:
// ErrBusy.
func (o *AuthorService) EraseCommenter(ctx context.Context, commenterID string) (int, error) {
	erased := 0
	for {
		ids, err := o.Store.CommenterComments(ctx, commenterID, nil, erasePage)
		if err != nil {
			return erased, fmt.Errorf("erase commenter: %w", err)
		}
		for _, id := range ids {
			if err := o.eraseOne(ctx, id); err != nil {
				return erased, fmt.Errorf("erase commenter: %w", err)
			}
			erased++
		}
		if len(ids) < erasePage {
			break
		}
	}
	if err := o.Store.ForgetCommenter(ctx, commenterID); err != nil {
		return erased, fmt.Errorf("erase commenter: %w", err)
	}
	return erased, nil
}

// erasePage is the number of comments that are listed at once to be erased.
const erasePage = 100

// CommentsQuery asks for a page of a commenter's comments, on behalf of the owner of the email.
type CommentsQuery struct {
	CommenterID string
	Limit       int
	Cursor      string
}

// CommenterComment is a comment as its author sees it, with its receipt and article.
type CommenterComment struct {
	AuthorView
	Receipt      string
	ArticleKey   string
	ArticleTitle string // empty unless it is trusted
}

// CommenterPage is a page of comments, newest first.
type CommenterPage struct {
	Comments   []CommenterComment
	NextCursor string
}

// Comments returns a page of a commenter's comments. Errors: ErrCursor.
func (o *AuthorService) Comments(ctx context.Context, q CommentsQuery) (CommenterPage, error) {
	var page CommenterPage
	var after *ThreadKey
	list := "commenter/" + q.CommenterID
	if q.Cursor != "" {
		after = new(ThreadKey)
		if err := DecodeCursor(q.Cursor, list, after); err != nil {
			return page, fmt.Errorf("list own comments: %w", err)
		}
	}
	ids, err := o.Store.CommenterComments(ctx, q.CommenterID, after, q.Limit+1)
	if err != nil {
		return page, fmt.Errorf("list own comments: %w", err)
	}
	for i, id := range ids {
		if i == q.Limit {
			last := page.Comments[i-1]
			page.NextCursor = EncodeCursor(list, ThreadKey{CreatedAt: last.CreatedAt, ID: last.ID})
			break
		}
		one := CommenterComment{Receipt: Receipt(o.Keys, id)}
		if one.AuthorView, err = o.Show(ctx, id, one.Receipt); err != nil {
			return page, err
		}
		at, err := o.Locate(ctx, id, one.Receipt)
		if err != nil {
			return page, err
		}
		one.ArticleKey, one.ArticleTitle = at.Article.Key, at.Article.Title
		page.Comments = append(page.Comments, one)
	}
	return page, nil
}

// quoteLength is the minimum number of consecutive words in a quotation. Shorter matches occur by chance.
const quoteLength = 4

// ContainsQuote reports whether a note repeats a commenter's text or name: a short one as a whole, or four
// consecutive words of a longer one. Case, line breaks and spaces between words are ignored.
func ContainsQuote(note string, said ...string) bool {
	note = flatten(note)
	if note == "" {
		return false
	}
	for _, s := range said {
		words := strings.Fields(strings.ToLower(s))
		for from := 0; from == 0 && len(words) > 0 || from+quoteLength <= len(words); from++ {
			run := strings.Join(words[from:min(from+quoteLength, len(words))], " ")
			if strings.Contains(note, run) {
				return true
			}
		}
	}
	return false
}

func flatten(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
