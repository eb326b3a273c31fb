// Package wordlists reads the word lists from which the embedded dictionary is made
// and chooses the words.
//
// What lives here: readers of Hunspell dictionaries, Tesseract word graphs, gettext
// catalogues and plain lists, and the table of sources. What must not: the format of
// the dictionary.
//
// Start reading at sources.go (which list gives which words), then build.go.
package wordlists
