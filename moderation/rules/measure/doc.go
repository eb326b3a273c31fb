// Package measure evaluates a ruleset on labelled texts: precision and recall with confidence intervals, in
// total and by kind, the cost of each rule, and the comparison of two rulesets.
//
// It contains statistics about verdicts. Reading and judging cases belongs to package rules, the layout for a
// terminal to cmd/rejoinder. It knows neither storage nor HTTP.
//
// Start in run.go: Judge returns a Run, whose methods compute everything else.
package measure
