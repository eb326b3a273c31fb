package rules

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"rejoinder/moderation/text"
)

// evaluation is an evaluation in progress: the facts, and what was computed from them so far. Conditions see
// it as the value of every group of facts, so each fact is computed once, when the first rule uses it.
type evaluation struct {
	writing
	ctx       context.Context // slow steps stop once it ends; the verdict is then an error anyway
	matcher   *matcher
	questions []question // those of the ruleset

	values []ref.Val // of the facts asked for so far, as in the registry

	scanned  uint64                  // which engines have read which fields
	matches  []match                 // what they found, capped for each list and field
	pending  []match                 // found in lists with exceptions, not settled yet
	counts   []int                   // how much they found, by countIndex
	spoken   *speech                 // the body as sentences; nil until asked for
	picked   map[*question][]match   // what questions about sentences chose
	leanings map[uint8]*text.Leaning // by set of languages
	revealed []match                 // scratch of scanLoose
	foreign  foreignWord             // see mayBeForeign
	joined   []byte                  // scratch of scanWords
	starts   []int                   // scratch of scanWords
	opened   []openFrame             // scratch of scanShippedWords, by piece
	// frameScan numbers the scans for frames, over all evaluations that share this memory.
	frameScan uint32
}

// reset makes the evaluation ready for other facts, keeping its memory.
func (e *evaluation) reset(ctx context.Context, rs *Ruleset, f *Facts) {
	e.ctx = ctx
	m := rs.matcher
	e.matcher, e.questions = m, rs.questions
	e.writing = newWriting(f)
	if e.values == nil {
		e.values = make([]ref.Val, len(registry))
	}
	clear(e.values)
	e.scanned, e.matches, e.pending = 0, e.matches[:0], e.pending[:0]
	e.counts = slices.Grow(e.counts[:0], len(m.lists)*int(fieldCount))[:len(m.lists)*int(fieldCount)]
	clear(e.counts)
	e.forgetSpeech()
}

func (e *evaluation) forgetSpeech() {
	e.spoken, e.foreign = nil, foreignWord{}
	clear(e.leanings)
	clear(e.picked)
}

// release lets go of the submission, so that memory kept for the next evaluation holds nothing of this one.
func (e *evaluation) release() {
	e.ctx, e.matcher, e.questions = nil, nil, nil
	e.writing = writing{}
	clear(e.values)
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
	return pointedAt(f.at(e.facts))
}

// pointedAt returns the value at which a pointer to one of the types of facts points.
func pointedAt(at any) any {
	switch at := at.(type) {
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

// The following methods make an evaluation the input of a condition: a value with facts, and an activation
// that resolves their names.

// ResolveName implements cel.Activation.
func (e *evaluation) ResolveName(name string) (any, bool) {
	if isGroup(name) || name == evaluationName {
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

// Evaluate looks at every rule and concludes a verdict. It never fails and never panics: if an enforcing rule
// cannot be evaluated, or ctx ends first, the verdict is to hold, with a hit of the rule CauseError that says
// why.
func (rs *Ruleset) Evaluate(ctx context.Context, f *Facts) Verdict {
	e := rs.pool.Get().(*evaluation)
	e.reset(ctx, rs, f)
	v := Verdict{Hits: []Hit{}}
	failed := false
	for i := range rs.rules {
		r := &rs.rules[i]
		if r.mode == Off {
			continue
		}
		hit, fired, err := r.apply(ctx, e)
		if err != nil {
			hit, fired = r.failure(err), true
			failed = failed || hit.Mode == Enforce
		}
		if fired {
			v.Hits = append(v.Hits, hit)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() != nil && !failed {
		v.Hits = append(v.Hits, failureHit(Enforce, "The evaluation ran out of time. The comment is held to be safe."))
		failed = true
	}
	rs.conclude(&v, failed)
	e.release()
	rs.pool.Put(e)
	return v
}

// apply evaluates one rule.
func (r *rule) apply(ctx context.Context, e *evaluation) (hit Hit, fired bool, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("internal error: %v", broken)
		}
	}()
	fired, err = r.condition.holds(ctx, e)
	if err != nil || !fired {
		return Hit{}, false, err
	}
	return r.hit(e), true, nil
}

// holds evaluates the condition.
func (c *condition) holds(ctx context.Context, e *evaluation) (bool, error) {
	result, err := c.run(ctx, e)
	if err != nil {
		return false, err
	}
	yes, ok := result.(types.Bool)
	if !ok {
		return false, fmt.Errorf("the condition gave %s", result.Type().TypeName())
	}
	return bool(yes), nil
}

func (c *condition) run(ctx context.Context, e *evaluation) (result valueOf, err error) {
	if c.loops {
		result, _, err = c.program.ContextEval(ctx, activation(e))
	} else {
		result, _, err = c.program.Eval(activation(e))
	}
	return result, err
}

// failure returns the hit that stands for a rule that could not be evaluated. What a shadow rule does wrong
// holds nothing, unless it was this program that broke: then the other rules may have missed something too.
func (r *rule) failure(err error) Hit {
	mode, why := Enforce, "something is broken in this program ("+err.Error()+")"
	var own *types.Err
	var cancelled interpreter.EvalCancelledError
	switch {
	case errors.As(err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded:
		mode, why = r.mode, "it took too many steps"
	case errors.Is(err, interpreter.InterruptError{}), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, context.Canceled):
		why = "the evaluation ran out of time"
	case errors.As(err, &own):
		mode, why = r.mode, own.String()
	}
	text := fmt.Sprintf("The rule %q could not be evaluated: %s.", r.id, why)
	if mode == Enforce {
		text += " The comment is held to be safe."
	}
	return failureHit(mode, text)
}

func failureHit(mode Mode, reason string) Hit {
	return Hit{Rule: CauseError, Mode: mode, Action: Hold, Field: "ruleset", Reason: reason}
}

// conclude decides: an error holds; otherwise the highest priority wins and, within it, the severest action.
func (rs *Ruleset) conclude(v *Verdict, failed bool) {
	v.Action, v.Cause = rs.fallback, CauseDefault
	priority, severity := 0, 0
	for _, hit := range v.Hits {
		if hit.Mode != Enforce {
			continue
		}
		v.Score += hit.Score
		rank := hit.Action.severity()
		if rank > 0 && (severity == 0 || hit.Priority > priority || hit.Priority == priority && rank > severity) {
			v.Action, v.Cause, priority, severity = hit.Action, hit.Rule, hit.Priority, rank
		}
	}
	for _, t := range rs.thresholds {
		rank := t.action.severity()
		if v.Score >= t.score && (severity == 0 || priority < 0 || priority == 0 && rank > severity) {
			v.Action, v.Cause, priority, severity = t.action, CauseThreshold+string(t.action), 0, rank
		}
	}
	if failed {
		v.Action, v.Cause = Hold, CauseError
	}
}

var _ cel.Activation = (*evaluation)(nil)
