// Package rulebook manages the rulesets of sites: it saves, activates and compares versions, tries a draft on
// one text, backtests it on past submissions, re-runs rules on pending comments, and reports rule health.
//
// What lives here: the Rulebook with its cache of compiled rulesets, Trials, Backtests, Rerun, Health and its
// Counter, with the storage interfaces they need.
//
// What must not: the rule language (package rules), the use cases of readers and moderators (packages
// moderation and moderation/queue), SQL and HTTP.
//
// Start reading in rulebook.go: Save and Activate create and activate a version, Judge returns the compiled
// ruleset for a submission.
package rulebook
