// Package page renders HTML: it has the templates of all pages, a Writer for parts that are written in code, and
// what both need, such as frames, comments with what rules matched in them, avatars, QR codes, the texts of
// errors, numbers and dates in words, and the URLs of thread pages. The views and the handlers that choose them
// are in handlers/reader and handlers/console.
//
// Start with Renderer in renderer.go; the templates are in templates/.
package page
