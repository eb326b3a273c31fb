// Package classify learns from a site's own decisions how its spam reads, and scores texts by it: a logistic
// regression over hashed words, pieces of words and the shape of a text, learned one decision after the
// other.
//
// It is pure: texts in, numbers out. Whose decisions are learned, and when, is moderation's business; what a
// score does to a comment is a rule's. A model holds no text: only weights under hashes.
//
// Start with Model in model.go; features.go says what of a text is looked at, docs/classifier.md how well it
// does.
package classify
