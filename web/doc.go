// Package web holds what runs in a browser: style sheets, the icon and the demo article. It is files and their names,
// no behaviour; package handlers serves them. Nothing of ours is imported, nothing is built or vendored.
//
// widget/ is a thread wherever it shows, page/ the pages of readers around it, console/ is for moderators, demo/ for the
// demo article. Start with page/base.css, which names the
// colours and sizes that everything else uses.
package web
