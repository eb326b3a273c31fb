package hostility

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"rejoinder/moderation/text"
)

const (
	maxSpans = 5
	// leastScore is the score from which a text's language is checked and its words are reported. Ordinary
	// comments are below it.
	leastScore = 0.1
	// leastShare is the share of the heaviest word's weight from which another word is reported.
	leastShare = 0.25

	// A window ends with the first sentence that makes it windowWords/2 words long, and after windowWords words
	// at the latest. One with less than windowWords/3 words is added to the window before.
	windowWords = 30
	// windowShare is the share of the most hostile window in the log-odds of a text; the rest is that of the
	// whole. Chosen by cross-validation.
	windowShare = 0.5
)

// Judgement is the result for one text.
type Judgement struct {
	// Score is from 0, ordinary, to 1, hostile, to four decimals. It is 0 for a text without words, for one
	// that is not in Latin script, and for one in another language than English.
	Score float64
	// Spans are the words that weighed most for hostility, at most five, heaviest first; none if Score is low.
	Spans []Span
}

// Span is a byte range of the original text.
type Span struct{ Start, End int }

// Judge scores a normalised text in a language, "" if that is unknown, with the shipped model. The time is linear
// in the length of the text.
func Judge(n text.Normalised, language string) Judgement { return shipped().Judge(n, language) }

// Judge scores a normalised text in a language: see the function Judge.
func (m *Model) Judge(n text.Normalised, language string) Judgement {
	if language != "" && language != "en" {
		return Judgement{}
	}
	r := readers.Get().(*reader)
	defer r.release()
	odds, ok := r.logOdds(m, n.Text)
	if !ok {
		return Judgement{}
	}
	score := math.Round(logistic(odds)*1e4) / 1e4
	if score < leastScore {
		return Judgement{Score: score}
	}
	return Judgement{Score: score, Spans: r.heaviest(n)}
}

// reader holds the memory for scoring one text.
type reader struct {
	scanner scanner
	hasher  hasher
	sums    []weighed // of the tokens
	whole   weighed
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// release returns the reader to the pool, without the text.
func (r *reader) release() {
	r.scanner.text = ""
	clear(r.scanner.forms)
	readers.Put(r)
}

// weighed holds, for each kind of features, the sum of their weights and their number.
type weighed struct {
	sum   [kinds]float32
	count [kinds]int32
}

func (w *weighed) add(other weighed) {
	for k := range kinds {
		w.sum[k] += other.sum[k]
		w.count[k] += other.count[k]
	}
}

// total returns the sum of the weights, each kind divided by the square root of its number in all.
func (w *weighed) total(all *weighed) float64 {
	total := 0.0
	for k := range kinds {
		total += float64(w.sum[k]) / math.Sqrt(float64(max(all.count[k], leastCounts[k])))
	}
	return total
}

// logOdds returns the log-odds that the text is hostile: a mean of those of the whole and of its most hostile
// window, so that an insult counts in a long text too. ok is false for a text
// without a word of two letters, and for one whose letters are mostly not Latin.
func (r *reader) logOdds(m *Model, normal string) (odds float64, ok bool) {
	r.scanner.read(normal)
	if r.scanner.other > r.scanner.latin {
		return 0, false
	}
	r.hasher.start()
	r.sums, r.whole = r.sums[:0], weighed{}
	var windows windowMax
	for _, t := range r.scanner.tokens {
		form := r.scanner.form(t)
		ok = ok || t.alternative || t.letters > 1
		r.hasher.read(form, t)
		one := m.weigh(&r.hasher.hashed)
		r.sums = append(r.sums, one)
		r.whole.add(one)
		windows.add(one, t)
	}
	whole := r.whole.total(&r.whole)
	return float64(m.bias) + windowShare*windows.result(whole) + (1-windowShare)*whole, ok
}

func (m *Model) weigh(h *hashed) weighed {
	var w weighed
	w.sum[wordKind], w.count[wordKind] = m.weight(h.word), 1
	if h.paired {
		w.sum[pairKind], w.count[pairKind] = m.weight(h.pair), 1
	}
	sum := float32(0)
	for _, piece := range h.pieces {
		sum += m.weight(piece)
	}
	w.sum[pieceKind], w.count[pieceKind] = sum, int32(len(h.pieces))
	return w
}

// windowMax finds the window with the highest total.
type windowMax struct {
	top       float64
	any       bool    // top is set
	open      weighed // the window under way
	last      weighed // the one before it
	words     int     // of the window under way
	untotaled bool    // last is not in top yet, since the next window may be too short
}

func (w *windowMax) add(one weighed, t token) {
	w.open.add(one)
	w.words++
	if w.words < windowWords && (!t.ends || w.words < windowWords/2) {
		return
	}
	w.settle()
	w.last, w.open, w.words, w.untotaled = w.open, weighed{}, 0, true
}

// settle compares the window before the open one.
func (w *windowMax) settle() {
	if !w.untotaled {
		return
	}
	if total := w.last.total(&w.last); !w.any || total > w.top {
		w.top, w.any = total, true
	}
	w.untotaled = false
}

// result returns the highest total, or that of the whole if the text is one window.
func (w *windowMax) result(whole float64) float64 {
	switch {
	case w.words == 0:
	case w.untotaled && w.words < windowWords/3:
		w.last.add(w.open)
	default:
		w.settle()
		w.last, w.untotaled = w.open, true
	}
	if !w.any {
		return whole
	}
	w.settle()
	return w.top
}

// heaviest returns the places of the words with the most weight, each form once.
func (r *reader) heaviest(n text.Normalised) []Span {
	var top [maxSpans]int
	found := 0
	weight := func(i int) float64 { return r.sums[i].total(&r.whole) }
	for i := range r.sums {
		if weight(i) <= 0 || r.repeats(i, top[:found]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top[:found], weight(i), func(t int, w float64) int {
			return cmp.Compare(w, weight(t))
		})
		if at == maxSpans {
			continue
		}
		found = min(found+1, maxSpans)
		copy(top[at+1:found], top[at:])
		top[at] = i
	}
	spans := make([]Span, 0, found)
	for _, i := range top[:found] {
		if weight(i) < leastShare*weight(top[0]) {
			break
		}
		t := r.scanner.tokens[i]
		start, end := n.Original(int(t.start), int(t.end))
		if start < end && !slices.ContainsFunc(spans, func(s Span) bool { return s.Start < end && start < s.End }) {
			spans = append(spans, Span{start, end})
		}
	}
	return spans
}

// repeats reports whether a token has the form of one of the others.
func (r *reader) repeats(i int, others []int) bool {
	form := r.scanner.form(r.scanner.tokens[i])
	return slices.ContainsFunc(others, func(o int) bool {
		return string(r.scanner.form(r.scanner.tokens[o])) == string(form)
	})
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
