// Package ruledesk serves the pages of the console on which moderators read and change rules without writing
// CEL: the overview in sentences, the rule builder, lists of terms, and the draft that collects changes.
//
// The text editor, versions and activation are in package console; the conversion between rules, sentences
// and forms is in package ruleform.
//
// Start with ruledesk.go, then read overview.go and builder.go.
package ruledesk
