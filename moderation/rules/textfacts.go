package rules

import (
	"strings"
	"unicode"

	"rejoinder/moderation/text"
)

var textFacts = []fact{
	{group: "text", name: "body", kind: word, limit: limitBody, field: bodyField,
		what:    "The comment as it was written, in Markdown.",
		example: `text.body.contains("http") && links.count == 0`,
		at:      func(f *Facts) any { return &f.Body }},
	{group: "text", name: "shown", kind: word, limit: limitBody, field: bodyField,
		what:    "The comment as readers see it: without markup, entities and escapes resolved.",
		example: `text.shown.contains("{{")`,
		from:    func(e *evaluation) any { return e.read().Shown }},
	{group: "text", name: "folded", kind: word, limit: 2 * limitBody, field: bodyField,
		what:    "The comment in lower case, without accents, invisible characters and repeated white space.",
		example: `text.folded.startsWith("first")`,
		from:    func(e *evaluation) any { return e.folded() }},
	{
		group:   "text",
		name:    "normalised",
		kind:    word,
		limit:   18 * limitBody,
		field:   bodyField,
		what:    "The comment as lists of words see it: in lower case, compatible forms made one, without invisible characters, accents kept.",
		example: `text.normalised.contains("año nuevo")`,
		from:    func(e *evaluation) any { return e.normalised(bodyField).Text },
	},
	{group: "text", name: "length", kind: integer, field: bodyField,
		what:    "How many characters the comment has.",
		example: `text.length < 3`,
		from:    func(e *evaluation) any { return e.measures().characters }},
	{group: "text", name: "words", kind: integer, field: bodyField,
		what:    "How many words the comment has; every character of Chinese, Japanese or Thai counts as one.",
		example: `text.words > 1500`,
		from:    func(e *evaluation) any { return len(e.words(bodyField)) }},
	{group: "text", name: "lines", kind: integer, field: bodyField,
		what:    "How many lines the comment has, empty ones included.",
		example: `text.lines > 100`,
		from:    func(e *evaluation) any { return e.measures().lines }},
	{group: "text", name: "letters", kind: integer, field: bodyField,
		what:    "How many letters of any script the comment has.",
		example: `text.letters == 0`,
		from:    func(e *evaluation) any { return e.measures().letters }},
	{group: "text", name: "capitals", kind: number, field: bodyField,
		what:    "The share of capitals among the letters that have a case, from 0 to 1.",
		example: `text.letters > 20 && text.capitals > 0.7`,
		from:    func(e *evaluation) any { return e.measures().capitals() }},
	{group: "text", name: "longest_run", kind: integer, field: bodyField,
		what:    "The length of the longest run of one character, not counting white space.",
		example: `text.longest_run > 10`,
		from:    func(e *evaluation) any { return e.measures().longestRun }},
	{group: "text", name: "emoji", kind: integer, field: bodyField,
		what:    "How many emoji the comment has, as a reader sees them: one for a family, a flag, a skin tone.",
		example: `text.emoji > 10`,
		from:    func(e *evaluation) any { return text.Emoji(e.read().Shown) }},
	{
		group:   "text",
		name:    "hidden",
		kind:    integer,
		field:   bodyField,
		what:    "How many characters the comment has that show nothing and do nothing, such as zero-width spaces inside words.",
		example: `text.hidden > 0 && links.count > 0`,
		from:    func(e *evaluation) any { return e.read().Hidden },
	},
	{
		group:   "text",
		name:    "scripts",
		kind:    wordList,
		limit:   limitScripts,
		field:   bodyField,
		what:    "The scripts of the comment's letters by their Unicode names, such as \"Latin\" or \"Cyrillic\", in the order of their first letters.",
		example: `"Cyrillic" in text.scripts && text.scripts.size() > 1`,
		from:    func(e *evaluation) any { return text.Scripts(e.read().Shown) },
	},
	{group: "text", name: "mixed_words", kind: integer, field: bodyField,
		what:    "How many words mix letters of scripts that look alike, as \"cаsino\" with a Cyrillic а.",
		example: `text.mixed_words > 0`,
		from:    func(e *evaluation) any { return e.mixedWords() }},
	{
		group: "text",
		name:  "language",
		kind:  word,
		limit: limitWord,
		field: bodyField,
		what: "A guess at the language, as \"en\" or \"de\"; empty when the text is too short or too unusual to tell, which is often. " +
			"Close relatives, as Danish and Norwegian, are mistaken for each other. Ask it together with text.words.",
		example: `text.words > 10 && text.language != "" && text.language != "en"`,
		from:    func(e *evaluation) any { return e.language() },
	},
	{
		group:      "text",
		name:       "hostile_score",
		kind:       number,
		field:      bodyField,
		moderators: true,
		what: "How much the text reads like an insult, a threat or abuse of a person, from 0 to 1, by the model that ships with " +
			"the program. It knows English only: another language, and a text without words, have 0. It is often wrong, so use " +
			"it to hold, never to reject; docs/hostility-model.md recommends thresholds.",
		example: `text.hostile_score > 0.6`,
		from:    func(e *evaluation) any { return e.hostility().Score },
	},
	{
		group:      "text",
		name:       "hostile_words",
		kind:       wordList,
		limit:      limitFew,
		field:      bodyField,
		moderators: true,
		what:       "The words of the text that weighed most in that score, up to five, the heaviest first; none if it is low. Quote them in the reason.",
		example:    `text.hostile_score > 0.6 && text.hostile_words.size() > 1`,
		from:       func(e *evaluation) any { return e.hostileWords() },
	},
	{
		group:      "text",
		name:       "spam_known",
		kind:       boolean,
		field:      bodyField,
		moderators: true,
		what: "Whether the site's classifier has a say: it learns from moderators' decisions, and is silent until it has seen " +
			"200 approved comments and 200 spam.",
		example: `!text.spam_known`,
		at:      func(f *Facts) any { return &f.Spam.Known },
	},
	{
		group:      "text",
		name:       "spam_score",
		kind:       number,
		field:      bodyField,
		moderators: true,
		unless:     "text.spam_known",
		what: "How much the text reads like what moderators of the site called spam, from 0 to 1, as the classifier saw it when the " +
			"comment arrived. Ask text.spam_known first.",
		example: `text.spam_known && text.spam_score > 0.8`,
		at:      func(f *Facts) any { return &f.Spam.Score },
	},
	{
		group:      "text",
		name:       "spam_words",
		kind:       wordList,
		limit:      limitFew,
		field:      bodyField,
		moderators: true,
		what:       "The words of the text that spoke most for spam in that score, up to five, the heaviest first. Quote them in the reason.",
		example:    `text.spam_known && text.spam_score > 0.7 && text.spam_words.size() > 1`,
		from:       func(e *evaluation) any { return e.spamWords() },
	},
}

var linkFacts = []fact{
	{group: "links", name: "count", kind: integer, field: bodyField,
		what:    "How many links the comment has, addresses that are merely spelled out included.",
		example: `links.count > 2`,
		from:    func(e *evaluation) any { return len(e.links()) }},
	{group: "links", name: "hosts", kind: wordList, limit: limitLinks, field: bodyField,
		what:    "The hosts that the comment links to, each once, in lower-case ASCII.",
		example: `links.hosts.exists(h, h.startsWith("xn--"))`,
		from:    func(e *evaluation) any { return e.hosts() }},
	{group: "links", name: "share", kind: number, field: bodyField,
		what:    "The share of the visible text that is in links, from 0 to 1, not counting white space.",
		example: `links.share > 0.8`,
		from:    func(e *evaluation) any { return e.linkShare() }},
	{group: "links", name: "domains", kind: wordList, limit: limitLinks, field: bodyField,
		what:    "The registrable domains that the comment links to, each once: example.co.uk for shop.example.co.uk.",
		example: `links.domains.size() > 3`,
		from:    func(e *evaluation) any { return e.domains() }},
	{
		group:   "links",
		name:    "shorteners",
		kind:    integer,
		field:   bodyField,
		what:    "How many links lead through a link shortener, such as bit.ly: a domain of the shipped list link-shorteners.",
		example: `links.shorteners > 0`,
		from:    func(e *evaluation) any { return e.shortened() },
	},
	{group: "links", name: "international", kind: integer, field: bodyField,
		what:    "How many links have a host with letters beyond ASCII (IDN, \"xn--\" in links.hosts).",
		example: `links.international > 0 && author.approved == 0`,
		from:    func(e *evaluation) any { return e.international() }},
	{
		group:   "links",
		name:    "mismatched",
		kind:    integer,
		field:   bodyField,
		what:    "How many links show the address of one site and lead to another, as [bank.example](http://elsewhere.example/).",
		example: `links.mismatched > 0`,
		from:    func(e *evaluation) any { return e.mismatched() },
	},
	{
		group: "links",
		name:  "disguised",
		kind:  integer,
		field: bodyField,
		what: "How many web addresses the comment has that are written so that they are no links: \"shop[.]example\", \"hxxp://…\", " +
			"\"shop dot com\", \"shop . com\", or without http:// under a well-known top-level domain. links.count leaves them out.",
		example: `links.disguised > 0 && author.approved < 5`,
		from:    func(e *evaluation) any { return len(e.read().DisguisedHosts()) },
	},
	{group: "links", name: "disguised_hosts", kind: wordList, limit: text.MaxDisguisedHosts, field: bodyField,
		what:    "The hosts of these addresses, each once, in lower-case ASCII.",
		example: `links.disguised_hosts.exists(h, h.endsWith(".xyz"))`,
		from:    func(e *evaluation) any { return e.disguisedNames() }},
}

// shortened counts the links that lead through a link shortener.
func (e *evaluation) shortened() int {
	n := 0
	for _, l := range e.links() {
		if shorteners().has(l.Host) {
			n++
		}
	}
	return n
}

// international counts the links whose host is written in ASCII only for machines: it has letters of other
// alphabets.
func (e *evaluation) international() int {
	n := 0
	for _, l := range e.links() {
		if strings.HasPrefix(l.Host, "xn--") || strings.Contains(l.Host, ".xn--") {
			n++
		}
	}
	return n
}

// mismatched counts the links that show one site and lead to another.
func (e *evaluation) mismatched() int {
	n := 0
	for _, l := range e.links() {
		if l.Mismatched() {
			n++
		}
	}
	return n
}

// measures is what one pass over a text counts.
type measures struct {
	characters int
	lines      int
	letters    int
	cased      int // letters that are capital or could be
	upper      int
	longestRun int
}

func measure(s string) measures {
	m := measures{lines: 1}
	var last rune = -1
	run := 0
	for _, r := range s {
		m.characters++
		if r == '\n' {
			m.lines++
		}
		m.letter(r)
		switch {
		case unicode.IsSpace(r):
			run = 0
		case r == last:
			run++
		default:
			run = 1
		}
		last = r
		m.longestRun = max(m.longestRun, run)
	}
	return m
}

func (m *measures) letter(r rune) {
	switch {
	case 'a' <= r && r <= 'z':
		m.letters++
		m.cased++
	case 'A' <= r && r <= 'Z':
		m.letters++
		m.cased++
		m.upper++
	case r < 0x80:
	case unicode.IsLetter(r):
		m.letters++
		if unicode.IsUpper(r) || unicode.IsTitle(r) {
			m.cased++
			m.upper++
		} else if unicode.ToUpper(r) != r {
			m.cased++
		}
	}
}

// capitals returns the share of capital letters among those that could be.
func (m measures) capitals() float64 {
	if m.cased == 0 {
		return 0
	}
	return float64(m.upper) / float64(m.cased)
}
