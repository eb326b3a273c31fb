package console

import (
	"github.com/gin-gonic/gin"
)

// The screens of the administration, which share one entry of the navigation.
const (
	ModeratorsPath = RootPath + "/moderators"
	SitesPath      = RootPath + "/sites"
	ArticlesPath   = RootPath + "/articles"
	AuditPath      = RootPath + "/audit"
)

// adminScreens are those of the administration, in the order of their tabs.
var adminScreens = []struct{ label, path string }{
	{"Moderators", ModeratorsPath}, {"Sites", SitesPath}, {"Articles", ArticlesPath}, {"Audit log", AuditPath},
}

// adminFrame is the frame of a page of the administration. Views embed it.
type adminFrame struct {
	consoleFrame
	Tabs []navEntry
}

// adminFrame makes the frame of a page below one of the administration's screens. What it shows is not
// narrowed by the choice of a site for the queue.
func (h *Pages) adminFrame(c *gin.Context, path, title string) (adminFrame, error) {
	base, err := h.consoleFrame(c, "administration", title)
	if err != nil {
		return adminFrame{}, err
	}
	base.Styles, base.Sites = []string{"admin.css"}, nil
	f := adminFrame{consoleFrame: base}
	for _, each := range adminScreens {
		f.Tabs = append(f.Tabs, navEntry{Label: each.label, Href: each.path, Present: each.path == path})
	}
	return f, nil
}
