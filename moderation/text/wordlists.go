package text

import (
	"embed"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The word lists are data files in words/: text after # is a comment.
//
//go:embed words/*.txt
var wordFiles embed.FS

// Word lists for English compounds and disguises. The keys are as spellings has them, unless a list says
// otherwise.
var (
	wordEndings        = spellings(readWords("word-endings-en"))
	compoundParts      = spellings(readWords("compound-parts-en"))
	compoundBeginnings = spellings(readWords("compound-beginnings-en"))
	compoundEnds       = spellings(readWords("compound-ends-en"))
	shortWords         = spellings(readWords("short-words-en"))
	unmistakable       = wordSet(readWords("unmistakable-en"))  // plain words
	unsplittable       = wordSet(readWords("unsplittable-en"))  // plain words
	rareWords          = wordSet(readWords("rare-words-en"))    // plain words
	starredWords       = wordSet(readWords("starred-words-en")) // plain words
	censoredWords      = wordsByLanguage(readLines("censored-words"))
	slangSpellings     = readSpellings("slang-spellings-en") // by plain word
)

// maxCompoundPart is the length of the longest key of compoundParts, in bytes.
var maxCompoundPart = func() int {
	longest := 0
	for word := range compoundParts {
		longest = max(longest, len(word))
	}
	return longest
}()

// wordsByLanguage returns the words of lines that begin with a language.
func wordsByLanguage(lines []string) map[string]bool {
	words := map[string]bool{}
	for _, line := range lines {
		for _, word := range strings.Fields(line)[1:] {
			words[norm.NFKD.String(word)] = true // as starredUnspaced compares them
			words[word] = true
		}
	}
	return words
}

// stopwordList holds the stopwords of one language.
type stopwordList struct {
	tag     string   // BCP 47
	letters string   // letters that none of the other languages here uses much
	words   []string // in their normal form
}

var stopwords = readStopwords()

// readLines returns the lines of a word list without comments and empty lines.
func readLines(list string) []string {
	raw, err := wordFiles.ReadFile("words/" + list + ".txt")
	if err != nil {
		panic("embedded word list: " + err.Error())
	}
	var lines []string
	for line := range strings.Lines(string(raw)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// readWords returns the words of a list, separated by blanks and line ends.
func readWords(list string) []string {
	return strings.Fields(strings.Join(readLines(list), " "))
}

// readSpellings reads a list with lines like "word: spelling, another spelling".
func readSpellings(list string) map[string][]string {
	all := map[string][]string{}
	for _, line := range readLines(list) {
		word, others, ok := strings.Cut(line, ": ")
		if !ok {
			panic("embedded word list " + list + ": no spellings in " + line)
		}
		all[word] = strings.Split(others, ", ")
	}
	return all
}

// readStopwords reads lines like "de:ß: der die das".
func readStopwords() []stopwordList {
	var all []stopwordList
	for _, line := range readLines("stopwords") {
		tag, rest, _ := strings.Cut(line, ":")
		letters, words, ok := strings.Cut(rest, ": ")
		if !ok {
			panic("embedded word list stopwords: no words in " + line)
		}
		all = append(all, stopwordList{tag, letters, strings.Fields(words)})
	}
	return all
}

func wordSet(words []string) map[string]bool {
	set := map[string]bool{}
	for _, word := range words {
		set[word] = true
	}
	return set
}
