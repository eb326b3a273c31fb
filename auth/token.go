package auth

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// AccessTokenLife is the lifetime of an access token.
	AccessTokenLife = 15 * time.Minute
	// clockLeeway is the maximum difference between the clocks of two nodes.
	clockLeeway = 30 * time.Second
	// maxAccessTokenBytes bounds the tokens to parse. A token with maxSiteIDs sites has about 6,000 bytes.
	maxAccessTokenBytes = 16 * 1024
)

// TokensConfig configures Tokens. Every field is required.
type TokensConfig struct {
	Issuer   string // the public URL of this installation; tokens of other issuers are rejected
	Audience string // the tokens' audience, "rejoinder-api"
	Keys     *KeyRing
	Now      func() time.Time
	Random   io.Reader
}

// Tokens issues and verifies access tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037). It is safe for
// concurrent use.
type Tokens struct {
	cfg    TokensConfig
	parser *jwt.Parser
}

// claims are the claims of an access token. It contains no email: tokens end up in logs and browser storage.
type claims struct {
	jwt.RegisteredClaims
	Session string   `json:"sid"` // session id, named as in OpenID Connect Back-Channel Logout
	Name    string   `json:"name"`
	Role    Role     `json:"role"`
	Sites   []string `json:"sites,omitempty"` // absent: all sites
}

// NewTokens returns Tokens, or an error if a field is missing.
func NewTokens(cfg TokensConfig) (*Tokens, error) {
	if cfg.Issuer == "" || cfg.Audience == "" || cfg.Keys == nil || cfg.Now == nil || cfg.Random == nil {
		return nil, errors.New("new tokens: Issuer, Audience, Keys, Now and Random are required")
	}
	// The algorithm is pinned (RFC 8725, section 3.1): the token's header never selects how it is verified.
	return &Tokens{cfg: cfg, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(cfg.Issuer),
		jwt.WithAudience(cfg.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(clockLeeway),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(cfg.Now),
	)}, nil
}

// Issue returns an access token for a moderator's session, valid from now for AccessTokenLife.
func (t *Tokens) Issue(m Moderator, sessionID string) (string, error) {
	now := t.cfg.Now()
	id, err := newUUID(now, t.cfg.Random)
	if err != nil {
		return "", fmt.Errorf("issue access token: %w", err)
	}
	key := t.cfg.Keys.current().signing
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        id,
			Issuer:    t.cfg.Issuer,
			Audience:  jwt.ClaimStrings{t.cfg.Audience},
			Subject:   m.ID,
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(AccessTokenLife)),
		},
		Session: sessionID,
		Name:    m.Name,
		Role:    m.Role,
		Sites:   m.SiteIDs,
	})
	token.Header["kid"] = key.id
	signed, err := token.SignedString(key.private)
	if err != nil {
		return "", fmt.Errorf("issue access token: %w", err)
	}
	return signed, nil
}

// Verify verifies an access token and returns its identity. Errors: ErrTokenExpired for a token that was
// valid once, any other ErrTokenInvalid for everything else. The error's text is for logs and never quotes
// the token.
func (t *Tokens) Verify(token string) (Identity, error) {
	if len(token) > maxAccessTokenBytes {
		return Identity{}, fmt.Errorf("%w: longer than %d bytes", ErrTokenInvalid, maxAccessTokenBytes)
	}
	var c claims
	_, err := t.parser.ParseWithClaims(token, &c, t.verificationKey)
	// An expired token with a second fault (such as another issuer) was never valid here.
	if expiredOnly(err) {
		return Identity{}, ErrTokenExpired
	}
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %s", ErrTokenInvalid, faultOf(err))
	}
	if c.Subject == "" || c.ID == "" || c.Session == "" || c.IssuedAt == nil || !c.Role.Valid() {
		return Identity{}, fmt.Errorf("%w: sub, jti, sid, iat or role is missing", ErrTokenInvalid)
	}
	return Identity{ModeratorID: c.Subject, SessionID: c.Session, Name: c.Name, Role: c.Role, SiteIDs: c.Sites}, nil
}

func (t *Tokens) verificationKey(token *jwt.Token) (any, error) {
	kid, ok := token.Header["kid"].(string)
	if !ok || kid == "" {
		return nil, errors.New("kid is missing")
	}
	public, ok := t.cfg.Keys.verifying(kid)
	if !ok {
		return nil, errors.New("kid is unknown")
	}
	return public, nil
}

// faults are the errors of package jwt to report, most important first.
var faults = []error{
	jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenInvalidIssuer,
	jwt.ErrTokenInvalidAudience, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenRequiredClaimMissing,
	jwt.ErrTokenInvalidSubject,
}

// faultOf returns the fault without the details, which may quote the token.
func faultOf(err error) string {
	for _, fault := range faults {
		if errors.Is(err, fault) {
			return fault.Error()
		}
	}
	return "other fault"
}

func expiredOnly(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) && faultOf(err) == "other fault"
}
