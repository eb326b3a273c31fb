// Package demo fills the demo site with a week of an invented local newspaper: articles, comments, votes,
// reports, edits and decisions. It plays the script in week.yaml through the use cases of readers and
// moderators, with a clock that starts a week ago, so rules judge every submission and every entry of the log
// was made by a decision.
package demo
