package rulebook

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// Limits of an effect.
const (
	EffectSample   = 2_000 // newest comments of each kind
	effectExamples = 3
	maxEffectTerms = 300
)

// EffectStore is the storage of Effects.
type EffectStore interface {
	// LatestSubmissions returns the present texts of a site's newest comments of a status, without staff replies.
	LatestSubmissions(ctx context.Context, q LatestQuery) ([]moderation.HistoricalSubmission, error)
}

// LatestQuery selects the newest comments of a site.
type LatestQuery struct {
	SiteID string
	Status moderation.Status
	Limit  int
	Emails bool // include the sealed email
}

// Effects measure what one rule of a draft would have done to the site's newest comments.
type Effects struct {
	Store    EffectStore
	Rulebook *Rulebook
	Keys     *privacy.Keyring
}

// EffectQuery asks for the effect of a rule in a draft, and of single terms.
type EffectQuery struct {
	SiteSlug string
	Source   string
	Rule     string
	Terms    []ListTerms
}

// ListTerms are terms of one list.
type ListTerms struct {
	Mode   string // of the list; empty for the default
	Fields []string
	Terms  []string
}

// Effect is the effect that a rule would have had. Refused comments are those that are rejected or spam now.
type Effect struct {
	Approved, ApprovedHits int
	Refused, RefusedHits   int
	RefusedOnly            int // of RefusedHits: no other rule asks to hold, reject or mark them
	Examples               []EffectExample
	Terms                  []TermHits // terms that approved comments have, most first
}

// EffectExample is an approved comment that the rule would have hit.
type EffectExample struct {
	CommentID string
	Author    string
	Body      string
	Hit       rules.Hit
	At        time.Time
}

// TermHits counts the approved comments with a term.
type TermHits struct {
	Term    string
	N       int
	Example EffectExample
}

// Measure judges the site's newest approved and refused comments under the draft, using the facts of their
// arrival. Errors: *rules.Faults for a draft that is not valid, ErrSiteUnknown, ErrCompiling.
func (e *Effects) Measure(ctx context.Context, v moderation.Viewer, q EffectQuery) (Effect, error) {
	site, err := e.Rulebook.site(ctx, v, q.SiteSlug)
	if err != nil {
		return Effect{}, fmt.Errorf("measure effect: %w", err)
	}
	compiled, err := e.Rulebook.check(ctx, v, []byte(q.Source))
	if err != nil {
		return Effect{}, fmt.Errorf("measure effect: %w", err)
	}
	terms, err := compileTerms(ctx, q.Terms)
	if err != nil {
		return Effect{}, fmt.Errorf("measure effect: %w", err)
	}
	m := effectTally{rule: q.Rule, compiled: compiled, terms: terms, hits: map[string]*TermHits{}}
	decided := []moderation.Status{moderation.StatusApproved, moderation.StatusRejected, moderation.StatusSpam}
	for _, status := range decided {
		latest, err := e.Store.LatestSubmissions(ctx, LatestQuery{SiteID: site.ID, Status: status, Limit: EffectSample,
			Emails: compiled.AsksForEmails()})
		if err != nil {
			return Effect{}, fmt.Errorf("measure effect: %w", err)
		}
		for _, past := range latest {
			if erased(past) {
				continue
			}
			facts, err := past.Facts(e.Keys)
			if err != nil {
				return Effect{}, fmt.Errorf("measure effect: %w", err)
			}
			m.add(ctx, past, facts, status == moderation.StatusApproved)
			if ctx.Err() != nil {
				return Effect{}, fmt.Errorf("measure effect: %w", context.Cause(ctx))
			}
		}
	}
	return m.finish(), nil
}

// effectTally counts hits.
type effectTally struct {
	effect   Effect
	rule     string
	compiled *rules.Ruleset
	terms    termRules
	hits     map[string]*TermHits
}

func (m *effectTally) add(
	ctx context.Context, past moderation.HistoricalSubmission, facts *rules.Facts, approved bool,
) {
	verdict := m.compiled.Evaluate(ctx, facts)
	i := slices.IndexFunc(verdict.Hits, func(h rules.Hit) bool { return h.Rule == m.rule })
	others := slices.ContainsFunc(verdict.Hits, func(h rules.Hit) bool {
		return h.Rule != m.rule && h.Mode == rules.Enforce && h.Action != "" && h.Action != rules.Approve
	})
	switch {
	case approved:
		m.effect.Approved++
		m.addTerms(ctx, past, facts)
	default:
		m.effect.Refused++
	}
	switch {
	case i < 0:
	case approved:
		m.effect.ApprovedHits++
		if len(m.effect.Examples) < effectExamples {
			m.effect.Examples = append(m.effect.Examples, exampleOf(past, verdict.Hits[i]))
		}
	default:
		m.effect.RefusedHits++
		if !others {
			m.effect.RefusedOnly++
		}
	}
}

func exampleOf(past moderation.HistoricalSubmission, hit rules.Hit) EffectExample {
	return EffectExample{CommentID: past.CommentID, Author: past.AuthorName, Body: past.Body, Hit: hit, At: past.CreatedAt}
}

func (m *effectTally) addTerms(ctx context.Context, past moderation.HistoricalSubmission, facts *rules.Facts) {
	if m.terms.compiled == nil {
		return
	}
	for _, hit := range m.terms.compiled.Evaluate(ctx, facts).Hits {
		term, known := m.terms.byRule[hit.Rule]
		if !known {
			continue
		}
		if m.hits[term] == nil {
			m.hits[term] = &TermHits{Term: term, Example: exampleOf(past, hit)}
		}
		m.hits[term].N++
	}
}

func (m *effectTally) finish() Effect {
	for _, term := range sortedKeys(m.hits) {
		m.effect.Terms = append(m.effect.Terms, *m.hits[term])
	}
	slices.SortStableFunc(m.effect.Terms, func(a, b TermHits) int { return b.N - a.N })
	return m.effect
}

// termRules is a ruleset with one rule for each term.
type termRules struct {
	compiled *rules.Ruleset // nil: no terms
	byRule   map[string]string
}

// yaml returns the keys of the list besides its terms.
func (l ListTerms) yaml() string {
	keys := ""
	if l.Mode != "" {
		keys += "mode: " + l.Mode + ", "
	}
	if len(l.Fields) > 0 {
		keys += "fields: [" + strings.Join(l.Fields, ", ") + "], "
	}
	return keys
}

// compileTerms makes a rule of each term. If a term is not valid, none is counted: the draft is refused for it.
func compileTerms(ctx context.Context, lists []ListTerms) (termRules, error) {
	made := termRules{byRule: map[string]string{}}
	var sourceLists, sourceRules []byte
	for _, list := range lists {
		for _, term := range list.Terms {
			if len(made.byRule) == maxEffectTerms {
				break
			}
			id := "t" + strconv.Itoa(len(made.byRule))
			made.byRule[id] = term
			sourceLists = fmt.Appendf(sourceLists, "  %s: {%sterms: [%q]}\n", id, list.yaml(), term)
			sourceRules = fmt.Appendf(sourceRules, "  - {id: %s, when: 'listed(%q)', then: hold, reason: term}\n", id, id)
		}
	}
	if len(made.byRule) == 0 {
		return termRules{}, nil
	}
	source := append(append([]byte("lists:\n"), sourceLists...), append([]byte("rules:\n"), sourceRules...)...)
	compiled, err := rules.Parse(ctx, source)
	if err != nil && ctx.Err() == nil {
		return termRules{}, nil // the draft is refused for the same term
	}
	made.compiled = compiled
	return made, err
}
