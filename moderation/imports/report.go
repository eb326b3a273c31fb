package imports

import (
	"cmp"
	"maps"
	"slices"

	"rejoinder/transfer"
)

// keptProblems is the maximum number of problems listed in a report; it counts all of them.
const keptProblems = 200

// Report counts the comments of a file by result.
type Report struct {
	Read     int            `json:"read"`            // comments in the file
	Imported int            `json:"imported"`        // by this run
	Present  int            `json:"present"`         // imported before, or twice in the file
	LeftOut  int            `json:"left_out"`        // see Problems
	Statuses map[string]int `json:"statuses"`        // of the imported
	Articles int            `json:"articles"`        // with imported comments
	NoEmail  int            `json:"no_email"`        // imported comments without an email
	Replies  int            `json:"replies"`         // imported replies
	Votes    int            `json:"votes"`           // imported
	Codes    map[string]int `json:"codes"`           // problems by code
	Problems []Problem      `json:"problems"`        // the first ones, without texts
	Fault    string         `json:"fault,omitempty"` // why it stopped early
}

// Problem is a transfer.Problem with its effect on the comment.
type Problem struct {
	transfer.Problem
	LeftOut bool `json:"left_out,omitempty"`
}

// NewReport returns an empty report.
func NewReport() Report {
	return Report{Statuses: map[string]int{}, Codes: map[string]int{}, Problems: []Problem{}}
}

// Add counts a problem and keeps the first ones.
func (r *Report) Add(p Problem) {
	r.Codes[p.Code]++
	if len(r.Problems) < keptProblems {
		p.Text = ""
		r.Problems = append(r.Problems, p)
	}
}

// Unseen returns how many problems are counted but not listed.
func (r Report) Unseen() int {
	n := 0
	for _, count := range r.Codes {
		n += count
	}
	return n - len(r.Problems)
}

// CodeCount is how often a problem occurred.
type CodeCount struct {
	Code string
	N    int
}

// ByCode lists the problems by code, the most frequent first.
func (r Report) ByCode() []CodeCount {
	var counts []CodeCount
	for _, code := range slices.Sorted(maps.Keys(r.Codes)) {
		counts = append(counts, CodeCount{code, r.Codes[code]})
	}
	slices.SortStableFunc(counts, func(a, b CodeCount) int { return cmp.Compare(b.N, a.N) })
	return counts
}
