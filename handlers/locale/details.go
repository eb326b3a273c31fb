package locale

import (
	"regexp"
	"strconv"
	"strings"
)

// details are texts that use cases return in English with their values filled in: mostly what is wrong with what was
// typed or uploaded.
// The console shows them in the moderator's language (see Detail). %s is any text and %d a number.
var details = []string{
	"A backtest looks back 1 to %d days.",
	"A chat's ID has at most %d bytes.",
	"A comment has at most %d characters; this one has %d.",
	"A name has at most %d characters.",
	"A ruleset has at most %d bytes.",
	"A secret has at most %d printable ASCII characters and no spaces.",
	"A site has at most %d canned replies.",
	"A site has at most %d keys. Remove one first.",
	"A site has at most %d origins.",
	"A site has at most %d reasons.",
	"A site's name has at most %d characters.",
	"A title has at most %d characters.",
	"A webhook's name has at most %d characters.",
	"An article has at most %d authors.",
	"An article has at most %d tags.",
	"At most %d origins.",
	"Must be a number from %d to %d, or %d for no limit.",
	"Must be a number from %d to %d.",
	"Must be at most %d bytes.",
	"Must be from %d to %d.",
	"Must be the name of a time zone, such as Europe/Berlin.",
	"Must be one line of at most %d characters.",
	"Rule health looks back 1 to %d days.",
	"The import can't be undone: %d comments reply to its comments.",
	"There are at most %d classifiers.",
	"There is no site %s.",
	"Type %s, the name of the site in addresses.",
	"%s is not a public address",
	"%s is not a public address.",
	"%s is not a public address, and outbound-networks does not permit it",
	"%s is not a public address. Operators can permit it with outbound-networks.",

	// Accounts.
	"Too many attempts failed. Please wait. Attempts from elsewhere do not block a browser that you have signed in on " +
		"before, and the server's operator can lift the block (rejoinder moderator unlock).",
	"This is the break-glass account’s email in the server’s configuration: change it there and on the command line.",
	"This is required.",
	"This is your own email: change it on your account page, with your password.",
	"This must be at least %d characters long.",
	"This must be one email address, such as eve@example.org.",
	"This must be at most %d bytes long.",
	"This must be at most %d characters long.",
	"This must be at most %d; none means all sites.",
	"This must be text without control characters.",
	"This must be the id of a site.",
	"This must be valid UTF-8.",
	"This must have a domain name after the @.",
	"This must have at least %d different characters.",
	"This must have at least one visible character.",
	"This must have at most %d bytes before the @.",
	"This must not be a plain sequence such as 123456 or abcdef.",
	"This must not be a row of adjacent keys, such as qwertyuiop; use several unrelated words.",
	"This must not be one of the most common passwords, even with digits or signs added; use several unrelated words.",
	"This must not be the current one.",
	"This must not be the same word again and again; use several unrelated words.",
	"This must not contain control characters.",
	"This must not contain spaces or control characters.",
	"This must not contain the email or the name; use words that have nothing to do with you.",
	"This must not contain the name of the site; use words that have nothing to do with it.",
	"This must not name a site twice.",

	// Notes of versions of a ruleset.
	"From site settings: %s.",
	"mode %s, %s",
	"mode %s",
	"%d link, %s",
	"%d links, %s",
	"any number of links, %s",
	"%d held word, %s",
	"%d held words, %s",
	"any number of links",
	"%d link",
	"%d links",
	"%d held word",
	"%d held words",
	"%d rejected word",
	"%d rejected words",

	// Imports.
	"The file can't be imported: %s.",
	"row %d",
	"row %d: %s",
	"byte %d: %s",
	"line %d, byte %d: %s",
	"format not recognized: %s",
	"it is empty",
	"this is not a text file",
	"name it, one of %s",
	"database files are read on the command line only",
	"not an export of %s",
	"not an export of %s; it looks like one of %s",
	"the packed file is damaged or incomplete: %s",
	"not a complete gzip file: %s",
	"not a complete zip file: %s",
	"the zip file contains no file",
	"the zip file contains several files, among them %s and %s: unpack it and import one of them",
	"unexpected EOF",
	"this line is not a complete JSON object",
	"this line does not match the format: %s",
	"a value does not match the format: %s",
	"the file ends in the middle of a value: it is incomplete",
	"the text of the comment can't be shown",
	"the settings of the site can't be read",
	"the comment that it replies to is not earlier in the file; it became a root",
	"a NUL character was removed",
	"a control character was removed",
	"some bytes are not valid UTF-8; they were read as Windows-1252",
	"left out: %s",
}

// detailPattern matches a text of details with its values.
type detailPattern struct {
	english string
	pattern *regexp.Regexp
	parts   []MessagePart
}

var detailPatterns = parseDetails()

func parseDetails() []detailPattern {
	var patterns []detailPattern
	for _, english := range details {
		parts := SplitMessage(english)
		if len(parts) == 1 {
			continue
		}
		var b strings.Builder
		for _, part := range parts {
			b.WriteString(regexp.QuoteMeta(part.Literal))
			switch part.Verb {
			case 'd':
				b.WriteString(`(-?\d+)`)
			case 's':
				b.WriteString(`(.+?)`)
			}
		}
		patterns = append(patterns, detailPattern{english, regexp.MustCompile(`(?s)^` + b.String() + `$`), parts})
	}
	return patterns
}

// Details returns the texts that Detail translates besides messages without values.
func Details() []string { return details }

// Detail translates a text whose values are filled in already, such as the detail of an invalid field. Values that
// are such texts themselves are translated, too. Unknown texts stay English.
func (l *Language) Detail(english string) string {
	if _, ok := l.messages[english]; ok || l.messages == nil {
		return l.T(english)
	}
	for _, d := range detailPatterns {
		found := d.pattern.FindStringSubmatch(english)
		if found == nil {
			continue
		}
		var values []any
		for i, value := range found[1:] {
			n, err := strconv.Atoi(value)
			switch {
			case d.parts[i].Verb != 'd':
				values = append(values, l.Detail(value))
			case err != nil: // too long for an int
				values = append(values, value)
			default:
				values = append(values, n)
			}
		}
		return l.T(d.english, values...)
	}
	return english
}
