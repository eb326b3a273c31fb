package moderation

import (
	"context"
	"strings"
	"time"
)

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

// SignedReader is a reader whom the publication's server identifies in a signed token.
type SignedReader struct {
	ID          string
	Name        string // as submitted, like Email and the URLs
	Email       string // verified by the publication
	ProfileURL  string // empty for none
	AvatarURL   string // of an origin that the site allows; empty for none
	Badges      []string
	FirstSeenAt time.Time // with their first comment
	ExpiresAt   time.Time // when the token ends
}

// readerPrefix distinguishes the IDs of signed-in readers from those of remembered browsers.
const readerPrefix = "reader:"

// BrowserID returns what comments of the reader have instead of a remembered browser's ID: a signed-in reader
// is the same person in every browser.
func (r SignedReader) BrowserID() string { return readerPrefix + r.ID }

// Readers verifies the tokens of signed-in readers. Package readers implements it.
type Readers interface {
	// Identify verifies a token and returns its reader, who is stored if they are new. Errors:
	// *IdentityError.
	Identify(ctx context.Context, site Site, token string) (SignedReader, error)
	// FirstSeen returns when a reader was first seen; zero for an unknown one.
	FirstSeen(ctx context.Context, readerID string) (time.Time, error)
}

// SignedIn reports whether the comment's author was signed in by the publication.
func (c Comment) SignedIn() bool { return c.ReaderID() != "" }

// ReaderID returns the ID of the signed-in reader who sent the comment; empty if nobody was signed in.
func (c Comment) ReaderID() string {
	id, ok := strings.CutPrefix(c.BrowserID, readerPrefix)
	if !ok {
		return ""
	}
	return id
}

// IdentityMode says whether readers of a site can, or must, be signed in by the publication to comment.
type IdentityMode string

// Identity modes.
const (
	IdentityOff      IdentityMode = "off"
	IdentityOptional IdentityMode = "optional"
	IdentityRequired IdentityMode = "required"
)

// Valid reports whether m is one of the three modes.
func (m IdentityMode) Valid() bool {
	return m == IdentityOff || m == IdentityOptional || m == IdentityRequired
}

// identify verifies the submission's token, if the site takes any, and makes its reader the author. Errors:
// *IdentityError, ErrIdentityRequired, ErrIdentityOff.
func (in *Intake) identify(ctx context.Context, site Site, s *Submission) error {
	mode := site.Settings.Identity
	switch {
	case s.Identity == "" && mode == IdentityRequired:
		return ErrIdentityRequired
	case s.Identity == "":
		return nil
	case mode == IdentityOff || in.Readers == nil:
		return ErrIdentityOff
	}
	reader, err := in.Readers.Identify(ctx, site, s.Identity)
	if err != nil {
		return err
	}
	s.reader, s.Remember, s.CommenterToken = &reader, false, ""
	s.AuthorName, s.AuthorEmail, s.AuthorURL = reader.Name, reader.Email, reader.ProfileURL
	return nil
}

// browserOf returns the browser ID of a new comment: a new one for a browser that is to be remembered.
func (in *Intake) browserOf(s Submission, r reputation) string {
	switch {
	case s.reader != nil:
		return s.reader.BrowserID()
	case r.browserID == "" && s.Remember:
		return in.NewID()
	}
	return r.browserID
}

// sender returns the browser ID whose record counts: the signed-in reader's or, if it is recognised, the
// remembered browser's; empty otherwise.
func (in *Intake) sender(s Submission, commenterID string) string {
	if s.reader != nil {
		return s.reader.BrowserID()
	}
	return recogniseBrowser(in.Keys, s.CommenterToken, commenterID)
}
