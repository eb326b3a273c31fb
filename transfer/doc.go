// Package transfer reads the exports of other comment systems, and reads and writes Rejoinder's own. It
// streams: a Reader returns one comment at a time and holds only that one in memory, whatever the size of the
// file. Package moderation/imports decides what to do with each comment.
//
// A File is the input: a plain file, or one compressed with gzip, zstd or zip. Open detects its format, or
// checks that it has the named one. Each format has a source file: wxr.go (WordPress), disqus.go, isso.go,
// remark42.go, commento.go, comentario.go, artalk.go, csv.go. Everything a Reader returns is untrusted.
//
// A *Fault is an error in the file that ends reading, with its line and byte. A Problem is something that
// could not be imported as it was; reading continues after it.
//
// Start with comment.go and open.go.
package transfer
