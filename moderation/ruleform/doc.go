// Package ruleform shows the rules of a document as sentences and forms, and writes changed forms back.
//
// A condition becomes a tree of groups and comparisons, each of one fact; expressions that menus can't
// express keep their text. Sentences are made from that tree and the vocabulary of facts. A change replaces
// only the values that changed: the rest of the document, including its comments, stays byte for byte as
// written.
//
// Rules are evaluated in package rules.
//
// Start with condition.go (the tree), then read parse.go, vocabulary.go, sentence.go and document.go.
package ruleform
