package rules

import (
	"regexp"

	"rejoinder/moderation/text"
)

// How far a speaker is looked for, in words.
const (
	reachSubject = 8  // from a match back to who does it
	reachSay     = 10 // from the subject back to a word that reports it
	strangers    = 1  // unknown words allowed between "I" and the match
	reachWish    = 3  // from a match back to a "should"
	reachWork    = 2  // words between a match and the film that it is in
	reachSelf    = 6  // from a match back to the "I" that it is said of
)

// byAuthored returns the matches of a list in the body that the author says of themselves ("I will …", "let us
// …"), wishes ("somebody should …", "I hope you …") or orders ("… yourself!", "go and …"). What others are said
// to do or to have said is not, and neither is a quotation.
func (e *evaluation) byAuthored(q *question) []match {
	s := e.speech()
	var own []match
	for _, m := range e.inBody(q.list) {
		if at := s.extentOf(m); !within(m, s.quoted) && s.own(at) {
			own = append(own, m)
		}
	}
	return own
}

func (s *speech) own(at extent) bool {
	from, _ := s.bounds(at)
	for _, g := range s.grammars {
		subject, found := s.subject(g, at, from)
		if found && !s.reported(g, subject, at, from) {
			return true
		}
	}
	return false
}

// subject returns the word by which a match is the author's own: "I", "should", or the beginning of an order.
func (s *speech) subject(g *grammar, at extent, from int) (int, bool) {
	unknown := 0
	for i := at.first - 1; i >= max(from, at.first-reachSubject); i-- {
		r := s.role(g, i, at)
		switch {
		case r&roleMe != 0:
			return i, unknown <= strangers
		case r&roleWish != 0:
			return i, at.first-i <= reachWish+1
		case r&roleStop != 0 && r&(roleAux|roleGo) == 0, r&roleYou != 0 && r&roleAux == 0:
			return s.wished(g, i, at, from)
		case r&(roleAux|roleGo) == 0:
			unknown++
		}
	}
	return s.ordered(g, at, from)
}

// wished reports whether the subject at word i is what the author hopes for: "I hope they …".
func (s *speech) wished(g *grammar, i int, at extent, from int) (int, bool) {
	for k := i - 1; k >= max(from, i-2); k-- {
		if s.role(g, k, at)&roleWish != 0 {
			return k, true
		}
	}
	return 0, false
}

// ordered reports whether the match begins its sentence, as an order does, behind words such as "please" and
// names at most.
func (s *speech) ordered(g *grammar, at extent, from int) (int, bool) {
	for i := from; i < at.first; i++ {
		if s.role(g, i, at)&(roleGo|roleYou) == 0 && !s.isName(i) {
			return 0, false
		}
	}
	return from, true
}

// reported reports whether a word before the subject says that it is somebody else's speech: "she said I will
// …". Of oneself it is no report: "I said I will …".
func (s *speech) reported(g *grammar, subject int, at extent, from int) bool {
	for i := subject - 1; i >= max(from, subject-reachSay); i-- {
		if s.role(g, i, at)&roleSay == 0 {
			continue
		}
		if i == from || s.role(g, i-1, at)&roleMe == 0 {
			return true
		}
	}
	return false
}

// allHarmless returns the matches of a list in the body if none of them insults anybody. If there are more than
// maxSpans matches, not all are known, so they do not count as harmless.
func (e *evaluation) allHarmless(q *question) []match {
	if e.counts[countIndex(q.list, bodyField)] > maxSpans {
		return nil
	}
	s, found := e.speech(), e.inBody(q.list)
	for _, m := range found {
		at := s.extentOf(m)
		if !s.ofAuthor(at) && !s.ofThing(at) && !s.teases(at) && !s.admires(at) {
			return nil
		}
	}
	return found
}

// ofAuthor reports whether only function words stand between a first person and a match, and one of them links the
// two.
func (s *speech) ofAuthor(at extent) bool {
	from, to := s.bounds(at)
	for _, g := range s.grammars {
		if s.selfBehind(g, at, to) {
			return true
		}
		linked := false
		for i := at.first - 1; i >= max(from, at.first-reachSelf); i-- {
			r := s.role(g, i, at)
			linked = linked || r&roleSelf != 0
			switch {
			case r&roleMe != 0 && (linked || g.tag == "de" && i == at.first-1): // "ich Trottel"
				return true
			case r&roleMe == 0 && r&(roleYou|roleYouAre) == 0 && r&(roleSelf|roleDet|roleLike|roleVoc|roleAux) != 0:
				continue
			}
			break
		}
	}
	return false
}

// selfBehind reports whether a verb that has a first person of its own follows the match: "qué tonta soy", "el tonto
// que soy".
func (s *speech) selfBehind(g *grammar, at extent, to int) bool {
	const self = roleMe | roleSelf
	for i := at.last + 1; i < min(to, at.last+3) && !s.comma(i); i++ {
		switch r := s.role(g, i, at); {
		case r&self == self:
			return true
		case r&(roleLike|roleVoc) == 0:
			return false
		}
	}
	return false
}

// ofThing reports whether a match is said of an animal or a thing: "my dog is such a fool", "this stupid
// printer". A verb in the third person ("sucks") is said of nobody who is spoken to.
func (s *speech) ofThing(at extent) bool {
	from, to := s.bounds(at)
	for _, g := range s.grammars {
		if at.last >= at.first && s.allRole(g, at, roleThird) ||
			s.thingBefore(g, at, from) || s.thingBehind(g, at, from, to) || s.inFiction(g, at, from, to) {
			return true
		}
	}
	return false
}

// thingBefore reports whether only words that link the two, and one other, stand between a thing and the match.
func (s *speech) thingBefore(g *grammar, at extent, from int) bool {
	linked, unknown := !g.copula, 0
	for i := at.first - 1; i >= max(from, at.first-reachSelf); i-- {
		switch r := s.role(g, i, at); {
		case r&roleThing != 0:
			return (linked || i == at.first-1) && !s.anyRole(g, max(from, i-2), i, roleYou|roleYouAre, at)
		case r&(roleYou|roleYouAre|roleMe) != 0:
			return false
		case r&(roleIs|roleBe|roleSelf) != 0:
			linked = true
		case r&(roleDet|roleLike|roleVoc|roleAux) == 0:
			unknown++
		}
		if unknown > strangers {
			return false
		}
	}
	return false
}

// thingBehind reports whether the match is an attribute of a thing, and nobody is spoken to.
func (s *speech) thingBehind(g *grammar, at extent, from, to int) bool {
	behind := at.last + 1
	return behind < to && s.role(g, behind, at)&roleThing != 0 && s.words[behind].Folded != "" &&
		!s.anyRole(g, from, at.first, roleYou|roleYouAre, at)
}

// inFiction reports whether a match is a character of a film or book, and nobody is spoken to: "the fool in the
// film".
func (s *speech) inFiction(g *grammar, at extent, from, to int) bool {
	if s.anyRole(g, from, at.first, roleYou|roleYouAre|roleYour, at) {
		return false
	}
	for i := max(from, at.first-1); i < min(to, at.last+2+reachWork); i++ {
		switch r := s.role(g, i, at); {
		case i > at.last+1 && s.comma(i), r&(roleYou|roleYouAre|roleYour) != 0:
			return false
		case r&roleWork != 0:
			return true
		}
	}
	return false
}

// allRole reports whether every word of the match has the role.
func (s *speech) allRole(g *grammar, at extent, r role) bool {
	for i := at.first; i <= at.last; i++ {
		if s.role(g, i, at)&r == 0 {
			return false
		}
	}
	return true
}

// teases reports whether a match is a mild word, and its sentence or one beside it has laughter or a smile.
func (s *speech) teases(at extent) bool {
	for _, g := range s.grammars {
		if s.mild(g, at) && s.laughs(g, at) {
			return true
		}
	}
	return false
}

// mild reports whether a match consists of a mild word and function words.
func (s *speech) mild(g *grammar, at extent) bool {
	return s.anyRole(g, at.first, at.last+1, roleMild, at) && s.allRole(g, at, ^role(0))
}

// admires reports whether a match is a word that also praises, such as "beast", and its sentence or one beside it has
// a word of praise or thanks, or speaks of others only.
func (s *speech) admires(at extent) bool {
	from, to := s.bounds(at)
	begin, end := s.around(at)
	for _, g := range s.grammars {
		if s.anyRole(g, at.first, at.last+1, roleFeat, at) && (s.anyRole(g, begin, end, rolePraise, at) ||
			s.anyRole(g, from, at.first, roleStop, at) && !s.anyRole(g, from, to, roleYou|roleYouAre|roleYour|roleNot, at)) {
			return true
		}
	}
	return false
}

// around returns the words of the sentence that a match begins in and of those beside it.
func (s *speech) around(at extent) (from, to int) {
	n := s.sentence[min(at.first, len(s.words)-1)]
	return s.starts[max(n-1, 0)], s.starts[min(n+2, len(s.starts)-1)]
}

func (s *speech) laughs(g *grammar, at extent) bool {
	from, to := s.around(at)
	for i := from; i < to; i++ {
		if text.IsLaughter(s.words[i].Folded) || s.role(g, i, at)&roleLaugh != 0 {
			return true
		}
	}
	end := len(s.body)
	if to < len(s.words) {
		end = s.words[to].Start
	}
	return smile.MatchString(s.body[s.words[from].Start:end])
}

var smile = regexp.MustCompile(`[:;=]['-]?[)DPp](?:\W|$)|\^_?\^|[\x{1F600}-\x{1F606}\x{1F609}-\x{1F60B}\x{1F61B}-\x{1F61D}\x{1F642}\x{1F643}\x{1F923}]`)
