// Package locale has the words of the reader's side in nine languages, and how each writes numbers and dates.
//
// One JSON catalogue holds one language: texts by key, with {names} for what is filled in, and counts, which
// have a form for each plural category of the language (CLDR). A test requires every catalogue to have the
// same keys, the same names in each text, and every form that its language needs. Texts under "words." are
// for the widget, which fills in # itself.
//
// The folder console has the texts of the moderators' console by their English text; what a language lacks is
// in English (see messages.go). What programs read is in English. Start with Match.
package locale
