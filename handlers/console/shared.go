package console

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/page"
)

// What follows is for screens in packages of their own.

// RulesFrame is the frame of a screen about the rules of one site. Views embed it.
type RulesFrame = rulesFrame

// NewRulesFrame makes the frame of a screen about the rules of the site that the query names.
func (h *Rules) NewRulesFrame(c *gin.Context, screenID, title string) (RulesFrame, error) {
	return h.newRulesFrame(c, screenID, title)
}

// ChooseSite redirects to the rules of the moderator's only site, or lists the sites.
func (h *Rules) ChooseSite(c *gin.Context) error { return h.chooseRules(c) }

// Render sends a page of the console, which no cache may store.
func (h *Pages) Render(c *gin.Context, status int, name string, view page.Localized) error {
	return h.render(c, status, name, view)
}

// Redirect sends the browser to a page of the console, which shows the text.
func (h *Pages) Redirect(c *gin.Context, to, text string) error {
	return h.redirect(c, to, notice{Text: text})
}

// RulesURL is a screen about the rules of a site. more are names and values of further parameters.
func RulesURL(path, site string, more ...string) string { return rulesURL(path, site, more...) }

// VersionPath is the route of one version.
func VersionPath(version int) string { return versionPath(version) }

// AgoText says how long ago something was.
func AgoText(d time.Duration) string { return agoText(d) }

// AgeText is a short form of AgoText, for lists.
func AgeText(now, then time.Time) string { return ageText(now, then) }

// WantsJSON reports whether one of the console's modules asks.
func WantsJSON(c *gin.Context) bool { return wantsJSON(c) }

// NormalizeNewlines undoes the CRLF newlines of form submission.
func NormalizeNewlines(typed string) string { return normalizeNewlines(typed) }
