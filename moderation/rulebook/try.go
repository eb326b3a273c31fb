package rulebook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// Trials judge a pasted comment with a ruleset. Nothing is saved.
type Trials struct {
	Rulebook   *Rulebook
	Classifier moderation.TextScorer // nil: none
}

// Commenters that a trial can assume.
const (
	AsNewcomer = "newcomer" // nobody knows them; most mistakes of rules concern such people
	AsKnown    = "known"    // a known, trusted commenter, as in the tests of rulesets
)

// Trial is a comment to try a ruleset on. Missing fields have harmless defaults: somebody who takes a minute
// to fill in the form.
type Trial struct {
	As          string // one of the As constants; empty: AsNewcomer
	Ruleset     DraftRef
	Body        string
	AuthorName  string
	AuthorEmail string
	AuthorURL   string
	Address     string
	Facts       map[string]any // by path, such as "author.approved": bool, float64 or string
}

// TrialResult is a verdict with its trace.
type TrialResult struct {
	Version int // of the ruleset; 0 for an unsaved document
	// Body is the pasted text, cleaned like a submission. The verdict's spans are offsets in it.
	Body    string
	Verdict rules.Verdict
	Trace   []TraceStep // every rule, in document order
}

// TraceStep is the outcome of one rule.
type TraceStep struct {
	Rule    string     `json:"rule"`
	Mode    rules.Mode `json:"mode"`
	Outcome string     `json:"outcome"` // one of the Trace constants
}

// Outcomes of a rule.
const (
	TraceDecided = "decided" // it fired and decided
	TraceFired   = "fired"
	TraceSilent  = "silent" // it did not fire
	TraceOff     = "off"
)

// Try judges a pasted comment. Errors: *Invalid, *rules.Faults for an invalid document, ErrSiteUnknown,
// ErrNotFound, ErrCompiling.
func (t *Trials) Try(ctx context.Context, v moderation.Viewer, siteSlug string, trial Trial) (TrialResult, error) {
	facts, err := trial.prepare()
	if err != nil {
		return TrialResult{}, err
	}
	stored, compiled, err := t.Rulebook.draft(ctx, v, siteSlug, trial.Ruleset)
	if err != nil {
		return TrialResult{}, fmt.Errorf("try ruleset: %w", err)
	}
	if t.Classifier != nil && !trial.saysSpam() {
		facts.Spam = t.Classifier.Score(ctx, stored.SiteID, facts.Reading)
	}
	result := judge(ctx, compiled, facts)
	result.Version = stored.Version
	return result, ctx.Err()
}

// TryDocument judges a pasted comment with the source of the trial, of no site and without a classifier. The source may
// extend one of the bases. Errors: *Invalid, *rules.Faults for an invalid document.
func TryDocument(ctx context.Context, trial Trial, bases rules.Bases) (TrialResult, error) {
	facts, err := trial.prepare()
	if err != nil {
		return TrialResult{}, err
	}
	compiled, err := rules.ParseExtending(ctx, []byte(trial.Ruleset.Source), bases)
	if err != nil {
		return TrialResult{}, fmt.Errorf("try ruleset: %w", err)
	}
	return judge(ctx, compiled, facts), ctx.Err()
}

func judge(ctx context.Context, compiled *rules.Ruleset, facts *rules.Facts) TrialResult {
	compiled.LoadLists()
	timed, cancel := context.WithTimeout(ctx, moderation.JudgeTime)
	defer cancel()
	verdict := compiled.Evaluate(timed, facts)
	return TrialResult{Body: facts.Body, Verdict: verdict, Trace: traceOf(compiled, verdict)}
}

// saysSpam reports whether the trial sets the classifier's result itself.
func (t Trial) saysSpam() bool {
	for path := range t.Facts {
		if strings.HasPrefix(path, "text.spam_") {
			return true
		}
	}
	return false
}

// prepare cleans the pasted text like a submission, and builds the facts.
func (t Trial) prepare() (*rules.Facts, error) {
	var faults moderation.Invalid
	checkDraft(&faults, t.Ruleset)
	reading := moderation.CleanBody(&faults, t.Body)
	facts := rules.Neutral(reading.Markdown)
	facts.Reading = reading
	switch t.As {
	case "", AsNewcomer:
		facts.Author = rules.Newcomer()
	case AsKnown:
	default:
		faults.Add("/as", "unknown", "Must be newcomer or known.")
	}
	if t.AuthorName != "" {
		facts.Author.Name = moderation.CleanName(&faults, t.AuthorName)
	}
	if t.AuthorEmail != "" {
		facts.Author.Email = moderation.CleanEmail(&faults, t.AuthorEmail)
	}
	facts.Author.URL = moderation.CleanWebsite(&faults, "/author_url", t.AuthorURL)
	if t.Address != "" {
		address, err := netip.ParseAddr(strings.TrimSpace(t.Address))
		if err != nil {
			faults.Add("/address", "malformed", "An address is written as 192.0.2.7 or 2001:db8::7.")
		}
		facts.Address = address
	}
	for _, path := range sortedKeys(t.Facts) {
		err := facts.Set(path, t.Facts[path])
		var fault *rules.FactFault
		if errors.As(err, &fault) {
			faults.Add("/facts/"+pointerEscapes.Replace(path), "unusable", asSentence(fault.Message, fault.Hint))
		}
	}
	return facts, faults.Err()
}

func checkDraft(e *moderation.Invalid, which DraftRef) {
	if which.Version < 0 {
		e.Add("/version", "out_of_range", "Must be a whole number from 1 on.")
	}
	if which.Version != 0 && which.Source != "" {
		e.Add("/version", "ambiguous", "Name a version or give a source, not both.")
	}
}

func traceOf(compiled *rules.Ruleset, verdict rules.Verdict) []TraceStep {
	all := compiled.Rules()
	trace := make([]TraceStep, len(all))
	for i, r := range all {
		fired := slices.ContainsFunc(verdict.Hits, func(h rules.Hit) bool { return h.Rule == r.ID })
		outcome := TraceSilent
		switch {
		case r.Mode == rules.Off:
			outcome = TraceOff
		case r.ID == verdict.Cause:
			outcome = TraceDecided
		case fired:
			outcome = TraceFired
		}
		trace[i] = TraceStep{Rule: r.ID, Mode: r.Mode, Outcome: outcome}
	}
	return trace
}

// pointerEscapes escapes a name for a JSON pointer (RFC 6901).
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// asSentence joins a message and its hint into a sentence.
func asSentence(message, hint string) string {
	if hint == "" {
		return message + "."
	}
	return message + ". " + hint
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
