// Package reader holds the pages for readers: threads with their forms, feeds, an author's page of a comment,
// reports and votes, the demo, and the widget's script. The pages work without JavaScript.
//
// Start with Threads in threadpage.go for pages, and form.go for submitting a comment.
package reader
