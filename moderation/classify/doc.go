// Package classify learns from a site's decisions what its spam looks like, and scores texts: a logistic
// regression over hashed words, character n-grams and the shape of a text, trained online.
//
// The package is pure: texts in, numbers out. Package moderation decides what to learn and when; a rule
// decides what a score does to a comment. A model contains no text, only weights by hash, and a sample of the
// learned texts as hashed features.
//
// Start with Model in model.go. features.go extracts the features of a text, learn.go learns them, reservoir.go
// keeps the sample; docs/classifier.md has the results.
package classify
