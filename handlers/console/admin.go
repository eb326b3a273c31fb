package console

import (
	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/session"
)

// The administration's screens, which share one entry of the navigation.
const (
	ModeratorsPath = RootPath + "/moderators"
	SitesPath      = RootPath + "/sites"
	ArticlesPath   = RootPath + "/articles"
	AuditPath      = RootPath + "/audit"
	OutboxPath     = RootPath + "/outbox"
	KeysPath       = RootPath + "/keys"

	ClassifiersPath = RootPath + "/classifiers"
)

// adminScreens are in the order of their tabs.
var adminScreens = []struct{ label, path string }{
	{"Moderators", ModeratorsPath}, {"Sites", SitesPath}, {"Articles", ArticlesPath}, {"Server keys", KeysPath}, {"Audit log", AuditPath},
	{"Outbox", OutboxPath}, {"Classifiers", ClassifiersPath},
}

// adminFrame is the frame of the administration's pages. Views embed it.
type adminFrame struct {
	frame
	Tabs []navEntry
}

// newAdminFrame returns the frame of a page below the screen at that path, without the site chooser, which is
// only for the queue.
func (h *Pages) newAdminFrame(c *gin.Context, path, title string) (adminFrame, error) {
	base, err := h.newFrame(c, "administration", title)
	if err != nil {
		return adminFrame{}, err
	}
	base.Styles, base.Sites = []string{"admin.css"}, nil
	f := adminFrame{frame: base}
	if !session.IdentityOf(c).May(auth.PermissionAdminister) {
		return f, nil // of all screens, others see the articles only
	}
	for _, each := range adminScreens {
		f.Tabs = append(f.Tabs, navEntry{Label: each.label, Href: each.path, Present: each.path == path})
	}
	return f, nil
}

// Frame is what surrounds the content of a page of the console, for the packages with further screens.
type Frame = frame

// AdminFrame is the frame of the administration's pages.
type AdminFrame = adminFrame

// NewAdminFrame makes the frame of a page of the administration.
func (h *Pages) NewAdminFrame(c *gin.Context, path, title string) (AdminFrame, error) {
	return h.newAdminFrame(c, path, title)
}

// NewFrame makes the frame of a screen's page.
func (h *Pages) NewFrame(c *gin.Context, screenID, title string) (Frame, error) {
	return h.newFrame(c, screenID, title)
}
