package moderation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
	"rejoinder/weburl"
)

// Site is one publication: its origins, locale, settings and active ruleset.
type Site struct {
	ID              string
	Slug            string
	Name            string
	Locale          string   // BCP 47
	Origins         []string // "https://host[:port]" of pages that may embed threads and send comments
	Settings        SiteSettings
	ActiveRulesetID string // empty only while the site is being created
	Version         int    // increases with every change of the site itself
	CreatedAt       time.Time
}

// SiteSettings are a site's settings other than rules.
type SiteSettings struct {
	// CloseAfterDays closes articles this many days after publication; 0 keeps them open.
	CloseAfterDays int `json:"close_after_days"`
	// Closed closes all articles.
	Closed bool `json:"closed"`
	// TimeZone is the IANA name of the site's time zone; empty: UTC.
	TimeZone string `json:"time_zone,omitempty"`
	// Schedule changes the moderation mode of the site with the time.
	Schedule schedule.Schedule `json:"schedule,omitzero"`
	// Guidelines is the text above the form: paragraphs of plain text; empty: none.
	Guidelines string `json:"guidelines"`
	// Website asks commenters for their website. Without it, a website that is sent is ignored.
	Website bool `json:"website"`
	// EditWindowMinutes is how long commenters may edit a comment; 0 disables editing.
	EditWindowMinutes int `json:"edit_window_minutes"`
	// MaxDepth is the maximum depth of replies; replies to a comment at this depth are rejected.
	MaxDepth int `json:"max_depth"`
	// DisplayDepth is the maximum depth of nesting on pages. Deeper replies are shown flat, with the name of
	// the author they reply to.
	DisplayDepth int `json:"display_depth"`
	// Votes says whether and how readers may vote on comments.
	Votes VoteSetting `json:"votes"`
	// Reports lets readers report comments.
	Reports bool `json:"reports"`
	// HoldAfterReports is the number of open reports at which a comment is held for a moderator; 0 disables
	// it.
	HoldAfterReports int `json:"hold_after_reports"`
	// Reasons are the site's reason codes; nil means the default codes.
	Reasons []Reason `json:"reasons,omitempty"`
	// Replies are the site's canned replies.
	Replies []CannedReply `json:"replies,omitempty"`
	// GuidelinesURL is the address of the site's guidelines, which the form links and canned replies can name; empty
	// for none.
	GuidelinesURL string `json:"guidelines_url,omitempty"`
	// MailOff offers readers no mail, although the server could send it.
	MailOff bool `json:"mail_off,omitempty"`
	// MailSender is the sender's name of mails to readers; empty: the site's name.
	MailSender string `json:"mail_sender,omitempty"`
	// MailReplyTo is the address for replies to these mails; empty: that of the server.
	MailReplyTo string `json:"mail_reply_to,omitempty"`
	// Retention says what is deleted once it is old.
	Retention RetentionSettings `json:"retention"`
	// Identity says whether readers can or must be signed in by the publication.
	Identity IdentityMode `json:"identity"`
	// IdentityIssuer is the issuer that tokens must name; empty: any.
	IdentityIssuer string `json:"identity_issuer,omitempty"`
	// IdentityAudience is the audience that tokens must name; empty: the site's slug.
	IdentityAudience string `json:"identity_audience,omitempty"`
	// AvatarOrigins are the origins of pictures of signed-in readers; others are not shown.
	AvatarOrigins []string `json:"avatar_origins,omitempty"`
	// SignInURL is the publication's page on which readers sign in; empty for none.
	SignInURL string `json:"sign_in_url,omitempty"`
	// Demo marks the site that "serve --demo" made. It cannot be set by moderators.
	Demo DemoState `json:"demo,omitempty"`
}

// DefaultSiteSettings returns the settings of a new site.
func DefaultSiteSettings() SiteSettings {
	return SiteSettings{
		CloseAfterDays:    0,
		EditWindowMinutes: 15,
		MaxDepth:          50,
		DisplayDepth:      4,
		Votes:             VotesOff,
		Reports:           true,
		Website:           true,
		Identity:          IdentityOff,
	}
}

// Allows reports whether origin, as sent by a browser, is one of the site's.
func (s Site) Allows(origin string) bool {
	return origin != "" && slices.Contains(s.Origins, origin)
}

// AllowsAvatar reports whether a picture of a signed-in reader may be shown.
func (s SiteSettings) AllowsAvatar(address string) bool {
	origin := weburl.Origin(address)
	return origin != "" && strings.HasPrefix(origin, "https://") && slices.Contains(s.AvatarOrigins, origin)
}

// Covers reports whether address is an http(s) URL of one of the site's origins.
func (s Site) Covers(address string) bool {
	return s.Allows(weburl.Origin(address))
}

// ParseOrigin parses a typed origin, https://host or https://host:port, and returns it as browsers serialise
// it. It accepts a trailing slash. ok is false if anything follows host and port, or if no page can have that
// origin, as with a wildcard.
func ParseOrigin(typed string) (origin string, ok bool) {
	typed = strings.TrimSuffix(strings.TrimSpace(typed), "/")
	scheme, host, _ := strings.Cut(typed, "://")
	if strings.ContainsAny(host, "/?#@*") || strings.HasSuffix(host, ":") {
		return "", false
	}
	origin = weburl.Origin(scheme + "://" + host)
	return origin, origin != ""
}

// Article is a page with a thread, identified by its site and key.
type Article struct {
	ID     string
	SiteID string
	Key    string
	URL    string   // empty when unknown
	Title  string   // empty when unknown
	Tags   []string // used by rules, set by an admin, no duplicates
	// Authors are by name. Nil means that they were not loaded: see SitesStore.
	Authors []ArticleAuthor
	Closed  bool // closed manually
	// Mode is the article's own moderation mode; empty means the site's.
	Mode           rules.ModerationMode
	PinnedID       string // the comment on top of its thread; empty means none. The comment may be gone
	CloseAfterDays *int   // nil means the site's setting, 0 never
	// Schedule changes the article's mode with the time. Its hours replace those of the site.
	Schedule      schedule.Schedule
	Registered    bool // by an admin, not by a reader's request
	PublishedAt   time.Time
	ApprovedCount int
	Version       int64 // increases with every change of the public thread
	CreatedAt     time.Time
}

// ArticleAuthor is an account that an article names as an author.
type ArticleAuthor struct{ ID, Name string }

// StaffAccount is the account of somebody who works on a site.
type StaffAccount struct {
	ArticleAuthor
	EmailIndex []byte
	Disabled   bool
}

// MaxArticleAuthors is the maximum number of authors of an article.
const MaxArticleAuthors = 20

// TitleTrusted reports whether title and URL may be shown: an admin set them, or a comment was approved under
// them. Before that they are unverified input.
func (a Article) TitleTrusted() bool { return a.Registered || a.ApprovedCount > 0 }

// pins reports whether a comment is the pinned one. Only an approved comment stays on top.
func (a Article) pins(c Comment) bool { return c.ID == a.PinnedID && c.Public() }

// agesAt returns when the article closes by age, and false if it never does.
func (a Article) agesAt(settings SiteSettings) (time.Time, bool) {
	days := settings.CloseAfterDays
	if a.CloseAfterDays != nil {
		days = *a.CloseAfterDays
	}
	if days <= 0 {
		return time.Time{}, false
	}
	return a.PublishedAt.AddDate(0, 0, days), true
}

// ModeAt returns the moderation mode of the article at a time: rules.ModeClosed, a mode that goes before the site's
// rules, or empty if these decide. Of the article's mode and the site's, the stricter one applies; a temporary mode
// or opening hours of the article replace the site's opening hours.
func (a Article) ModeAt(settings SiteSettings, at time.Time) rules.ModerationMode {
	zone, own, of := schedule.Zone(settings.TimeZone), a.Mode, rules.ModerationMode("")
	if closes, ok := a.agesAt(settings); a.Closed || ok && !at.Before(closes) {
		own = rules.ModeClosed
	}
	if settings.Closed {
		of = rules.ModeClosed
	}
	wider := settings.Schedule
	if a.Schedule.Replaces(at) {
		wider.Hours = nil
	}
	return schedule.Stricter(a.Schedule.Mode(own, at, zone), wider.Mode(of, at, zone))
}

// IsClosed reports whether the article is closed for comments at the given time.
func (a Article) IsClosed(settings SiteSettings, at time.Time) bool {
	return a.ModeAt(settings, at) == rules.ModeClosed
}

// ModeChangesAt returns the first time after at when the article's mode may change without anybody changing it; the
// zero time if it does not.
func (a Article) ModeChangesAt(settings SiteSettings, at time.Time) time.Time {
	zone := schedule.Zone(settings.TimeZone)
	next := schedule.Earlier(a.Schedule.Next(at, zone), settings.Schedule.Next(at, zone))
	if closes, ok := a.agesAt(settings); ok && closes.After(at) {
		next = schedule.Earlier(next, closes)
	}
	return next
}

// maxModeChanges bounds how many changes of the mode are looked at for the next opening: two weeks of hours of an
// article and its site.
const maxModeChanges = 64

// OpensAt returns when a closed article takes comments again by itself; the zero time if it does not.
func (a Article) OpensAt(settings SiteSettings, at time.Time) time.Time {
	for range maxModeChanges {
		at = a.ModeChangesAt(settings, at)
		if at.IsZero() || !a.IsClosed(settings, at) {
			return at
		}
	}
	return time.Time{}
}

// RetentionSettings say what a site deletes once it is old. A zero value keeps everything.
type RetentionSettings struct {
	// DeclinedDays is after how many days rejected comments and spam are deleted, counted from the last decision.
	DeclinedDays int `json:"declined_days"`
	// InactiveYears is after how many years without a comment a commenter's name, email and website are removed.
	InactiveYears int `json:"inactive_years"`
}

// MaxInactiveYears is the maximum of RetentionSettings.InactiveYears.
const MaxInactiveYears = 100

// DeclinedBefore returns the time before which rejected comments and spam are deleted now.
func (s RetentionSettings) DeclinedBefore(now time.Time) (before time.Time, on bool) {
	return now.UTC().AddDate(0, 0, -s.DeclinedDays), s.DeclinedDays > 0
}

// InactiveBefore returns the time before which commenters must have written last to be anonymized now.
func (s RetentionSettings) InactiveBefore(now time.Time) (before time.Time, on bool) {
	return now.UTC().AddDate(-s.InactiveYears, 0, 0), s.InactiveYears > 0
}

// Check reports settings that are out of range.
func (s RetentionSettings) Check(faults *Invalid) {
	checkRange(faults, "/settings/retention/declined_days", s.DeclinedDays, MaxDays)
	checkRange(faults, "/settings/retention/inactive_years", s.InactiveYears, MaxInactiveYears)
}

// checkRange reports a value that is not from 0 to most.
func checkRange(faults *Invalid, pointer string, value, most int) {
	if value < 0 || value > most {
		faults.Add(pointer, "out_of_range", fmt.Sprintf("Must be a number from 0 to %d.", most))
	}
}
