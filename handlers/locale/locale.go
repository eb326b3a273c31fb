package locale

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// tags are the languages, the one to fall back to first.
var tags = []string{"en", "de", "fr", "es", "it", "pl", "uk", "ar", "ja"}

// Language is one language of the reader's side, made by Parse. It is immutable.
type Language struct {
	Tag        string                       `json:"tag"`  // BCP 47
	Name       string                       `json:"name"` // in itself
	Dir        string                       `json:"dir"`  // ltr or rtl
	Months     []string                     `json:"months"`
	DateForm   string                       `json:"date"`      // of {day}, {month}, {year}
	TimeForm   string                       `json:"moment"`    // of {date}, {time}, {zone}
	Thousands  string                       `json:"thousands"` // between groups of three digits
	Percentage string                       `json:"percent"`   // how percentages are written, with {n} for the number
	Digits     string                       `json:"digits"`    // zero to nine; empty: 0 to 9
	Texts      map[string]string            `json:"texts"`
	Counts     map[string]map[string]string `json:"counts"` // by plural category

	// Parsed from the above.
	parsed language.Tag
	texts  map[string]pattern
	counts map[string]countPatterns
	date   pattern
	moment pattern
	digits []rune // nil: 0 to 9
	words  string

	messages messages // of the console

	zone *time.Location // of moments; nil: UTC
	base *Language      // the language in UTC; nil: this one
}

// countPatterns are the forms of a count by plural category.
type countPatterns [len(categories)]pattern

// categories are the names of CLDR's plural categories.
var categories = [...]string{
	plural.Zero:  "zero",
	plural.One:   "one",
	plural.Two:   "two",
	plural.Few:   "few",
	plural.Many:  "many",
	plural.Other: "other",
}

// The catalogues are parsed when the first text is needed, since that takes longer than most commands.
var (
	languages = sync.OnceValue(load)
	matcher   = sync.OnceValue(newMatcher)
)

func load() []*Language {
	all := make([]*Language, len(tags))
	for i, tag := range tags {
		raw, err := files.ReadFile(tag + ".json")
		if err == nil {
			all[i], err = Parse(raw)
		}
		if err == nil {
			all[i].messages, err = loadMessages(tag)
		}
		if err != nil {
			panic("catalogue " + tag + ": " + err.Error())
		}
	}
	return all
}

// Parse reads a language from its catalogue.
func Parse(catalogue []byte) (*Language, error) {
	l := &Language{}
	err := json.Unmarshal(catalogue, l)
	if err == nil {
		l.parsed, err = language.Parse(l.Tag)
	}
	if err != nil {
		return nil, fmt.Errorf("parse catalogue: %w", err)
	}
	l.parseTexts()
	return l, nil
}

// parseTexts parses the texts once, so that filling them in is fast.
func (l *Language) parseTexts() {
	l.date, l.moment = parsePattern(l.DateForm), parsePattern(l.TimeForm)
	l.texts = make(map[string]pattern, len(l.Texts))
	for key, text := range l.Texts {
		l.texts[key] = parsePattern(text)
	}
	l.counts = make(map[string]countPatterns, len(l.Counts))
	for key, forms := range l.Counts {
		var patterns countPatterns
		for i, category := range categories {
			patterns[i] = parsePattern(cmp.Or(forms[category], forms["other"]))
		}
		l.counts[key] = patterns
	}
	if digits := []rune(l.Digits); len(digits) == 10 {
		l.digits = digits
	}
	l.words = l.encodeWords()
}

func newMatcher() language.Matcher {
	parsed := make([]language.Tag, len(languages()))
	for i, l := range languages() {
		parsed[i] = l.parsed
	}
	return language.NewMatcher(parsed)
}

// Languages returns all languages.
func Languages() []*Language { return languages() }

// Has reports whether there is a language with exactly that tag.
func Has(tag string) bool { return slices.Contains(tags, tag) }

// Tags returns the tags of all languages.
func Tags() []string { return slices.Clone(tags) }

// Match returns the language for a reader: what the page asks for, else what the browser accepts (RFC 9110,
// 12.5.4), else the site's, else English. Invalid and unsupported tags are ignored.
func Match(asked, accepted, site string) *Language {
	if l := Find(asked, accepted); l != nil {
		return l
	}
	if l := Find(site, ""); l != nil {
		return l
	}
	return languages()[0]
}

// Find is Match without a site; nil when neither page nor browser asks for a language of ours.
func Find(asked, accepted string) *Language {
	for _, wish := range []string{asked, accepted} {
		if wish == "" {
			continue
		}
		parsed, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(parsed) == 0 {
			continue
		}
		if _, i, confidence := matcher().Match(parsed...); confidence >= language.High {
			return languages()[i]
		}
	}
	return nil
}

// Has reports whether there is a text under key.
func (l *Language) Has(key string) bool { return l.Texts[key] != "" }

// Text returns the text under key. values are alternating names and values to fill in. An unknown key is a
// bug, and is returned as the text.
func (l *Language) Text(key string, values ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return key
	}
	return text.fill(values...)
}

// Count returns the text under key in the form that goes with n.
func (l *Language) Count(key string, n int) string {
	forms, ok := l.counts[key]
	if !ok {
		return key
	}
	form := plural.Cardinal.MatchPlural(l.parsed, n%10_000_000, 0, 0, 0, 0)
	return forms[form].fill("n", l.Number(n))
}

// Number writes a whole number.
func (l *Language) Number(n int) string {
	digits := strconv.Itoa(n)
	if -1000 < n && n < 1000 {
		return l.inDigits(digits)
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteString(l.Thousands)
		}
		b.WriteRune(d)
	}
	return l.inDigits(b.String())
}

// inDigits writes a text with the language's digits, as browsers do when they format numbers and times.
func (l *Language) inDigits(text string) string {
	if l.digits == nil {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return r
		}
		return l.digits[r-'0']
	}, text)
}

// Plural writes a number with its unit in English, for operators: "1 comment", "2,300 comments".
func Plural(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return languages()[0].Number(n) + " " + unit
}

// Date writes a day, in UTC.
func (l *Language) Date(t time.Time) string { return l.day(t.UTC()) }

// day writes the day of t in its zone.
func (l *Language) day(t time.Time) string {
	year, month, day := t.Date()
	return l.inDigits(l.date.fillFrom(func(name string) string {
		switch name {
		case "day":
			return strconv.Itoa(day)
		case "month":
			return l.Months[month-1]
		case "year":
			return strconv.Itoa(year)
		}
		return placeholder(name)
	}))
}

// In returns the language with moments in a time zone; nil is UTC.
func (l *Language) In(zone *time.Location) *Language {
	if zone == nil || zone == time.UTC {
		return l.Base()
	}
	in := *l.Base()
	in.zone, in.base = zone, l.Base()
	return &in
}

// Base returns the language with moments in UTC.
func (l *Language) Base() *Language { return cmp.Or(l.base, l) }

// inZone returns t in the zone of moments.
func (l *Language) inZone(t time.Time) time.Time { return t.In(cmp.Or(l.zone, time.UTC)) }

// zoneName names the time zone of t: CET, or UTC+03 where the zone has no letters.
func zoneName(t time.Time) string {
	name := t.Format("MST")
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		name = "UTC" + name
	}
	return name
}

// Moment writes day and time with the time zone, which is UTC unless In chose another: on a page without script nobody
// knows the reader's.
func (l *Language) Moment(t time.Time) string {
	t = l.inZone(t)
	return l.moment.fillFrom(func(name string) string {
		switch name {
		case "date":
			return l.day(t)
		case "time":
			return l.inDigits(t.Format("15:04"))
		case "zone":
			return zoneName(t)
		}
		return placeholder(name)
	})
}

// Clock writes the time of day of a moment with its time zone.
func (l *Language) Clock(t time.Time) string {
	t = l.inZone(t)
	return l.inDigits(t.Format("15:04")) + " " + zoneName(t)
}

// Opening says when comments open again, in the time zone of t.
func (l *Language) Opening(t time.Time) string {
	return l.Text("comments.opens",
		"date", l.day(t), "time", l.inDigits(t.Format("15:04")), "zone", zoneName(t))
}

// Wait formats a duration, rounded up; empty for none.
func (l *Language) Wait(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if seconds := int((d + time.Second - 1) / time.Second); seconds < 60 {
		return l.Count("wait.seconds", seconds)
	}
	return l.Count("wait.minutes", int((d+time.Minute-1)/time.Minute))
}

// plainWords are the widget's texts that are not in its HTML, by their names there.
var plainWords = map[string]string{
	"offline": "words.offline", "failed": "words.failed", "sending": "words.sending", "preview": "words.preview",
	"gone": "words.gone", "cancel": "form.cancel", "removed": "comment.removed", "as": "words.as", "change": "words.change",
	"bold": "words.bold", "italic": "words.italic", "link": "words.link", "quote": "words.quote", "code": "words.code",
	"list": "words.list", "tools": "words.tools", "hint": "words.hint", "copied": "words.copied",
}

// Words returns the widget's texts that are not in its HTML, as JSON.
func (l *Language) Words() string { return l.words }

func (l *Language) encodeWords() string {
	words := map[string]any{"new": l.Counts["words.new"], "left": l.Counts["words.left"], "wait": l.Counts["words.wait"]}
	for name, key := range plainWords {
		words[name] = l.Text(key)
	}
	raw, err := json.Marshal(words)
	if err != nil {
		panic("words are plain data: " + err.Error())
	}
	return string(raw)
}
