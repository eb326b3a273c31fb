package transfer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// The native format is NDJSON: a JSON object a line, each with a type; docs/transfer.md describes it. The header
// is the first line. Lines refer only to earlier lines.

// NativeVersion is the version of the format that exports write.
const NativeVersion = 1

// Types of lines.
const (
	TypeHeader    = "header"
	TypeSite      = "site"
	TypeModerator = "moderator"
	TypeRuleset   = "ruleset"
	TypeArticle   = "article"
	TypeCommenter = "commenter"
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

// NativeWriter writes lines.
type NativeWriter struct {
	buffer  *bufio.Writer
	pack    io.WriteCloser // nil without packing
	encoder *json.Encoder
}

// NewNativeWriter writes to a stream, packed as the ending of its name says: .gz, .zst or none.
func NewNativeWriter(to io.Writer, name string) (*NativeWriter, error) {
	w := &NativeWriter{}
	switch {
	case strings.HasSuffix(name, ".gz"):
		w.pack = gzip.NewWriter(to)
	case strings.HasSuffix(name, ".zst"):
		pack, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		w.pack = pack
	}
	if w.pack != nil {
		to = w.pack
	}
	w.buffer = bufio.NewWriterSize(to, 256<<10)
	w.encoder = json.NewEncoder(w.buffer)
	w.encoder.SetEscapeHTML(false)
	return w, nil
}

// Write writes a line.
func (w *NativeWriter) Write(line any) error { return w.encoder.Encode(line) }

// Close writes what is buffered. It does not close the stream.
func (w *NativeWriter) Close() error {
	err := w.buffer.Flush()
	if w.pack != nil {
		err = errors.Join(err, w.pack.Close())
	}
	return err
}

// NativeReader reads lines.
type NativeReader struct {
	in     *input
	lines  *bufio.Reader
	line   int
	offset int64
	Header Header
}

// IsNative reports whether a file begins like one in the native format.
func (f *File) IsNative() (bool, error) {
	head, err := f.head()
	if err != nil {
		return false, err
	}
	return bytes.HasPrefix(head, []byte(`{"type":"header"`)), nil
}

// OpenNative reads the header of a file in the native format. ErrFormat, *Fault.
func OpenNative(f *File) (*NativeReader, error) {
	in, err := f.input()
	if err != nil {
		return nil, err
	}
	r := &NativeReader{in: in, lines: bufio.NewReaderSize(in.text, 64<<10)}
	if err := r.readHeader(); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return r, nil
}

func (r *NativeReader) readHeader() error {
	raw, place, err := r.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err != nil || json.Unmarshal(raw, &r.Header) != nil || r.Header.Type != TypeHeader || r.Header.Format != "rejoinder" {
		return fmt.Errorf("%w: the first line is not the header of a Rejoinder export", ErrFormat)
	}
	if r.Header.Version != NativeVersion {
		return &Fault{place, fmt.Sprintf("version %d of the format is unknown to this program, which knows %d",
			r.Header.Version, NativeVersion)}
	}
	if r.Header.Emails != EmailsSealed && r.Header.Emails != EmailsPlain {
		return &Fault{place, "the header does not say how emails are stored"}
	}
	return nil
}

// Close releases the file.
func (r *NativeReader) Close() error { return r.in.Close() }

// next returns the next line that is not empty.
func (r *NativeReader) next() ([]byte, Place, error) {
	for {
		r.in.text.begin(r.offset)
		place := Place{Line: r.line + 1, Byte: r.offset}
		raw, err := r.lines.ReadBytes('\n')
		r.line, r.offset = r.line+1, r.offset+int64(len(raw))
		r.in.text.place(r.offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, place, asFault(err, place, err.Error())
		}
		if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 {
			return trimmed, place, nil
		}
		if err != nil {
			return nil, place, io.EOF
		}
	}
}

// Line is a line of a known type.
type Line struct {
	Place Place
	Value any // *Site, *Moderator, *Ruleset, *Article, *Commenter, *NativeComment or *Block
}

// Next returns the next line; io.EOF after the last, *Fault if it can't be read.
func (r *NativeReader) Next() (Line, error) {
	raw, place, err := r.next()
	if err != nil {
		return Line{}, err
	}
	kind, err := lineType(raw)
	if err != nil {
		return Line{}, nativeFault(place, err)
	}
	value := newValue(kind)
	if value == nil {
		return Line{}, &Fault{place, fmt.Sprintf("the type %q is unknown", short(kind))}
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return Line{}, nativeFault(place, err)
	}
	return Line{place, value}, nil
}

// lineType returns the type of a line. Exports write it first; then the line need not be decoded twice.
func lineType(raw []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(raw, []byte(`{"type":"`)); ok {
		if kind, _, ok := bytes.Cut(rest, []byte(`"`)); ok && newValue(string(kind)) != nil {
			return string(kind), nil
		}
	}
	var kind struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(raw, &kind)
	return kind.Type, err
}

// newValue returns what a line of a type is decoded into; nil if the type is unknown.
func newValue(kind string) any {
	switch kind {
	case TypeSite:
		return &Site{}
	case TypeModerator:
		return &Moderator{}
	case TypeRuleset:
		return &Ruleset{}
	case TypeArticle:
		return &Article{}
	case TypeCommenter:
		return &Commenter{}
	case TypeComment:
		return &NativeComment{}
	case TypeBlock:
		return &Block{}
	}
	return nil
}

func nativeFault(place Place, err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return &Fault{place, fmt.Sprintf("%q has the wrong type", wrong.Field)}
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return &Fault{place, "this line is not a complete JSON object"}
	}
	return &Fault{place, "this line does not match the format: " + short(err.Error())}
}
