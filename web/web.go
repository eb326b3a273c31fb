package web

import (
	"embed"
	"fmt"
	"net/url"
)

// Assets are the files that browsers ask for by name. A name (page.css) occurs in one folder only.
//
//go:embed page/*.css page/*.svg console/*.css console/*.js widget/*.css demo/*.css
var Assets embed.FS

// widget holds the widget's parts.
//
//go:embed widget/*.js widget/embed.css
var widget embed.FS

// DemoPages are the pages that embed a thread in different surroundings, by their names without ".html".
//
//go:embed demo/plain.html demo/strict.html demo/dark.html demo/arabic.html demo/counts.html
var DemoPages embed.FS

// The demo: a site with one article to leave comments under.
const (
	DemoSite         = "demo"    // its slug
	DemoArticleKey   = "welcome" // the article's key
	DemoArticleTitle = "The best part of the page is below the fold"
)

// DemoArticle is the text of the demo article as HTML, without its title.
//
//go:embed demo/welcome.html
var DemoArticle string

// EmbedCode returns the HTML that shows a site's thread in a page: the widget, its element, and in it a link
// for browsers without JavaScript. The page's author replaces KEY.
func EmbedCode(server, site string) string {
	return fmt.Sprintf(`<script type="module" src="%s/embed.js"></script>
<rejoinder-thread site="%s"><a href="%s/sites/%s/page?article=KEY">Comments</a></rejoinder-thread>`,
		server, site, server, url.PathEscape(site))
}
