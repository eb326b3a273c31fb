package rulebook

import (
	"cmp"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// How much of what could be endless a report holds.
const (
	flipSample   = 20  // comments for each kind of flip
	overlapPairs = 50  // the pairs that overlap most
	pairedHits   = 100 // hits of one submission that pairs are counted for
)

// BacktestReport is what a draft would have made of the past.
type BacktestReport struct {
	Version     int                       `json:"version"` // of the ruleset; 0 for a document that is not saved
	From        time.Time                 `json:"from"`
	Until       time.Time                 `json:"until"`
	Submissions int                       `json:"submissions"` // judged
	Erased      int                       `json:"erased"`      // left out, because their text is gone
	Then        map[moderation.Action]int `json:"then"`        // what was concluded when they came
	Now         map[moderation.Action]int `json:"now"`         // what the draft concludes
	People      map[string]int            `json:"people"`      // what moderators made of them: a status, or undecided
	Confusion   []Confused                `json:"confusion"`   // the draft against people
	Flips       []Flip                    `json:"flips"`       // where the draft concludes something else than was concluded then
	Rules       []RuleResult              `json:"rules"`       // in the order of the document; without those that are off
	Silent      []string                  `json:"silent"`      // rules that never fired
	Overlaps    []Overlap                 `json:"overlaps"`    // pairs of rules that fired together, the most frequent first
	Notes       []string                  `json:"notes"`       // what could not be replayed as it was
}

// Confused counts submissions by the draft's conclusion and by what people decided.
type Confused struct {
	Verdict moderation.Action `json:"verdict"`
	People  string            `json:"people"` // a status, or undecided
	Count   int               `json:"count"`
}

// Flip is a change of conclusion.
type Flip struct {
	From   moderation.Action `json:"from"`
	To     moderation.Action `json:"to"`
	Count  int               `json:"count"`
	Sample []FlipSample      `json:"sample"` // the first ones
}

// FlipSample is one submission whose conclusion changes.
type FlipSample struct {
	CommentID string    `json:"comment_id"`
	CreatedAt time.Time `json:"created_at"` // of the submission
	Cause     string    `json:"cause"`      // why the draft concludes so
	People    string    `json:"people"`
}

// RuleResult is how one rule of the draft did. A rule that approves is right when people approved; any other
// one when they did not.
type RuleResult struct {
	Rule      string       `json:"rule"`
	Mode      rules.Mode   `json:"mode"`
	Action    rules.Action `json:"action,omitempty"` // absent for a rule that only scores
	Hits      int          `json:"hits"`
	Decided   int          `json:"decided"`   // how often it was the cause of the verdict
	Judged    int          `json:"judged"`    // hits on texts that people decided on
	Right     int          `json:"right"`     // of those, how many it was right about
	Precision *float64     `json:"precision"` // Right of Judged; null without any
	Recall    *float64     `json:"recall"`    // Right of all that people decided so; null without any
}

// Overlap counts submissions on which both rules fired.
type Overlap struct {
	Rules []string `json:"rules"` // two
	Both  int      `json:"both"`
	Share float64  `json:"share"` // of the hits of the rule that fires less
}

// undecidedPeople stands for a text that no moderator decided on.
const undecidedPeople = "undecided"

// tally counts verdicts.
type tally struct {
	report   BacktestReport
	seen     int // erased ones included
	infos    []rules.Info
	index    map[string]int // of rules, by id
	results  []RuleResult
	pairs    []int32 // by the indexes of two rules
	together []int   // scratch of one submission
	favoured int     // what people approved, and what they did not
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
		if !known { // what could not be evaluated
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
