package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

// closing maps the marks that open a quotation to those that may close it. Single quotation marks are left
// out: they are apostrophes far more often.
var closing = map[rune]string{
	'“': "”", '„': "“”\"", '«': "»", '»': "«", '「': "」", '『': "』", '"': "\"", '”': "”", '〝': "〟",
}

// quotedPlaces returns which bytes of a shown text are quotation, in order and apart: its block quotations, and
// what stands between quotation marks within a paragraph. A comment that consists of quotation only has none:
// nobody is quoted if nothing is said about it.
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

// quotedBetween adds the quotations of a paragraph between quotation marks. One that does not end is none.
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

// allQuoted returns the matches of a list in the body if all of them stand in quotations. More than maxSpans
// are not all known, so they do not count as quoted.
func (e *evaluation) allQuoted(q *question) []match {
	if e.counts[countIndex(q.list, bodyField)] > maxSpans {
		return nil
	}
	s, found := e.speech(), e.inBody(q.list)
	for _, m := range found {
		if !within(m, s.quoted) {
			return nil
		}
	}
	return found
}
