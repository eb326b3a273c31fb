// Package page renders HTML: it has the templates of all pages, a Writer for parts that are written in code,
// and what both need, such as frames, comments with highlighted matches of rules, avatars, QR codes, texts of
// errors, numbers and dates in words, and the URLs of thread pages. Views and the handlers that choose them
// are in handlers/reader and handlers/console.
//
// Start with Renderer in renderer.go; the templates are in templates/.
package page
