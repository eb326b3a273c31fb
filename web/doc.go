// Package web holds what runs in a browser: the widget, style sheets, the icon and the demo. It is files and their
// names, and how the widget's files make one module; package handlers serves them. Nothing of ours is imported, nothing
// has to be built or vendored.
//
// widget/ is a thread wherever it shows, page/ the readers' pages around it, console/ is for moderators, demo/ has the demo
// article and pages that embed threads. Start with widget/reading.js for what happens in an article page, and with
// page/base.css for the colours and sizes of our own pages.
package web
