// Package measure says how well a ruleset tells labelled texts apart: figures with confidence intervals, for
// all of them and by kind, the cost of each rule, and the comparison of two rulesets.
//
// What lives here: statistics about verdicts. What must not: the reading and judging of cases (package rules),
// the layout for a terminal (cmd/rejoinder), storage and HTTP.
//
// Start reading in run.go: Judge makes a Run, and everything else is asked of it.
package measure
