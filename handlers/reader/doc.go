// Package reader holds the pages that readers see: threads with their forms, feeds, what a writer does about
// an own comment, reports and votes, the demo and the widget's script. They work without JavaScript.
//
// Start with Threads in threadpage.go for the page, and form.go for a comment that is sent.
package reader
