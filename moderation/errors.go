package moderation

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rejoinder/moderation/rules"
)

// Errors returned by use cases; package handlers turns them into problems. Their texts are for the log. The
// texts for clients are in handlers/httpio/problemkinds.go.
var (
	// ErrNotFound: it does not exist, or the caller may not see it.
	ErrNotFound = errors.New("not found")
	// ErrSiteUnknown: no site has that slug.
	ErrSiteUnknown = errors.New("site unknown")
	// ErrArticleUnknown: the article is not registered, and the request may not register it.
	ErrArticleUnknown = errors.New("article unknown")
	// ErrExists: something with that name already exists.
	ErrExists = errors.New("already exists")
	// ErrClaimed: another moderator has claimed the comment.
	ErrClaimed = errors.New("claimed by another moderator")
	// ErrVersion: the comment changed since the caller saw it.
	ErrVersion = errors.New("version is stale")
	// ErrSettings: somebody changed the settings since the caller saw them.
	ErrSettings = errors.New("settings are stale")
	// ErrTransition: the comment's status does not allow the action.
	ErrTransition = errors.New("transition not allowed")
	// ErrReceipt: the receipt does not belong to the comment.
	ErrReceipt = errors.New("receipt refused")
	// ErrEditClosed: the commenter can no longer edit the comment.
	ErrEditClosed = errors.New("edit window is over")
	// ErrIdempotencyMismatch: the Idempotency-Key was already used for a different request.
	ErrIdempotencyMismatch = errors.New("idempotency key reused for another request")
	// ErrIdempotencyRace: a concurrent request committed the same Idempotency-Key.
	ErrIdempotencyRace = errors.New("idempotency key was committed meanwhile")
	// ErrParentGone: the parent ceased to be approved while the reply was being submitted.
	ErrParentGone = errors.New("parent is not approved any more")
	// ErrCursor: this server did not issue the page cursor.
	ErrCursor = errors.New("cursor not understood")
	// ErrForbidden: the moderator has no access to the site.
	ErrForbidden = errors.New("forbidden")
	// ErrNotActive: only the active version of a ruleset can do this.
	ErrNotActive = errors.New("ruleset is not active")
	// ErrCompiling: another document of the same moderator is being compiled.
	ErrCompiling = errors.New("another document is being compiled")
	// ErrVotesOff: the site does not accept votes.
	ErrVotesOff = errors.New("votes are off")
	// ErrReportsOff: the site does not accept reports.
	ErrReportsOff = errors.New("reports are off")
	// ErrOwnComment: authors cannot vote on their own comments.
	ErrOwnComment = errors.New("own comment")
	// ErrNoAppeal: only a rejected comment can be appealed, and only once.
	ErrNoAppeal = errors.New("no appeal possible")
	// ErrAnotherModerator: the moderator whose decision is appealed cannot decide on the appeal.
	ErrAnotherModerator = errors.New("another moderator has to decide")
	// ErrIdentityRequired: only readers whom the publication signed in may comment.
	ErrIdentityRequired = errors.New("site requires a signed-in reader")
	// ErrIdentityOff: the site takes no tokens of signed-in readers.
	ErrIdentityOff = errors.New("site takes no identities")
	// ErrAliasTaken: the key belongs to an article with comments.
	ErrAliasTaken = errors.New("key belongs to an article with comments")
	// ErrBusy: the database could not be reached in time; retrying may help.
	ErrBusy = errors.New("storage is busy")
	// ErrUnreachable is an ErrBusy: the database is not responding. No queries are sent until it responds
	// again.
	ErrUnreachable = fmt.Errorf("%w: the database does not respond", ErrBusy)
	// ErrStorageFull is an ErrBusy: the database has no space left. Reads still work.
	ErrStorageFull = fmt.Errorf("%w: no room is left", ErrBusy)
	// ErrReadOnly is an ErrBusy: the database accepts no writes, for example on a read-only disk. Reads still
	// work.
	ErrReadOnly = fmt.Errorf("%w: the database is read-only", ErrBusy)
)

// IdentityError reports that the token of a signed-in reader was refused, and why.
type IdentityError struct {
	Code    string // stable code for programs, such as "audience"
	Claim   string // the claim that it is about; empty for none
	Detail  string // a sentence for developers; it quotes nothing of the token
	Expired bool   // a new token is all that is needed
}

func (e *IdentityError) Error() string { return "identity refused: " + e.Code + " " + e.Claim }

// FieldError is one fault in a request.
type FieldError struct {
	Pointer string // RFC 6901 JSON pointer to the field, such as "/author_email"
	Code    string // stable code for programs, such as "too_long"
	Detail  string // a sentence for people
}

// Invalid lists all faults of a request. It is never empty when returned as an error.
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

// Add adds a fault.
func (e *Invalid) Add(pointer, code, detail string) {
	e.Fields = append(e.Fields, FieldError{Pointer: pointer, Code: code, Detail: detail})
}

// Err returns e if it has faults, else nil.
func (e *Invalid) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// NudgeError reports that nothing was stored because the author should be asked first: the comment would be held.
type NudgeError struct {
	Nudge rules.Nudge
}

func (e *NudgeError) Error() string { return "the author is asked first: " + string(e.Nudge) }

// MistypedEmailError reports that nothing was stored because the author should be asked first whether they meant
// another address. The error's text has neither address, since it may be logged.
type MistypedEmailError struct {
	Suggestion string
}

func (e *MistypedEmailError) Error() string {
	return "the author is asked first: the email looks mistyped"
}

// RateLimitError reports that a rate limit was exceeded and when to retry.
type RateLimitError struct {
	RetryAfter time.Duration
}

// Error includes the wait.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("too many submissions, retry after %s", e.RetryAfter)
}

// trimPointerPrefix removes a prefix from the pointers of an *Invalid, for objects that some requests nest
// and others send at top level.
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
