// Package text is pure work on text: cleaning what readers type, checking names,
// emails and web addresses, turning Markdown into safe HTML, finding links, and
// folding text for comparison and word matching.
//
// What lives here: functions from text to text, with no state, no clock, no
// network and no configuration. What must not: comments, rules, storage, HTTP;
// of ours the package imports only the dictionary.
//
// Every function takes any string at all, in bounded time, and never panics.
// Errors that a reader caused are whole sentences, fit to be shown beside the
// field. Positions are byte offsets into the text as it was passed in.
//
// Start reading at clean.go (what may be stored), then reading.go (what one parse
// of a comment yields) with shown.go (the text that readers see) and render.go (the
// parser and the only maker of stored HTML), marking.go (parts of the source,
// marked in what readers see), normalise.go and words.go (what matching builds
// on), skeleton.go with disguise.go, disguisetable.go, reveal.go and misspelling.go
// (how disguised words are found), email.go and url.go.
package text
