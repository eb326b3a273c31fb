// Package hostility scores how much an English text reads like an insult, a threat or abuse of a person: a
// logistic regression over hashed words, pairs of words and character n-grams, trained once and embedded in
// the program. Unlike package classify it learns nothing from a site.
//
// The package is pure: text in, number out. A rule decides what a score does to a comment.
//
// Start with Judge in judge.go. tokens.go splits a text, features.go hashes it, model.go decodes the embedded
// weights, train.go makes them. docs/hostility-model.md is the model card.
package hostility
