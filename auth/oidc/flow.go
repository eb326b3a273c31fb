package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"rejoinder/auth"
)

// FlowLife is the time for a sign-in at the provider.
const FlowLife = 10 * time.Minute

// secretBytes is the size of state, nonce and code verifier: 256 random bits.
const secretBytes = 32

// Flow is a sign-in that has started. It belongs to one browser, which keeps it in a sealed cookie, so any
// node can finish it.
type Flow struct {
	Provider string `json:"p"`
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"` // of PKCE (RFC 7636)
	// Next is the page to open afterwards. The caller has checked that it is one of ours.
	Next string `json:"x,omitempty"`
	// LinkTo is the moderator who wants to link the account; empty: somebody signs in.
	LinkTo    string    `json:"m,omitempty"`
	ExpiresAt time.Time `json:"e"`
}

// Start starts a sign-in and returns the provider's URL to which the browser must be redirected. It sets all
// fields of the flow but Next and LinkTo. Errors: auth.ErrUnknownProvider, auth.ErrProviderDown.
func (s *Providers) Start(ctx context.Context, name string, flow Flow) (Flow, string, error) {
	p, err := s.find(name)
	if err != nil {
		return Flow{}, "", fmt.Errorf("start sign-in: %w", err)
	}
	e, err := p.discover(ctx)
	if err != nil {
		return Flow{}, "", fmt.Errorf("start sign-in: %w", err)
	}
	for _, secret := range []*string{&flow.State, &flow.Nonce, &flow.Verifier} {
		if *secret, err = randomText(p.random); err != nil {
			return Flow{}, "", fmt.Errorf("start sign-in: %w", err)
		}
	}
	flow.Provider, flow.ExpiresAt = p.Name, p.now().Add(FlowLife)
	options := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(flow.Verifier), oauth2.SetAuthURLParam("nonce", flow.Nonce),
	}
	for name, value := range p.Params {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return flow, e.oauth.AuthCodeURL(flow.State, options...), nil
}

func randomText(random io.Reader) (string, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// Finish finishes a sign-in with the parameters of the redirect to the callback URL of the provider with that
// name.
//
// Errors: auth.ErrSignInExpired, auth.ErrSignInState if the redirect does not belong to the flow,
// auth.ErrMixUp if it came from another provider, auth.ErrProviderRefused, auth.ErrProviderDown,
// auth.ErrProviderResponse, errors of the ID token (checkToken), auth.ErrNoMappedGroup, auth.ErrUncheckable.
func (s *Providers) Finish(
	ctx context.Context, name string, flow Flow, params url.Values,
) (auth.FederatedLogin, error) {
	p, err := s.find(name)
	if err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("finish sign-in: %w", err)
	}
	if err := p.checkRedirect(flow, params); err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("finish sign-in: %w", err)
	}
	e, err := p.discover(ctx)
	if err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("finish sign-in: %w", err)
	}
	if err := p.checkSender(e, params); err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("finish sign-in: %w", err)
	}
	token, err := e.oauth.Exchange(p.with(ctx), params.Get("code"), oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("finish sign-in: %w", p.describe(err))
	}
	login, err := p.login(ctx, e, token, expected{nonce: flow.Nonce})
	if err != nil {
		return auth.FederatedLogin{}, fmt.Errorf("finish sign-in: %w", err)
	}
	return login, nil
}

// checkRedirect checks that the redirect belongs to the flow. It does so before anything is sent to a
// provider.
func (p *provider) checkRedirect(flow Flow, params url.Values) error {
	state := params.Get("state")
	switch {
	case !p.now().Before(flow.ExpiresAt):
		return auth.ErrSignInExpired
	case flow.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(flow.State)) != 1:
		return auth.ErrSignInState
	case flow.Provider != p.Name:
		return auth.ErrMixUp
	}
	return nil
}

// checkSender checks that the redirect came from this provider (RFC 9207) and brings a code.
func (p *provider) checkSender(e *endpoints, params url.Values) error {
	if issuer := params["iss"]; len(issuer) > 0 || e.sendsIssuer {
		if len(issuer) != 1 || issuer[0] != p.Issuer {
			return auth.ErrMixUp
		}
	}
	if code := params.Get("error"); code != "" {
		return &auth.ProviderRefusal{Code: printable(code)}
	}
	if params.Get("code") == "" {
		return fmt.Errorf("%w: no code", auth.ErrProviderResponse)
	}
	return nil
}

// describe converts an error of the token endpoint. Errors: auth.ErrProviderDown, auth.ErrProviderRefused.
func (p *provider) describe(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil || refused.Response.StatusCode >= 500 ||
		refused.Response.StatusCode == 429 {
		p.markDown()
		return fmt.Errorf("%w: %s", auth.ErrProviderDown, reason(err))
	}
	return &auth.ProviderRefusal{Code: printable(refused.ErrorCode)}
}

// reason describes an error for the log without URLs and bodies, which may contain secrets.
func reason(err error) string {
	var failed *url.Error
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &failed):
		return failed.Err.Error()
	case errors.As(err, &refused) && refused.Response != nil:
		return "status " + refused.Response.Status
	}
	return "no usable response"
}

// printable returns an error code of OAuth as it may be shown and logged (RFC 6749, section 4.1.2.1).
func printable(code string) string {
	if len(code) > 60 {
		code = code[:60]
	}
	clean := make([]byte, 0, len(code))
	for _, b := range []byte(code) {
		if b > ' ' && b < 0x7f && b != '"' && b != '\\' {
			clean = append(clean, b)
		}
	}
	return string(clean)
}
