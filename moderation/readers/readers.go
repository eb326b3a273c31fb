package readers

import (
	"context"
	"io"
	"log/slog"
	"time"

	"rejoinder/moderation"
	"rejoinder/privacy"
)

// Store is the storage of Readers.
type Store interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	Site(ctx context.Context, id string) (moderation.Site, error)
	// CommentText returns a comment with the text of its current revision, or ErrNotFound.
	CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error)
	// IdentityKeys returns a site's keys, oldest first.
	IdentityKeys(ctx context.Context, siteID string) ([]Key, error)
	// CreateIdentityKey writes a key with its audit entry, which is nil for the command line.
	CreateIdentityKey(ctx context.Context, k Key, audit *moderation.AuditEntry) error
	// DeleteIdentityKey returns ErrNotFound for a key that the site does not have.
	DeleteIdentityKey(ctx context.Context, siteID, id string, audit *moderation.AuditEntry) error
	// SignedReader returns the reader with one of the indexes, or ErrNotFound.
	SignedReader(ctx context.Context, siteID string, indexes [][]byte) (Reader, error)
	// CreateSignedReader stores a reader, unless the subject is known, and returns the one that is stored.
	CreateSignedReader(ctx context.Context, r Reader) (Reader, error)
	// RenewReader counts a reader as first seen at a time, unless comments of theirs are stored. ErrNotFound if the
	// reader has been forgotten.
	RenewReader(ctx context.Context, readerID string, at time.Time) (Reader, error)
	// AdoptImported gives the imported comments with an email to a reader, unless another reader comes first. It
	// returns their number.
	AdoptImported(ctx context.Context, a Adoption) (int64, error)
	// FirstSeen returns ErrNotFound for an unknown reader.
	FirstSeen(ctx context.Context, readerID string) (time.Time, error)
	// CommenterByEmail returns the ID of the site's commenter with one of the indexes of an email. ErrNotFound.
	CommenterByEmail(ctx context.Context, siteID string, indexes [][]byte) (string, error)
	// ReaderComments returns IDs of comments with a text, newest first.
	ReaderComments(ctx context.Context, sel CommentsSelect) ([]string, error)
}

// Reader is a signed-in reader as stored.
type Reader struct {
	ID           string
	SiteID       string
	SubjectIndex []byte // keyed index of the reader's ID at the publication
	FirstSeenAt  time.Time
}

// Adoption asks for the imported comments of a signed-in reader.
type Adoption struct {
	SiteID       string
	ReaderID     string
	EmailIndexes [][]byte // of the email that the publication has verified
}

// Fetcher requests key sets. KeyFetcher implements it.
type Fetcher interface {
	// CheckURL returns why key sets are never requested from a URL, as a sentence; nil if they may be.
	CheckURL(address string) error
	// Fetch returns the body of a successful response.
	Fetch(ctx context.Context, address string) ([]byte, error)
}

// Readers manages the identity keys of sites and identifies signed-in readers.
type Readers struct {
	Store  Store
	Author *moderation.AuthorService
	Keys   *privacy.Keyring
	Fetch  Fetcher // nil: key sets can't be requested
	Log    *slog.Logger
	Now    func() time.Time
	NewID  func() string
	Random io.Reader // source of secrets

	sets keySets
}
