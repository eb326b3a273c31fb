package moderation

import (
	"slices"
	"strings"
	"time"

	"rejoinder/weburl"
)

// Site is one publication: its origins, locale, settings and active ruleset.
type Site struct {
	ID              string
	Slug            string
	Name            string
	Locale          string   // BCP 47
	Origins         []string // "https://host[:port]": pages that may embed its threads and send comments
	Settings        SiteSettings
	ActiveRulesetID string // empty only while a site is being made
	Version         int    // grows with every change of the site itself
	CreatedAt       time.Time
}

// SiteSettings are the choices of a site that are no rules.
type SiteSettings struct {
	// CloseAfterDays closes articles that many days after publication; 0 keeps them open.
	CloseAfterDays int `json:"close_after_days"`
	// EditWindowMinutes is how long commenters may edit what they sent; 0 forbids edits.
	EditWindowMinutes int `json:"edit_window_minutes"`
	// MaxDepth is the deepest level of replies; a reply to a comment at that depth is refused.
	MaxDepth int `json:"max_depth"`
	// DisplayDepth is the deepest level that pages nest; what is deeper follows flat, and says what it replies
	// to.
	DisplayDepth int `json:"display_depth"`
	// Votes says whether and how readers may vote on comments.
	Votes VoteSetting `json:"votes"`
	// Reports lets readers report comments.
	Reports bool `json:"reports"`
	// HoldAfterReports is how many open reports take a comment out of the public until a person looks; 0: none
	// do.
	HoldAfterReports int `json:"hold_after_reports"`
	// Reasons are the reason codes of the site's decisions; nil: the default codes.
	Reasons []Reason `json:"reasons,omitempty"`
}

// DefaultSiteSettings is what a new site starts with.
func DefaultSiteSettings() SiteSettings {
	return SiteSettings{
		CloseAfterDays:    0,
		EditWindowMinutes: 15,
		MaxDepth:          50,
		DisplayDepth:      4,
		Votes:             VotesOff,
		Reports:           true,
	}
}

// Allows reports whether origin, as a browser sends it, is one of the site's.
func (s Site) Allows(origin string) bool {
	return origin != "" && slices.Contains(s.Origins, origin)
}

// Covers reports whether address is an http(s) URL of one of the site's origins.
func (s Site) Covers(address string) bool {
	return s.Allows(weburl.Origin(address))
}

// ParseOrigin reads an origin that somebody typed, as https://host or https://host:port, and returns it as a
// browser would serialise it. A final slash is forgiven. ok is false when there is more, as a path, or when
// no page can have that origin, as with a wildcard.
func ParseOrigin(typed string) (origin string, ok bool) {
	typed = strings.TrimSuffix(strings.TrimSpace(typed), "/")
	scheme, host, _ := strings.Cut(typed, "://")
	if strings.ContainsAny(host, "/?#@*") || strings.HasSuffix(host, ":") {
		return "", false
	}
	origin = weburl.Origin(scheme + "://" + host)
	return origin, origin != ""
}

// Article is one page that has a thread, known by its site and key.
type Article struct {
	ID             string
	SiteID         string
	Key            string
	URL            string   // empty when unknown
	Title          string   // empty when unknown
	Tags           []string // what rules know it by, each once; as an admin gave them
	Closed         bool     // closed by hand
	CloseAfterDays *int     // nil: the site's setting; 0: never
	Registered     bool     // by an admin; else by a reader's request
	PublishedAt    time.Time
	ApprovedCount  int
	Version        int64 // grows with every change of the public thread
	CreatedAt      time.Time
}

// TitleTrusted reports whether title and URL may be shown: an admin gave them, or a comment was approved
// under them. Until then they are what some request said, and nobody has looked at it.
func (a Article) TitleTrusted() bool { return a.Registered || a.ApprovedCount > 0 }

// ClosesAt returns when the article closes by age, and false when it never does.
func (a Article) ClosesAt(settings SiteSettings) (time.Time, bool) {
	days := settings.CloseAfterDays
	if a.CloseAfterDays != nil {
		days = *a.CloseAfterDays
	}
	if days <= 0 {
		return time.Time{}, false
	}
	return a.PublishedAt.AddDate(0, 0, days), true
}

// IsClosed reports whether the article takes no more comments at the given time.
func (a Article) IsClosed(settings SiteSettings, at time.Time) bool {
	if a.Closed {
		return true
	}
	closes, ok := a.ClosesAt(settings)
	return ok && !at.Before(closes)
}
