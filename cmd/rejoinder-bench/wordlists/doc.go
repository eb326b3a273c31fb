// Package wordlists reads the word lists from which the embedded dictionary is made, and selects its words.
//
// It contains readers of Hunspell dictionaries, Tesseract word graphs, gettext catalogues and plain lists,
// and the table of sources, but not the format of the dictionary.
//
// Start with sources.go (which words come from which list), then read build.go.
package wordlists
