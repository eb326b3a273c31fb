package oidc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	coreos "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"rejoinder/auth"
)

// Limits of requests to a provider.
const (
	defaultRequestTimeout = 5 * time.Second
	defaultProbeTimeout   = 2 * time.Second
	maxResponseBytes      = 1 << 20
	// discoveryLife is how long a provider's metadata is used before it is read again, and probeLife how long
	// after that it counts as responding. retryAfter is the time between two attempts while it does not respond.
	discoveryLife = time.Hour
	probeLife     = 10 * time.Second
	retryAfter    = 10 * time.Second
)

// ProvidersConfig configures Providers. Every field but the timeouts is required.
type ProvidersConfig struct {
	Config *Config
	// CallbackURL returns the URL to which a provider with that name redirects after a sign-in.
	CallbackURL func(provider string) string
	Transport   http.RoundTripper
	Log         *slog.Logger
	Now         func() time.Time
	Random      io.Reader
	// RequestTimeout bounds one request to a provider, ProbeTimeout the wait of a page that only wants to know
	// whether the provider responds. 0: 5 and 2 seconds.
	RequestTimeout time.Duration
	ProbeTimeout   time.Duration
}

// Providers are the identity providers. It is safe for concurrent use. A nil *Providers has none.
type Providers struct {
	all    []*provider
	config *Config
}

// provider is one identity provider. It is asked for its metadata when it is needed, so that the server
// starts without it.
type provider struct {
	ProviderConfig
	callback string
	client   *http.Client
	log      *slog.Logger
	now      func() time.Time
	random   io.Reader
	// probeTimeout bounds the wait for metadata of a page that can do without them.
	probeTimeout time.Duration

	loading sync.Mutex // held while the metadata is read
	mu      sync.Mutex // guards the fields below
	found   *endpoints // nil until the provider has responded once
	foundAt time.Time
	triedAt time.Time
	down    bool
}

// endpoints is the provider's metadata, as far as it is used.
type endpoints struct {
	provider *coreos.Provider
	oauth    oauth2.Config
	verifier *coreos.IDTokenVerifier
	logout   *coreos.IDTokenVerifier // of logout tokens
	// sendsIssuer: authorization responses have the parameter iss (RFC 9207).
	sendsIssuer bool
	endSession  *url.URL // nil: the provider has no such endpoint
}

// NewProviders returns the configured providers. It sends no request.
func NewProviders(cfg ProvidersConfig) (*Providers, error) {
	if cfg.Config == nil || cfg.CallbackURL == nil || cfg.Transport == nil || cfg.Log == nil || cfg.Now == nil ||
		cfg.Random == nil {
		return nil, errors.New("new OIDC providers: every field but the timeouts is required")
	}
	client := &http.Client{Transport: limitedTransport{cfg.Transport},
		Timeout:       cmp.Or(cfg.RequestTimeout, defaultRequestTimeout),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	providers := &Providers{config: cfg.Config}
	for _, c := range cfg.Config.Providers {
		providers.all = append(providers.all, &provider{ProviderConfig: c, callback: cfg.CallbackURL(c.Name), client: client,
			log: cfg.Log.With("provider", c.Name), now: cfg.Now, random: cfg.Random,
			probeTimeout: cmp.Or(cfg.ProbeTimeout, defaultProbeTimeout)})
	}
	return providers, nil
}

// limitedTransport fails responses that are larger than any provider's.
type limitedTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxResponseBytes)
	}
	return response, err
}

// Outage returns how long sessions go on while their provider does not respond.
func (s *Providers) Outage() time.Duration { return s.config.Outage }

// find returns a provider by name. Errors: auth.ErrUnknownProvider.
func (s *Providers) find(name string) (*provider, error) {
	if s != nil {
		if i := slices.IndexFunc(s.all, func(p *provider) bool { return p.Name == name }); i >= 0 {
			return s.all[i], nil
		}
	}
	return nil, auth.ErrUnknownProvider
}

// Issuers returns the issuers of the configured providers.
func (s *Providers) Issuers() []string {
	if s == nil {
		return nil
	}
	issuers := make([]string, len(s.all))
	for i, p := range s.all {
		issuers[i] = p.Issuer
	}
	return issuers
}

// List returns the providers in the order of the configuration. It asks providers that have not been asked in the
// last ten seconds, and waits for them for at most two seconds.
func (s *Providers) List(ctx context.Context) []auth.ProviderState {
	if s == nil {
		return nil
	}
	states := make([]auth.ProviderState, len(s.all))
	var probes sync.WaitGroup
	for i, p := range s.all {
		probes.Go(func() { states[i] = auth.ProviderState{Name: p.Name, Label: p.Label, Down: !p.probe(ctx)} })
	}
	probes.Wait()
	return states
}

// probe reports whether the provider responds. While another call asks it, the last result counts.
func (p *provider) probe(ctx context.Context) bool {
	if !p.loading.TryLock() {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.down
	}
	p.loading.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.probeTimeout)
	defer cancel()
	_, err := p.discoverWithin(ctx, probeLife)
	return err == nil
}

// discover returns the provider's endpoints. It reads them again after an hour, or once the provider responds
// after an outage. Errors: auth.ErrProviderDown.
func (p *provider) discover(ctx context.Context) (*endpoints, error) {
	return p.discoverWithin(ctx, discoveryLife)
}

// discoverWithin is discover with endpoints that were read so recently.
func (p *provider) discoverWithin(ctx context.Context, life time.Duration) (*endpoints, error) {
	if found, done := p.known(life); done {
		return p.result(found)
	}
	p.loading.Lock()
	defer p.loading.Unlock()
	if found, done := p.known(life); done { // another call has tried meanwhile
		return p.result(found)
	}
	found, err := p.load(ctx)
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.triedAt, p.down = now, err != nil
	if err != nil {
		p.log.WarnContext(ctx, "identity provider does not respond as expected", "err", shorten(err))
		return p.result(nil)
	}
	p.found, p.foundAt = found, now
	return found, nil
}

// shorten limits the text of an error, which may hold a whole response.
func shorten(err error) string {
	text := err.Error()
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}

// known returns the result of a recent discovery; false if the provider must be asked.
func (p *provider) known(life time.Duration) (*endpoints, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.down {
		return nil, now.Sub(p.triedAt) < retryAfter && !now.Before(p.triedAt)
	}
	return p.found, p.found != nil && now.Sub(p.foundAt) < life
}

func (p *provider) result(found *endpoints) (*endpoints, error) {
	if found == nil {
		return nil, fmt.Errorf("%s: %w", p.Name, auth.ErrProviderDown)
	}
	return found, nil
}

// markDown notes that a request failed, so that the sign-in page says so.
func (p *provider) markDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.triedAt = true, p.now()
}

// load reads the provider's metadata.
func (p *provider) load(ctx context.Context) (*endpoints, error) {
	found, err := coreos.NewProvider(p.with(ctx), p.Issuer)
	if err != nil {
		return nil, err
	}
	var metadata struct {
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
		SendsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
		EndSession  string   `json:"end_session_endpoint"`
	}
	if err := found.Claims(&metadata); err != nil {
		return nil, err
	}
	endpoint := found.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of OpenID Connect Discovery 1.0, section 3
	if len(metadata.AuthMethods) > 0 && !slices.Contains(metadata.AuthMethods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &endpoints{
		provider: found,
		oauth: oauth2.Config{ClientID: p.ClientID, ClientSecret: string(p.ClientSecret), Endpoint: endpoint,
			RedirectURL: p.callback, Scopes: p.Scopes},
		// checkToken checks the claims, with an error for each of them. The signature is always verified.
		verifier: found.VerifierContext(p.with(context.Background()), &coreos.Config{
			ClientID: p.ClientID, Now: p.now, SkipIssuerCheck: true, SkipClientIDCheck: true, SkipExpiryCheck: true,
		}),
		logout:      found.VerifierContext(p.with(context.Background()), &coreos.Config{ClientID: p.ClientID, Now: p.now}),
		sendsIssuer: metadata.SendsIssuer,
		endSession:  endSessionURL(metadata.EndSession),
	}, nil
}

// with returns ctx with the HTTP client for both libraries.
func (p *provider) with(ctx context.Context) context.Context {
	return context.WithValue(coreos.ClientContext(ctx, p.client), oauth2.HTTPClient, p.client)
}
