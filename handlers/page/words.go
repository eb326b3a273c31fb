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

// MachineTime formats a time for the datetime attribute.
func MachineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
