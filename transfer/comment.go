package transfer

import (
	"fmt"
	"time"
)

// Comment is one comment as the file has it.
type Comment struct {
	Place    Place
	ID       string // within the source; empty if the file gives none
	ParentID string // the ID of the comment it replies to; empty for a root
	Page     Page
	Author   Author
	Body     string
	Markup   Markup
	Status   Status
	Kind     Kind
	Up, Down int       // votes
	Created  time.Time // zero if the file has none
	Edited   time.Time // zero if never
	Problems []Problem // found while reading it
}

// Page is the page of a comment.
type Page struct {
	ID        string // as the CMS names it; may be empty
	URL       string // may be a path; may be empty
	Title     string // may be empty
	Published time.Time
}

// Author is the author of a comment.
type Author struct {
	ID    string // of the account; empty for a guest
	Name  string
	Email string
	URL   string
}

// Place is a position in a file, after decompression. The zero value is unknown.
type Place struct {
	Line int   `json:"line,omitempty"` // the first is 1
	Byte int64 `json:"byte,omitempty"` // offset; the first is 0
	Row  int   `json:"row,omitempty"`  // of a database file
}

func (p Place) String() string {
	switch {
	case p.Row > 0:
		return fmt.Sprintf("row %d", p.Row)
	case p.Line > 0:
		return fmt.Sprintf("line %d, byte %d", p.Line, p.Byte)
	}
	return fmt.Sprintf("byte %d", p.Byte)
}

// Markup is how a body is written.
type Markup int

// Kinds of markup.
const (
	Markdown     Markup = iota
	HTML                // a fragment
	HTMLAndLines        // a fragment in which line breaks show, as WordPress stores comments
	Plain
)

// Status is the status of a comment in the source.
type Status int

// Statuses.
const (
	Approved Status = iota
	Pending
	Spam
	Rejected
	Deleted // its text is gone or was discarded
)

// Kind tells comments from other entries of a file.
type Kind int

// Kinds.
const (
	Ordinary Kind = iota
	Pingback      // also a trackback
	Internal      // a note that only editors saw
)

// Problem is something in a file that could not be imported as it was.
type Problem struct {
	Place
	ID     string `json:"id,omitempty"` // of the comment, within the source
	Code   string `json:"code"`
	Detail string `json:"detail"`
	// Text is what was left out, as far as it can be shown. It is never stored.
	Text string `json:"text,omitempty"`
}

// Fault is an error in a file that ends reading.
type Fault struct {
	Place  Place
	Detail string
}

func (f *Fault) Error() string { return f.Place.String() + ": " + f.Detail }
