// Package page renders HTML: the templates of all pages and what they need, such as frames, highlighted text,
// avatars, QR codes, dates and numbers in words, and the URLs of thread pages. Which page answers which
// request is decided in handlers/reader and handlers/console.
//
// Start with Renderer in templates.go; the templates are in templates/.
package page
