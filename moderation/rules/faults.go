package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation/text"
)

// Fault is one thing that is wrong with a document, or worth a warning.
type Fault struct {
	Line    int    `json:"line"`   // from 1; 0 when the whole document is meant
	Column  int    `json:"column"` // in characters, from 1
	Path    string `json:"path"`   // JSON pointer into the document; empty for all of it
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do about it
	Base    string `json:"base,omitempty"` // the document that it is in, when that is the one that is extended
}

// String returns the fault on one line, as compilers print theirs.
func (f Fault) String() string {
	s := fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Message)
	if f.Base != "" {
		s = f.Base + ":" + s
	}
	if f.Hint != "" {
		s += ". " + f.Hint
	}
	return s
}

// Faults is the error of Parse: every fault of the document, in its order.
type Faults struct {
	List []Fault
}

// Error returns all faults, one a line.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, fault := range f.List {
		lines[i] = fault.String()
	}
	return "the ruleset has faults:\n" + strings.Join(lines, "\n")
}

func sortFaults(list []Fault) {
	slices.SortStableFunc(list, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// didYouMean returns a hint with the known name that is closest to what was written, or otherwise what else
// to do.
func didYouMean(written string, known []string, otherwise string) string {
	nearest := text.Nearest(written, known)
	if nearest == "" {
		return otherwise
	}
	return fmt.Sprintf("Did you mean %q?", nearest)
}
