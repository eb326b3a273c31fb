// Package hoursconsole serves the console's pages about the opening hours of a site and of an article, and about
// modes that end at a given time.
//
// What the hours do is in package moderation/schedule. Start reading in pages.go.
package hoursconsole
