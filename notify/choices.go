package notify

import (
	"slices"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/schedule"
)

// Moderator is a moderator who can sign in.
type Moderator struct {
	ID          string
	Name        string
	Language    string // as chosen for the console; empty: none
	EmailSealed []byte
	SiteIDs     []string // empty: all
	// Decides: the role allows decisions on comments, and no identity provider refuses the moderator.
	Decides bool
	// AccessUntil is the time until which the last confirmation by the moderator's identity provider counts;
	// zero without a provider.
	AccessUntil time.Time
	Choices     ModeratorChoices
}

// ConfirmedLife is how long moderators get mail about comments after their identity provider last confirmed their
// access. It is only asked about sessions in use, and these mails need no session.
const ConfirmedLife = 7 * 24 * time.Hour

// decidesAt reports whether the moderator may get, and use, mail with decisions on comments.
func (m Moderator) decidesAt(now time.Time) bool {
	return m.Decides && (m.AccessUntil.IsZero() || now.Before(m.AccessUntil))
}

// MaySee reports whether the moderator works on the site.
func (m Moderator) MaySee(siteID string) bool {
	return len(m.SiteIDs) == 0 || slices.Contains(m.SiteIDs, siteID)
}

// Words returns the language of mail to the moderator, and of the pages behind its links: the chosen one if it has
// nearly all messages, else English.
func (m Moderator) Words() *locale.Language {
	words := locale.MatchConsole(m.Language, "")
	if !words.Complete() {
		words = locale.MatchConsole("", "")
	}
	return words.In(m.Choices.location())
}

// EmailContext is the context that EmailSealed is bound to, as in package auth.
func (m Moderator) EmailContext() string { return "moderator:" + m.ID }

// ModeratorChoices are a moderator's mail settings. Mail about the account is always sent.
type ModeratorChoices struct {
	// Urgent wants a mail at once about comments that wait with a risk above UrgentRisk, or that one of UrgentRules
	// hit.
	Urgent      bool     `json:"urgent"`
	UrgentRisk  float64  `json:"urgent_risk"` // 0: no comment is urgent by its risk
	UrgentRules []string `json:"urgent_rules"`
	// UrgentInQuiet wants urgent mail in quiet hours too.
	UrgentInQuiet bool `json:"urgent_in_quiet_hours"`
	// Digest is how often a mail lists waiting comments: hourly, daily at DigestHour, or never.
	Digest     Frequency `json:"digest"`
	DigestHour int       `json:"digest_hour"`
	Weekends   bool      `json:"weekends"`
	// TimeZone is the IANA name of the account's time zone; empty: UTC. Hours of the other fields are in it.
	TimeZone string `json:"-"`
	// QuietFrom and QuietUntil are hours; equal: no quiet hours.
	QuietFrom  int `json:"quiet_from"`
	QuietUntil int `json:"quiet_until"`
	// Sites are the ids of the sites to get mail about; empty: all of the moderator's.
	Sites []string `json:"sites"`
}

// DefaultModeratorChoices are those of a moderator who has not chosen: a daily digest.
func DefaultModeratorChoices() ModeratorChoices {
	return ModeratorChoices{
		UrgentRules: []string{}, UrgentInQuiet: true, Digest: Daily, DigestHour: 8, Weekends: true,
		Sites: []string{},
	}
}

// Limits of choices.
const (
	maxUrgentRules = 50
	maxRuleID      = 100
)

// Check returns *moderation.Invalid if a choice is not possible.
func (c ModeratorChoices) Check() error {
	var faults moderation.Invalid
	if c.Digest != Hourly && c.Digest != Daily && c.Digest != Never {
		faults.Add("/digest", "unknown", "Must be hourly, daily or never.")
	}
	for _, hour := range []struct {
		pointer string
		value   int
	}{{"/digest_hour", c.DigestHour}, {"/quiet_from", c.QuietFrom}, {"/quiet_until", c.QuietUntil}} {
		if hour.value < 0 || hour.value > 23 {
			faults.Add(hour.pointer, "out_of_range", "Must be an hour from 0 to 23.")
		}
	}
	if c.UrgentRisk < 0 || c.UrgentRisk > 1e6 {
		faults.Add("/urgent_risk", "out_of_range", "Must be a number from 0 to 1,000,000.")
	}
	if len(c.UrgentRules) > maxUrgentRules || slices.ContainsFunc(c.UrgentRules,
		func(id string) bool { return len(id) > maxRuleID }) {
		faults.Add("/urgent_rules", "too_many", "At most 50 rule IDs of at most 100 characters.")
	}
	if c.Urgent && c.UrgentRisk == 0 && len(c.UrgentRules) == 0 {
		faults.Add("/urgent_risk", "required", "Choose a risk or at least one rule; otherwise no comment is urgent.")
	}
	return faults.Err()
}

func (c ModeratorChoices) wantsSite(siteID string) bool {
	return len(c.Sites) == 0 || slices.Contains(c.Sites, siteID)
}

// urgent reports whether a waiting comment is urgent.
func (c ModeratorChoices) urgent(risk float64, hit []string) bool {
	if !c.Urgent {
		return false
	}
	return c.UrgentRisk > 0 && risk > c.UrgentRisk ||
		slices.ContainsFunc(hit, func(rule string) bool { return slices.Contains(c.UrgentRules, rule) })
}

func (c ModeratorChoices) location() *time.Location { return schedule.Zone(c.TimeZone) }

// quiet reports whether a time is in quiet hours.
func (c ModeratorChoices) quiet(at time.Time) bool {
	hour := at.In(c.location()).Hour()
	if c.QuietFrom <= c.QuietUntil {
		return c.QuietFrom <= hour && hour < c.QuietUntil
	}
	return hour >= c.QuietFrom || hour < c.QuietUntil
}

// afterQuiet returns the time, or the end of the quiet hours that it is in.
func (c ModeratorChoices) afterQuiet(at time.Time) time.Time {
	for range 25 { // full hours, so that daylight saving time needs no special case
		if !c.quiet(at) {
			return at
		}
		at = nextHour(at.In(c.location()))
	}
	return at
}

// nextHour returns the next full hour of the clock.
func nextHour(at time.Time) time.Time {
	return at.Truncate(time.Minute).Add(time.Duration(60-at.Minute()) * time.Minute)
}

// nextDigest returns when the digest with what happens now is due; false if the moderator wants none.
func (c ModeratorChoices) nextDigest(now time.Time) (time.Time, bool) {
	local := now.In(c.location())
	switch c.Digest {
	case Hourly:
		due := c.afterQuiet(nextHour(local))
		for !c.Weekends && weekend(due) {
			due = c.afterQuiet(time.Date(due.Year(), due.Month(), due.Day()+1, 0, 0, 0, 0, c.location()))
		}
		return due.UTC(), true
	case Daily:
		due := time.Date(local.Year(), local.Month(), local.Day(), c.DigestHour, 0, 0, 0, c.location())
		for !due.After(now) || !c.Weekends && weekend(due) {
			due = time.Date(due.Year(), due.Month(), due.Day()+1, c.DigestHour, 0, 0, 0, c.location())
		}
		return due.UTC(), true
	}
	return time.Time{}, false
}

func weekend(at time.Time) bool { return at.Weekday() == time.Saturday || at.Weekday() == time.Sunday }
