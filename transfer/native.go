package transfer

import (
	"encoding/json"
	"time"
)

// The native format is NDJSON: a JSON object a line, each with a type; docs/transfer.md describes it. The header
// is the first line. Lines refer only to earlier lines.

// NativeVersion is the version of the format that exports write.
const NativeVersion = 1

// The line types of the native format.
const (
	TypeHeader    = "header"
	TypeSite      = "site"
	TypeModerator = "moderator"
	TypeRuleset   = "ruleset"
	TypeArticle   = "article"
	TypeCommenter = "commenter"
	TypeReader    = "reader"
	TypeComment   = "comment"
	TypeBlock     = "block"
)

// How emails are stored.
const (
	EmailsSealed = "sealed" // for the keys of the installation that exported them
	EmailsPlain  = "plain"  // readable by everybody who has the file
)

// Header is the first line of a file.
type Header struct {
	Type    string    `json:"type"`
	Format  string    `json:"format"` // "rejoinder"
	Version int       `json:"version"`
	Created time.Time `json:"created_at"`
	// Next is what the next incremental export gives as its changed_since.
	Next     time.Time `json:"next_changed_since"`
	Site     string    `json:"site"`
	Emails   string    `json:"emails"`
	KeyCheck []byte    `json:"key_check"` // the same for the same keys
	Filter   *Filter   `json:"filter,omitempty"`
}

// Filter describes the exported part of a site.
type Filter struct {
	Article      string     `json:"article,omitempty"`
	Since        *time.Time `json:"since,omitempty"`
	Until        *time.Time `json:"until,omitempty"`
	ChangedSince *time.Time `json:"changed_since,omitempty"`
}

// Site holds what belongs to the site itself.
type Site struct {
	Type     string          `json:"type"`
	Name     string          `json:"name"`
	Locale   string          `json:"locale"`
	Origins  []string        `json:"origins"`
	Settings json.RawMessage `json:"settings"`
}

// Moderator is a moderator whom other lines refer to. Accounts are not exported.
type Moderator struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Ruleset is a version of the site's ruleset.
type Ruleset struct {
	Type        string     `json:"type"`
	ID          string     `json:"id"`
	Version     int        `json:"version"`
	Source      string     `json:"source"`
	Base        string     `json:"base,omitempty"`
	Checksum    string     `json:"checksum"`
	Note        string     `json:"note,omitempty"`
	CreatedBy   string     `json:"created_by,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	ActivatedAt *time.Time `json:"activated_at,omitempty"` // of the active version only
	ActivatedBy string     `json:"activated_by,omitempty"`
}

// Article is a page with a thread, and its other keys.
type Article struct {
	Type           string   `json:"type"`
	ID             string   `json:"id"`
	Key            string   `json:"key"`
	URL            string   `json:"url,omitempty"`
	Title          string   `json:"title,omitempty"`
	Tags           []string `json:"tags,omitempty"`
	Authors        []string `json:"authors,omitempty"` // ids of moderators
	Closed         bool     `json:"closed,omitempty"`
	CloseAfterDays *int     `json:"close_after_days,omitempty"`
	Mode           string   `json:"mode,omitempty"`
	// Schedule is what changes the mode with the time; empty for nothing.
	Schedule    json.RawMessage `json:"schedule,omitempty"`
	Pinned      string          `json:"pinned,omitempty"` // id of a comment, which may be gone
	Registered  bool            `json:"registered,omitempty"`
	PublishedAt time.Time       `json:"published_at"`
	CreatedAt   time.Time       `json:"created_at"`
	Aliases     []Alias         `json:"aliases,omitempty"`
}

// Alias is a further key of an article.
type Alias struct {
	Key       string    `json:"key"`
	CreatedAt time.Time `json:"created_at"`
}

// Commenter writes comments. Sealed and Index are for the keys of the header's key_check.
type Commenter struct {
	Type        string     `json:"type"`
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Email       string     `json:"email,omitempty"`  // with plain emails
	Sealed      []byte     `json:"sealed,omitempty"` // with sealed emails
	Index       []byte     `json:"index,omitempty"`
	NoEmail     bool       `json:"no_email,omitempty"` // imported without one
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	FirstSeenAt time.Time  `json:"first_seen_at"`
	LastSeenAt  time.Time  `json:"last_seen_at"`
}

// SignedReader is a signed-in reader: the browser of their comments is "reader:" and the id. Index is that of their
// ID at the publication, for the keys of the header's key_check.
type SignedReader struct {
	Type        string    `json:"type"`
	ID          string    `json:"id"`
	Index       []byte    `json:"index"`
	FirstSeenAt time.Time `json:"first_seen_at"`
}

// NativeComment is a comment with all that belongs to it.
type NativeComment struct {
	Type         string     `json:"type"`
	ID           string     `json:"id"`
	Article      string     `json:"article"` // id
	Commenter    string     `json:"commenter"`
	Parent       string     `json:"parent,omitempty"`
	Status       string     `json:"status"`
	Version      int        `json:"version"`
	Revision     int        `json:"revision"`
	AuthorName   string     `json:"author_name"`
	AuthorURL    string     `json:"author_url,omitempty"`
	PublicReason string     `json:"public_reason,omitempty"`
	Score        float64    `json:"score,omitempty"`
	Risk         float64    `json:"risk,omitempty"`
	Language     string     `json:"language,omitempty"`
	Cluster      string     `json:"cluster"`
	Browser      string     `json:"browser,omitempty"`
	UpVotes      int        `json:"up_votes,omitempty"`
	DownVotes    int        `json:"down_votes,omitempty"`
	Staff        bool       `json:"staff,omitempty"`
	Featured     bool       `json:"featured,omitempty"`
	Badges       []string   `json:"badges,omitempty"` // of a signed-in reader, like AvatarURL
	AvatarURL    string     `json:"avatar_url,omitempty"`
	SourceKey    []byte     `json:"source_key,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	EditedAt     *time.Time `json:"edited_at,omitempty"`
	Revisions    []Revision `json:"revisions"`
	Decisions    []Decision `json:"decisions"`
	Reports      []Report   `json:"reports,omitempty"`
	Appeal       *Appeal    `json:"appeal,omitempty"`
	Notes        []Note     `json:"notes,omitempty"`
}

// Revision is one text of a comment, with the facts and the verdict of its time.
type Revision struct {
	ID          string          `json:"id"`
	Revision    int             `json:"revision"`
	AuthorName  string          `json:"author_name"`
	AuthorURL   string          `json:"author_url,omitempty"`
	Body        string          `json:"body"`
	Fingerprint []byte          `json:"fingerprint,omitempty"`
	Facts       json.RawMessage `json:"facts"`
	Verdict     json.RawMessage `json:"verdict"`
	Ruleset     string          `json:"ruleset"`
	CreatedAt   time.Time       `json:"created_at"`
}

// Decision is an entry of the log.
type Decision struct {
	ID         string    `json:"id"`
	Version    int       `json:"version"`
	Action     string    `json:"action"`
	From       string    `json:"from,omitempty"`
	To         string    `json:"to"`
	Actor      string    `json:"actor"`
	Moderator  string    `json:"moderator,omitempty"`
	Ruleset    string    `json:"ruleset,omitempty"`
	Revision   string    `json:"revision,omitempty"` // id of the revision that was judged
	Reason     string    `json:"reason,omitempty"`
	Note       string    `json:"note,omitempty"`
	ReasonCode string    `json:"reason_code,omitempty"`
	Undoes     string    `json:"undoes,omitempty"`
	Bulk       string    `json:"bulk,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
}

// Report is a reader's complaint.
type Report struct {
	ID         string     `json:"id"`
	Reason     string     `json:"reason"`
	Note       string     `json:"note,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Decision   string     `json:"decision,omitempty"`
}

// Appeal is the author's objection.
type Appeal struct {
	Body       string     `json:"body,omitempty"`
	Moderator  string     `json:"moderator,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Outcome    string     `json:"outcome,omitempty"`
}

// Note is what a moderator noted.
type Note struct {
	ID        string    `json:"id"`
	About     string    `json:"about"`
	Moderator string    `json:"moderator"`
	Body      string    `json:"body,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Block is a moderator's entry against an email, a name, a host and so on.
type Block struct {
	Type      string     `json:"type"`
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Index     []byte     `json:"index"`
	Shown     string     `json:"shown,omitempty"`
	Action    string     `json:"action"`
	Note      string     `json:"note,omitempty"`
	Comment   string     `json:"comment,omitempty"`
	CreatedBy string     `json:"created_by"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}
