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
)

var roleNames = map[string]role{
	"you": roleYou, "your": roleYour, "youare": roleYouAre, "be": roleBe, "is": roleIs, "stop": roleStop, "det": roleDet,
	"like": roleLike, "know": roleKnow, "voc": roleVoc, "me": roleMe, "aux": roleAux, "wish": roleWish, "go": roleGo,
	"say": roleSay, "call": roleCall,
	"self": roleSelf, "thing": roleThing, "third": roleThird, "mild": roleMild, "laugh": roleLaugh, "word": roleWord,
	"work": roleWork, "and": roleAnd, "not": roleNot, "have": roleHave, "feat": roleFeat, "praise": rolePraise,
	"trait": roleTrait,
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
