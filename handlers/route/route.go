package route

import "github.com/gin-gonic/gin"

// Access says who may use a route.
type Access string

const (
	Public  Access = "public"  // readers; no login
	Console Access = "console" // a page for moderators: without a session it leads to the sign-in page
	// The same for admins only, and for what a moderator does about their own account, whatever they owe
	// (auth.RequiredStep).
	ConsoleAdmin   Access = "console-admin"
	ConsoleAccount Access = "console-account"
	ConsoleEnrol   Access = "console-enrol" // consoleAccount, once the password is one's own

	Moderator Access = "moderator" // any signed-in moderator, for the sites they work on
	Admin     Access = "admin"
	Account   Access = "account" // any signed-in moderator, whatever they owe (auth.RequiredStep)
	Enrolling Access = "enrol"   // any signed-in moderator, even if the second factor is what they owe
)

// Flags say which other origins may use a route, and how its limits differ from the usual ones.
type Flags uint

const (
	SiteCORS  Flags = 1 << iota // origins of the path's site, or of any site if it names none
	LargeBody                   // the body may hold a ruleset: maxRulesetBody, whatever Limits.Body says
	Unshed                      // never refused under load: health checks of the node itself
	Streaming                   // ends when the client disconnects; has its own limits
	Unhurried                   // takes as long as its work requires
	Hashing                     // hashes a password: has a concurrency limit of its own

	SameOrigin Flags = 0 // no pages of other origins; the usual limits
)

// Has reports whether any of the others is set.
func (f Flags) Has(others Flags) bool { return f&others != 0 }

// Route is one method of one path, with the handler for it.
type Route struct {
	Method string
	Path   string // in gin's syntax
	Access Access
	Flags  Flags
	Handle func(*gin.Context) error
}
