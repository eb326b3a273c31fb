package httpio

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// Problem is an error response: RFC 9457's problem details, with the faults of single fields.
type Problem struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance"` // urn:uuid of the request, as in the log
	Errors   []FieldFault `json:"errors,omitempty"`
	// Decision is the decision that was made first, if a moderator's decision was refused because of it.
	Decision *conflictDecision `json:"decision,omitempty"`
	// Claim is another moderator's claim, if a decision was refused because of it.
	Claim *ClaimResponse `json:"claim,omitempty"`

	// Nudge is what the author may want to change before the comment is sent again.
	Nudge rules.Nudge `json:"nudge,omitempty"`

	RetryAfter time.Duration `json:"-"`
}

// FieldFault is an error in one field of a request, or at one position of a ruleset.
type FieldFault struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`

	// Of a ruleset.
	Path   string `json:"path,omitempty"`   // JSON pointer into the document
	Line   int    `json:"line,omitempty"`   // from 1
	Column int    `json:"column,omitempty"` // from 1
	Hint   string `json:"hint,omitempty"`   // how to repair it
	Base   string `json:"base,omitempty"`   // the extended document, if the position is in that one
}

// Retry delays of clients while the database is unavailable.
const (
	// unreachableRetry is short enough that no client waits long once the database responds again.
	unreachableRetry = 5 * time.Second
	// refusedWriteRetry is longer, since somebody has to free space first.
	refusedWriteRetry = 30 * time.Second
)

// ProblemOf returns what the client is told about an error.
func ProblemOf(err error, requestID string) Problem {
	if p, ok := detailedProblem(err, requestID); ok {
		return p
	}
	for _, k := range Kinds {
		if errors.Is(err, k.Err) {
			p := k.Problem(requestID)
			switch {
			case isWriteRefusal(err):
				p.RetryAfter = refusedWriteRetry
			case errors.Is(err, moderation.ErrUnreachable):
				p.RetryAfter = unreachableRetry
			case k.status == http.StatusServiceUnavailable, k.status == http.StatusTooManyRequests:
				p.RetryAfter = time.Second
			}
			return p
		}
	}
	return KindInternal.Problem(requestID)
}

// detailedProblem returns the problem of an error that carries details; false for all others.
func detailedProblem(err error, requestID string) (Problem, bool) {
	var invalid *moderation.Invalid
	var invalidAccount auth.Invalid
	var faults *rules.Faults
	var malformed *malformedError
	var conflict *queue.ConflictError
	var claimed *queue.ClaimedError
	var origin *UnknownOriginError
	var nudge *moderation.NudgeError
	var scope *KeyScopeError
	var refused *moderation.IdentityError
	var mistyped *moderation.MistypedEmailError
	var p Problem
	switch {
	case errors.As(err, &origin):
		p = kindOrigin.Problem(requestID)
		p.Detail = fmt.Sprintf(p.Detail, origin.Origin, origin.Site)
	case errors.As(err, &scope):
		p = kindKeyScope.Problem(requestID)
		p.Detail = fmt.Sprintf(p.Detail, auth.Alternatives(scope.Needs))
	case errors.As(err, &invalidAccount):
		p = KindInvalid.Problem(requestID)
		p.Errors = accountFaults(invalidAccount)
	case errors.As(err, &invalid):
		p = KindInvalid.Problem(requestID)
		for _, f := range invalid.Fields {
			p.Errors = append(p.Errors, FieldFault{Pointer: f.Pointer, Code: f.Code, Detail: f.Detail})
		}
	case errors.As(err, &faults):
		p = KindRuleset.Problem(requestID)
		p.Errors = RulesetFaults(faults.List, "ruleset")
	case errors.As(err, &malformed):
		p = kindMalformed.Problem(requestID)
		p.Errors = []FieldFault{malformed.fault}
	case errors.As(err, &conflict):
		p = ProblemOf(conflict.Unwrap(), requestID)
		p.Decision = newConflictDecision(*conflict)
	case errors.As(err, &claimed):
		p = ProblemOf(claimed.Unwrap(), requestID)
		p.Claim = NewClaimResponse(&claimed.Claim)
	case errors.As(err, &refused):
		p = identityProblem(refused, requestID)
	case errors.As(err, &nudge):
		p = kindNudge.Problem(requestID)
		p.Nudge = nudge.Nudge
	case errors.As(err, &mistyped): // without the address, since problems are logged
		p = kindMistypedEmail.Problem(requestID)
	default:
		return rateProblem(err, requestID)
	}
	return p, true
}

// attemptsDetail is a text that the console translates (see locale.Details).
const attemptsDetail = "Too many attempts failed. Please wait. Attempts from elsewhere do not block a browser that you " +
	"have signed in on before, and the server's operator can lift the block (rejoinder moderator unlock)."

// rateProblem returns the problem of a request that came too soon; false for other errors.
func rateProblem(err error, requestID string) (Problem, bool) {
	p := kindTooMany.Problem(requestID)
	var keyLimit *auth.KeyRateLimited
	var rateLimit *moderation.RateLimitError
	var attempts *auth.TooManyAttempts
	switch {
	case errors.As(err, &keyLimit):
		p.RetryAfter = keyLimit.RetryAfter
		p.Detail = fmt.Sprintf("This server key may send %d requests a minute. Please wait a little, then try again.",
			keyLimit.PerMinute)
	case errors.As(err, &rateLimit):
		p.RetryAfter = rateLimit.RetryAfter
	case errors.As(err, &attempts):
		p.RetryAfter = attempts.RetryAfter
		p.Detail = attemptsDetail
	default:
		return Problem{}, false
	}
	return p, true
}

// identityProblem says to the developers of the publication why a token was refused.
func identityProblem(refused *moderation.IdentityError, requestID string) Problem {
	p := kindIdentity.Problem(requestID)
	if refused.Expired {
		p = kindIdentityExpired.Problem(requestID)
	}
	pointer := "/identity"
	if refused.Claim != "" {
		pointer += "/" + refused.Claim
	}
	p.Errors = []FieldFault{{Pointer: pointer, Code: refused.Code, Detail: refused.Detail}}
	return p
}

// accountFaults returns the faults of a moderator's account as faults of the request's fields.
func accountFaults(invalid auth.Invalid) []FieldFault {
	faults := make([]FieldFault, 0, len(invalid))
	for _, f := range invalid {
		faults = append(faults, FieldFault{Pointer: "/" + f.Field, Code: string(f.Code), Detail: "This " + f.Reason + "."})
	}
	return faults
}

// RulesetFaults returns the faults of a ruleset as faults of the request's source field.
func RulesetFaults(list []rules.Fault, code string) []FieldFault {
	faults := make([]FieldFault, 0, len(list))
	for _, f := range list {
		faults = append(faults, FieldFault{
			Pointer: "/source", Code: code, Detail: strings.TrimSuffix(f.Message, ".") + ".", Path: f.Path, Line: f.Line,
			Column: f.Column, Hint: f.Hint, Base: f.Base,
		})
	}
	return faults
}

// isWriteRefusal reports whether an error means that the database refuses writes.
func isWriteRefusal(err error) bool {
	return errors.Is(err, moderation.ErrStorageFull) || errors.Is(err, moderation.ErrReadOnly)
}

// ReportProblem returns the problem of an error, notes it for the request's log line, and logs errors that are
// unexpected.
func ReportProblem(c *gin.Context, log *slog.Logger, err error) Problem {
	p := ProblemOf(err, RequestID(c))
	RecordProblem(c, p)
	if p.Status >= http.StatusInternalServerError && !loggedElsewhere(err) {
		log.ErrorContext(c.Request.Context(), "request failed",
			"request_id", RequestID(c), "route", c.FullPath(), "err", err)
	}
	return p
}

// loggedElsewhere reports whether an error needs no line in the log: the metrics count overload, and the
// database's circuit breaker logs an outage once.
func loggedElsewhere(err error) bool {
	return errors.Is(err, ErrOverload) || errors.Is(err, ErrStopping) ||
		errors.Is(err, moderation.ErrUnreachable) || isWriteRefusal(err)
}

// retrySeconds returns the value of the Retry-After header. It rounds up, so that a client that waits that
// long is not refused again.
func (p Problem) retrySeconds() int { return max(1, int(math.Ceil(p.RetryAfter.Seconds()))) }

// RecordProblem notes the problem that a response reports, for the log, and sets Retry-After.
func RecordProblem(c *gin.Context, p Problem) {
	c.Set(keyProblem, p.Type)
	if p.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.retrySeconds()))
	}
}
