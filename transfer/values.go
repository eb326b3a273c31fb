package transfer

import (
	"html"
	"strings"
	"time"
)

// Layouts of times: with a zone, and without.
var (
	zonedLayouts = []string{
		time.RFC3339Nano, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05.999999999 -0700 MST", "2006-01-02T15:04:05Z0700",
		time.RFC1123Z, time.RFC1123, "2006-01-02 15:04:05Z07:00",
	}
	localLayouts = []string{
		"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
		"01/02/2006 15:04:05", "02.01.2006 15:04:05", "02.01.2006 15:04",
	}
)

// parseTime reads a time; zoned reports that it names its zone. It is zero for none that is understood.
func parseTime(s string, zone *time.Location) (at time.Time, zoned bool) {
	s = strings.TrimSpace(s)
	if s == "" || noTime(s) {
		return time.Time{}, false
	}
	for _, layout := range zonedLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), true
		}
	}
	for _, layout := range localLayouts {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at.UTC(), false
		}
	}
	return time.Time{}, false
}

// noTime reports whether a text is one with which systems express a missing time.
func noTime(s string) bool {
	return strings.HasPrefix(s, "0000-00-00") || strings.HasPrefix(s, "0001-01-01")
}

// unescape resolves entities in a value that is no HTML but may have some.
func unescape(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return html.UnescapeString(s)
}
