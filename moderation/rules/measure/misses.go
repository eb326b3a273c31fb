package measure

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"rejoinder/moderation/rules"
)

// WriteMisses writes every misjudged case as a row of a corpus: text, label, kind, "miss" or "false alarm",
// file and line, and the cause of the verdict. Rows are sorted by kind, misses first.
func WriteMisses(out io.Writer, r Run) error {
	var wrong []int
	for i, c := range r.Cases {
		if r.Verdicts[i].Flagged() != c.Positive {
			wrong = append(wrong, i)
		}
	}
	slices.SortStableFunc(wrong, func(a, b int) int {
		one, other := r.Cases[a], r.Cases[b]
		return cmp.Or(cmp.Compare(one.Kind, other.Kind), cmp.Compare(mistakeName(other), mistakeName(one)))
	})
	buffered := bufio.NewWriter(out)
	fmt.Fprintln(buffered, "# text\tlabel\tkind\tmistake\tplace\tcause")
	for _, i := range wrong {
		c := r.Cases[i]
		fmt.Fprintf(buffered, "%s\t%s\t%s\t%s\t%s:%d\t%s\n", rules.EscapeCase(c.Text), c.Label, c.Kind, mistakeName(c),
			c.File, c.Line, r.Verdicts[i].Cause)
	}
	return buffered.Flush()
}

func mistakeName(c rules.Case) string {
	if c.Positive {
		return "miss"
	}
	return "false alarm"
}
