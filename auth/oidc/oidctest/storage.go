package oidctest

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/zitadel/oidc/v3/example/server/storage"
	zitadel "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// store is the storage of the library's example, with groups.
type store struct {
	*storage.Storage
	users *users
	// afterLogout are the registered URLs to which the provider leads after a sign-out: the sign-in pages.
	afterLogout []string
	ended       func(subject string)
}

// TerminateSession implements op.Storage.
func (s *store) TerminateSession(ctx context.Context, subject, client string) error {
	s.ended(subject)
	return s.Storage.TerminateSession(ctx, subject, client)
}

func newStore(all *users, redirectURIs []string, ended func(subject string)) *store {
	clients := map[string]*storage.Client{ClientID: storage.WebClient(ClientID, ClientSecret, redirectURIs...)}
	var afterLogout []string
	for _, uri := range redirectURIs {
		base, _, _ := strings.Cut(uri, "/with/")
		afterLogout = append(afterLogout, base)
	}
	return &store{Storage: storage.NewStorageWithClients(all, clients), users: all, afterLogout: afterLogout, ended: ended}
}

// GetClientByClientID implements op.Storage: the client with our sign-in page.
func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	client, err := s.Storage.GetClientByClientID(ctx, id)
	return withLogin{client, s.afterLogout}, err
}

type withLogin struct {
	op.Client
	afterLogout []string
}

// PostLogoutRedirectURIs implements op.Client.
func (c withLogin) PostLogoutRedirectURIs() []string { return c.afterLogout }

// LoginURL implements op.Client.
func (withLogin) LoginURL(id string) string { return "/login?id=" + url.QueryEscape(id) }

// SetUserinfoFromRequest implements op.CanSetUserinfoFromRequest: the claims of ID tokens.
func (s *store) SetUserinfoFromRequest(
	ctx context.Context, info *zitadel.UserInfo, request op.IDTokenRequest, scopes []string,
) error {
	info.AppendClaims("sid", SessionID(request.GetSubject()))
	s.addGroups(info, request.GetSubject())
	return s.Storage.SetUserinfoFromRequest(ctx, info, request, scopes)
}

// SetUserinfoFromToken implements op.Storage: the response of the userinfo endpoint.
func (s *store) SetUserinfoFromToken(ctx context.Context, info *zitadel.UserInfo, id, subject, origin string) error {
	s.addGroups(info, subject)
	return s.Storage.SetUserinfoFromToken(ctx, info, id, subject, origin)
}

// addGroups adds the groups as most providers do, and as Keycloak does.
func (s *store) addGroups(info *zitadel.UserInfo, subject string) {
	groups := s.users.groups(subject)
	info.AppendClaims("groups", groups)
	info.AppendClaims("realm_access", map[string]any{"roles": groups})
}

// users implements storage.UserStore.
type users struct {
	mu   sync.Mutex
	byID map[string]User
}

func (s *users) put(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[u.Subject] = u
}

func (s *users) setGroups(subject string, groups []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.byID[subject]
	u.Groups = groups
	s.byID[subject] = u
}

func (s *users) groups(subject string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.byID[subject].Groups...)
}

// GetUserByID implements storage.UserStore.
func (s *users) GetUserByID(id string) *storage.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.byID[id]
	if !ok {
		return nil
	}
	first, last, _ := strings.Cut(u.Name, " ")
	return &storage.User{ID: u.Subject, Username: u.Username, Password: Password, FirstName: first, LastName: last,
		Email: u.Email, EmailVerified: !u.Unverified}
}

// GetUserByUsername implements storage.UserStore.
func (s *users) GetUserByUsername(name string) *storage.User {
	s.mu.Lock()
	id := ""
	for _, u := range s.byID {
		if u.Username == name {
			id = u.Subject
		}
	}
	s.mu.Unlock()
	return s.GetUserByID(id)
}

// ExampleClientID implements storage.UserStore.
func (s *users) ExampleClientID() string { return "unused" }
