// Package rules is the ruleset: its format, its compilation, its evaluation over
// the facts of one submission, and the explanation of what came out.
//
// A ruleset is one YAML document with lists, rules, thresholds and tests. Parse
// turns it into an immutable Ruleset or names every fault with line and column.
// Evaluate looks at every rule, keeps every hit, and concludes a Verdict. What
// cannot be evaluated is held.
//
// What lives here: everything about rules that needs no storage, no clock and no
// network. What must not: who a commenter is, where facts come from, what becomes
// of a verdict. Of ours, only moderation/text is imported.
//
// Start reading at facts.go (what rules look at) and registry.go (the same, one
// by one, for people), then ruleset.go (Parse), evaluation.go and verdict.go.
// Conditions are in condition.go, lists in list.go and what compiles from them in
// matcher.go. default.yaml is the ruleset that sites start with.
package rules
