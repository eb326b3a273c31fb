package rulebook

import (
	"cmp"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
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
	Flips       []Flip                    `json:"flips"`       // changed verdicts
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
// other rule if they did not.
type RuleResult struct {
	Rule      string       `json:"rule"`
	Mode      rules.Mode   `json:"mode"`
	Action    rules.Action `json:"action,omitempty"` // absent for score-only rules
	Hits      int          `json:"hits"`
	Decided   int          `json:"decided"`   // times it caused the verdict
	Judged    int          `json:"judged"`    // hits on texts decided by moderators
	Right     int          `json:"right"`     // of Judged
	Precision *float64     `json:"precision"` // Right / Judged; null if Judged is 0
	Recall    *float64     `json:"recall"`    // Right / all such decisions by moderators; null if none
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
	flips    map[[2]moderation.Action]*Flip
}

func newTally(compiled *rules.Ruleset) *tally {
	t := &tally{index: map[string]int{}, confused: map[Confused]int{}, flips: map[[2]moderation.Action]*Flip{}}
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
	if compiled.AsksForAddresses() {
		t.report.Notes = append(
			t.report.Notes,
			"Of past submissions only the network of the client's address is kept (/24 or /48), "+
				"and for a limited time. Rules about single addresses or smaller networks do not fire here.",
		)
	}
	return t
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

func (t *tally) one(p moderation.HistoricalSubmission, v rules.Verdict) {
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
			t.flip(p, v, people)
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
}

func (t *tally) flip(p moderation.HistoricalSubmission, v rules.Verdict, people string) {
	kind := [2]moderation.Action{p.Action, moderation.Action(v.Action)}
	f := t.flips[kind]
	if f == nil {
		f = &Flip{From: kind[0], To: kind[1], Sample: []FlipSample{}}
		t.flips[kind] = f
	}
	f.Count++
	if len(f.Sample) < flipSample {
		f.Sample = append(f.Sample,
			FlipSample{CommentID: p.CommentID, CreatedAt: p.CreatedAt, Cause: v.Cause, People: people})
	}
}

func (t *tally) hits(v rules.Verdict, person moderation.Polarity) {
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
		if own := moderation.PolarityOfHit(hit.Action, hit.Score); person != moderation.Neutral &&
			own != moderation.Neutral {
			r.Judged++
			if own == person {
				r.Right++
			}
		}
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
		one.Precision = share(one.Right, one.Judged)
		if moderation.PolarityOfHit(t.infos[i].Action, t.infos[i].Score) == moderation.InFavour {
			one.Recall = share(one.Right, t.favoured)
		} else {
			one.Recall = share(one.Right, t.opposed)
		}
	}
	r.Confusion = []Confused{}
	for c, n := range t.confused {
		c.Count = n
		r.Confusion = append(r.Confusion, c)
	}
	slices.SortFunc(r.Confusion, func(a, b Confused) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.People, b.People))
	})
	r.Flips = []Flip{}
	for _, f := range t.flips {
		r.Flips = append(r.Flips, *f)
	}
	slices.SortFunc(r.Flips, func(a, b Flip) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
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
