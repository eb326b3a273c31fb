// Package rules implements rulesets: their format, compilation, evaluation over the facts of a submission,
// and the explanation of verdicts.
//
// A ruleset is one YAML document with lists, rules, thresholds and tests. Parse turns it into an immutable
// Ruleset or lists every error with line and column. Evaluate evaluates every rule, keeps every hit, and
// returns a Verdict. A submission that cannot be evaluated is held.
//
// The package needs no storage, clock or network. It does not know who a commenter is, where facts come from,
// or what a verdict leads to. Of this module, it imports only moderation/text, moderation/hostility
// and its own regex.
//
// Start with facts.go (the stored facts) and registry.go (all facts with their documentation), then read
// ruleset.go (Parse), evaluation.go and verdict.go. Conditions are in condition.go, lists in list.go, and
// matchers compiled from lists in matcher.go. default.yaml is the ruleset that sites start with.
package rules
