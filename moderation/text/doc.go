// Package text processes text: it cleans what readers type, checks names, emails and URLs, renders Markdown
// as safe HTML, finds links, and folds text for comparison and word matching.
//
// It contains pure functions, without state, clock, network or configuration. It knows no comments, rules,
// storage or HTTP. Of this module, it imports only the dictionary.
//
// Every function accepts any string, runs in bounded time, and never panics. Errors that a reader caused are
// complete sentences that can be shown beside the field. Positions are byte offsets into the text as it was
// passed in.
//
// Start with clean.go (what may be stored), then read reading.go (the result of parsing a comment) with
// shown.go (the text that readers see) and render.go (the parser, and the only source of stored HTML),
// marking.go (highlights of source spans in the shown text), normalise.go and words.go (the basis of
// matching), skeleton.go with disguise.go, disguisetable.go, reveal.go and misspelling.go (finding disguised
// words), email.go and url.go.
package text
