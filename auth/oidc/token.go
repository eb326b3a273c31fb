package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	coreos "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"rejoinder/auth"
)

// clockLeeway is the maximum difference between the clocks of the provider and this server.
const clockLeeway = time.Minute

// expected holds the claims that an ID token must have besides this provider and client.
type expected struct {
	nonce   string // empty: none was sent
	subject string // empty: nobody is known yet
}

// login verifies a token response and reads the person's access from it. Errors: those of checkToken and
// userinfo, auth.ErrNoMappedGroup, auth.ErrUncheckable.
func (p *provider) login(
	ctx context.Context, e *endpoints, token *oauth2.Token, want expected,
) (auth.FederatedLogin, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return auth.FederatedLogin{}, fmt.Errorf("%w: no ID token", auth.ErrProviderResponse)
	}
	said, subject, err := p.checkToken(ctx, e, raw, want)
	if err != nil {
		return auth.FederatedLogin{}, err
	}
	login, err := p.readLogin(ctx, e, token, person{subject: subject, claims: said})
	login.IDToken = raw
	return login, err
}

// person is a subject with what an ID token says about it.
type person struct {
	subject string
	session string // known from the first ID token
	known   bool   // the person has an account, so the email is not needed
	claims  claims
}

// readLogin reads the person's access from the claims and, if they lack groups or email, from userinfo.
func (p *provider) readLogin(
	ctx context.Context, e *endpoints, token *oauth2.Token, who person,
) (auth.FederatedLogin, error) {
	groups, found := who.claims.groups(p.GroupsClaim)
	if !found || !who.known && who.claims.text("email") == "" {
		more, err := p.userinfo(ctx, e, token, who.subject)
		if err != nil {
			return p.unanswered(e, token, who), err
		}
		for name, value := range more {
			if _, has := who.claims[name]; !has {
				who.claims[name] = value
			}
		}
		if !found {
			groups, _ = more.groups(p.GroupsClaim)
		}
	}
	access, err := p.access(groups)
	if err != nil {
		return auth.FederatedLogin{}, err
	}
	session := who.claims.text("sid")
	if session == "" {
		session = who.session
	}
	login := auth.FederatedLogin{Provider: p.Name, Issuer: p.Issuer, Subject: who.subject, ProviderSession: session,
		Email: p.email(who.claims), Name: personName(who.claims), Access: access, MayCreate: p.CreateAccounts}
	login.Credential, err = newCredential(e, token, login).encode()
	return login, err
}

// unanswered returns a login with the credential alone: a refresh token has replaced the one that was used,
// and the provider must be asked again.
func (p *provider) unanswered(e *endpoints, token *oauth2.Token, who person) auth.FederatedLogin {
	login := auth.FederatedLogin{Subject: who.subject, ProviderSession: who.session}
	text, err := newCredential(e, token, login).encode()
	if err != nil {
		return auth.FederatedLogin{}
	}
	return auth.FederatedLogin{Credential: text}
}

// email returns the person's email, unless the provider has not verified it.
func (p *provider) email(said claims) string {
	if p.TrustEmail || said.truth("email_verified") {
		return said.text("email")
	}
	return ""
}

func personName(said claims) string {
	for _, claim := range []string{"name", "preferred_username", "nickname"} {
		if name := said.text(claim); name != "" {
			return name
		}
	}
	return ""
}

// userinfo returns the claims of the userinfo endpoint; none if the provider has none. Errors:
// auth.ErrProviderDown, auth.ErrGrantRevoked if the access token is no longer valid, auth.ErrProviderResponse
// if they are about somebody else.
func (p *provider) userinfo(ctx context.Context, e *endpoints, token *oauth2.Token, subject string) (claims, error) {
	if e.provider.UserInfoEndpoint() == "" {
		return nil, nil
	}
	info, err := e.provider.UserInfo(p.with(ctx), oauth2.StaticTokenSource(token))
	switch {
	case err != nil && (strings.HasPrefix(err.Error(), "401") || strings.HasPrefix(err.Error(), "403")):
		return nil, fmt.Errorf("userinfo: %w", auth.ErrGrantRevoked)
	case err != nil:
		p.markDown()
		return nil, fmt.Errorf("userinfo: %w", auth.ErrProviderDown)
	case info.Subject != subject: // OpenID Connect Core 1.0, section 5.3.2
		return nil, fmt.Errorf("userinfo: %w: about another subject", auth.ErrProviderResponse)
	}
	var said claims
	if err := info.Claims(&said); err != nil {
		return nil, fmt.Errorf("userinfo: %w: not an object", auth.ErrProviderResponse)
	}
	return said, nil
}

// checkToken verifies an ID token (OpenID Connect Core 1.0, section 3.1.3.7) and returns its claims. Errors:
// auth.ErrTokenSignature, auth.ErrTokenIssuer, auth.ErrTokenAudience, auth.ErrIDTokenExpired,
// auth.ErrTokenNonce, auth.ErrProviderResponse if it is malformed or about another subject,
// auth.ErrProviderDown if the keys can't be read.
func (p *provider) checkToken(ctx context.Context, e *endpoints, raw string, want expected) (claims, string, error) {
	token, err := e.verifier.Verify(p.with(ctx), raw)
	if err != nil {
		return nil, "", p.describeSignature(err)
	}
	var said claims
	if err := token.Claims(&said); err != nil {
		return nil, "", fmt.Errorf("%w: ID token", auth.ErrProviderResponse)
	}
	switch now := p.now(); {
	case token.Issuer != p.Issuer:
		return nil, "", auth.ErrTokenIssuer
	case !slices.Contains(token.Audience, p.ClientID) || !p.isAuthorizedParty(said, token.Audience):
		return nil, "", auth.ErrTokenAudience
	case !now.Before(token.Expiry.Add(clockLeeway)) || now.Before(token.IssuedAt.Add(-clockLeeway)) ||
		now.Before(notBefore(said).Add(-clockLeeway)):
		return nil, "", auth.ErrIDTokenExpired
	case want.nonce != "" && token.Nonce != want.nonce:
		return nil, "", auth.ErrTokenNonce
	case token.Subject == "" || len(token.Subject) > maxSubjectBytes ||
		want.subject != "" && token.Subject != want.subject:
		return nil, "", fmt.Errorf("%w: subject of the ID token", auth.ErrProviderResponse)
	}
	return said, token.Subject, nil
}

// maxSubjectBytes is the maximum length of a subject (OpenID Connect Core 1.0, section 2).
const maxSubjectBytes = 255

// isAuthorizedParty reports whether the token was issued to this client, if it names one. A token for several
// audiences must.
func (p *provider) isAuthorizedParty(said claims, audience []string) bool {
	if _, named := said["azp"]; named || len(audience) > 1 {
		return said.text("azp") == p.ClientID
	}
	return true
}

func notBefore(said claims) time.Time {
	var seconds float64
	if json.Unmarshal(said["nbf"], &seconds) != nil {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// describeSignature converts an error of the verifier, which checks only format and signature. The verifier
// has no error types, only texts.
func (p *provider) describeSignature(err error) error {
	if strings.Contains(err.Error(), "fetching keys") || errors.Is(err, context.DeadlineExceeded) {
		p.markDown()
		return fmt.Errorf("read the provider's keys: %w", auth.ErrProviderDown)
	}
	var expired *coreos.TokenExpiredError
	if errors.As(err, &expired) {
		return auth.ErrIDTokenExpired
	}
	return auth.ErrTokenSignature
}
