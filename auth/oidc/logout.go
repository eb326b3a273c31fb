package oidc

import (
	"context"
	"fmt"
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
