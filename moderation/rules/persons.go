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
type role uint32

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
	rolePublic
	roleState
)

var roleNames = map[string]role{
	"you": roleYou, "your": roleYour, "youare": roleYouAre, "be": roleBe, "is": roleIs, "stop": roleStop, "det": roleDet,
	"like": roleLike, "know": roleKnow, "voc": roleVoc, "me": roleMe, "aux": roleAux, "wish": roleWish, "go": roleGo,
	"say": roleSay, "call": roleCall,
	"self": roleSelf, "thing": roleThing, "third": roleThird, "mild": roleMild, "laugh": roleLaugh, "word": roleWord,
	"work": roleWork, "and": roleAnd, "not": roleNot, "have": roleHave, "feat": roleFeat, "praise": rolePraise,
	"trait": roleTrait, "public": rolePublic, "state": roleState,
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

// How far the person in public life that a match is said of is looked for, in words.
const (
	reachPublic  = 6  // from a match back to the "mayor" that it is said of
	publicSigns  = 12 // the same where each character is a word
	unknownHere  = 2  // words of no role between the two: "the mayor of Leeds is a vain fool"
	behindPublic = 2  // between a match and a "mayor" behind it: "a fool is our mayor"
)

// ofPublic reports whether the match is said of the writer, the commenters or somebody in office: "the mayor is a
// complete clown", "продажные журналисты".
func (s *speech) ofPublic(at extent, insults []bool) bool {
	from, to := s.bounds(at)
	for _, g := range s.spoken {
		said := s.publicBefore(g, at, from, insults) || !s.trait(at) && s.publicBeside(g, at, from)
		if said && s.endsClause(g, at, to, insults) || !s.trait(at) && s.publicBehind(g, at, from, insults) {
			return true
		}
	}
	return false
}

// publicBefore looks for the person that the match is said of before it. An "is" must link them in languages that have
// one.
func (s *speech) publicBefore(g *grammar, at extent, from int, insults []bool) bool {
	reach := reachPublic
	if g.tag == "ja" {
		reach = publicSigns
	}
	linked, unknown := !g.copula, 0
	for i := at.first - 1; i >= max(from, at.first-reach); i-- {
		r := s.role(g, i, at)
		switch {
		case r&rolePublic != 0:
			return linked
		case s.comma(i + 1), r&(roleNot|roleYou|roleWork|roleSay|roleMe) != 0:
			return false
		case r&(roleIs|roleBe) != 0:
			linked = true
		case r&(roleDet|roleVoc|roleLike|roleAnd) != 0, insults[i]:
		case r&roleStop != 0:
			return false
		case g.tag != "ja":
			unknown++
		}
		if unknown > unknownHere {
			return false
		}
	}
	return false
}

// endsClause reports whether the match can be what a sentence says of its subject. In Turkish and Japanese, it is not
// if a noun follows: "bakan aptal kararı savundu". A state such as illness is no insult of a third person.
func (s *speech) endsClause(g *grammar, at extent, to int, insults []bool) bool {
	next := at.last + 1
	switch {
	case at.first == at.last && s.role(g, at.first, at)&roleState != 0:
		return false
	case g.tag != "tr" && g.tag != "ja" || next >= to || s.comma(next) || insults[next]:
		return true
	}
	return s.role(g, next, at)&(roleIs|roleDet|roleVoc|roleAnd|rolePublic) != 0
}

// publicBeside reports whether the match is an adjective or noun right behind the person: "periodista vendido". In
// Germanic languages, a verb would be.
func (s *speech) publicBeside(g *grammar, at extent, from int) bool {
	before := at.first - 1
	return !g.germanic() && before >= from && !s.comma(at.first) && s.role(g, before, at)&rolePublic != 0
}

// publicBehind reports whether the person stands behind the match: "these cowardly politicians", "вор ваш мэр". In
// languages with a copula, an article must stand before the match, or nothing: a verb has none ("to bully editors").
func (s *speech) publicBehind(g *grammar, at extent, from int, insults []bool) bool {
	_, to := s.bounds(at)
	before := at.first - 1
	for before >= from && insults[before] {
		before--
	}
	if g.copula && before >= from && s.role(g, before, at)&(roleDet|roleVoc|roleLike) == 0 {
		return false
	}
	for i := at.last + 1; i < min(to, at.last+2+behindPublic) && !s.comma(i); i++ {
		r := s.role(g, i, at)
		if r&rolePublic != 0 {
			return true
		}
		if r&(roleDet|roleVoc|roleAnd|roleStop|roleYour) == 0 && !insults[i] || r&roleNot != 0 {
			return false
		}
	}
	return false
}

// germanic reports whether the language puts adjectives before their nouns only, and its nouns may be verbs.
func (g *grammar) germanic() bool {
	return g.tag == "en" || g.tag == "de" || g.tag == "nl" || g.tag == "sv"
}
