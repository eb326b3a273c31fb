package notify

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/privacy"
)

// Purposes keep one kind of link from being used as another.
const (
	purposeConfirm = "mail-confirm"
	purposeManage  = "mail-manage"
	purposeStop    = "mail-stop"
	purposeDecide  = "mail-decide"
	purposeFollow  = "mail-follow"
)

// How long links work. Links that stop mail never expire.
const (
	ConfirmLife = 3 * 24 * time.Hour
	ManageLife  = 24 * time.Hour
	DecideLife  = 24 * time.Hour
)

// Paths of the pages behind the links, each followed by a token.
const (
	ConfirmPath = "/mail/confirm/"
	ManagePath  = "/mail/notifications/"
	StopPath    = "/mail/stop/"
	DecidePath  = "/mail/decide/"
	PersonPath  = "/mail/comments/" // with the token of ManagePath
	FollowPath  = "/mail/follow/"
)

// Links makes and checks the links in mails. A link is signed: nothing is stored for it.
type Links struct {
	Keys      *privacy.Keyring
	PublicURL string // without a trailing slash
	Now       func() time.Time
}

// sign returns the fields with their signature. Fields contain no dots.
func (l Links) sign(purpose string, fields ...string) string {
	subject := strings.Join(fields, ".")
	return subject + "." + l.Keys.Token(purpose, subject)
}

// open returns the n fields of a token.
func (l Links) open(purpose, token string, n int) ([]string, error) {
	at := strings.LastIndexByte(token, '.')
	if at < 0 || !l.Keys.VerifyToken(purpose, token[:at], token[at+1:]) {
		return nil, ErrLink
	}
	fields := strings.Split(token[:at], ".")
	if len(fields) != n {
		return nil, ErrLink
	}
	return fields, nil
}

func (l Links) expiry(life time.Duration) string {
	return strconv.FormatInt(l.Now().Add(life).Unix(), 36)
}

// checkExpiry returns ErrLinkExpired for a time that has passed.
func (l Links) checkExpiry(field string) (time.Time, error) {
	seconds, err := strconv.ParseInt(field, 36, 64)
	if err != nil {
		return time.Time{}, ErrLink
	}
	expires := time.Unix(seconds, 0)
	if !l.Now().Before(expires) {
		return expires, ErrLinkExpired
	}
	return expires, nil
}

func (l Links) confirmURL(commenterID, commentID string) string {
	return l.PublicURL + ConfirmPath + l.sign(purposeConfirm, commenterID, commentID, l.expiry(ConfirmLife))
}

// openConfirm returns the commenter and the comment of a confirmation. They are also returned with
// ErrLinkExpired.
func (l Links) openConfirm(token string) (commenterID, commentID string, err error) {
	fields, err := l.open(purposeConfirm, token, 3)
	if err != nil {
		return "", "", err
	}
	_, err = l.checkExpiry(fields[2])
	return fields[0], fields[1], err
}

func (l Links) manageToken(commenterID string) string {
	return l.sign(purposeManage, commenterID, l.expiry(ManageLife))
}

func (l Links) manageURL(commenterID string) string {
	return l.PublicURL + ManagePath + l.manageToken(commenterID)
}

// openManage returns the commenter of a page of notifications, also with ErrLinkExpired.
func (l Links) openManage(token string) (commenterID string, expires time.Time, err error) {
	fields, err := l.open(purposeManage, token, 2)
	if err != nil {
		return "", time.Time{}, err
	}
	expires, err = l.checkExpiry(fields[1])
	return fields[0], expires, err
}

// Scope is the extent to which a reader stops mail.
type Scope string

// Scopes.
const (
	ScopeThread Scope = "thread"
	ScopeSite   Scope = "site"
	ScopeAll    Scope = "all"
)

// scopeAddress is ScopeAll for an address that is sealed in the link: there is no commenter with it yet.
const scopeAddress Scope = "address"

// Valid reports whether s is one of the scopes.
func (s Scope) Valid() bool { return s == ScopeThread || s == ScopeSite || s == ScopeAll }

// stopURL returns the link that stops mail. articleID is empty in mails about no single article.
func (l Links) stopURL(scope Scope, commenterID, articleID string) string {
	return l.PublicURL + StopPath + l.sign(purposeStop, string(scope), commenterID, articleID)
}

type stopLink struct {
	scope                  Scope
	commenterID, articleID string
	email, siteID          string // of scopeAddress
}

// stopAddressURL returns the link that stops all mail to an address. It also names the site of the mail.
func (l Links) stopAddressURL(email, siteID string) (string, error) {
	sealed, err := l.sealed(email, purposeStop)
	if err != nil {
		return "", err
	}
	return l.PublicURL + StopPath + l.sign(purposeStop, string(scopeAddress), sealed, siteID), nil
}

// sealed returns an email in a form for links that only openSealed reads.
func (l Links) sealed(email, purpose string) (string, error) {
	sealed, err := l.Keys.Seal(email, purpose)
	if err != nil {
		return "", fmt.Errorf("seal email: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

func (l Links) openSealed(field, purpose string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(field)
	if err != nil {
		return "", ErrLink
	}
	email, err := l.Keys.Open(sealed, purpose)
	if err != nil {
		return "", fmt.Errorf("open email: %w", err)
	}
	return email, nil
}

// followLink asks to confirm that an address follows an article.
type followLink struct{ email, articleID, language string }

func (l Links) followURL(f followLink) (string, error) {
	sealed, err := l.sealed(f.email, purposeFollow)
	if err != nil {
		return "", err
	}
	return l.PublicURL + FollowPath + l.sign(purposeFollow, sealed, f.articleID, f.language, l.expiry(ConfirmLife)), nil
}

func (l Links) openFollow(token string) (followLink, error) {
	fields, err := l.open(purposeFollow, token, 4)
	if err != nil {
		return followLink{}, err
	}
	if _, err := l.checkExpiry(fields[3]); err != nil {
		return followLink{}, err
	}
	email, err := l.openSealed(fields[0], purposeFollow)
	return followLink{email, fields[1], fields[2]}, err
}

func (l Links) personURL(commenterID string) string {
	return l.PublicURL + PersonPath + l.manageToken(commenterID)
}

func (l Links) openStop(token string) (stopLink, error) {
	fields, err := l.open(purposeStop, token, 3)
	if err != nil {
		return stopLink{}, ErrLink
	}
	if Scope(fields[0]) == scopeAddress {
		email, err := l.openSealed(fields[1], purposeStop)
		return stopLink{scope: scopeAddress, email: email, siteID: fields[2]}, err
	}
	if !Scope(fields[0]).Valid() {
		return stopLink{}, ErrLink
	}
	return stopLink{scope: Scope(fields[0]), commenterID: fields[1], articleID: fields[2]}, nil
}

// decideLink is a decision that a moderator was offered by mail.
type decideLink struct {
	moderatorID, commentID string
	version                int // of the comment in the mail
	action                 moderation.Action
}

func (l Links) decideURL(d decideLink) string {
	return l.PublicURL + DecidePath + l.sign(purposeDecide,
		d.moderatorID, d.commentID, strconv.Itoa(d.version), string(d.action), l.expiry(DecideLife))
}

func (l Links) openDecide(token string) (decideLink, error) {
	fields, err := l.open(purposeDecide, token, 5)
	if err != nil {
		return decideLink{}, err
	}
	version, err := strconv.Atoi(fields[2])
	if err != nil {
		return decideLink{}, ErrLink
	}
	_, err = l.checkExpiry(fields[4])
	return decideLink{fields[0], fields[1], version, moderation.Action(fields[3])}, err
}

// permalink is a comment in its article, or on our page of the thread.
func (c *Composer) permalink(site moderation.Site, a moderation.Article, commentID string) string {
	return Permalink(c.Links.PublicURL, site, a, commentID)
}

// Permalink is the URL of a comment in its article, or on our page of the thread.
func Permalink(publicURL string, site moderation.Site, a moderation.Article, commentID string) string {
	if a.URL != "" {
		if parsed, err := url.Parse(a.URL); err == nil {
			parsed.Fragment = "comment-" + commentID
			return parsed.String()
		}
	}
	return publicURL + "/sites/" + url.PathEscape(site.Slug) + "/page?" +
		url.Values{"article": {a.Key}, "comment": {commentID}}.Encode() + "#comment-" + commentID
}

// statusURL is the author's page of a comment.
func (c *Composer) statusURL(commentID string, words *locale.Language) string {
	return c.Links.PublicURL + "/comments/" + commentID + "?" +
		url.Values{"receipt": {moderation.Receipt(c.Keys, commentID)}, "lang": {words.Tag}}.Encode()
}
