package web

import (
	"embed"
	"fmt"
	"net/url"
)

// Assets are the files that browsers request by name. Names such as page.css are unique across folders.
//
//go:embed page/*.css page/*.svg console/*.css console/*.js widget/*.css demo/*.css
var Assets embed.FS

// widget contains the widget's parts.
//
//go:embed widget/*.js widget/embed.css widget/compose.css
var widget embed.FS

// DemoPages are pages that embed a thread in different ways, and the demo's second article, by name without
// ".html".
//
//go:embed demo/plain.html demo/strict.html demo/dark.html demo/arabic.html demo/counts.html demo/market.html
var DemoPages embed.FS

// The demo: a site, and the article at /demo.
const (
	DemoSite         = "demo"    // its slug
	DemoArticleKey   = "welcome" // the article's key
	DemoArticleTitle = "The best part of the page is below the fold"
)

// DemoArticle is the text of the demo article as HTML, without its title.
//
//go:embed demo/welcome.html
var DemoArticle string

// EmbedCode returns the three lines of HTML that embed a site's thread: the script, the element, and a link for
// browsers without JavaScript. The page's author replaces KEY.
func EmbedCode(server, site string) string {
	return fmt.Sprintf(`<script type="module" src="%s/embed.js"></script>
<rejoinder-thread site="%s">
<a href="%s/sites/%s/page?article=KEY">Comments</a></rejoinder-thread>`,
		server, site, server, url.PathEscape(site))
}
