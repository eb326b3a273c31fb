package rules

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"rejoinder/moderation/hostility"
	"rejoinder/moderation/text"
)

// evaluation is one evaluation under way: the facts, and what was computed from them so far. Conditions see
// it as the value of every group of facts, so that a fact is computed when the first rule asks for it, and
// once.
type evaluation struct {
	ctx       context.Context // slow steps stop once it ends; the verdict is then an error anyway
	facts     *Facts
	matcher   *matcher
	questions []question // those of the ruleset

	values  []ref.Val // of the facts asked for so far, as in the registry
	fields  [fieldCount]writtenField
	reading *text.Reading // of the body; nil until needed
	counted measures
	hostile hostility.Judgement
	judged  bool // hostile is set

	scanned  uint64                  // which engines have read which fields
	matches  []match                 // what they found, capped for each list and field
	pending  []match                 // found in lists with exceptions, not settled yet
	counts   []int                   // how much they found, by countIndex
	spoken   *speech                 // the body as sentences; nil until asked for
	picked   map[*question][]match   // what questions about sentences chose
	leanings map[uint8]*text.Leaning // by set of languages
	revealed []match                 // scratch of scanLoose
	joined   []byte                  // scratch of scanWords
	starts   []int                   // scratch of scanWords
}

// writtenField is a field that the commenter wrote, in the forms that were needed so far.
type writtenField struct {
	normalised text.Normalised
	words      []text.Word
	normal     bool // normalised is set
	split      bool // words is set
}

// reset makes the evaluation ready for other facts, keeping its memory.
func (e *evaluation) reset(ctx context.Context, rs *Ruleset, f *Facts) {
	e.ctx = ctx
	m := rs.matcher
	e.facts, e.matcher, e.questions = f, m, rs.questions
	if e.values == nil {
		e.values = make([]ref.Val, len(registry))
	}
	clear(e.values)
	clear(e.fields[:])
	e.reading, e.counted = f.Reading, measures{}
	if e.reading != nil && e.reading.Markdown != f.Body {
		e.reading = nil
	}
	e.hostile, e.judged = hostility.Judgement{}, false
	e.scanned, e.matches, e.pending = 0, e.matches[:0], e.pending[:0]
	e.counts = slices.Grow(e.counts[:0], len(m.lists)*int(fieldCount))[:len(m.lists)*int(fieldCount)]
	clear(e.counts)
	e.forgetSpeech()
}

func (e *evaluation) forgetSpeech() {
	e.spoken = nil
	clear(e.leanings)
	clear(e.picked)
}

// release lets go of the submission, so that memory kept for the next evaluation holds nothing of this one.
func (e *evaluation) release() {
	e.ctx, e.facts, e.matcher, e.questions, e.reading = nil, nil, nil, nil, nil
	e.hostile = hostility.Judgement{}
	clear(e.values)
	clear(e.fields[:])
	clear(e.joined)
	e.forgetSpeech()
}

// fact returns the value of the registry's entry with that index.
func (e *evaluation) fact(i int) ref.Val {
	if e.values[i] == nil {
		e.values[i] = value(registry[i].get(e))
	}
	return e.values[i]
}

// get returns what a fact is, as bool, int, float64, string or []string.
func (f *fact) get(e *evaluation) any {
	if f.from != nil {
		return f.from(e)
	}
	switch at := f.at(e.facts).(type) {
	case *bool:
		return *at
	case *int:
		return *at
	case *float64:
		return *at
	case *string:
		return *at
	case *[]string:
		return *at
	}
	return nil
}

// value converts what get returns to what conditions compute with.
func value(v any) ref.Val {
	switch v := v.(type) {
	case bool:
		return types.Bool(v)
	case int:
		return types.Int(v)
	case float64:
		return types.Double(v)
	case string:
		return types.String(v)
	case []string:
		return types.NewStringList(types.DefaultTypeAdapter, v)
	}
	return types.NewErr("a fact has no value")
}

// read returns the body as readers see it.
func (e *evaluation) read() *text.Reading {
	if e.reading == nil {
		e.reading = text.Read(e.facts.Body)
	}
	return e.reading
}

// written returns a field as it is read: the body as readers see it, other fields as they were written.
func (e *evaluation) written(f field) string {
	switch f {
	case bodyField:
		return e.read().Shown
	case nameField:
		return e.facts.Author.Name
	case urlField:
		return e.facts.Author.URL
	}
	return ""
}

func (e *evaluation) normalised(f field) text.Normalised {
	if f == bodyField {
		return e.read().Normalised()
	}
	w := &e.fields[f]
	if !w.normal {
		w.normalised, w.normal = text.Normalise(e.written(f)), true
	}
	return w.normalised
}

func (e *evaluation) words(f field) []text.Word {
	if f == bodyField {
		return e.read().Words()
	}
	w := &e.fields[f]
	if !w.split {
		w.words, w.split = e.normalised(f).Words(), true
	}
	return w.words
}

func (e *evaluation) folded() string { return e.read().Folded() }

func (e *evaluation) measures() measures {
	if e.counted.lines == 0 {
		e.counted = measure(e.read().Shown)
	}
	return e.counted
}

// withoutQuotations returns the shown text without its block quotations, which are somebody else's words. The
// positions of everything else stay.
func (e *evaluation) withoutQuotations() text.Normalised {
	r := e.read()
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

func (e *evaluation) links() []text.Link { return e.read().Links }

// hostility returns what the shipped model says of the shown text, with spans of the Markdown.
func (e *evaluation) hostility() hostility.Judgement {
	if e.judged {
		return e.hostile
	}
	e.hostile, e.judged = hostility.Judge(e.withoutQuotations(), e.language()), true
	for i := range e.hostile.Spans {
		s := &e.hostile.Spans[i]
		s.Start, s.End = e.read().Source(s.Start, s.End)
	}
	return e.hostile
}

// disguisedNames returns the hosts of the addresses that are no links.
func (e *evaluation) disguisedNames() []string {
	hosts := []string{}
	for _, h := range e.read().DisguisedHosts() {
		hosts = append(hosts, h.Host)
	}
	return distinct(hosts)
}

// linkShare returns which share of the shown text links are.
func (e *evaluation) linkShare() float64 {
	linked := 0
	for _, l := range e.links() {
		linked += shown(l.Text)
	}
	if linked == 0 {
		return 0
	}
	return min(1, float64(linked)/float64(shown(e.read().Shown)))
}

func (e *evaluation) hosts() []string {
	hosts := make([]string, 0, len(e.links()))
	for _, l := range e.links() {
		hosts = append(hosts, l.Host)
	}
	return distinct(hosts)
}

// domains returns the registrable domains of the links. A host that has none, such as an address, stands for
// itself.
func (e *evaluation) domains() []string {
	domains := e.hosts()
	for i, host := range domains {
		domains[i] = text.Registrable(host)
	}
	return distinct(domains)
}

// pastedShare returns how much of the text was pasted. More can be pasted than is left in the end.
func (e *evaluation) pastedShare() float64 {
	return min(1, float64(e.facts.Form.Pasted)/float64(max(1, e.measures().characters)))
}

func (e *evaluation) urlHost() string {
	address, err := text.CheckURL(e.facts.Author.URL)
	if err != nil {
		return ""
	}
	return hostOf(address)
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

// listed counts what the lists of a condition's question found.
func (e *evaluation) listed(q *question) int {
	n := 0
	for f := range q.fields.all {
		e.scan(e.matcher.lists[q.list].mode.engine, f)
		n += e.counts[countIndex(q.list, f)]
	}
	return n
}

// inNetwork reports whether all of the client's network lies in the question's.
func (e *evaluation) inNetwork(q *question) bool {
	client := e.facts.network()
	return client.IsValid() && client.Bits() >= q.network.Bits() && q.network.Contains(client.Addr())
}

// What follows makes an evaluation the input of a condition: a value that has facts, and the names that it
// goes by.

// ResolveName implements cel.Activation.
func (e *evaluation) ResolveName(name string) (any, bool) {
	if _, isGroup := factIndex[name]; isGroup || name == evaluationName {
		return e, true
	}
	return nil, false
}

// Parent implements cel.Activation.
func (e *evaluation) Parent() activation { return nil }

// ConvertToNative implements ref.Val; nothing converts an evaluation.
func (e *evaluation) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("facts cannot be converted")
}

// ConvertToType implements ref.Val; nothing converts an evaluation.
func (e *evaluation) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("facts cannot be converted")
}

// Equal implements ref.Val.
func (e *evaluation) Equal(other ref.Val) ref.Val { return types.Bool(ref.Val(e) == other) }

// Type implements ref.Val.
func (e *evaluation) Type() ref.Type { return evaluationType }

// Value implements ref.Val.
func (e *evaluation) Value() any { return e }
