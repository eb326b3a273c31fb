// Package ruledesk serves the pages of the console on which moderators read and change rules without writing
// CEL: the overview in sentences, the rule builder, lists of terms, and the draft that collects changes.
//
// It contains no text editor, versions or activation (package console), no meaning of rules (package
// ruleform), and no storage.
//
// Start with ruledesk.go, then read overview.go and builder.go.
package ruledesk
