package rulebook

import (
	"cmp"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/rules/measure"
)

// Limits of a report.
const (
	flipSample   = 20  // comments per kind of flip
	overlapPairs = 50  // most frequent pairs
	pairedHits   = 100 // hits per submission that pairs are counted for
)

// BacktestReport is the result of a backtest.
type BacktestReport struct {
	Version     int                       `json:"version"` // of the ruleset; 0 for an unsaved document
	From        time.Time                 `json:"from"`
	Until       time.Time                 `json:"until"`
	Submissions int                       `json:"submissions"` // judged
	Erased      int                       `json:"erased"`      // skipped, because the text was erased
	Then        map[moderation.Action]int `json:"then"`        // original verdicts
	Now         map[moderation.Action]int `json:"now"`         // verdicts under the draft
	People      map[string]int            `json:"people"`      // moderators' decisions: status or undecided
	Confusion   []Confused                `json:"confusion"`   // draft against moderators
	Flips       []Flip                    `json:"flips"`       // verdicts that differ from the original ones
	Active      *ActiveComparison         `json:"active"`      // null if the active ruleset is the draft or invalid
	Rules       []RuleResult              `json:"rules"`       // in document order, without disabled rules
	Silent      []string                  `json:"silent"`      // rules that never fired
	Overlaps    []Overlap                 `json:"overlaps"`    // pairs by hits in common, most first
	Notes       []string                  `json:"notes"`       // limits of the replay
}

// Confused counts submissions by the draft's verdict and the moderators' decision.
type Confused struct {
	Verdict moderation.Action `json:"verdict"`
	People  string            `json:"people"` // a status, or undecided
	Count   int               `json:"count"`
}

// Flip is a kind of changed verdict.
type Flip struct {
	From   moderation.Action `json:"from"`
	To     moderation.Action `json:"to"`
	Count  int               `json:"count"`
	Sample []FlipSample      `json:"sample"` // the first ones
}

// FlipSample is a submission with a changed verdict.
type FlipSample struct {
	CommentID string    `json:"comment_id"`
	CreatedAt time.Time `json:"created_at"` // of the submission
	Cause     string    `json:"cause"`      // cause of the draft's verdict
	People    string    `json:"people"`
}

// RuleResult is the result of one rule of the draft. An approving rule is right if moderators approved, any
// other rule if they did not. Confidence intervals are of 95% and null without cases.
type RuleResult struct {
	Rule        string            `json:"rule"`
	Mode        rules.Mode        `json:"mode"`
	Action      rules.Action      `json:"action,omitempty"` // absent for score-only rules
	Hits        int               `json:"hits"`
	Decided     int               `json:"decided"`    // times it caused the verdict
	Only        int               `json:"only"`       // times publication depends on this rule alone
	OnlyWrong   int               `json:"only_wrong"` // of these, moderators decided the opposite
	Judged      int               `json:"judged"`     // hits on texts decided by moderators
	Right       int               `json:"right"`      // of Judged
	Wrong       int               `json:"wrong"`      // of Judged: moderators decided the opposite
	Precision   *float64          `json:"precision"`  // Right / Judged; null if Judged is 0
	PrecisionCI *measure.Interval `json:"precision_ci"`
	Recall      *float64          `json:"recall"` // Right / all such decisions by moderators; null if none
	RecallCI    *measure.Interval `json:"recall_ci"`
}

// Overlap counts submissions on which both rules fired.
type Overlap struct {
	Rules []string `json:"rules"` // two rule ids
	Both  int      `json:"both"`
	Share float64  `json:"share"` // of the hits of the less frequent rule
}

// undecidedPeople marks a text without a moderator's decision.
const undecidedPeople = "undecided"

// tally counts verdicts.
type tally struct {
	report   BacktestReport
	seen     int // including erased ones
	infos    []rules.Info
	index    map[string]int // rule indexes by id
	results  []RuleResult
	pairs    []int32 // counts by two rule indexes
	together []int   // scratch buffer per submission
	favoured int     // texts approved by moderators; opposed: decided otherwise
	opposed  int
	confused map[Confused]int
	flips    flips
	active   flips // against the active ruleset
}

func newTally(compiled *rules.Ruleset, active activeRuleset) *tally {
	t := &tally{index: map[string]int{}, confused: map[Confused]int{}, flips: flips{}, active: flips{}}
	t.report = BacktestReport{
		Then:   map[moderation.Action]int{},
		Now:    map[moderation.Action]int{},
		People: map[string]int{},
		Notes:  []string{},
	}
	for _, r := range compiled.Rules() {
		if r.Mode == rules.Off {
			continue
		}
		t.index[r.ID] = len(t.infos)
		t.infos = append(t.infos, r)
		t.results = append(t.results, RuleResult{Rule: r.ID, Mode: r.Mode, Action: r.Action})
	}
	t.pairs = make([]int32, len(t.infos)*len(t.infos))
	if active.compiled != nil {
		t.report.Active = &ActiveComparison{Version: active.version, Verdicts: map[moderation.Action]int{}}
	}
	if active.note != "" {
		t.report.Notes = append(t.report.Notes, active.note)
	}
	t.addNotes(compiled)
	if active.compiled != nil {
		t.addNotes(active.compiled)
	}
	return t
}

// addNotes notes the facts that a ruleset tests but past submissions lack.
func (t *tally) addNotes(compiled *rules.Ruleset) {
	for _, note := range []struct {
		applies bool
		text    string
	}{
		{compiled.AsksForAddresses(), "For past submissions, only the network of the client's address is kept (/24 or /48), " +
			"for a limited time. Rules about single addresses or smaller networks do not fire here."},
		{compiled.AsksForAddressees(), "Past replies do not keep the name of the author they reply to, " +
			"so addressed() does not find attacks on that author by name here."},
	} {
		if note.applies && !slices.Contains(t.report.Notes, note.text) {
			t.report.Notes = append(t.report.Notes, note.text)
		}
	}
}

func (t *tally) add(batch *replayed) {
	for i, p := range batch.past {
		t.seen++
		if erased(p) {
			t.report.Erased++
			continue
		}
		t.one(p, batch.verdicts[i])
	}
}

func (t *tally) one(p moderation.HistoricalSubmission, v draftVerdict) {
	t.report.Submissions++
	now, people := moderation.Action(v.Action), string(p.ModeratorStatus)
	if people == "" || p.ModeratorStatus == moderation.StatusPending {
		people = undecidedPeople
	}
	t.report.Now[now]++
	t.report.People[people]++
	t.confused[Confused{Verdict: now, People: people}]++
	if p.Action != "" {
		t.report.Then[p.Action]++
		if p.Action != now {
			t.flips.add(p.Action, now, sampleOf(p, v, people))
		}
	}
	person := moderation.PolarityOf(p.ModeratorStatus)
	switch person {
	case moderation.InFavour:
		t.favoured++
	case moderation.Against:
		t.opposed++
	case moderation.Neutral:
	}
	t.hits(v, person)
	if t.report.Active != nil {
		t.compare(v, person, sampleOf(p, v, people))
	}
}

func sampleOf(p moderation.HistoricalSubmission, v draftVerdict, people string) FlipSample {
	return FlipSample{CommentID: p.CommentID, CreatedAt: p.CreatedAt, Cause: v.Cause, People: people}
}

func (t *tally) hits(v draftVerdict, person moderation.Polarity) {
	t.together = t.together[:0]
	for _, hit := range v.Hits {
		i, known := t.index[hit.Rule]
		if !known { // not evaluated
			continue
		}
		r := &t.results[i]
		r.Hits++
		if hit.Rule == v.Cause {
			r.Decided++
		}
		r.add(moderation.PolarityOfHit(hit.Action, hit.Score), person, slices.Contains(v.decisive, hit.Rule))
		if len(t.together) < pairedHits {
			t.together = append(t.together, i)
		}
	}
	for n, i := range t.together {
		for _, j := range t.together[n+1:] {
			t.pairs[i*len(t.infos)+j]++
		}
	}
}

// add counts a hit, by what the rule asks for and how moderators decided.
func (r *RuleResult) add(own, person moderation.Polarity, only bool) {
	judged := own != moderation.Neutral && person != moderation.Neutral
	switch {
	case !judged:
	case own == person:
		r.Right++
	default:
		r.Wrong++
	}
	if judged {
		r.Judged++
	}
	if only {
		r.Only++
	}
	if only && judged && own != person {
		r.OnlyWrong++
	}
}

// finish completes the report.
func (t *tally) finish() BacktestReport {
	r := &t.report
	r.Silent, r.Rules = []string{}, t.results
	if r.Rules == nil {
		r.Rules = []RuleResult{}
	}
	for i := range t.results {
		one := &t.results[i]
		if one.Hits == 0 {
			r.Silent = append(r.Silent, one.Rule)
		}
		all := t.opposed
		if moderation.PolarityOfHit(t.infos[i].Action, t.infos[i].Score) == moderation.InFavour {
			all = t.favoured
		}
		one.Precision, one.PrecisionCI = share(one.Right, one.Judged), measure.Wilson(one.Right, one.Judged)
		one.Recall, one.RecallCI = share(one.Right, all), measure.Wilson(one.Right, all)
	}
	r.Confusion = []Confused{}
	for c, n := range t.confused {
		c.Count = n
		r.Confusion = append(r.Confusion, c)
	}
	slices.SortFunc(r.Confusion, func(a, b Confused) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.People, b.People))
	})
	r.Flips = t.flips.list()
	if r.Active != nil {
		r.Active.Flips = t.active.list()
	}
	r.Overlaps = t.overlaps()
	return *r
}

func (t *tally) overlaps() []Overlap {
	list := []Overlap{}
	for i := range t.infos {
		for j := i + 1; j < len(t.infos); j++ {
			if both := int(t.pairs[i*len(t.infos)+j]); both > 0 {
				fewer := min(t.results[i].Hits, t.results[j].Hits)
				list = append(list, Overlap{Rules: []string{t.infos[i].ID, t.infos[j].ID}, Both: both,
					Share: float64(both) / float64(fewer)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Overlap) int { return cmp.Compare(b.Both, a.Both) })
	return list[:min(len(list), overlapPairs)]
}

func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	quotient := float64(part) / float64(whole)
	return &quotient
}
