package page

import (
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// StatementWords are the moderator's or the rule's own, else what the site says for the reason code in that
// language or in its own, else our words for the code.
func StatementWords(l *locale.Language, s *moderation.Statement) string {
	if s.Words != "" || s.Code == "" {
		return s.Words
	}
	return ReasonWords(l, s.Locale, moderation.Reason{Code: s.Code, Text: s.Texts})
}

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

// RefusalWords tell the writer why, on a page.
func RefusalWords(o moderation.AuthorView, l *locale.Language) string {
	if o.PublicReason != "" || o.Statement == nil {
		return o.PublicReason
	}
	return StatementWords(l, o.Statement)
}

func DecidedBy(o moderation.AuthorView, l *locale.Language) string {
	switch {
	case o.Statement == nil:
		return ""
	case o.Statement.Automated:
		return l.Text("status.automated")
	}
	return l.Text("status.person")
}
