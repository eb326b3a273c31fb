package httpio

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// idPattern matches the ids of comments: UUIDs in lower case.
var idPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// PathID returns the id in the path. moderation.ErrNotFound for anything that is not an id.
func PathID(c *gin.Context) (string, error) {
	id := c.Param("id")
	if !idPattern.MatchString(id) {
		return "", moderation.ErrNotFound
	}
	return id, nil
}

// Page sizes of lists.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// LimitParam returns the page size that the query asks for.
func LimitParam(c *gin.Context) (int, error) { return LimitWithin(c, defaultLimit, maxLimit) }

// LimitWithin is LimitParam with a default and a maximum of its own.
func LimitWithin(c *gin.Context, byDefault, most int) (int, error) {
	raw := c.Query("limit")
	if raw == "" {
		return byDefault, nil
	}
	limit, ok := WholeNumber(raw)
	if !ok || limit < 1 || limit > most {
		return 0, InvalidField("/limit", "out_of_range", fmt.Sprintf("Must be a number from 1 to %d.", most))
	}
	return limit, nil
}

// ChoiceParam returns a query parameter that must be one of a few words, of which the first is the default.
func ChoiceParam(c *gin.Context, name string, words ...string) (string, error) {
	raw := c.DefaultQuery(name, words[0])
	for _, word := range words {
		if raw == word {
			return word, nil
		}
	}
	return "", InvalidField("/"+name, "unknown", fmt.Sprintf("Must be one of %q.", words))
}

// OptionalPositive returns an optional number that must be at least 1; 0 if it was omitted.
func OptionalPositive(pointer string, n *int) (int, error) {
	switch {
	case n == nil:
		return 0, nil
	case *n < 1:
		return 0, InvalidField(pointer, "out_of_range", "Must be a whole number of at least 1.")
	}
	return *n, nil
}

// WholeNumber parses a decimal 32-bit integer; false for anything else.
func WholeNumber(raw string) (int, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(raw), 10, 32)
	return int(n), err == nil
}
