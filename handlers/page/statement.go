package page

import (
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// StatementWords returns the text of a statement of reasons: the moderator's or the rule's own, or else the
// text for the reason code.
func StatementWords(l *locale.Language, s *moderation.Statement) string {
	if s.Automated {
		return RuleWords(l, s.Code, s.Words)
	}
	if s.Words != "" || s.Code == "" {
		return s.Words
	}
	return ReasonWords(l, s.Locale, moderation.Reason{Code: s.Code, Text: s.Texts})
}

// RuleWords returns the public reason of a rule. A shipped text is translated for the reader; a site's own words
// stay.
func RuleWords(l *locale.Language, code, words string) string {
	key := "rule." + code
	if english := locale.Find("en", ""); english.Has(key) && words == english.Text(key) && l.Has(key) {
		return l.Text(key)
	}
	return words
}

// ReasonWords returns the text for a reason: the site's in the reader's language or in its own, our own for
// the code if the site has none, or else the site's in any language.
func ReasonWords(l *locale.Language, siteLocale string, r moderation.Reason) string {
	for _, tag := range []string{l.Tag, siteLocale, locale.Match("", "", siteLocale).Tag} {
		if words := r.Text[tag]; words != "" {
			return words
		}
	}
	if key := "ruling." + r.Code; len(r.Text) == 0 && l.Has(key) {
		return l.Text(key)
	}
	for _, known := range locale.Languages() {
		if words := r.Text[known.Tag]; words != "" {
			return words
		}
	}
	return l.Text("ruling.other")
}

// RefusalWords returns why a comment was declined, for its author.
func RefusalWords(view moderation.AuthorView, l *locale.Language) string {
	if view.PublicReason != "" || view.Statement == nil {
		return RuleWords(l, view.ReasonCode, view.PublicReason)
	}
	return StatementWords(l, view.Statement)
}

// DecidedBy says whether a person or a rule decided; empty without a statement.
func DecidedBy(view moderation.AuthorView, l *locale.Language) string {
	switch {
	case view.Statement == nil:
		return ""
	case view.Statement.Automated:
		return l.Text("status.automated")
	}
	return l.Text("status.person")
}
