// Package locale has the texts of the readers' pages in nine languages, and formats numbers and dates in
// them.
//
// Each language has one JSON catalogue: texts by key, with {names} as placeholders, and texts with a number,
// which have a form for each plural category of the language (CLDR). A test requires every catalogue to have
// the same keys, the same placeholders in each text, and every form that its language needs. Texts under
// "words." are for the widget, which fills in # itself.
//
// The folder console has translations of the moderators' console by the English text; missing ones appear in
// English (see messages.go). Texts for programs are not translated. Start with Match.
package locale
