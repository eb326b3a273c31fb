package rules

import (
	"slices"
	"strings"
)

// How far an aim is looked for, in words.
const (
	reachBefore  = 7  // from a match back to a "you" or a name
	reachBeside  = 2  // between "you" and a match that no "are" links: "you stupid old fool"
	reachPlain   = 3  // the same in a language that has no "are"
	reachSigns   = 6  // the same where each character is a word
	reachLink    = 3  // from "you" to the "are" that belongs to it: "you really must be"
	reachAfter   = 2  // from a match to a "you" behind it: "a fool like you"
	longestCall  = 12 // the words of a sentence that only calls somebody something
	longestSigns = 36 // the same where each character is a word
	reachCall    = 6  // from a match back to the "called" that reports it
	reachVerb    = 4  // the same behind the match, in Japanese and Turkish
	reachCalled  = 2  // from a match to the "called" behind it: "has called me a fool" in German
	longestNamed = 4  // between a name and a match: "Anna is such a fool"
)

// addressed returns the matches of a list in the body that are aimed at somebody: at "you", at the writer
// replied to by name, at anybody by @name, by calling them so ("Fool!", "What a fool.", "Read it, fool"), or at the
// writer, the commenters or somebody in office ("the mayor is a fool"). What is said of other people is not.
func (e *evaluation) addressed(q *question) []match {
	s := e.speech()
	found := e.inBody(q.list)
	insults := s.covered(found)
	var aimed []match
	for _, m := range found {
		s.spoken = ownGrammars(s.grammars, e.matcher.languages[m.languages])
		if at := s.extentOf(m); s.aimed(at) || s.calls(at, insults) || s.ofPublic(at, insults) {
			aimed = append(aimed, m)
		}
	}
	return aimed
}

func (s *speech) aimed(at extent) bool {
	from, to := s.bounds(at)
	if s.aimedByName(at, from, to) {
		return true
	}
	defer func() { s.foreign = false }()
	for _, g := range s.grammars {
		s.foreign = !slices.Contains(s.spoken, g)
		if s.aimedBefore(g, at, from) || s.aimedInside(g, at) || s.aimedBehind(g, at, from, to) {
			return true
		}
	}
	return false
}

// aimedBefore looks for the nearest subject before the match: it must be "you".
func (s *speech) aimedBefore(g *grammar, at extent, from int) bool {
	for i := at.first - 1; i >= max(from, at.first-reachBefore); i-- {
		switch r := s.role(g, i, at); {
		case r&roleYou != 0:
			return s.linked(g, i, at, from)
		case r&roleYour != 0:
			return s.misspelt(g, i, at)
		case r&roleYouAre != 0:
			return true
		case r&roleStop != 0:
			return false
		}
	}
	return false
}

// linked reports whether the "you" at word i is what the match is said of: an "are" links them, or little
// stands between.
func (s *speech) linked(g *grammar, i int, at extent, from int) bool {
	if i > from && s.role(g, i-1, at)&(roleBe|roleYouAre) != 0 {
		return true // "are you stupid"
	}
	if s.anyRole(g, max(from, i-1), at.first, roleHave, at) {
		return false
	}
	for k := i + 1; k < at.first && k <= i+reachLink; k++ {
		if s.role(g, k, at)&roleBe != 0 {
			return true
		}
	}
	reach := reachPlain
	switch {
	case g.tag == "ja":
		reach = reachSigns
	case g.copula:
		reach = reachBeside
	}
	return at.first-i-1 <= reach && !s.anyRole(g, i+1, at.first, roleDet, at) && !s.commaBetween(i+2, at.first)
}

// commaBetween reports whether a comma stands before one of the words: of "you are right, the road is a disgrace" the
// road is meant.
func (s *speech) commaBetween(from, to int) bool {
	for i := from; i < to; i++ {
		if s.comma(i) {
			return true
		}
	}
	return false
}

// misspelt reports whether a "your" means "you are", or calls somebody: "your an idiot", "your stupid."; of
// "your stupid plan" it is said what is stupid.
func (s *speech) misspelt(g *grammar, i int, at extent) bool {
	_, to := s.bounds(at)
	between := at.first - i - 1
	if between > 0 && s.role(g, i+1, at)&roleDet != 0 {
		return true
	}
	return between <= reachBeside && (at.last+1 >= to || s.comma(at.last+1))
}

// aimedInside reports whether the match itself has a "you": "kill yourself".
func (s *speech) aimedInside(g *grammar, at extent) bool {
	return s.anyRole(g, at.first+1, at.last+1, roleYou, at)
}

// aimedBehind looks for a "you" behind the match: "damn you", "idiots like you", "what an idiot you are", with the verb
// in front of the pronoun in Dutch, German and Swedish.
func (s *speech) aimedBehind(g *grammar, at extent, from, to int) bool {
	if g.tag == "tr" && at.last >= at.first && s.turkishAim(g, at, to) {
		return true
	}
	for i := at.last + 1; i < min(to, at.last+2+reachAfter); i++ {
		switch r := s.role(g, i, at); {
		case r&(roleYou|roleYouAre) != 0:
			return s.meansYou(g, i, at, from, to)
		case r&roleStop != 0 && i+1 < to && s.role(g, i+1, at)&roleYouAre != 0:
			return true // "lo scemo che sei"
		case r&(roleLike|roleBe|roleSelf) == 0:
			return false
		}
	}
	return false
}

// meansYou tells "what an idiot you are" from "the idiot you voted for" and "idiotic, you know".
func (s *speech) meansYou(g *grammar, i int, at extent, from, to int) bool {
	next := role(0)
	if i+1 < to {
		next = s.role(g, i+1, at)
	}
	switch {
	case next&roleKnow != 0:
		return false
	case i == at.last+1 && at.first > from && s.role(g, at.first-1, at)&roleDet != 0:
		return i+1 >= to || next&roleBe != 0
	}
	return true
}

// turkishAim reports whether the match says "you are" by its ending, or the noun behind it does: "ne aptal bir
// adamsın".
func (s *speech) turkishAim(g *grammar, at extent, to int) bool {
	last := at.last
	if last+2 < to && s.role(g, last+1, at)&roleDet != 0 {
		last += 2
	}
	sure := len(s.grammars) == 1
	return turkishYouAre(s.words[at.last].Folded, sure) || turkishYouAre(s.words[last].Folded, sure)
}

// turkishYouAre reports whether a word ends as "you are" does in Turkish. If it is not sure that the text is
// Turkish, only endings with a letter that few other languages have count.
func turkishYouAre(word string, sure bool) bool {
	for _, ending := range []string{"sın", "sün", "sınız", "sünüz"} {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	return sure && (strings.HasSuffix(word, "sin") || strings.HasSuffix(word, "sun") ||
		strings.HasSuffix(word, "siniz") || strings.HasSuffix(word, "sunuz"))
}

// aimedByName reports whether the name of the author replied to, or a name after "@", stands close by.
func (s *speech) aimedByName(at extent, from, to int) bool {
	for i := at.first - 1; i >= max(from, at.first-longestNamed-1); i-- {
		if s.isName(i) {
			return true
		}
		if s.stops(i, at) {
			break
		}
	}
	behind := at.last + 1
	return behind < to && (s.mentioned(behind) || len(s.parent) > 0 && s.endsIn(s.parent, behind+len(s.parent)-1))
}

// isName reports whether a name ends with word i.
func (s *speech) isName(i int) bool {
	return s.mentioned(i) || len(s.parent) > 0 && s.endsIn(s.parent, i)
}

// mentioned reports whether word i is written as "@name".
func (s *speech) mentioned(i int) bool {
	start := s.words[i].Start
	if start == 0 || s.body[start-1] != '@' {
		return false
	}
	return i == 0 || s.words[i-1].End < start-1 // not an email address
}

// stops reports whether word i is, in some language, another subject or a negation. "Is" stops nothing: after
// a name it says what its bearer is.
func (s *speech) stops(i int, at extent) bool {
	for _, g := range s.grammars {
		if r := s.role(g, i, at); r&roleStop != 0 && r&roleIs == 0 {
			return true
		}
	}
	return false
}

func (s *speech) anyRole(g *grammar, from, to int, r role, at extent) bool {
	for i := from; i < to; i++ {
		if s.role(g, i, at)&r != 0 {
			return true
		}
	}
	return false
}

// calls reports whether somebody is called what the match says: the sentence says nothing else, or the match
// stands alone between a comma and the beginning or end of the sentence.
func (s *speech) calls(at extent, insults []bool) bool {
	from, to := s.bounds(at)
	longest := longestCall
	if len(s.grammars) == 1 && s.grammars[0].tag == "ja" {
		longest = longestSigns
	}
	if to-from > longest || s.trait(at) {
		return false
	}
	if s.standsAlone(at, from, to, insults) && !s.ofOthers(from, to, at) {
		return true
	}
	for _, g := range s.grammars {
		if s.onlyCalls(g, extent{from, to - 1}, insults) {
			return true
		}
	}
	return false
}

// trait reports whether a match is one word that also says something of a thing ("Ridiculous!"). It calls somebody so
// only together with a "you".
func (s *speech) trait(at extent) bool {
	if at.first != at.last {
		return false
	}
	for _, g := range s.spoken {
		if s.role(g, at.first, at)&roleTrait != 0 {
			return true
		}
	}
	return false
}

// standsAlone reports whether the match, with the insults and words such as "old" around it, is all that stands
// between a comma and the beginning or end of the sentence.
func (s *speech) standsAlone(at extent, from, to int, insults []bool) bool {
	first, behind := at.first, at.last+1
	for first > from && !s.comma(first) && (insults[first-1] || s.callsWith(first-1, at)) {
		first--
	}
	for behind < to && !s.comma(behind) && (insults[behind] || s.callsWith(behind, at)) {
		behind++
	}
	return behind == to && s.comma(first) || first == from && s.comma(behind) && !s.enumerates(behind, to, at)
}

// enumerates reports whether what follows the comma before word i is no sentence of its own: another noun of a list
// ("sheep, goats and cows"), or a clause about the match ("the dogs, which bark").
func (s *speech) enumerates(i, to int, at extent) bool {
	for _, g := range s.spoken {
		if s.role(g, i, at)&(roleDet|roleStop|roleAnd) != 0 && s.role(g, i, at)&roleYou == 0 {
			return true
		}
		if i+1 < to && s.role(g, i+1, at)&roleAnd != 0 {
			return true
		}
	}
	return i+1 < to && s.comma(i+1)
}

// callsWith reports whether word i is, in some language, a word beside an insult that calls somebody, and no article:
// "a fool, and a bore" calls nobody.
func (s *speech) callsWith(i int, at extent) bool {
	for _, g := range s.spoken {
		if r := s.role(g, i, at); r&roleVoc != 0 && r&(roleDet|roleStop) == 0 {
			return true
		}
	}
	return false
}

// ofOthers reports whether the sentence has another subject, in any language that it may be in. Then the match
// is one of the things said of it.
func (s *speech) ofOthers(from, to int, at extent) bool {
	for _, g := range s.spoken {
		for i := from; i < to; i++ {
			outside := i < at.first || i > at.last
			if outside && s.role(g, i, at)&(roleStop|roleNot) == roleStop {
				return true
			}
		}
	}
	return false
}

// covered says of each word of the comment whether a match covers it.
func (s *speech) covered(matches []match) []bool {
	covered := make([]bool, len(s.words))
	for _, m := range matches {
		at := s.extentOf(m)
		for i := at.first; i <= at.last; i++ {
			covered[i] = true
		}
	}
	return covered
}

// onlyCalls reports whether a sentence consists of insults, names, and words such as "what a".
func (s *speech) onlyCalls(g *grammar, sentence extent, insults []bool) bool {
	for i := sentence.first; i <= sentence.last; i++ {
		if !insults[i] && s.role(g, i, extent{i + 1, i})&(roleVoc|roleYou) == 0 && !s.isName(i) {
			return false
		}
	}
	return true
}
