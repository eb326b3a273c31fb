package hostility

import (
	"unicode"
	"unicode/utf8"
)

const (
	// maxWordBytes bounds the n-grams of one word; the rest of a longer word is ignored.
	maxWordBytes = 40
	// maxChunkBytes is the length of a run without white space up to which it is read without its signs: a
	// longer one is an address or noise.
	maxChunkBytes = 30
	// minSpelled is the number of adjacent single letters that count as one spelled word.
	minSpelled = 3
	// lastLatin is the last letter that counts as Latin: the end of the block Latin Extended-B.
	lastLatin = 0x24F
	// maxForeign is how many more letters of other scripts than Latin ones are read: such a text is not English.
	maxForeign = 2_000
)

// token is one form of a word: as written, without apostrophes, or as it reads without its disguise.
type token struct {
	start, end   int32 // in the normalised text
	from, to     int32 // in the scanner's forms
	ends         bool  // the last word of a sentence
	alternative  bool  // another reading of the words before it, not a word of its own
	letters      int32 // of a word as written
	singleLetter bool
}

// scanner splits a normalised text into tokens. Its memory is reused for the next text.
type scanner struct {
	text   string
	tokens []token
	forms  []byte // of the tokens, one after the other
	latin  int    // letters of the Latin script
	other  int    // letters of other scripts
}

// read replaces the tokens with those of a normalised text.
func (s *scanner) read(text string) {
	s.text, s.tokens, s.forms, s.latin, s.other = text, s.tokens[:0], s.forms[:0], 0, 0
	spelledFrom := 0 // the first of the single letters that the last tokens are
	for pos := 0; pos < len(text) && s.other <= s.latin+maxForeign; {
		end, next := chunkEnd(text, pos)
		if end > pos {
			first := len(s.tokens)
			s.readChunk(pos, end)
			if len(s.tokens) != first+1 || !s.tokens[first].singleLetter {
				s.joinSpelled(spelledFrom, first)
				spelledFrom = len(s.tokens)
			}
		}
		pos = next
	}
	s.joinSpelled(spelledFrom, len(s.tokens))
}

// chunkEnd returns where the run without white space that begins at pos ends, and where the text goes on.
func chunkEnd(text string, pos int) (end, next int) {
	for end = pos; end < len(text); {
		if c := text[end]; c < utf8.RuneSelf {
			if c == ' ' || '\t' <= c && c <= '\r' {
				return end, end + 1
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[end:])
		if unicode.IsSpace(r) {
			return end, end + size
		}
		end += size
	}
	return end, end
}

// readChunk adds the words of a run without white space and, if signs or repeated letters may disguise it,
// the word that it reads as.
func (s *scanner) readChunk(start, end int) {
	first, disguised := len(s.tokens), false
	word := token{start: int32(start), from: int32(len(s.forms))}
	for pos := start; pos < end; {
		r, size := rune(s.text[pos]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s.text[pos:])
		}
		switch {
		case isLetter(r):
			s.appendLetters(pos, size, &word)
			s.count(r)
			word.letters++
		case isDigit(r):
			disguised = true
			s.appendLetters(pos, size, &word)
		case isApostrophe(r):
		default:
			disguised = disguised || isDisguise(r)
			s.endWord(word, pos)
			word = token{start: int32(pos + size), from: int32(len(s.forms))}
		}
		pos += size
	}
	s.endWord(word, end)
	if len(s.tokens) == first {
		return
	}
	s.tokens[len(s.tokens)-1].ends = endsSentence(s.text[start:end])
	if disguised && end-start <= maxChunkBytes {
		s.addUndisguised(first, start, end)
	}
}

// appendLetters appends a letter to the form of a word. The third and later of a letter in a row are dropped.
func (s *scanner) appendLetters(pos, size int, word *token) {
	if size == 1 && s.runs(s.text[pos], int(word.from)) {
		return
	}
	if len(s.forms)-int(word.from)+size <= maxWordBytes {
		s.forms = append(s.forms, s.text[pos:pos+size]...)
	}
}

// runs reports whether the form that begins at from ends with that letter twice.
func (s *scanner) runs(letter byte, from int) bool {
	n := len(s.forms)
	return n-from >= 2 && s.forms[n-1] == letter && s.forms[n-2] == letter
}

// count counts a letter by script.
func (s *scanner) count(letter rune) {
	if letter <= lastLatin {
		s.latin++
	} else {
		s.other++
	}
}

func (s *scanner) endWord(word token, end int) {
	word.end, word.to = int32(end), int32(len(s.forms))
	if word.to == word.from {
		return
	}
	word.singleLetter = word.letters == 1 && word.end-word.start == 1
	s.tokens = append(s.tokens, word)
}

// addUndisguised adds the word that a chunk reads as once digits and signs stand for letters and all other
// signs are dropped.
func (s *scanner) addUndisguised(first, start, end int) {
	if s.tokens[first].letters == 0 && len(s.tokens) == first+1 {
		return // a number
	}
	read := token{start: int32(start), end: int32(end), from: int32(len(s.forms)), alternative: true}
	for end > start && (s.text[end-1] == '!' || s.text[end-1] == '.' || s.text[end-1] == ',') {
		end--
	}
	for pos := start; pos < end; pos++ {
		c := lettersOfSigns[s.text[pos]]
		if c != 0 && !s.runs(c, int(read.from)) {
			s.forms = append(s.forms, c)
		}
	}
	read.to = int32(len(s.forms))
	written := s.tokens[first]
	if read.to-read.from < minSpelled || string(s.form(written)) == string(s.form(read)) {
		s.forms = s.forms[:read.from]
		return
	}
	s.tokens = append(s.tokens, read)
	s.tokens[len(s.tokens)-1].ends, s.tokens[len(s.tokens)-2].ends = s.tokens[len(s.tokens)-2].ends, false
}

// joinSpelled adds the word that the tokens from one to before another spell, if all are single letters.
func (s *scanner) joinSpelled(from, to int) {
	if to-from < minSpelled || to-from > maxChunkBytes {
		return
	}
	word := token{start: s.tokens[from].start, end: s.tokens[to-1].end, from: int32(len(s.forms)), alternative: true}
	for _, t := range s.tokens[from:to] {
		s.forms = append(s.forms, s.form(t)...)
	}
	word.to = int32(len(s.forms))
	s.tokens = append(s.tokens, word)
}

func (s *scanner) form(t token) []byte { return s.forms[t.from:t.to] }

func isLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.Is(unicode.M, r))
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' || r >= utf8.RuneSelf && unicode.IsDigit(r) }

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '`' }

// isDisguise reports whether a sign may stand for a letter or separate the letters of a word.
func isDisguise(r rune) bool {
	switch r {
	case '@', '$', '!', '*', '#', '%', '+', '|', '^', '_', '.', '-', '~':
		return true
	}
	return false
}

func endsSentence(chunk string) bool {
	switch chunk[len(chunk)-1] {
	case '.', '!', '?', '"', ')':
		return true
	}
	return false
}

// lettersOfSigns are the letters that ASCII characters read as; 0 for none.
var lettersOfSigns = func() (letters [256]byte) {
	for c := byte('a'); c <= 'z'; c++ {
		letters[c] = c
	}
	for sign, letter := range map[byte]byte{
		'@': 'a', '4': 'a', '$': 's', '5': 's', '!': 'i', '1': 'i', '|': 'i', '3': 'e', '0': 'o', '7': 't', '+': 't',
	} {
		letters[sign] = letter
	}
	return letters
}()
