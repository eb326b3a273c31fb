// Package ruleform shows the rules of a document as sentences and forms, and writes changed forms back.
//
// A condition becomes a tree of groups and of comparisons of one fact each; what no menu can express keeps its
// text. Sentences follow from that tree and from the words for each fact. Changes replace only the values that
// changed: everything else in the document, comments included, stays byte for byte as it is written.
//
// It contains no evaluation of rules (package rules), no storage, and no HTTP.
//
// Start with condition.go (the tree), then read parse.go, vocabulary.go, sentence.go and document.go.
package ruleform
