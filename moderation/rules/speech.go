package rules

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

// speech is the text of a comment as sentences, for the questions whom a match is aimed at and who says it.
type speech struct {
	body     string
	words    []text.Word
	sentence []int // by word: the number of its sentence
	starts   []int // by sentence: its first word; one more at the end
	grammars []*grammar
	spoken   []*grammar // of the languages of the match in question; the words of other languages say nothing of others
	foreign  bool       // asked about a language that is not spoken: words of a spoken one have no role
	quoted   []Place
	parent   []string // words of the name of the author replied to; empty if unknown or too short to tell
}

// extent is the words of a match: from first to last. last is first-1 for a match without words.
type extent struct{ first, last int }

func (e *evaluation) speech() *speech {
	if e.spoken != nil {
		return e.spoken
	}
	s := &speech{body: e.read().Shown, words: e.words(bodyField)}
	s.sentence = make([]int, len(s.words))
	s.starts = []int{0}
	for i := 1; i < len(s.words); i++ {
		if endsSentence(s.body[s.words[i-1].End:s.words[i].Start]) {
			s.starts = append(s.starts, i)
		}
		s.sentence[i] = len(s.starts) - 1
	}
	s.starts = append(s.starts, len(s.words))
	s.grammars = grammarsFor(e.read().Language())
	s.spoken = s.grammars
	s.quoted = quotedPlaces(s.body, e.read().Quoted)
	s.parent = nameWords(e.facts.Reply.ParentName)
	e.spoken = s
	return s
}

// nameWords returns the words of a name by which its bearer can be addressed; nil for a name of one or two
// letters, which may be anything.
func nameWords(name string) []string {
	var words []string
	letters := 0
	for _, w := range text.Words(name) {
		words = append(words, w.Folded)
		letters += len([]rune(w.Folded))
	}
	if letters < 3 {
		return nil
	}
	return words
}

// endsSentence reports whether a sentence ends in what stands between two words. A full stop ends one only
// before white space: it also stands inside numbers and hosts.
func endsSentence(gap string) bool {
	stop := false
	for _, r := range gap {
		switch r {
		case '\n', '!', '?', ';', '…', '。', '！', '？', '؟', '؛', '｡':
			return true
		case '.':
			stop = true
		case ' ', '\t':
			if stop {
				return true
			}
		}
	}
	return false
}

// extentOf returns the words that a match touches.
func (s *speech) extentOf(m match) extent {
	first := sort.Search(len(s.words), func(i int) bool { return s.words[i].End > m.start })
	after := sort.Search(len(s.words), func(i int) bool { return s.words[i].Start >= m.end })
	return extent{first, max(after, first) - 1}
}

// bounds returns the words of the sentence that a match begins in: from its first to before its end.
func (s *speech) bounds(at extent) (from, to int) {
	if len(s.words) == 0 {
		return 0, 0
	}
	n := s.sentence[min(at.first, len(s.words)-1)]
	return s.starts[n], max(s.starts[n+1], at.last+1)
}

// role returns what a word is in a language. A formal "you" is one only in upper case and inside a sentence,
// where the case tells; at its beginning it must stand right before the match.
func (s *speech) role(g *grammar, i int, at extent) role {
	w := s.words[i]
	if s.foreign && s.known(w.Folded) {
		return 0
	}
	r := g.words[w.Folded]
	for _, p := range g.phrases[w.Folded] {
		if s.endsIn(p.words, i) {
			r |= p.role
		}
	}
	if g.formal[w.Folded] && startsUpper(s.body[w.Start:w.End]) {
		if i != s.starts[s.sentence[i]] || i == at.first-1 {
			return roleYou
		}
	}
	return r
}

// known reports whether a word has a role in a spoken language: English "was" is no Polish "you".
func (s *speech) known(word string) bool {
	return slices.ContainsFunc(s.spoken, func(g *grammar) bool { return g.words[word] != 0 })
}

// endsIn reports whether the phrase ends with word i.
func (s *speech) endsIn(phrase []string, i int) bool {
	from := i - len(phrase) + 1
	if from < 0 || i >= len(s.words) {
		return false
	}
	for n, word := range phrase {
		if s.words[from+n].Folded != word {
			return false
		}
	}
	return true
}

// comma reports whether a comma stands before word i.
func (s *speech) comma(i int) bool {
	return i > 0 && i < len(s.words) && strings.ContainsAny(s.body[s.words[i-1].End:s.words[i].Start], ",،、，")
}

// within reports whether the match lies in one of the places, which are in order and apart.
func within(m match, places []Place) bool {
	after := sort.Search(len(places), func(i int) bool { return places[i][0] > m.start })
	return after > 0 && m.end <= places[after-1][1]
}

// inBody returns the kept matches of a list in the body, in order.
func (e *evaluation) inBody(list int32) []match {
	var found []match
	for _, m := range e.matches {
		if m.list == list && m.field == bodyField {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b match) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	return found
}

// closing maps the marks that open a quotation to those that may close it. Single quotation marks are left
// out: they are apostrophes far more often.
var closing = map[rune]string{
	'“': "”", '„': "“”\"", '«': "»", '»': "«", '「': "」", '『': "』", '"': "\"", '”': "”", '〝': "〟",
}

// quotedPlaces returns the quoted parts of a shown text as byte spans, in order and without overlap: block
// quotations, and text between quotation marks within a paragraph. A comment that consists only of quotations
// has none, because it counts as the author's own words.
func quotedPlaces(shown string, blocks []text.Span) []Place {
	if len(blocks) == 0 && !strings.ContainsAny(shown, "\"“„«»「『”〝") {
		return nil
	}
	var places []Place
	at := 0
	for _, b := range blocks {
		places = append(quotedParagraphs(shown, at, b.Start, places), Place{b.Start, b.End})
		at = b.End
	}
	places = quotedParagraphs(shown, at, len(shown), places)
	if !saysMore(shown, places) {
		return nil
	}
	return places
}

// quotedParagraphs adds what stands between quotation marks in the paragraphs from one byte to another.
func quotedParagraphs(shown string, from, to int, places []Place) []Place {
	for from < to {
		end := to
		if i := strings.Index(shown[from:to], "\n\n"); i >= 0 {
			end = from + i + 2
		}
		places = quotedBetween(shown, from, end, places)
		from = end
	}
	return places
}

// quotedBetween adds the quotations between quotation marks in a paragraph. Unclosed ones do not count.
func quotedBetween(body string, from, to int, places []Place) []Place {
	ends, opened := "", 0
	for at := from; at < to; {
		r, size := utf8.DecodeRuneInString(body[at:to])
		switch marks, opens := closing[r]; {
		case ends != "" && strings.ContainsRune(ends, r):
			places, ends = append(places, Place{opened, at + size}), ""
		case ends == "" && opens && beginsQuotation(body[:at], body[at+size:to]):
			ends, opened = marks, at
		}
		at += size
	}
	return places
}

// beginsQuotation reports whether a quotation mark between before and after begins a quotation: it stands at
// the beginning of a word, and not behind one, as the sign of inches does.
func beginsQuotation(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	inside := unicode.In(last, unicode.L, unicode.N) && last < 0x3000 // Japanese has no spaces
	return after != "" && !inside
}

// saysMore reports whether a letter or digit stands outside the places.
func saysMore(body string, places []Place) bool {
	at := 0
	for _, p := range append(places, Place{len(body), len(body)}) {
		if strings.ContainsFunc(body[at:p[0]], func(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }) {
			return true
		}
		at = p[1]
	}
	return false
}

// allQuoted returns the matches of a list in the body if all of them are in quotations or are what somebody
// is said to have been called. If there are more than maxSpans matches, not all are known, so they do not
// count as quoted.
func (e *evaluation) allQuoted(q *question) []match {
	if e.counts[countIndex(q.list, bodyField)] > maxSpans {
		return nil
	}
	s, found := e.speech(), e.inBody(q.list)
	for _, m := range found {
		if at := s.extentOf(m); !within(m, s.quoted) && !s.calledSo(at) && !s.asWord(at) {
			return nil
		}
	}
	return found
}

// asWord reports whether a comment names a match as a word: "the word X". In Turkish, "word" follows.
func (s *speech) asWord(at extent) bool {
	from, to := s.bounds(at)
	for _, g := range s.grammars {
		if at.first > from && s.role(g, at.first-1, at)&roleWord != 0 && s.adjacent(at.first-1) ||
			g.tag == "tr" && at.last >= at.first && at.last+1 < to && s.role(g, at.last+1, at)&roleWord != 0 && s.adjacent(at.last) {
			return true
		}
	}
	return false
}

// adjacent reports whether no punctuation but quotation marks and hyphens follows word i before the next.
func (s *speech) adjacent(i int) bool {
	return !strings.ContainsAny(s.body[s.words[i].End:s.words[i+1].Start], ".,:;!?\n")
}

// calledSo reports whether a match is what somebody is said to have called another: "he called me a fool", but
// not "I called you a fool".
func (s *speech) calledSo(at extent) bool {
	from, _ := s.bounds(at)
	for _, g := range s.grammars {
		for i := at.first - 1; i >= max(from, at.first-reachCall); i-- {
			r := s.role(g, i, at)
			if r&roleCall != 0 {
				return true
			}
			if r&(roleYou|roleYouAre) != 0 || s.comma(i) {
				break
			}
		}
		if s.calledBehind(g, at) {
			return true
		}
	}
	return false
}

// calledBehind reports whether "called" follows the match, as in languages whose verb may stand at the end.
func (s *speech) calledBehind(g *grammar, at extent) bool {
	reach := 0
	switch g.tag {
	case "de", "nl", "pl", "ru", "uk":
		reach = reachCalled
	case "tr", "ja":
		reach = reachVerb
	}
	_, to := s.bounds(at)
	return at.last >= at.first && s.anyRole(g, at.last+1, min(to, at.last+1+reach), roleCall, at)
}
