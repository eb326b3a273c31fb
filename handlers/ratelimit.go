package handlers

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// rateLimit is a limit of anonymous requests per client address. Submitting, voting, reporting and appealing
// have limits in their use-cases, failed sign-ins in package auth.
type rateLimit int

const (
	limitPreviews rateLimit = iota // previews of unsent text
	limitLookUps                   // status of one's own comments, and the report page
	limitRemovals                  // withdrawals and erasures
	limitLinks                     // views and uses of invitations and password resets
	limitRenewals                  // of sessions
	limitMails                     // mails that are asked for with an address
	rateLimitCount
)

// perMinute is the number of requests that an address may send per minute, even all at once: enough for
// several active readers behind one address.
var perMinute = [rateLimitCount]int{
	limitPreviews: 60, limitLookUps: 600, limitRemovals: 60, limitLinks: 60, limitRenewals: 240,
	limitMails: 10,
}

// rateLimiters are the limiters of all rate limits.
type rateLimiters [rateLimitCount]moderation.AddressLimiter

func newRateLimiters(unlimited bool, now func() time.Time) (limiters rateLimiters) {
	for limit, n := range perMinute {
		if unlimited {
			n = 0
		}
		limiters[limit] = moderation.NewRateLimiter(n, now)
	}
	return limiters
}

// rateLimited refuses requests of addresses that exceed the limit.
func (s *Server) rateLimited(limit rateLimit, handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if wait, ok := s.rateLimiters[limit].AllowAddress(httpio.ClientAddress(c)); !ok {
			return &moderation.RateLimitError{RetryAfter: wait}
		}
		return handle(c)
	}
}
