package page

import (
	"strings"
	"time"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// ProblemWords returns the title and detail of a problem in a language, or in English if the language lacks
// them.
func ProblemWords(p httpio.Problem, words *locale.Language) (title, detail string) {
	key := "problem." + strings.TrimPrefix(p.Type, httpio.ProblemPrefix)
	if words.Tag == "en" || !words.Has(key+".title") {
		return p.Title, p.Detail
	}
	return words.Text(key + ".title"), words.Text(key + ".detail")
}

// formLimits are the maximum numbers of characters in fields, for FaultWords.
var formLimits = map[string]int{"author_name": moderation.MaxNameCharacters, "body": moderation.MaxBodyCharacters}

// FaultWords returns the most specific text for a fault that a language has. In English it is the API's.
func FaultWords(field string, fault httpio.FieldFault, words *locale.Language) string {
	if words.Tag == "en" {
		return fault.Detail
	}
	for _, key := range []string{"fault." + field + "." + fault.Code, "fault." + fault.Code} {
		if words.Has(key) {
			return words.Text(key, "max", words.Number(formLimits[field]))
		}
	}
	return fault.Detail
}

// Grouped formats a number with commas between thousands.
func Grouped(n int) string { return locale.Languages()[0].Number(n) }

// Plural formats a number with its unit, in English.
func Plural(n int, unit string) string { return locale.Plural(n, unit) }

// MachineTime formats a time for the datetime attribute.
func MachineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// HumanTime formats a time in English. It names the time zone, UTC, because the server does not know the
// reader's.
func HumanTime(t time.Time) string { return t.UTC().Format("2 January 2006 at 15:04 UTC") }

// HumanDate formats the date of a time in English.
func HumanDate(t time.Time) string { return t.UTC().Format("2 January 2006") }

// WaitWords formats a duration in English, rounded up to seconds or minutes; empty for none.
func WaitWords(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if seconds := ceilDiv(d, time.Second); seconds < 60 {
		return Plural(seconds, "second")
	}
	return Plural(ceilDiv(d, time.Minute), "minute")
}

func ceilDiv(d, unit time.Duration) int { return int((d + unit - 1) / unit) }
