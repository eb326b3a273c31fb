package oidctest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Client of the provider, and the password of all users.
const (
	ClientID     = "rejoinder"
	ClientSecret = "secret of the client"
	Password     = "password at the provider"
)

// User is a person at the provider.
type User struct {
	Subject    string
	Username   string
	Email      string
	Unverified bool // the email
	Name       string
	Groups     []string
}

// Provider is an identity provider. Its methods may be called while it serves.
type Provider struct {
	t      testing.TB
	server *httptest.Server
	issuer string
	users  *users
	store  func() *store

	mu         sync.Mutex
	down       bool
	tamper     func(claims map[string]any)
	forger     *Provider
	tokenCalls int
	ended      []string // subjects whose sessions a sign-out ended
}

// New starts a provider with one client, which may be redirected to these URLs. It stops with the test.
func New(t testing.TB, redirectURIs ...string) *Provider {
	t.Helper()
	p := &Provider{t: t, users: &users{byID: map[string]User{}}}
	// A key takes long to make, so a provider that nobody asks has none.
	p.store = sync.OnceValue(func() *store { return newStore(p.users, redirectURIs, p.noteEnd) })
	handler := sync.OnceValue(p.handler)
	p.server = httptest.NewUnstartedServer(p.unlessDown(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler().ServeHTTP(w, r)
	})))
	_, port, err := net.SplitHostPort(p.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// To browsers, this is another site than a server at 127.0.0.1.
	p.issuer = "http://localhost:" + port
	p.server.Start()
	t.Cleanup(p.server.Close)
	return p
}

// handler returns the library's server with a sign-in page.
func (p *Provider) handler() http.Handler {
	var key [32]byte
	rand.Read(key[:]) //nolint:errcheck // it never fails
	provider, err := op.NewProvider(&op.Config{CryptoKey: key, CodeMethodS256: true, AuthMethodPost: true,
		GrantTypeRefreshToken: true}, p.store(), op.StaticIssuer(p.issuer), op.WithAllowInsecure(),
		op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		p.t.Error(err)
		return http.NotFoundHandler()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/login", p.login(op.AuthCallbackURL(provider), op.NewIssuerInterceptor(provider.IssuerFromRequest)))
	mux.HandleFunc("POST /oauth/token", p.tokens(provider))
	mux.Handle("/", provider)
	return mux
}

// Issuer returns the provider's issuer, which is its URL.
func (p *Provider) Issuer() string { return p.issuer }

// Put adds a user, or replaces the one with the same subject.
func (p *Provider) Put(u User) { p.users.put(u) }

// SetGroups changes the groups of a user.
func (p *Provider) SetGroups(subject string, groups ...string) {
	p.users.setGroups(subject, groups)
}

// SetDown makes the provider respond with 503 to everything, or work again.
func (p *Provider) SetDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// Tamper changes the claims of each ID token from now on. The provider signs the changed token. nil: no
// change.
func (p *Provider) Tamper(change func(claims map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = change
}

// Forge makes another provider sign the ID tokens from now on. nil: this one does.
func (p *Provider) Forge(forger *Provider) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forger = forger
}

// TokenCalls returns how often the token endpoint was asked.
func (p *Provider) TokenCalls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokenCalls
}

// RevokeTokens ends all sessions of a user at the provider.
func (p *Provider) RevokeTokens(subject string) {
	if err := p.store().TerminateSession(context.Background(), subject, ClientID); err != nil {
		p.t.Error(err)
	}
}

func (p *Provider) noteEnd(subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = append(p.ended, subject)
}

// Ended returns the subjects whose sessions were ended by a sign-out, in order.
func (p *Provider) Ended() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ended)
}

// SignOut visits the provider's page for signing out, and returns the URL that it leads to.
func (p *Provider) SignOut(endSessionURL string) string {
	p.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	response, err := client.Get(endSessionURL) //nolint:noctx // bounded by the test
	p.read(response, err)
	return response.Header.Get("Location")
}

// SessionID returns the provider's session ID of a user ("sid").
func SessionID(subject string) string { return "session of " + subject }

// LogoutToken returns a signed logout token, with changes of its claims.
func (p *Provider) LogoutToken(changes map[string]any) string {
	claims := map[string]any{
		"iss": p.Issuer(), "aud": ClientID, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"jti": rand.Text(), "events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return p.sign(claims)
}

// sign signs claims with the provider's key.
func (p *Provider) sign(claims map[string]any) string {
	key, err := p.store().SigningKey(context.Background())
	if err != nil {
		p.t.Error(err)
		return ""
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: key.SignatureAlgorithm(),
		Key: jose.JSONWebKey{Key: key.Key(), KeyID: key.ID()}}, nil)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		p.t.Error(err)
	}
	return text
}

func (p *Provider) unlessDown(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		down := p.down
		p.mu.Unlock()
		if down {
			http.Error(w, "maintenance", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// tokens serves the token endpoint and applies Tamper.
func (p *Provider) tokens(provider http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		tamper, signer := p.tamper, p.forger
		p.tokenCalls++
		p.mu.Unlock()
		if tamper == nil && signer == nil {
			provider.ServeHTTP(w, r)
			return
		}
		if signer == nil {
			signer = p
		}
		recorder := httptest.NewRecorder()
		provider.ServeHTTP(recorder, r)
		var response map[string]any
		body := recorder.Body.Bytes()
		if json.Unmarshal(body, &response) == nil && response["id_token"] != nil {
			response["id_token"] = signer.sign(p.tampered(response["id_token"].(string), tamper))
			body, _ = json.Marshal(response)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(recorder.Code)
		_, _ = io.Copy(w, bytes.NewReader(body))
	}
}

func (p *Provider) tampered(raw string, tamper func(map[string]any)) map[string]any {
	token, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	var claims map[string]any
	if err == nil {
		err = json.Unmarshal(token.UnsafePayloadWithoutVerification(), &claims)
	}
	if err != nil {
		p.t.Error(err)
	}
	if tamper != nil {
		tamper(claims)
	}
	return claims
}

var loginPage = template.Must(template.New("login").Parse(`<!doctype html><html lang="en"><title>Provider</title>
<form method="post" action="/login"><input type="hidden" name="id" value="{{.ID}}">
<label>User <input id="username" name="username"></label>
<label>Password <input id="password" name="password" type="password"></label>
<button id="log-in">Log in</button>{{.Problem}}</form></html>`))

// login serves the provider's own sign-in page.
func (p *Provider) login(callback func(context.Context, string) string, issuer *op.IssuerInterceptor) http.HandlerFunc {
	return issuer.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		view := struct{ ID, Problem string }{ID: r.FormValue("id")}
		if r.Method == http.MethodPost {
			err := p.store().CheckUsernamePassword(r.FormValue("username"), r.FormValue("password"), view.ID)
			if err == nil {
				http.Redirect(w, r, callback(r.Context(), view.ID), http.StatusFound)
				return
			}
			view.Problem = err.Error()
		}
		_ = loginPage.Execute(w, view)
	})
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// Visit signs a user in at the provider, like a browser that was redirected to the URL, and returns the URL
// to which the provider redirects back.
func (p *Provider) Visit(authURL, username string) string {
	p.t.Helper()
	client := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.Issuer()) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	defer client.CloseIdleConnections()
	body := p.read(client.Get(authURL)) //nolint:noctx // bounded by the test
	found := hiddenID.FindSubmatch(body)
	if found == nil {
		p.t.Fatalf("the provider shows no sign-in form: %.300s", body)
	}
	response, err := client.PostForm(p.Issuer()+"/login",
		url.Values{"id": {string(found[1])}, "username": {username}, "password": {Password}})
	p.read(response, err)
	back := response.Header.Get("Location")
	if back == "" {
		p.t.Fatalf("the provider does not redirect back: status %d", response.StatusCode)
	}
	return back
}

func (p *Provider) read(response *http.Response, err error) []byte {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return body
}
