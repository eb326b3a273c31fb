package rules

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"rejoinder/moderation/text"
)

//go:embed grammar/persons.txt
var personsFile string

// role is what a function word does in a sentence. The file lists the roles and says what each means.
type role uint64

const (
	roleYou role = 1 << iota
	roleYour
	roleYouAre
	roleBe
	roleIs
	roleStop
	roleDet
	roleLike
	roleKnow
	roleVoc
	roleMe
	roleAux
	roleWish
	roleGo
	roleSay
	roleCall
	roleSelf
	roleThing
	roleThird
	roleMild
	roleLaugh
	roleWord
	roleWork
	roleAnd
	roleNot
	roleHave
	roleFeat
	rolePraise
	roleTrait
	roleAre
	rolePerson
	roleHuman
	roleThis
	roleOfA
	roleOfThe
	rolePrep
	roleState
)

var roleNames = map[string]role{
	"you": roleYou, "your": roleYour, "youare": roleYouAre, "be": roleBe, "is": roleIs, "stop": roleStop, "det": roleDet,
	"like": roleLike, "know": roleKnow, "voc": roleVoc, "me": roleMe, "aux": roleAux, "wish": roleWish, "go": roleGo,
	"say": roleSay, "call": roleCall,
	"self": roleSelf, "thing": roleThing, "third": roleThird, "mild": roleMild, "laugh": roleLaugh, "word": roleWord,
	"work": roleWork, "and": roleAnd, "not": roleNot, "have": roleHave, "feat": roleFeat, "praise": rolePraise,
	"trait": roleTrait, "are": roleAre, "person": rolePerson, "human": roleHuman, "this": roleThis, "ofa": roleOfA,
	"ofthe": roleOfThe, "prep": rolePrep, "state": roleState,
}

// grammar is the function words of one language.
type grammar struct {
	tag     string // BCP 47
	words   map[string]role
	formal  map[string]bool         // words that are a "you" only in upper case
	phrases map[string][]rolePhrase // by last word
	copula  bool                    // the language has one: "you" is linked by it, or stands beside the insult
}

type rolePhrase struct {
	words []string
	role  role
}

// grammars are the languages whose function words are known.
var grammars = sync.OnceValue(func() []*grammar { return readGrammars(personsFile) })

func readGrammars(file string) []*grammar {
	var all []*grammar
	for line := range strings.Lines(file) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] == "#" {
			continue
		}
		at := slices.IndexFunc(all, func(g *grammar) bool { return g.tag == fields[0] })
		if at < 0 {
			at = len(all)
			all = append(all, &grammar{tag: fields[0], words: map[string]role{}, formal: map[string]bool{},
				phrases: map[string][]rolePhrase{}})
		}
		for _, word := range fields[2:] {
			all[at].add(word, roleNames[fields[1]])
		}
	}
	return all
}

// add notes a word, or a phrase: one of a script without spaces is a phrase too.
func (g *grammar) add(word string, r role) {
	g.copula = g.copula || r == roleBe
	var parts []string
	for _, w := range text.Words(strings.ReplaceAll(word, "_", " ")) {
		parts = append(parts, w.Folded)
	}
	switch {
	case len(parts) == 0:
	case len(parts) > 1:
		last := parts[len(parts)-1]
		g.phrases[last] = append(g.phrases[last], rolePhrase{parts, r})
	case r == roleYou && startsUpper(word):
		g.formal[parts[0]] = true
	default:
		g.words[parts[0]] |= r
	}
}

func startsUpper(s string) bool {
	for _, r := range s {
		return unicode.IsUpper(r)
	}
	return false
}

// grammarsFor returns the grammars to read a text with: that of its language or, if that is unknown or not
// among them, all.
func grammarsFor(tag string) []*grammar {
	all := grammars()
	if at := slices.IndexFunc(all, func(g *grammar) bool { return g.tag == tag }); at >= 0 {
		return all[at : at+1]
	}
	return all
}

// ownGrammars returns those of the grammars that are of one of the languages; all, if none is.
func ownGrammars(grammars []*grammar, languages []string) []*grammar {
	if len(grammars) == 1 {
		return grammars
	}
	var own []*grammar
	for _, g := range grammars {
		if slices.Contains(languages, g.tag) {
			own = append(own, g)
		}
	}
	if own == nil {
		return grammars
	}
	return own
}

// How far a person is looked for, in words.
const (
	reachPredicate = 4 // from a match back to the "is" before it: "is really just a sad fool"
	reachPerson    = 2 // from the beginning of a clause to the person who is its subject: "this so-called writer"
	reachClause    = 4 // from that person to the "is": "the author of this article is"
	reachApposed   = 2 // between "this" and a match or a person: "this sad old fool"
)

// ofPerson returns the matches of a list in the body that are said of a person in the news, of those who report it, or
// of a group of people: "the author is a fool", "that fool of a mayor", "the mayor, that fool, has", "what a fool, this
// author".
func (e *evaluation) ofPerson(q *question) []match {
	s := e.speech()
	var said []match
	for _, m := range e.inBody(q.list) {
		s.spoken = ownGrammars(s.grammars, e.matcher.languages[m.languages])
		if at := s.extentOf(m); s.denounces(at) {
			said = append(said, m)
		}
	}
	return said
}

func (s *speech) denounces(at extent) bool {
	from, to := s.bounds(at)
	clause := at.first
	for clause > from && !s.comma(clause) {
		clause--
	}
	for _, g := range s.spoken {
		switch {
		case at.last < at.first, s.allRole(g, at, roleState), s.anyRole(g, clause, at.first, roleNot|roleMe|roleYou, at),
			s.anyRole(g, from, clause, roleSay|roleCall, at):
		case s.predicate(g, at, clause), s.attribute(g, at, clause, to), s.apposition(g, at, clause, to):
			return true
		}
	}
	return false
}

// predicate reports whether an "is" links the match to a person who is the subject of the clause.
func (s *speech) predicate(g *grammar, at extent, clause int) bool {
	link := at.first - 1
	for ; link >= max(clause, at.first-reachPredicate) && s.role(g, link, at)&roleAre == 0; link-- {
		if s.role(g, link, at)&(rolePrep|roleStop|roleSay) != 0 {
			return false
		}
	}
	if link < max(clause, at.first-reachPredicate) {
		return false
	}
	if link == clause {
		return s.personIn(g, link+1, min(at.first, link+2+reachPerson), at)
	}
	for i := max(clause, link-1-reachClause); i < min(link, clause+1+reachPerson); i++ {
		if s.isPerson(g, i, at) {
			return !s.otherClause(g, i+1, link, at)
		}
	}
	return false
}

// otherClause reports whether one of the words begins a clause of its own ("that", "who"). "This" of "the author of
// this article" does not.
func (s *speech) otherClause(g *grammar, from, to int, at extent) bool {
	for i := from; i < to; i++ {
		if r := s.role(g, i, at); r&roleSay != 0 || r&roleStop != 0 && r&roleDet == 0 {
			return true
		}
	}
	return false
}

// attribute reports whether a person follows whom the match describes: "that fool of a mayor". Of "the killer of the
// mayor", the mayor is not the killer.
func (s *speech) attribute(g *grammar, at extent, clause, to int) bool {
	behind := at.last + 1
	if behind+1 < to && s.role(g, behind+1, at)&(roleOfA|roleOfThe) != 0 {
		behind++ // "van een"
	}
	if behind >= to || s.comma(at.last+1) {
		return false
	}
	r := s.role(g, behind, at)
	pointed := s.pointedAt(g, at, clause)
	if r&roleOfA == 0 && (r&roleOfThe == 0 || pointed < 0) {
		return false
	}
	plain := pointed < 0 && s.anyRole(g, max(clause, at.first-1-reachApposed), at.first, roleDet, at)
	return !plain && s.personIn(g, behind+1, min(to, behind+2), at)
}

// apposition reports whether the match and a person stand side by side, one of them behind "this".
func (s *speech) apposition(g *grammar, at extent, clause, to int) bool {
	next := at.last + 1
	if next < to && s.role(g, next, at)&roleThis != 0 && s.personIn(g, next+1, min(to, next+1+reachApposed), at) {
		return !s.anyRole(g, clause, at.first, roleAre|rolePrep|roleStop, at)
	}
	ends := next >= to || s.comma(next)
	return ends && s.comma(clause) && s.pointedAt(g, at, clause) == clause &&
		s.personIn(g, max(s.starts[s.sentence[at.first]], clause-reachClause), clause, at)
}

// pointedAt returns the "this" that stands before the match with a word or two between; -1 if there is none.
func (s *speech) pointedAt(g *grammar, at extent, clause int) int {
	for i := at.first - 1; i >= max(clause, at.first-1-reachApposed); i-- {
		if s.role(g, i, at)&roleThis != 0 {
			return i
		}
	}
	return -1
}

// personIn reports whether one of the words is a person.
func (s *speech) personIn(g *grammar, from, to int, at extent) bool {
	for i := from; i < to; i++ {
		if (i < at.first || i > at.last) && s.isPerson(g, i, at) {
			return true
		}
	}
	return false
}

// isPerson reports whether word i is a person in public life, or anybody whom a "this" points at: "that man".
func (s *speech) isPerson(g *grammar, i int, at extent) bool {
	switch r := s.role(g, i, at); {
	case r&rolePerson != 0:
		return true
	case r&roleHuman == 0 || i == 0:
		return false
	}
	return s.anyRole(g, max(s.starts[s.sentence[i]], i-reachApposed), i, roleThis, at)
}
