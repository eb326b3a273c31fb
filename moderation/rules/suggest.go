package rules

import (
	"fmt"

	"rejoinder/moderation/text"
)

// didYouMean returns a hint with the known name that is closest to what was written, or otherwise what else
// to do.
func didYouMean(written string, known []string, otherwise string) string {
	nearest := text.Nearest(written, known)
	if nearest == "" {
		return otherwise
	}
	return fmt.Sprintf("Did you mean %q?", nearest)
}
