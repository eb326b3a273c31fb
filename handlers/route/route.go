package route

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Access says who may use a route.
type Access string

const (
	// Public routes need no login.
	Public Access = "public"

	// Moderator routes of the API need the access token of any moderator. Handlers restrict them to the
	// moderator's sites.
	Moderator Access = "moderator"
	// Admin routes need the token of an admin.
	Admin Access = "admin"
	// Account routes also let moderators pass who have to change their password or set up a second factor first
	// (auth.RequiredStep).
	Account Access = "account"
	// Enrolling routes also let moderators pass who have to set up a second factor first.
	Enrolling Access = "enrol"

	// Console routes are pages for moderators. Without a session they redirect to the sign-in page.
	Console Access = "console"
	// ConsoleAdmin corresponds to Admin.
	ConsoleAdmin Access = "console-admin"
	// ConsoleAccount corresponds to Account.
	ConsoleAccount Access = "console-account"
	// ConsoleEnrol corresponds to Enrolling.
	ConsoleEnrol Access = "console-enrol"
)

// Flags say which origins may use a route, and which limits apply to it.
type Flags uint

const (
	// SiteCORS allows the origins of the site in the path, or of any site if the path has none.
	SiteCORS Flags = 1 << iota
	// LargeBody allows a body that holds a ruleset, whatever Limits.Body says.
	LargeBody
	// NeverShed exempts health checks from the limit of concurrent requests.
	NeverShed
	// Streaming marks responses that end when the client disconnects. The hub limits their number.
	Streaming
	// NoDeadline exempts a route from Limits.Handler.
	NoDeadline
	// Upload marks a body that the handler reads itself, of any size and for any time.
	Upload
	// HashesPassword replaces the limit of concurrent requests by Limits.Hashing.
	HashesPassword
)

// Has reports whether any of the other flags is set.
func (f Flags) Has(others Flags) bool { return f&others != 0 }

// Route is one method of one path.
type Route struct {
	Method string
	Path   string // in gin's syntax
	Access Access
	Flags  Flags
	Handle Handler
}

// Handler handles a request, or returns the error that becomes its response.
type Handler = func(*gin.Context) error

// Get returns a route for GET. The handler also serves HEAD.
func Get(path string, access Access, handle Handler, flags ...Flags) Route {
	return Route{http.MethodGet, path, access, union(flags), handle}
}

// Post returns a route for POST.
func Post(path string, access Access, handle Handler, flags ...Flags) Route {
	return Route{http.MethodPost, path, access, union(flags), handle}
}

// Put returns a route for PUT.
func Put(path string, access Access, handle Handler, flags ...Flags) Route {
	return Route{http.MethodPut, path, access, union(flags), handle}
}

// Patch returns a route for PATCH.
func Patch(path string, access Access, handle Handler, flags ...Flags) Route {
	return Route{http.MethodPatch, path, access, union(flags), handle}
}

// Delete returns a route for DELETE.
func Delete(path string, access Access, handle Handler, flags ...Flags) Route {
	return Route{http.MethodDelete, path, access, union(flags), handle}
}

func union(flags []Flags) Flags {
	var all Flags
	for _, f := range flags {
		all |= f
	}
	return all
}
