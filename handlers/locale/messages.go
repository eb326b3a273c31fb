package locale

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
)

//go:embed console/*.json
var consoleFiles embed.FS

// messages are the texts of the console in one language, by their English text, which is the key. They are
// empty for English.
type messages map[string]message

// message is a translated text: one form, or one for each plural category of the language.
type message struct {
	Text  string
	Forms map[string]string // by plural category; nil if the text has one form
}

// UnmarshalJSON reads a text, or an object with the forms of a text with a number.
func (m *message) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		return json.Unmarshal(raw, &m.Forms)
	}
	return json.Unmarshal(raw, &m.Text)
}

func loadMessages(tag string) (messages, error) {
	if tag == tags[0] {
		return nil, nil
	}
	raw, err := consoleFiles.ReadFile("console/" + tag + ".json")
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	var read messages
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil, fmt.Errorf("parse messages: %w", err)
	}
	return read, nil
}

// T returns a text of the console in the language, or in English if the language lacks it. In the text,
// %s is a value as it is, and %d an int as the language writes numbers. A translation may have them in
// another order, as %[2]s and %[1]s.
func (l *Language) T(english string, values ...any) string {
	text := english
	if found, ok := l.messages[english]; ok {
		text = cmp.Or(found.Text, english)
	}
	if len(values) == 0 {
		return text
	}
	return l.fillVerbs(text, values)
}

// N is T for a text with a number, which is the first value. one and many are its English forms for one and for
// several; one is also the key of the translation.
func (l *Language) N(one, many string, n int, values ...any) string {
	values = append([]any{n}, values...)
	if found, ok := l.messages[one]; ok && found.Forms != nil {
		form := categories[plural.Cardinal.MatchPlural(l.parsed, n%10_000_000, 0, 0, 0, 0)]
		return l.fillVerbs(cmp.Or(found.Forms[form], found.Forms["other"]), values)
	}
	if n == 1 {
		return l.fillVerbs(one, values)
	}
	return l.fillVerbs(many, values)
}

// fillVerbs fills in the values.
func (l *Language) fillVerbs(text string, values []any) string {
	var b strings.Builder
	b.Grow(2 * len(text))
	for _, part := range SplitMessage(text) {
		b.WriteString(part.Literal)
		if part.Verb == 0 {
			continue
		}
		if part.Value >= len(values) {
			b.WriteString("%" + string(part.Verb))
			continue
		}
		switch value := values[part.Value].(type) {
		case string:
			b.WriteString(value)
		case int:
			if part.Verb == 'd' {
				b.WriteString(l.Number(value))
				continue
			}
			fmt.Fprint(&b, value)
		default:
			fmt.Fprint(&b, value)
		}
	}
	return b.String()
}

// MessagePart is literal text of a message and the verb after it.
type MessagePart struct {
	Literal string
	Verb    byte // 's' or 'd'; 0: none, in the last part
	Value   int  // index of the value
}

// SplitMessage splits a message at its verbs. %% is a percent sign; any other character after a % is literal
// text.
func SplitMessage(text string) []MessagePart {
	var parts []MessagePart
	var literal strings.Builder
	for next := 0; ; {
		before, rest, found := strings.Cut(text, "%")
		literal.WriteString(before)
		if !found {
			return append(parts, MessagePart{Literal: literal.String()})
		}
		value := next
		if len(rest) > 3 && rest[0] == '[' && '1' <= rest[1] && rest[1] <= '9' && rest[2] == ']' {
			value, rest = int(rest[1]-'1'), rest[3:]
		}
		switch {
		case rest != "" && (rest[0] == 's' || rest[0] == 'd'):
			parts = append(parts, MessagePart{literal.String(), rest[0], value})
			literal.Reset()
			next, rest = value+1, rest[1:]
		case rest != "" && rest[0] == '%':
			literal.WriteByte('%')
			rest = rest[1:]
		default:
			literal.WriteByte('%')
		}
		text = rest
	}
}

// Translation returns a translation: a string, or the forms of a text with a number by plural category; nil if
// the language lacks it.
func (l *Language) Translation(english string) any {
	found, ok := l.messages[english]
	switch {
	case !ok:
		return nil
	case found.Forms != nil:
		return found.Forms
	}
	return found.Text
}

// Messages returns the English texts that the language has translations of.
func (l *Language) Messages() []string { return slices.Sorted(maps.Keys(l.messages)) }

// FormatTime formats a time in UTC by a layout of package time, which is a text of the console, as the short
// names of weekdays and months are: "2 Jan" is "2. Jan." in German.
func (l *Language) FormatTime(layout string, t time.Time) string {
	t = t.UTC()
	text := t.Format(l.T(layout))
	if len(l.messages) == 0 {
		return text
	}
	for _, name := range []string{t.Format("Mon"), t.Format("Jan")} {
		text = strings.Replace(text, name, l.T(name), 1)
	}
	return text
}

// Decimal writes a number with so many digits after the decimal point, which is a comma where thousands are
// not separated by one.
func (l *Language) Decimal(n float64, digits int) string {
	text := strconv.FormatFloat(n, 'f', digits, 64)
	if l.Thousands != "," {
		text = strings.Replace(text, ".", ",", 1)
	}
	return l.inDigits(text)
}

// Percent writes a share from 0 to 1 as a percentage, with so many digits after the decimal point.
func (l *Language) Percent(share float64, digits int) string {
	return strings.Replace(l.Percentage, "{n}", l.Decimal(100*share, digits), 1)
}

// Forms returns the forms of a text with a number, as JSON by plural category, for scripts.
func (l *Language) Forms(one, many string) string {
	forms := map[string]string{"one": one, "other": many}
	if found, ok := l.messages[one]; ok && found.Forms != nil {
		forms = found.Forms
	}
	raw, err := json.Marshal(forms)
	if err != nil {
		panic("forms are plain data: " + err.Error())
	}
	return string(raw)
}

// Share is the share of the console's messages that the language has, from 0 to 1.
func (l *Language) Share() float64 {
	if l == languages()[0] {
		return 1
	}
	most := 1
	for _, other := range languages() {
		most = max(most, len(other.messages))
	}
	return float64(len(l.messages)) / float64(most)
}

// Complete reports whether the language has nearly all of the console's messages.
func (l *Language) Complete() bool { return l.Share() >= enoughForBrowsers }

// enoughForBrowsers is the share of messages from which the console follows a browser's language.
const enoughForBrowsers = 0.9

// MatchConsole returns the language of the console: the chosen one, else the one that the browser accepts, of
// those with nearly all messages, else English.
func MatchConsole(chosen, accepted string) *Language {
	for _, l := range languages() {
		if l.Tag == chosen {
			return l
		}
	}
	if l := Find("", accepted); l != nil && l.Complete() {
		return l
	}
	return languages()[0]
}
