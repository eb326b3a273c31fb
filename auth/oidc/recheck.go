package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"rejoinder/auth"
)

// credential is what a session needs to ask its provider again. Package auth stores it sealed.
type credential struct {
	Subject string `json:"sub"`
	Session string `json:"sid,omitempty"`
	// RefreshToken is the provider's. Without one, AccessToken is used until it expires.
	RefreshToken string    `json:"rt,omitempty"`
	AccessToken  string    `json:"at,omitempty"`
	TokenType    string    `json:"tt,omitempty"`
	ExpiresAt    time.Time `json:"exp,omitzero"`
	// usable: the provider can be asked with it.
	usable bool
}

func newCredential(e *endpoints, token *oauth2.Token, login auth.FederatedLogin) credential {
	c := credential{Subject: login.Subject, Session: login.ProviderSession, RefreshToken: token.RefreshToken}
	c.usable = c.RefreshToken != ""
	if !c.usable && e.provider.UserInfoEndpoint() != "" {
		c.AccessToken, c.TokenType, c.ExpiresAt, c.usable = token.AccessToken, token.TokenType, token.Expiry, true
	}
	return c
}

// encode returns the credential as text. Errors: auth.ErrUncheckable if the provider returned nothing with
// which it could be asked.
func (c credential) encode() (string, error) {
	if !c.usable {
		return "", auth.ErrUncheckable
	}
	text, err := json.Marshal(c)
	return string(text), err
}

// Recheck asks the provider again about the person of a session, with the credential of the last login.
// Errors: auth.ErrProviderDown; auth.ErrNoMappedGroup; auth.ErrGrantRevoked if the provider has ended the
// session, or the credential has expired; auth.ErrUnknownProvider if the provider is no longer configured;
// those of Finish. With an error, the login has a Credential only if the session must use it from now on.
func (s *Providers) Recheck(ctx context.Context, name, text string) (auth.FederatedLogin, error) {
	p, err := s.find(name)
	if err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("ask provider again: %w", err)
	}
	var c credential
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("ask provider again: %w", err)
	}
	e, err := p.discover(ctx)
	if err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("ask provider again: %w", err)
	}
	var login auth.FederatedLogin
	if c.RefreshToken != "" {
		login, err = p.refresh(ctx, e, c)
	} else {
		login, err = p.askUserinfo(ctx, e, c)
	}
	if err != nil {
		return login, fmt.Errorf("ask provider again: %w", err)
	}
	return login, nil
}

// refresh exchanges the refresh token. The response may lack an ID token (OpenID Connect Core 1.0, section
// 12.2); all claims then come from userinfo.
func (p *provider) refresh(ctx context.Context, e *endpoints, c credential) (auth.FederatedLogin, error) {
	token, err := e.oauth.TokenSource(p.with(ctx), &oauth2.Token{RefreshToken: c.RefreshToken}).Token()
	if err != nil {
		err = p.describe(err)
		var refusal *auth.ProviderRefusal
		if errors.As(err, &refusal) {
			if refusal.Code == "invalid_grant" {
				return auth.FederatedLogin{}, auth.ErrRefreshRefused
			}
			// The provider refuses this server, not the person: its client secret may have changed.
			p.log.ErrorContext(ctx, "identity provider refuses this server", "code", refusal.Code)
			return auth.FederatedLogin{}, auth.ErrProviderDown
		}
		return auth.FederatedLogin{}, err
	}
	who := person{subject: c.Subject, session: c.Session, known: true, claims: claims{}}
	if raw, ok := token.Extra("id_token").(string); ok {
		if who.claims, _, err = p.checkToken(ctx, e, raw, expected{subject: c.Subject}); err != nil {
			return auth.FederatedLogin{}, err
		}
	}
	return p.readLogin(ctx, e, token, who)
}

// askUserinfo asks with an access token until it expires.
func (p *provider) askUserinfo(ctx context.Context, e *endpoints, c credential) (auth.FederatedLogin, error) {
	if !c.ExpiresAt.IsZero() && !p.now().Before(c.ExpiresAt) {
		return auth.FederatedLogin{}, auth.ErrGrantRevoked
	}
	token := &oauth2.Token{AccessToken: c.AccessToken, TokenType: c.TokenType, Expiry: c.ExpiresAt}
	return p.readLogin(ctx, e, token, person{subject: c.Subject, session: c.Session, known: true, claims: claims{}})
}
