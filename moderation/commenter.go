package moderation

import "time"

// Commenter is the writer of comments on one site, identified by the keyed index of the email.
type Commenter struct {
	ID          string
	SiteID      string
	EmailIndex  []byte // made with the primary key
	EmailSealed []byte // bound to ID
	Name        string // the most recent name
	Record      Record
	ConfirmedAt time.Time // zero if the email was never confirmed
	FirstSeenAt time.Time
	LastSeenAt  time.Time
}

// Record counts comments by status, either of a commenter or of one remembered browser.
type Record struct {
	Pending  int
	Approved int
	Rejected int
	Spam     int
	// LastNegativeAt is when a moderator last rejected a comment or marked it as spam; zero if never.
	LastNegativeAt time.Time
	// LastDecided is the current status of their newest decided comment: approved, rejected or spam; empty if
	// none.
	LastDecided Status
	// Confirmed reports that the email was confirmed for a comment that this browser sent.
	Confirmed bool
	// WebsiteKnown reports that an approved comment of theirs has the website that was asked about.
	WebsiteKnown bool
}
