// Package dictionary knows common words of thirteen languages, and common names of
// people and places.
//
// What lives here: an embedded word automaton and its reader and writer. What must
// not: matching, lists of offensive words, any judgement of a text. The package
// imports nothing of ours.
//
// The words are exact: there are no false positives. Swear words and slurs are left
// out, so a word that is known in a language is ordinary in that language, though it
// may be a swear word in another one: "slut" is Swedish for "end".
//
// words.bin is made by "rejoinder-bench build-dictionary". docs/dictionary.md names
// the sources, their licences and how to fetch them.
//
// Start reading at dictionary.go (look-ups), then automaton.go (the format) and
// encode.go.
package dictionary
