// Package console holds the pages on which moderators work, and the sign-in pages before them. They work
// without JavaScript; modules in web/console improve them.
//
// Start with console.go, which says how to add a screen. Queue shows and decides comments; the other types
// are one screen each.
package console
