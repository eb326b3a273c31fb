package rules

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"rejoinder/moderation/rules/regex"
	"rejoinder/moderation/text"
)

// matcher contains all terms of all lists, compiled into one matcher for each engine. It is immutable.
type matcher struct {
	lists     []list
	languages [][]string // the sets of languages that terms count in; the first is nil
	refs      []termRef  // each once; the terms of words and raw are their numbers
	words     *automaton // over joined words; nil for none
	raw       *automaton // over normalised text; nil for none
	loose     []looseTerms
	// sharedWords is what the parts of shippedWords stand for; nil for nothing.
	sharedWords [][]termRef
	regexes     []regexRef
	domains     map[string][]termRef
	emails      map[string][]termRef
	networks    map[netip.Prefix][]termRef
	lengths     []int // of the prefixes in networks, each once
}

type regexRef struct {
	terms []termRef // one
	re    *regex.Regex
}

// termRef says which list a term belongs to.
type termRef struct {
	list      int32
	languages uint8 // index into matcher.languages; 0 for a term that counts in every language
	except    bool  // an exception of the list
}

func (t termRef) compare(other termRef) int {
	switch {
	case t.list != other.list:
		return cmp.Compare(t.list, other.list)
	case t.languages != other.languages:
		return cmp.Compare(t.languages, other.languages)
	case t.except == other.except:
		return 0
	case t.except:
		return 1
	}
	return -1
}

// listTerm is one checked term of any mode but loose.
type listTerm struct {
	termRef
	compiled string
}

// newMatcher compiles the terms. If ctx ends, the result is unusable.
func newMatcher(ctx context.Context, lists []list, terms []listTerm) *matcher {
	m := &matcher{lists: lists, languages: [][]string{nil}, domains: map[string][]termRef{},
		emails: map[string][]termRef{}, networks: map[netip.Prefix][]termRef{}}
	var words, raw []termKey
	numbers := map[termRef]uint32{}
	for _, t := range terms {
		if ctx.Err() != nil {
			return m
		}
		number, known := numbers[t.termRef]
		if !known {
			number = uint32(len(m.refs))
			m.refs, numbers[t.termRef] = append(m.refs, t.termRef), number
		}
		switch lists[t.list].mode.engine {
		case wordEngine:
			words = append(words, termKey{t.compiled, number})
		case rawEngine:
			raw = append(raw, termKey{t.compiled, number})
		case regexEngine:
			m.regexes = append(m.regexes, regexRef{[]termRef{t.termRef}, regex.MustCompile(t.compiled)})
		case domainEngine:
			m.domains[t.compiled] = append(m.domains[t.compiled], t.termRef)
		case emailEngine:
			m.emails[t.compiled] = append(m.emails[t.compiled], t.termRef)
		case networkEngine:
			m.addNetwork(netip.MustParsePrefix(t.compiled), t.termRef)
		}
	}
	m.words, m.raw = newAutomaton(ctx, words), newAutomaton(ctx, raw)
	return m
}

func (m *matcher) addNetwork(network netip.Prefix, ref termRef) {
	m.networks[network] = append(m.networks[network], ref)
	if !slices.Contains(m.lengths, network.Bits()) {
		m.lengths = append(m.lengths, network.Bits())
	}
}

// countIndex is where the matches of a list in a field are counted.
func countIndex(list int32, f field) int { return int(list)*int(fieldCount) + int(f) }

// match is one occurrence of a term, or of an exception.
type match struct {
	termRef
	field      field
	start, end int // in the original text; both 0 for a field that is not quoted

	misspelt bool // the term was not written, but a word that may be meant for it
}

// scan has one engine look for all its terms in one field, unless it has done so.
func (e *evaluation) scan(n engine, f field) {
	done := uint64(1) << (uint(n)*uint(fieldCount) + uint(f))
	if e.scanned&done != 0 {
		return
	}
	e.scanned |= done
	switch n {
	case wordEngine:
		e.scanWords(f)
	case rawEngine:
		e.scanRaw(f)
	case regexEngine:
		e.scanRegexes(f)
	case domainEngine:
		e.scanDomains(f)
	case looseEngine:
		e.scanLoose(f)
	case emailEngine:
		e.scanEmail()
	case networkEngine:
		e.scanNetwork()
	}
	e.settle()
}

// found notes an occurrence for every list that looks into the field. Where a list has exceptions, it may be
// covered by one that is still to be found.
func (e *evaluation) found(terms []termRef, f field, start, end int) {
	for _, t := range terms {
		e.note(match{termRef: t, field: f, start: start, end: end})
	}
}

// foundNumbers is found for the numbers of terms.
func (e *evaluation) foundNumbers(terms []uint32, f field, start, end int) {
	for _, number := range terms {
		e.note(match{termRef: e.matcher.refs[number], field: f, start: start, end: end})
	}
}

// note notes one occurrence.
func (e *evaluation) note(m match) {
	switch l := &e.matcher.lists[m.list]; {
	case !l.fields.has(m.field):
	case !m.except && !e.inLanguage(m):
	case l.except:
		e.pending = append(e.pending, m)
	default:
		e.count(m)
	}
}

func (e *evaluation) count(m match) {
	n := &e.counts[countIndex(m.list, m.field)]
	if *n++; *n <= maxSpans {
		e.matches = append(e.matches, m)
	}
}

// settle counts the pending matches that no exception covers. The time is that of sorting the exceptions.
func (e *evaluation) settle() {
	if len(e.pending) == 0 {
		return
	}
	var exceptions []match
	for _, m := range e.pending {
		if m.except {
			exceptions = append(exceptions, m)
		}
	}
	slices.SortFunc(exceptions, compareMatches)
	for i := 1; i < len(exceptions); i++ { // each now reaches as far as any before it
		if before := exceptions[i-1]; before.list == exceptions[i].list {
			exceptions[i].end = max(exceptions[i].end, before.end)
		}
	}
	for _, m := range e.pending {
		if !m.except && !covered(m, exceptions) {
			e.count(m)
		}
	}
	e.pending = e.pending[:0]
}

func compareMatches(a, b match) int {
	return cmp.Or(cmp.Compare(a.list, b.list), cmp.Compare(a.start, b.start))
}

// covered reports whether an exception of the same list begins no later and reaches at least as far.
func covered(m match, exceptions []match) bool {
	after := sort.Search(len(exceptions), func(i int) bool { return compareMatches(exceptions[i], m) > 0 })
	return after > 0 && exceptions[after-1].list == m.list && exceptions[after-1].end >= m.end
}

// scanWords finds words and phrases.
func (e *evaluation) scanWords(f field) {
	if e.matcher.words == nil && e.matcher.sharedWords == nil {
		return
	}
	words := e.words(f)
	e.scanJoined(f, words)
	if together := spelledTogether(words); together != nil && e.matcher.sharedWords != nil {
		joined, starts := e.join(together)
		e.scanShippedWords(f, together, joined, starts)
	}
}

// scanJoined joins the words, each between spaces, and runs the automatons over the result.
func (e *evaluation) scanJoined(f field, words []text.Word) {
	joined, starts := e.join(words)
	if e.matcher.words != nil {
		scanAutomaton(e.matcher.words, joined, func(o occurrence) {
			start := words[sort.SearchInts(starts, o.start)].Start
			e.foundNumbers(o.terms, f, start, words[sort.SearchInts(starts, o.end)-1].End)
		})
	}
	if e.matcher.sharedWords != nil {
		e.scanShippedWords(f, words, joined, starts)
	}
}

// join returns the words as one text and where each begins in it.
func (e *evaluation) join(words []text.Word) (joined []byte, starts []int) {
	joined, starts = e.joined[:0], e.starts[:0]
	joined = append(joined, fieldBegins...)
	joined = append(joined, ' ')
	for _, w := range words {
		starts = append(starts, len(joined))
		joined = append(append(joined, w.Folded...), ' ')
	}
	joined = append(joined, fieldEnds...)
	e.joined, e.starts = joined, starts
	return joined, starts
}

func (e *evaluation) scanRaw(f field) {
	if e.matcher.raw == nil {
		return
	}
	normalised := e.normalised(f)
	scanAutomaton(e.matcher.raw, normalised.Text, func(o occurrence) {
		start, end := normalised.Original(o.start, o.end)
		e.foundNumbers(o.terms, f, start, end)
	})
}

func (e *evaluation) scanRegexes(f field) {
	for _, r := range e.matcher.regexes {
		if e.ctx.Err() != nil {
			return
		}
		if !e.matcher.lists[r.terms[0].list].fields.has(f) {
			continue
		}
		for _, at := range r.re.FindAll(e.written(f)) {
			if at[0] < at[1] {
				e.found(r.terms, f, at[0], at[1])
			}
		}
	}
}

func (e *evaluation) scanDomains(f field) {
	if len(e.matcher.domains) == 0 {
		return
	}
	switch f {
	case bodyField:
		for _, l := range e.links() {
			e.foundDomain(l.Host, f, l.Start, l.End)
		}
		for _, h := range e.read().DisguisedHosts() {
			e.foundDomain(h.Host, f, h.Start, h.End)
		}
	case urlField:
		e.foundDomain(e.urlHost(), f, 0, len(e.facts.Author.URL))
	case emailField:
		e.foundDomain(e.facts.emailDomain(), f, 0, 0)
	}
}

func (e *evaluation) foundDomain(host string, f field, start, end int) {
	for host != "" {
		e.found(e.matcher.domains[host], f, start, end)
		_, host, _ = strings.Cut(host, ".")
	}
}

func (e *evaluation) scanEmail() {
	email := canonicalEmail(e.facts.Author.Email)
	if len(e.matcher.emails) == 0 || email == "" {
		return
	}
	e.found(e.matcher.emails[email], emailField, 0, 0)
	e.found(e.matcher.emails[email[strings.LastIndexByte(email, '@'):]], emailField, 0, 0)
}

func (e *evaluation) scanNetwork() {
	client := e.facts.network()
	for _, bits := range e.matcher.lengths {
		if bits > client.Bits() {
			continue
		}
		if network, err := client.Addr().Prefix(bits); err == nil {
			e.found(e.matcher.networks[network], addressField, 0, 0)
		}
	}
}
