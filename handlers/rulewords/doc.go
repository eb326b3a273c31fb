// Package rulewords says in a moderator's language why rules fired.
//
// Reasons are stored with each verdict in English, with their values filled in. Those of the shipped rules, of the
// rules from site settings, and of the program itself are recognised by their form, and translated with their values.
// A site's own reasons stay as they are. Sentences about rules are made in package ruleform.
//
// Start with reason.go.
package rulewords
