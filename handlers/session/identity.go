package session

import (
	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/schedule"
)

// keyIdentity is the key of the signed-in moderator in gin's context.
const keyIdentity = "rejoinder.identity"

// SetIdentity sets the moderator that a request comes from.
func SetIdentity(c *gin.Context, identity auth.Identity) { c.Set(keyIdentity, identity) }

// LookupIdentity returns the moderator that a request comes from; false if nobody is signed in.
func LookupIdentity(c *gin.Context) (auth.Identity, bool) {
	identity, ok := c.Value(keyIdentity).(auth.Identity)
	return identity, ok
}

// IdentityOf returns the moderator that a request comes from. It panics if the route has no guard.
func IdentityOf(c *gin.Context) auth.Identity { return c.MustGet(keyIdentity).(auth.Identity) }

// ViewerOf returns IdentityOf as use-cases need it.
func ViewerOf(c *gin.Context) moderation.Viewer {
	return NewViewer(IdentityOf(c))
}

// NewViewer returns a moderator or server key as use cases need it. Roles that may not read everything, such as
// writers, are limited to the articles that name them as an author.
func NewViewer(who auth.Identity) moderation.Viewer {
	return moderation.Viewer{ModeratorID: who.ModeratorID, SiteIDs: who.SiteIDs,
		AuthorOnly: !who.IsKey() && !who.May(auth.PermissionRead)}
}

// LanguageCookie has the language that a moderator last chose in this browser, for the pages before sign-in.
const LanguageCookie = "rejoinder_language"

// Words returns the language of the console's texts for a request: the one of the account or, before sign-in, of the
// cookie; else the one that the browser asks for. Moments are in the account's time zone.
func Words(c *gin.Context) *locale.Language {
	if who, signedIn := LookupIdentity(c); signedIn {
		words := locale.MatchConsole(who.Language, c.GetHeader("Accept-Language"))
		return words.In(schedule.Zone(who.TimeZone))
	}
	return locale.MatchConsole(httpio.CookieValue(c, LanguageCookie), c.GetHeader("Accept-Language"))
}
