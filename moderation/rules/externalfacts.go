package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// External is what a classifier outside of this program said of a submission. The zero value: it said nothing
// in time, or there is no such classifier.
type External struct {
	Available bool    `json:"available,omitzero"`
	Score     float64 `json:"score,omitzero"` // from 0, harmless, to 1
	Label     string  `json:"label,omitzero"` // empty for none
}

// MaxExternalLabel is the maximum length of a label in characters.
const MaxExternalLabel = 100

const (
	externalGroup = "external"
	// memberVariable stands for the name of a member in the documentation of a family's facts.
	memberVariable = "NAME"
)

// externalFacts are a family: they exist once for each classifier, under its name. A ruleset may name any
// classifier, so that it can be written before the classifier is set up and kept after it was removed.
var externalFacts = []fact{
	{group: externalGroup, name: "available", kind: boolean, field: bodyField, moderators: true,
		what: "Whether the outside classifier NAME responded in time. False, too, when the site has no such classifier, and " +
			"for comments that came before it was set up.",
		example: `!external.toxicity.available && author.approved == 0`,
		member:  func(x *External) any { return &x.Available }},
	{group: externalGroup, name: "score", kind: number, field: bodyField, moderators: true, unless: "available",
		what: "The score of the outside classifier NAME when the comment came, from 0 (harmless) to 1; 0 when it is not available. " +
			"Ask external.NAME.available first.",
		example: `external.toxicity.available && external.toxicity.score > 0.9`,
		member:  func(x *External) any { return &x.Score }},
	{group: externalGroup, name: "label", kind: word, limit: MaxExternalLabel, field: bodyField, moderators: true,
		unless: "available",
		what: "What the outside classifier NAME called the comment, such as \"spam\"; empty for nothing. Its documentation lists " +
			"its labels. Ask external.NAME.available first.",
		example: `external.toxicity.available && external.toxicity.label == "THREAT"`,
		member:  func(x *External) any { return &x.Label }},
}

var externalName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// ValidExternalName reports whether rules can name a classifier so: lower-case ASCII letters, digits and
// underscores, a letter first, at most 32. Words of the language of conditions are excluded.
func ValidExternalName(name string) bool {
	return externalName.MatchString(name) && !slices.Contains([]string{"in", "true", "false", "null"}, name)
}

// factRef refers to a fact in a condition, a reason or a test.
type factRef struct {
	entry  int    // in the registry
	member string // of a family; empty for other facts
}

func (r factRef) fact() *fact { return &registry[r.entry] }

// path is what rules call the fact.
func (r factRef) path() string {
	if r.member == "" {
		return r.fact().path()
	}
	return r.fact().group + "." + r.member + "." + r.fact().name
}

// known is the fact that says whether this one is known; false if it always is.
func (r factRef) known() (factRef, bool) {
	unless := r.fact().unless
	if r.member != "" && unless != "" {
		unless = r.fact().group + "." + r.member + "." + unless
	}
	return findFact(unless)
}

// get returns what the fact is, as bool, int, float64, string or []string.
func (r factRef) get(e *evaluation) any {
	if r.member == "" {
		return r.fact().get(e)
	}
	said := e.facts.External[r.member]
	if said == nil {
		said = &External{}
	}
	return pointedAt(r.fact().member(said))
}

// at points at the bool, int, float64, string or []string that holds a settable fact.
func (r factRef) at(f *Facts) any {
	if r.member == "" {
		return r.fact().at(f)
	}
	if f.External == nil {
		f.External = map[string]*External{}
	}
	if f.External[r.member] == nil {
		f.External[r.member] = &External{}
	}
	return r.fact().member(f.External[r.member])
}

// memberOf returns the family and the member that a group names, as in external.toxicity.
func memberOf(group string) (family, member string, ok bool) {
	family, member, ok = strings.Cut(group, ".")
	return family, member, ok && familyIndex[family] != nil && ValidExternalName(member)
}

// externalUse is a rule that looks at an outside classifier.
type externalUse struct {
	name string
	rule string
	mode Mode
	at   place
}

// externalUses returns the rules that look at outside classifiers, unless they are off.
func (c *compiler) externalUses() []externalUse {
	var uses []externalUse
	for _, r := range c.out.rules {
		for _, f := range r.condition.facts {
			use := externalUse{f.member, r.id, r.mode, r.condition.at}
			if f.fact().group == externalGroup && r.mode != Off && !slices.Contains(uses, use) {
				uses = append(uses, use)
			}
		}
	}
	return uses
}

// Externals returns the names of the outside classifiers at which rules look that are not off, sorted.
func (rs *Ruleset) Externals() []string {
	var names []string
	for _, use := range rs.externals {
		names = append(names, use.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// DependsOnExternal reports whether a verdict can depend on an outside classifier: a rule that is enforced looks at it.
func (rs *Ruleset) DependsOnExternal(name string) bool {
	return slices.ContainsFunc(rs.externals, func(use externalUse) bool { return use.name == name && use.mode == Enforce })
}

// MissingExternals returns warnings about rules that use outside classifiers that are not in known.
func (rs *Ruleset) MissingExternals(known []string) []Fault {
	var list []Fault
	for _, use := range rs.externals {
		if slices.Contains(known, use.name) {
			continue
		}
		list = append(list, Fault{Line: use.at.line, Column: use.at.column, Path: use.at.path,
			Message: fmt.Sprintf("the rule %q looks at the classifier %q, which this site does not use: it is never available",
				use.rule, use.name),
			Hint: strings.TrimSpace(didYouMean(use.name, known, "") + " Classifiers are set up under Administration → Classifiers.")})
	}
	return list
}
