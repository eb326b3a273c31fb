package moderation

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The errors that use-cases return and that package handlers turns into problems. Their texts are for the
// log; clients get the texts in handlers/httpio/problemkinds.go.
var (
	// ErrNotFound: there is no such thing, or the caller may not know of it.
	ErrNotFound = errors.New("not found")
	// ErrSiteUnknown: no site has that slug.
	ErrSiteUnknown = errors.New("site unknown")
	// ErrArticleUnknown: the article is not registered, and the request may not register it.
	ErrArticleUnknown = errors.New("article unknown")
	// ErrExists: something with that name is already there.
	ErrExists = errors.New("already exists")
	// ErrClaimed: another moderator holds the comment.
	ErrClaimed = errors.New("claimed by another moderator")
	// ErrVersion: the comment changed since the caller saw it.
	ErrVersion = errors.New("version is stale")
	// ErrTransition: the comment's status does not allow that action.
	ErrTransition = errors.New("transition not allowed")
	// ErrReceipt: the receipt does not belong to that comment.
	ErrReceipt = errors.New("receipt refused")
	// ErrEditClosed: the time in which a commenter may edit is over.
	ErrEditClosed = errors.New("edit window is over")
	// ErrIdempotencyMismatch: an Idempotency-Key was used before, for other content.
	ErrIdempotencyMismatch = errors.New("idempotency key reused for another request")
	// ErrIdempotencyRace: the same Idempotency-Key was committed by a request that ran at the same time.
	ErrIdempotencyRace = errors.New("idempotency key was committed meanwhile")
	// ErrParentGone: the comment replied to stopped being approved while the reply was on its way.
	ErrParentGone = errors.New("parent is not approved any more")
	// ErrCursor: a page cursor that this server did not make.
	ErrCursor = errors.New("cursor not understood")
	// ErrForbidden: the moderator has no right to that site.
	ErrForbidden = errors.New("forbidden")
	// ErrNotActive: only the active version of a ruleset can do that.
	ErrNotActive = errors.New("ruleset is not active")
	// ErrCompiling: another document of the same moderator is being compiled.
	ErrCompiling = errors.New("another document is being compiled")
	// ErrVotesOff: the site takes no votes.
	ErrVotesOff = errors.New("votes are off")
	// ErrReportsOff: the site takes no reports.
	ErrReportsOff = errors.New("reports are off")
	// ErrOwnComment: writers don't vote on their own comments.
	ErrOwnComment = errors.New("own comment")
	// ErrNoAppeal: only a rejected comment can be appealed, and only once.
	ErrNoAppeal = errors.New("no appeal possible")
	// ErrAnotherModerator: an appeal is answered by somebody else than the moderator it is about.
	ErrAnotherModerator = errors.New("another moderator has to answer")
	// ErrAliasTaken: the key is that of an article with comments.
	ErrAliasTaken = errors.New("key belongs to an article with comments")
	// ErrBusy: the database could not be reached in time; trying again may help.
	ErrBusy = errors.New("storage is busy")
	// ErrUnreachable is an ErrBusy: the database does not answer at all, and is not asked before it does again.
	ErrUnreachable = fmt.Errorf("%w: the database does not answer", ErrBusy)
	// ErrStorageFull is an ErrBusy: the database has no space to write. Reads still work.
	ErrStorageFull = fmt.Errorf("%w: no room is left", ErrBusy)
	// ErrReadOnly is an ErrBusy: the database accepts no writes, for example on a read-only disk. Reads still
	// work.
	ErrReadOnly = fmt.Errorf("%w: the database is read-only", ErrBusy)
)

// FieldError is one fault in what a client sent.
type FieldError struct {
	Pointer string // RFC 6901 JSON pointer of the field, as "/author_email"
	Code    string // stable word for programs, as "too_long"
	Detail  string // a sentence for people
}

// Invalid holds every fault found in what a client sent; it is never empty when returned as an error.
type Invalid struct {
	Fields []FieldError
}

// Error lists pointers and codes, never values.
func (e *Invalid) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Pointer + " " + f.Code
	}
	return "invalid: " + strings.Join(parts, ", ")
}

// Add notes one more fault.
func (e *Invalid) Add(pointer, code, detail string) {
	e.Fields = append(e.Fields, FieldError{Pointer: pointer, Code: code, Detail: detail})
}

// Err returns e when it holds a fault, else nil.
func (e *Invalid) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// RateLimitError says that a limit was reached and when trying again makes sense.
type RateLimitError struct {
	RetryAfter time.Duration
}

// Error names the wait.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("too many submissions, retry after %s", e.RetryAfter)
}

// trimPointerPrefix shortens the pointers of an *Invalid, for a thing that is nested in one request and bare
// in another.
func trimPointerPrefix(err error, prefix string) error {
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	for i := range invalid.Fields {
		invalid.Fields[i].Pointer = strings.TrimPrefix(invalid.Fields[i].Pointer, prefix)
	}
	return invalid
}
