package handlers

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// allowance names a kind of anonymous work that is bounded for each client address. Submitting, voting,
// reporting and appealing have allowances in their use-cases, failed sign-ins in package auth.
type allowance int

const (
	previews   allowance = iota // rendering of text that nobody has sent yet
	lookUps                     // looks at one's own comments, and at the page for a report
	removals                    // withdrawals and erasures
	links                       // looks at, and uses of, invitations and password resets
	renewals                    // of sessions
	allowances                  // how many there are
)

// perMinute is how many requests an address has in a minute, all at once if need be: several readers behind
// it, each as fast as a person is.
var perMinute = [allowances]int{previews: 60, lookUps: 600, removals: 60, links: 60, renewals: 240}

// newAllowances makes full allowances; without a limit when the operator wants none.
func newAllowances(unlimited bool, now func() time.Time) (list [allowances]moderation.AddressLimiter) {
	for kind, n := range perMinute {
		if unlimited {
			n = 0
		}
		list[kind] = moderation.NewRateLimiter(n, now)
	}
	return list
}

// within answers 429 beyond what an address is allowed of that kind.
func (s *Server) within(kind allowance, handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if wait, ok := s.allowances[kind].AllowAddress(clientAddress(c)); !ok {
			return &moderation.TooMany{RetryAfter: wait}
		}
		return handle(c)
	}
}
