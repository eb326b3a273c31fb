package route

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Access says which permission a route requires. handlers/guard.go maps each access to a permission of package
// auth. Moderators have the permissions of their role; server keys need a scope among the route's flags, too.
type Access string

const (
	// Public routes need no login.
	Public Access = "public"

	// SignedIn routes of the API need an access token of any role.
	SignedIn Access = "signed-in"
	// Comments routes show comments and articles: to writers those of their own articles.
	Comments Access = "comments"
	// Read routes show what moderators see. Handlers restrict them, as all below, to the caller's sites.
	Read Access = "read"
	// Reply routes answer comments in public.
	Reply Access = "reply"
	// Moderator routes decide on comments and commenters.
	Moderator Access = "moderator"
	// Rules routes edit, backtest and activate rules.
	Rules Access = "rules"
	// Admin routes need the role of an admin.
	Admin Access = "admin"
	// Account routes are SignedIn, and let moderators pass who have to change their password or set up a second
	// factor first (auth.RequiredStep).
	Account Access = "account"
	// Enrolling routes are SignedIn, and let moderators pass who have to set up a second factor first.
	Enrolling Access = "enrol"

	// Console routes are pages with forms that decide on comments and commenters. Without a session, they and all
	// below redirect to the sign-in page. Server keys can't use them.
	Console Access = "console"
	// ConsoleSignedIn corresponds to SignedIn.
	ConsoleSignedIn Access = "console-signed-in"
	// ConsoleComments corresponds to Comments.
	ConsoleComments Access = "console-comments"
	// ConsoleRead corresponds to Read.
	ConsoleRead Access = "console-read"
	// ConsoleReply corresponds to Reply.
	ConsoleReply Access = "console-reply"
	// ConsoleRules corresponds to Rules.
	ConsoleRules Access = "console-rules"
	// ConsoleAdmin corresponds to Admin.
	ConsoleAdmin Access = "console-admin"
	// ConsoleAccount corresponds to Account.
	ConsoleAccount Access = "console-account"
	// ConsoleEnrol corresponds to Enrolling.
	ConsoleEnrol Access = "console-enrol"
)

// Flags say which origins and server keys may use a route, and which limits apply to it.
type Flags uint

const (
	// SiteCORS allows the origins of the site in the path, or of any site if the path has none.
	SiteCORS Flags = 1 << iota
	// LargeBody allows a body that holds a ruleset or a batch of articles, whatever Limits.Body says.
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

	// KeyArticles lets server keys with the scope articles use a route. One of the scopes is enough; without any of
	// these flags, a route that needs a login refuses all keys.
	KeyArticles
	// KeyRead stands for the scope read.
	KeyRead
	// KeyModerate stands for the scope moderate.
	KeyModerate
	// KeyExport stands for the scope export.
	KeyExport
	// KeyRules stands for the scope rules.
	KeyRules
	// KeyHooks stands for the scope hooks.
	KeyHooks
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
