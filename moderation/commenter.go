package moderation

import "time"

// Commenter is whoever wrote, per site, known by the keyed index of the email.
type Commenter struct {
	ID          string
	SiteID      string
	EmailIndex  []byte // made with the primary key
	EmailSealed []byte // bound to ID
	Name        string // the name used last
	Record      Record
	ConfirmedAt time.Time // zero: the address was never proved
	FirstSeenAt time.Time
	LastSeenAt  time.Time
}

// Record counts comments by status: of a commenter, or of one remembered browser.
type Record struct {
	Pending  int
	Approved int
	Rejected int
	Spam     int
	// LastNegativeAt is when a comment was last rejected or called spam; zero: never.
	LastNegativeAt time.Time
	// LastDecided is what their newest comment that is decided is now: approved, rejected or spam; empty for
	// none.
	LastDecided Status
}
