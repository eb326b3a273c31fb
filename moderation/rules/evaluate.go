package rules

import (
	"context"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"
)

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
