package identity

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of claims.
const (
	MaxSubjectBytes = 255
	MaxBadges       = 8
	maxBadge        = 32
)

// Claims is what a token says of its reader. Name, email and URLs are as sent: the caller cleans them like
// input.
type Claims struct {
	Subject    string // the reader's ID at the publication
	Name       string
	Email      string // verified by the publication
	ProfileURL string // "profile"; empty for none
	AvatarURL  string // "picture"; empty for none
	Badges     []string
	ExpiresAt  time.Time
}

func readClaims(body object, want Expectation, now time.Time) (Claims, error) {
	var c Claims
	if err := checkParties(body, want); err != nil {
		return c, err
	}
	for _, claim := range []struct {
		name     string
		to       *string
		required bool
	}{
		{"sub", &c.Subject, true}, {"name", &c.Name, true}, {"email", &c.Email, true},
		{"profile", &c.ProfileURL, false}, {"picture", &c.AvatarURL, false},
	} {
		value, err := body.text(claim.name)
		switch {
		case err != nil:
			return c, refuse(BadClaim, claim.name, fmt.Sprintf("The claim %s must be a string.", claim.name))
		case value == "" && claim.required:
			return c, refuse(Missing, claim.name, fmt.Sprintf("The claim %s is required.", claim.name))
		}
		*claim.to = value
	}
	if len(c.Subject) > MaxSubjectBytes || !printable(c.Subject) {
		return c, refuse(BadClaim, "sub", fmt.Sprintf("The subject has at most %d bytes of printable text.", MaxSubjectBytes))
	}
	if err := checkVerified(body); err != nil {
		return c, err
	}
	if err := c.readBadges(body); err != nil {
		return c, err
	}
	return c, c.readTimes(body, now)
}

// checkParties checks for whom the token was made, and by whom.
func checkParties(body object, want Expectation) error {
	issuer, err := body.text("iss")
	if want.Issuer != "" && (err != nil || issuer != want.Issuer) {
		return refuse(Issuer, "iss", "The token's issuer is not the one that the site expects.")
	}
	audiences, err := body.texts("aud")
	if one, oneErr := body.text("aud"); oneErr == nil && one != "" {
		audiences, err = []string{one}, nil
	}
	switch {
	case err != nil:
		return refuse(BadClaim, "aud", "The claim aud must be a string or a list of strings.")
	case len(audiences) == 0:
		return refuse(Missing, "aud", "The claim aud is required.")
	case !slices.Contains(audiences, want.Audience):
		return refuse(Audience, "aud", "The token was made for another audience.")
	}
	return nil
}

func checkVerified(body object) error {
	if string(body["email_verified"]) != "true" {
		return refuse(Unproved, "email_verified", "The claim email_verified must be true: the publication has to verify the email.")
	}
	return nil
}

func (c *Claims) readBadges(body object) error {
	badges, err := body.texts("badges")
	if err != nil || len(badges) > MaxBadges {
		return refuse(BadClaim, "badges", fmt.Sprintf("The claim badges must be a list of at most %d strings.", MaxBadges))
	}
	for _, badge := range badges {
		if !validBadge(badge) {
			return refuse(BadClaim, "badges", fmt.Sprintf(
				"A badge has 1 to %d lower-case letters, digits and hyphens, as subscriber.", maxBadge))
		}
		if !slices.Contains(c.Badges, badge) {
			c.Badges = append(c.Badges, badge)
		}
	}
	slices.Sort(c.Badges)
	return nil
}

func validBadge(badge string) bool {
	for _, r := range badge {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return badge != "" && len(badge) <= maxBadge
}

// readTimes checks when the token is valid. An expired token is refused as such only if nothing else is
// wrong.
func (c *Claims) readTimes(body object, now time.Time) error {
	issued, ok := instant(body, "iat")
	if !ok {
		return refuse(Missing, "iat", "The claim iat is required: the time of signing, in seconds since 1970.")
	}
	expires, ok := instant(body, "exp")
	if !ok {
		return refuse(Missing, "exp", "The claim exp is required: the time at which the token ends, in seconds since 1970.")
	}
	if begins, ok := instant(body, "nbf"); body.has("nbf") && (!ok || begins.After(now.Add(ClockSkew))) {
		return refuse(NotYet, "nbf", "The token is not valid yet.")
	}
	switch {
	case issued.After(now.Add(ClockSkew)):
		return refuse(NotYet, "iat", "The token was signed in the future. Compare the clocks of both servers.")
	case expires.Before(issued), expires.Sub(issued) > MaxLifetime:
		return refuse(TooLong, "exp", "A token is valid for 24 hours at most.")
	case !now.Before(expires.Add(ClockSkew)):
		return refuse(Expired, "exp", "The token has expired.")
	}
	c.ExpiresAt = expires
	return nil
}

// instant returns a NumericDate (RFC 7519, section 2) to the second.
func instant(body object, name string) (time.Time, bool) {
	var number json.Number
	raw := body[name]
	if len(raw) == 0 || raw[0] == '"' || json.Unmarshal(raw, &number) != nil {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseFloat(number.String(), 64)
	const last = 253402300799 // the end of the year 9999
	if err != nil || math.IsNaN(seconds) || seconds < 0 || seconds > last {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}

func printable(text string) bool {
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return false
		}
	}
	return true
}
