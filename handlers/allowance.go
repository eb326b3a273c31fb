package handlers

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// allowance is a kind of anonymous request that is rate-limited per client address. Submitting, voting,
// reporting and appealing have limits in their use cases, failed sign-ins in package auth.
type allowance int

const (
	previews   allowance = iota // previews of unsent text
	lookUps                     // status of one's own comments, and the report page
	removals                    // withdrawals and erasures
	links                       // views and uses of invitations and password resets
	renewals                    // of sessions
	allowances                  // number of kinds
)

// perMinute is the number of requests that an address may make in a minute, even all at once: enough for
// several fast readers behind it.
var perMinute = [allowances]int{previews: 60, lookUps: 600, removals: 60, links: 60, renewals: 240}

// newAllowances returns full allowances; unlimited if the operator wants no limit.
func newAllowances(unlimited bool, now func() time.Time) (list [allowances]moderation.AddressLimiter) {
	for kind, n := range perMinute {
		if unlimited {
			n = 0
		}
		list[kind] = moderation.NewRateLimiter(n, now)
	}
	return list
}

// within responds with 429 once an address has used up its allowance of that kind.
func (s *Server) within(kind allowance, handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if wait, ok := s.allowances[kind].AllowAddress(httpio.ClientAddress(c)); !ok {
			return &moderation.RateLimitError{RetryAfter: wait}
		}
		return handle(c)
	}
}
