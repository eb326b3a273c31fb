// Package dictionary knows common words of thirteen languages, and common names of people and places.
//
// It contains an embedded word automaton with its reader and writer, but no matching, no lists of offensive
// words, and no judgement of texts. It imports no other package of this module.
//
// Look-ups are exact: there are no false positives. Swear words and slurs are left out, so a word that is
// known in a language is ordinary in that language, though it may be a swear word in another one: "slut" is
// Swedish for "end".
//
// words.bin is made by "rejoinder-bench build-dictionary". docs/dictionary.md names the sources, their
// licences and how to fetch them.
//
// Start with dictionary.go (look-ups), then read automaton.go (the format) and encode.go.
package dictionary
