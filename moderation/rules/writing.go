package rules

import (
	"slices"

	"rejoinder/moderation/hostility"
	"rejoinder/moderation/text"
)

// writing is what the commenter wrote, in the forms that were needed so far.
type writing struct {
	facts   *Facts
	fields  [fieldCount]writtenField
	reading *text.Reading // of the body; nil until needed
	counted measures
	hostile hostility.Judgement
	judged  bool // hostile is set
}

// writtenField is a field that the commenter wrote, in the forms that were needed so far.
type writtenField struct {
	normalised text.Normalised
	words      []text.Word
	normal     bool // normalised is set
	split      bool // words is set
}

func newWriting(f *Facts) writing {
	w := writing{facts: f, reading: f.Reading}
	if w.reading != nil && w.reading.Markdown != f.Body {
		w.reading = nil
	}
	return w
}

// read returns the body as readers see it.
func (w *writing) read() *text.Reading {
	if w.reading == nil {
		w.reading = text.Read(w.facts.Body)
	}
	return w.reading
}

// written returns a field as it is read: the body as readers see it, other fields as they were written.
func (w *writing) written(f field) string {
	switch f {
	case bodyField:
		return w.read().Shown
	case nameField:
		return w.facts.Author.Name
	case urlField:
		return w.facts.Author.URL
	}
	return ""
}

func (w *writing) normalised(f field) text.Normalised {
	if f == bodyField {
		return w.read().Normalised()
	}
	of := &w.fields[f]
	if !of.normal {
		of.normalised, of.normal = text.Normalise(w.written(f)), true
	}
	return of.normalised
}

func (w *writing) words(f field) []text.Word {
	if f == bodyField {
		return w.read().Words()
	}
	of := &w.fields[f]
	if !of.split {
		of.words, of.split = w.normalised(f).Words(), true
	}
	return of.words
}

func (w *writing) folded() string { return w.read().Folded() }

func (w *writing) measures() measures {
	if w.counted.lines == 0 {
		w.counted = measure(w.read().Shown)
	}
	return w.counted
}

// withoutQuotations returns the shown text without its block quotations, which are somebody else's words. The
// positions of everything else stay.
func (w *writing) withoutQuotations() text.Normalised {
	r := w.read()
	if len(r.Quoted) == 0 {
		return r.Normalised()
	}
	own := []byte(r.Shown)
	for _, q := range r.Quoted {
		for i := q.Start; i < q.End; i++ {
			own[i] = ' '
		}
	}
	return text.Normalise(string(own))
}

func (w *writing) links() []text.Link { return w.read().Links }

// hostility returns what the shipped model says of the shown text, with spans of the Markdown.
func (w *writing) hostility() hostility.Judgement {
	if w.judged {
		return w.hostile
	}
	w.hostile, w.judged = hostility.Judge(w.withoutQuotations(), w.language()), true
	for i := range w.hostile.Spans {
		s := &w.hostile.Spans[i]
		s.Start, s.End = w.read().Source(s.Start, s.End)
	}
	return w.hostile
}

// disguisedNames returns the hosts of the addresses that are no links.
func (w *writing) disguisedNames() []string {
	hosts := []string{}
	for _, h := range w.read().DisguisedHosts() {
		hosts = append(hosts, h.Host)
	}
	return distinct(hosts)
}

// linkShare returns which share of the shown text links are.
func (w *writing) linkShare() float64 {
	linked := 0
	for _, l := range w.links() {
		linked += shown(l.Text)
	}
	if linked == 0 {
		return 0
	}
	return min(1, float64(linked)/float64(shown(w.read().Shown)))
}

func (w *writing) hosts() []string {
	hosts := make([]string, 0, len(w.links()))
	for _, l := range w.links() {
		hosts = append(hosts, l.Host)
	}
	return distinct(hosts)
}

// domains returns the registrable domains of the links. A host that has none, such as an address, stands for
// itself.
func (w *writing) domains() []string {
	domains := w.hosts()
	for i, host := range domains {
		domains[i] = text.Registrable(host)
	}
	return distinct(domains)
}

// pastedShare returns how much of the text was pasted. More can be pasted than is left in the end.
func (w *writing) pastedShare() float64 {
	return min(1, float64(w.facts.Form.Pasted)/float64(max(1, w.measures().characters)))
}

func (w *writing) urlHost() string {
	address, err := text.CheckURL(w.facts.Author.URL)
	if err != nil {
		return ""
	}
	return hostOf(address)
}

// spamWords returns the words that weighed most in the classifier's score, each as it stands in the text.
func (w *writing) spamWords() []string {
	words := []string{}
	for _, p := range w.facts.Spam.places(w.facts.Body) {
		words = append(words, w.facts.Body[p[0]:p[1]])
	}
	return words
}

// places returns the words that lie within the text: of an erased comment nothing is left to point at.
func (s SpamScore) places(body string) []Place {
	for i, p := range s.Words {
		if p[0] < 0 || p[0] >= p[1] || p[1] > len(body) {
			return s.Words[:i]
		}
	}
	return s.Words
}

// hostileWords returns the words that weighed most in the score for hostility, each as it stands in the text.
func (w *writing) hostileWords() []string {
	words := []string{}
	for _, s := range w.hostility().Spans {
		words = append(words, w.facts.Body[s.Start:s.End])
	}
	return words
}

// mixedWords counts the words whose letters come from several scripts that look alike.
func (w *writing) mixedWords() int {
	n := 0
	for _, word := range w.words(bodyField) {
		if text.MixedScripts(w.read().Shown[word.Start:word.End]) {
			n++
		}
	}
	return n
}

// language returns the language of the body, or "" when it is unknown.
func (w *writing) language() string {
	return w.read().Language()
}

// siteLanguage returns the language of the site.
func (w *writing) siteLanguage() string {
	if w.facts.SiteLanguage == "" {
		return siteLanguageDefault
	}
	return w.facts.SiteLanguage
}

// excerpt returns what readers see of a span of a field as it was written. Of a link it also returns the address.
func (w *writing) excerpt(f field, start, end int) string {
	if f != bodyField {
		return w.written(f)[start:end]
	}
	if slices.ContainsFunc(w.links(), func(l text.Link) bool { return l.Start == start && l.End == end }) {
		return w.facts.Body[start:end]
	}
	return w.read().Excerpt(text.Span{Start: start, End: end})
}

// distinct returns the different strings of s in the order in which they first occur.
func distinct(s []string) []string {
	seen := make(map[string]bool, len(s))
	return slices.DeleteFunc(s, func(one string) bool {
		if seen[one] {
			return true
		}
		seen[one] = true
		return false
	})
}
