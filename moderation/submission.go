package moderation

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"rejoinder/moderation/text"
	"rejoinder/weburl"
)

// Limits of submissions. Characters are Unicode code points after normalisation.
const (
	MaxNameCharacters  = 100
	MaxBodyCharacters  = 10_000
	MaxKeyBytes        = 512   // of an article key
	MaxURLCharacters   = 2_000 // of an article's or a commenter's URL
	MaxTitleCharacters = 300   // of an article
	MaxIdempotencyKey  = 255   // bytes

	MaxPastedCharacters = 1_000_000_000 // may exceed the text, since pasted text can be deleted again
)

// ArticleRef identifies an article, with the data to register it if it is new and the origin is allowed.
type ArticleRef struct {
	Key   string
	URL   string
	Title string
}

// Submission is a reader's submission as received, untrusted.
type Submission struct {
	SiteSlug    string
	Article     ArticleRef
	ParentID    string
	AuthorName  string
	AuthorEmail string
	AuthorURL   string
	Body        string
	// Remember requests a commenter token: "save my name, email and website in this browser".
	Remember bool
	// Notify asks for mail about the comment and replies to it, in Language.
	Notify   bool
	Language string // of the page with the form (BCP 47); empty: the site's
	// Identity is the token of a signed-in reader, who then is the author; empty if none.
	Identity string
	// CommenterToken was issued earlier; empty if none.
	CommenterToken string
	Form           FormEvidence
	// MayNudge says that the client can show a nudge, and has not yet shown one for this comment.
	MayNudge bool
	// MayAskEmail says that the client can ask whether the email is mistyped, and has not yet asked about it.
	MayAskEmail    bool
	IdempotencyKey string
	Origin         string     // the Origin header; empty if absent
	Address        netip.Addr // of the client, as reported by trusted proxies

	reading *text.Reading // of Body
	reader  *SignedReader // of Identity; nil if none
}

// FormEvidence helps to tell people from programs.
type FormEvidence struct {
	Kind     FormKind
	Token    string // signed creation time of the form; empty if unknown
	Honeypot string // a field hidden from people
	// Pasted is the number of characters that were pasted, as the page reports it; nil if it does not.
	Pasted *int
}

// FormKind is how a submission was sent.
type FormKind string

// Kinds of forms.
const (
	FormJSON FormKind = "json" // the JSON API
	FormHTML FormKind = "form" // the plain HTML form
)

// prepare cleans every field in place and returns *Invalid with all faults, or nil. A token's claims replace
// name, email and website.
func (s *Submission) prepare() error {
	var faults Invalid
	s.Article.prepare(&faults)
	if !ValidID(s.ParentID) && s.ParentID != "" {
		faults.Add("/parent_id", "unknown", "The comment you are replying to does not exist.")
	}
	if s.Identity == "" {
		s.AuthorName = CleanName(&faults, s.AuthorName)
		s.AuthorEmail = CleanEmail(&faults, s.AuthorEmail)
		s.AuthorURL = CleanWebsite(&faults, "/author_url", s.AuthorURL)
	}
	s.reading = CleanBody(&faults, s.Body)
	s.Body = s.reading.Markdown
	if p := s.Form.Pasted; p != nil && (*p < 0 || *p > MaxPastedCharacters) {
		faults.Add("/form/pasted_characters", "out_of_range",
			fmt.Sprintf("Must be a number from 0 to %d.", MaxPastedCharacters))
	}
	if len(s.IdempotencyKey) > MaxIdempotencyKey {
		faults.Add("/Idempotency-Key", "too_long", fmt.Sprintf("An Idempotency-Key has at most %d bytes.", MaxIdempotencyKey))
	}
	return faults.Err()
}

func (a *ArticleRef) prepare(faults *Invalid) {
	a.Key = parseKey(faults, "/article/key", a.Key)
	a.URL = CleanURL(faults, "/article/url", a.URL)
	title, err := text.CleanLine(a.Title)
	switch {
	case err != nil:
		faults.Add("/article/title", "malformed", sentence(err))
	case text.Characters(title) > MaxTitleCharacters:
		faults.Add("/article/title", "too_long", fmt.Sprintf("A title has at most %d characters.", MaxTitleCharacters))
	case !text.Visible(title):
		title = ""
	}
	a.Title = title
}

// ParseKey returns the canonical spelling of an article key (weburl.Key), or *Invalid for pointer.
func ParseKey(pointer, raw string) (string, error) {
	var faults Invalid
	key := parseKey(&faults, pointer, raw)
	return key, faults.Err()
}

func parseKey(faults *Invalid, pointer, raw string) string {
	key := weburl.Key(raw)
	switch {
	case key == "":
		faults.Add(pointer, "required", "An article key is required.")
	case len(key) > MaxKeyBytes:
		faults.Add(pointer, "too_long", fmt.Sprintf("An article key has at most %d bytes.", MaxKeyBytes))
	case !utf8.ValidString(key) || strings.ContainsRune(key, 0):
		faults.Add(pointer, "malformed", "An article key is UTF-8 text without NUL.")
	}
	return key
}

// CleanName returns an author's name in stored form and adds its faults.
func CleanName(faults *Invalid, raw string) string {
	name, err := text.CleanLine(raw)
	switch {
	case err != nil:
		faults.Add("/author_name", "malformed", sentence(err))
	case name == "":
		faults.Add("/author_name", "required", "Please enter your name.")
	case !text.Visible(name):
		faults.Add("/author_name", "invisible", "A name needs at least one visible character.")
	case text.Characters(name) > MaxNameCharacters:
		faults.Add("/author_name", "too_long", fmt.Sprintf("A name has at most %d characters.", MaxNameCharacters))
	}
	return name
}

// CleanEmail returns an author's email without surrounding spaces and adds its faults.
func CleanEmail(faults *Invalid, raw string) string {
	email := strings.TrimSpace(raw)
	if email == "" {
		faults.Add("/author_email", "required", "Please enter your email address. It will not be published.")
		return ""
	}
	if err := text.CheckEmail(email); err != nil {
		faults.Add("/author_email", "malformed", sentence(err))
	}
	return email
}

// CleanWebsite is CleanURL for a website that people type: a host with a dot may stand without https://.
func CleanWebsite(faults *Invalid, pointer, raw string) string {
	raw = strings.TrimSpace(raw)
	if host, _, _ := strings.Cut(raw, "/"); strings.Contains(host, ".") && !strings.Contains(raw, "://") {
		if address, err := text.CheckURL("https://" + raw); err == nil {
			return address
		}
	}
	return CleanURL(faults, pointer, raw)
}

// CleanURL returns the URL of an article, or of a program's request, in stored form and adds its faults.
func CleanURL(faults *Invalid, pointer, raw string) string {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return ""
	}
	address, err := text.CheckURL(raw)
	if err != nil {
		faults.Add(pointer, "malformed", sentence(err))
	}
	return address
}

// CleanBody reads a comment's text in stored form and adds its faults.
func CleanBody(faults *Invalid, raw string) *text.Reading {
	body, err := text.Clean(raw)
	body = trimBlankLines(body)
	if text.Characters(body) > MaxBodyCharacters {
		faults.Add("/body", "too_long", fmt.Sprintf("A comment has at most %d characters; this one has %d.",
			MaxBodyCharacters, text.Characters(body)))
		return text.Read("")
	}
	reading := text.Read(body)
	switch {
	case err != nil:
		faults.Add("/body", "malformed", sentence(err))
	case reading.Blank():
		faults.Add("/body", "required", "Please write a comment.")
	}
	return reading
}

// cleanWords cleans and limits a text written for or by moderators. A text without visible characters becomes
// empty, so that it does not pass as a required one.
func cleanWords(faults *Invalid, pointer, raw string, characters int) string {
	words, err := text.Clean(raw)
	words = strings.TrimSpace(words)
	switch {
	case err != nil:
		faults.Add(pointer, "malformed", sentence(err))
	case text.Characters(words) > characters:
		faults.Add(pointer, "too_long", fmt.Sprintf("This has at most %d characters.", characters))
	case !text.Visible(words):
		return ""
	}
	return words
}

// trimBlankLines removes leading and trailing blank lines. It keeps the indentation of the first line.
func trimBlankLines(s string) string {
	s = strings.TrimRight(s, " \t\n")
	for {
		line, rest, found := strings.Cut(s, "\n")
		if !found || strings.Trim(line, " \t") != "" {
			return s
		}
		s = rest
	}
}

// sentence returns the innermost error's message as a sentence.
func sentence(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// ValidID reports whether s has the form of an ID made by this program: the 36 characters of a UUID.
func ValidID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// CheckParent requires an approved parent in the same article that is not at the maximum depth.
func CheckParent(site Site, article Article, parentID string, parent *Comment) error {
	if parentID == "" {
		return nil
	}
	if parent == nil || parent.ArticleID != article.ID || !parent.Public() {
		return parentGone()
	}
	if parent.Depth >= site.Settings.MaxDepth {
		var faults Invalid
		faults.Add("/parent_id", "too_deep", "This branch of the conversation cannot go any deeper. Please reply further up.")
		return faults.Err()
	}
	return nil
}

func parentGone() error {
	var faults Invalid
	faults.Add("/parent_id", "unknown", "The comment you are replying to is not there any more.")
	return faults.Err()
}

// SubmissionRecord is a stored submission: its text, and the facts and verdict at that time.
type SubmissionRecord struct {
	ID            string
	SiteID        string
	ArticleID     string
	CommenterID   string
	CommentID     string
	Revision      int
	AuthorName    string
	AuthorURL     string
	Body          string
	Fingerprint   []byte
	MinHash       MinHash // write-only
	Facts         []byte  // JSON of rules.Facts
	Verdict       []byte  // JSON of rules.Verdict
	RulesetID     string
	AddressIndex  []byte // nil after its retention period
	AddressPrefix string // empty after its retention period
	CreatedAt     time.Time

	reading *text.Reading // of Body; nil if the record was read from storage
}

// Reading returns the text as readers see it.
func (r SubmissionRecord) Reading() *text.Reading {
	if r.reading == nil {
		return text.Read(r.Body)
	}
	return r.reading
}

// SetReading keeps the reading of Body, so that it is not parsed again.
func (r *SubmissionRecord) SetReading(reading *text.Reading) { r.reading = reading }

// MaxReasonCharacters is the maximum length of reasons and notes.
const MaxReasonCharacters = 1_000

// CleanReason returns a reason or note in stored form and adds its faults.
func CleanReason(faults *Invalid, pointer, raw string) string {
	return cleanWords(faults, pointer, raw, MaxReasonCharacters)
}
