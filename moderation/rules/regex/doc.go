// Package regex compiles the regular expressions of rulesets within limits, explains to their authors what is
// wrong with one, and skips texts in which one cannot match.
//
// Start with Compile in regex.go; required.go finds what every match must contain.
package regex
