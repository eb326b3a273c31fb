// Package transfer reads the exports of other comment systems, and reads and writes Rejoinder's own. It
// streams: a Reader returns one comment after another and holds no more than one of them, whatever the size of
// the file. It knows no storage and no rules; package moderation/imports decides what becomes of a comment.
//
// A File is what was given: a plain file, or one packed with gzip, zstd or zip. Open recognizes its format, or
// checks that it has the named one. Each format has a file: wxr.go (WordPress), disqus.go, isso.go, remark42.go,
// commento.go, comentario.go, artalk.go, csv.go. Everything a Reader returns is untrusted.
//
// A *Fault is an error in the file with its line and byte. A Problem is something that could not be kept as it
// was, and that reading went on after.
//
// Start with comment.go and open.go.
package transfer
