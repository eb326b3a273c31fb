// Package rulebook manages the rulesets of sites: it saves, activates and compares versions, tries a draft on
// one text, backtests it on past submissions, judges the waiting comments again, and counts how each rule
// does.
//
// What lives here: the Rulebook with its cache of compiled rulesets, Trials, Backtests, Rerun, Health and the
// Counter behind it, with the storage interfaces that they need.
//
// What must not: the language of rules (package rules), the use cases of readers and moderators (packages
// moderation and above), SQL and HTTP.
//
// Start reading in rulebook.go: Save and Activate are the life of a version, Judge is what every submission
// needs.
package rulebook
