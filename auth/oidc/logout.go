package oidc

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rejoinder/auth"
)

// logoutAge is the maximum age of a logout token. The tokens end sessions only, so a copy has no other use in
// this time.
const logoutAge = 2 * time.Minute

// VerifyLogout verifies a logout token of a provider (OpenID Connect Back-Channel Logout 1.0, section 2.6).
// Errors: auth.ErrUnknownProvider, auth.ErrProviderDown, auth.ErrLogoutToken.
func (s *Providers) VerifyLogout(ctx context.Context, name, raw string) (auth.FederatedLogout, error) {
	p, err := s.find(name)
	if err != nil {
		return auth.FederatedLogout{}, fmt.Errorf("verify logout token: %w", err)
	}
	e, err := p.discover(ctx)
	if err != nil {
		return auth.FederatedLogout{}, fmt.Errorf("verify logout token: %w", err)
	}
	token, err := e.logout.VerifyLogout(p.with(ctx), raw)
	if err != nil && strings.Contains(err.Error(), "fetching keys") {
		p.markDown()
		return auth.FederatedLogout{}, fmt.Errorf("verify logout token: %w", auth.ErrProviderDown)
	}
	if err != nil {
		p.log.WarnContext(ctx, "logout token refused", "err", shorten(err))
		return auth.FederatedLogout{}, fmt.Errorf("verify logout token: %w", auth.ErrLogoutToken)
	}
	now := p.now()
	if token.IssuedAt.Before(now.Add(-logoutAge)) || token.IssuedAt.After(now.Add(clockLeeway)) {
		return auth.FederatedLogout{}, fmt.Errorf("verify logout token: %w: issued at another time", auth.ErrLogoutToken)
	}
	return auth.FederatedLogout{Issuer: p.Issuer, Subject: token.Subject, ProviderSession: token.SessionID}, nil
}

// endSessionURL parses an endpoint for signing out; nil unless browsers may be sent there.
func endSessionURL(endpoint string) *url.URL {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil
	}
	return u
}

// EndSessionURL returns the URL at which a browser ends its session with the provider, which then leads back to
// returnTo (OpenID Connect RP-Initiated Logout 1.0, section 2). idToken is that of the sign-in, or empty. The result is
// empty if the provider has no such endpoint, does not respond, or is configured to keep sessions.
func (s *Providers) EndSessionURL(ctx context.Context, name, idToken, returnTo string) string {
	p, err := s.find(name)
	if err != nil || !p.EndSession {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, p.probeTimeout)
	defer cancel()
	e, err := p.discover(ctx)
	if err != nil || e.endSession == nil {
		return ""
	}
	to := *e.endSession
	query := to.Query()
	query.Set("client_id", p.ClientID)
	query.Set("post_logout_redirect_uri", returnTo)
	if idToken != "" {
		query.Set("id_token_hint", idToken)
	}
	to.RawQuery = query.Encode()
	return to.String()
}
