package imports_test

import (
	"slices"
	"testing"

	"rejoinder/moderation/imports"
)

func TestSourceKeysOfNumbersFollowEachOther(t *testing.T) {
	ids := []string{"0", "1", "9", "10", "255", "256", "1000", "18446744073709551615"}
	var keys []string
	for _, id := range ids {
		keys = append(keys, imports.SourceKey("wxr", id))
	}
	if !slices.IsSorted(keys) {
		t.Errorf("the keys of %q are not in order: %x", ids, keys)
	}
}

func TestEveryCommentOfASourceHasItsOwnKey(t *testing.T) {
	seen := map[string]string{}
	for _, source := range []string{"wxr", "disqus", ""} {
		for _, id := range []string{"", "1", "01", "+1", " 1", "1.0", "a", "A", "18446744073709551615", "18446744073709551616"} {
			key := imports.SourceKey(source, id)
			if len(key) != 16 || seen[key] != "" {
				t.Errorf("the key of %q of %q is %x, that of %s too", id, source, key, seen[key])
			}
			seen[key] = source + " " + id
		}
	}
}
