package reader

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/web"
)

// Site serves the server's home page.
type Site struct {
	Renderer  *page.Renderer
	Sites     *moderation.Sites
	PublicURL httpio.PublicURL
	Log       *slog.Logger
	DemoOn    bool
}

// HomePath is the server's home page.
const HomePath = "/"

// homeView is the home page.
type homeView struct {
	page.Frame
	Demo  bool   // there is a demo article
	Embed string // HTML that embeds a thread
}

// anySite stands for a site in the embed code of a server with several.
const anySite = "SITE"

// Home serves the home page.
func (h *Site) Home(c *gin.Context) error {
	words := locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), "")
	c.Header("Vary", "Accept-Language")
	c.Header("Cache-Control", "no-cache")
	slug, demo := h.example(c.Request.Context())
	return h.Renderer.Render(c, http.StatusOK, "home", homeView{
		Frame: page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Title: "Rejoinder", Style: "page.css", Private: true},
		Demo:  demo, Embed: web.EmbedCode(string(h.PublicURL), slug),
	})
}

// example returns the site to show in the embed code, and whether there is a demo. The page is public, so it
// names no site of a server with several. Without a database it still explains the server.
func (h *Site) example(ctx context.Context) (slug string, demo bool) {
	sites, err := h.Sites.List(ctx, moderation.Viewer{})
	if err != nil {
		h.Log.WarnContext(ctx, "the home page cannot list the sites", "err", err)
		return anySite, false
	}
	demo = h.DemoOn && slices.ContainsFunc(sites, func(s moderation.Site) bool { return s.Slug == web.DemoSite })
	switch {
	case demo:
		return web.DemoSite, true
	case len(sites) == 1:
		return sites[0].Slug, false
	}
	return anySite, false
}
