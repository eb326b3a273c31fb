package rules

// decisiveHits bounds how many hits of a verdict Decisive looks at. Each costs a look at all hits.
const decisiveHits = 100

// Decisive returns the rules on which publication depends alone, in the order of the document. Without such a
// rule, the comment would be published instead of not, or not instead of published. For a rule in shadow mode
// the question is what would happen if it were enforced. A verdict of this ruleset is expected.
func (rs *Ruleset) Decisive(v Verdict) []string {
	if v.Cause == CauseError {
		return nil
	}
	var ids []string
	other := Verdict{Hits: append([]Hit(nil), v.Hits...)}
	for i := range other.Hits[:min(len(other.Hits), decisiveHits)] {
		hit := &other.Hits[i]
		mode := hit.Mode
		hit.Mode = Off
		if mode == Shadow {
			hit.Mode = Enforce
		}
		other.Score = 0
		rs.conclude(&other, false)
		if hit.Rule != CauseError && other.Flagged() != v.Flagged() {
			ids = append(ids, hit.Rule)
		}
		hit.Mode = mode
	}
	return ids
}
