package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/web"
	"rejoinder/weburl"
)

// demoEmail is the email that signs in to the demo. Its domain is reserved (RFC 2606).
const demoEmail = "moderator@demo.example"

// demoPasswordFile stores the demo's password, so that a later start can print it again.
const demoPasswordFile = "demo-password"

// demoSignIn is the sign-in data of the demo.
type demoSignIn struct {
	email    string
	password string
}

// prepareDemo creates the demo's site, article and moderator unless they exist.
func (a *app) prepareDemo(ctx context.Context, publicURL string, accounts *auth.Service) (*demoSignIn, error) {
	if err := a.demoSite(ctx, publicURL); err != nil {
		return nil, err
	}
	password, err := a.demoPassword()
	if err != nil {
		return nil, err
	}
	_, err = accounts.Register(ctx, auth.NewModerator{
		Email: demoEmail, Name: "Demo moderator", Role: auth.RoleAdmin, Password: password,
	})
	if errors.Is(err, auth.ErrModeratorExists) {
		err = accounts.SetPassword(ctx, demoEmail, password) // the file may be newer than the moderator
	}
	if err != nil {
		return nil, err
	}
	return &demoSignIn{email: demoEmail, password: password}, nil
}

func (a *app) demoSite(ctx context.Context, publicURL string) error {
	sites, viewer := a.sites(), moderation.Viewer{}
	origin := weburl.Origin(publicURL)
	site, err := sites.Find(ctx, viewer, web.DemoSite)
	switch {
	case errors.Is(err, moderation.ErrSiteUnknown):
		_, err = sites.Add(ctx, viewer, moderation.NewSite{Slug: web.DemoSite, Name: "Demo", Origins: []string{origin}})
	case err == nil && !slices.Contains(site.Origins, origin):
		origins := append(slices.Clone(site.Origins), origin)
		_, err = sites.Change(ctx, viewer, web.DemoSite, moderation.SiteChange{Origins: &origins})
	}
	if err != nil && !errors.Is(err, moderation.ErrExists) {
		return err
	}
	return a.demoArticle(ctx, sites, publicURL+"/demo")
}

// demoArticle registers the article, or updates its URL, since the server may have moved to another port.
func (a *app) demoArticle(ctx context.Context, sites *moderation.Sites, address string) error {
	viewer := moderation.Viewer{}
	_, err := sites.Register(ctx, viewer, web.DemoSite, moderation.NewArticle{ArticleRef: moderation.ArticleRef{
		Key: web.DemoArticleKey, URL: address, Title: web.DemoArticleTitle,
	}})
	if !errors.Is(err, moderation.ErrExists) {
		return err
	}
	site, err := sites.Find(ctx, viewer, web.DemoSite)
	if err != nil {
		return err
	}
	article, err := a.db.Articles.Article(ctx, site.ID, web.DemoArticleKey)
	if err != nil || article.URL == address {
		return err
	}
	_, err = sites.ChangeArticle(ctx, viewer, moderation.SiteArticle{SiteSlug: web.DemoSite, Key: web.DemoArticleKey},
		moderation.ArticleChange{URL: &address})
	return err
}

// demoPassword reads the stored password, or generates one.
func (a *app) demoPassword() (string, error) {
	path := filepath.Join(a.config.DataDir, demoPasswordFile)
	raw, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read demo password: %w", err)
	}
	password, err := auth.GeneratePassword(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make demo password: %w", err)
	}
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep demo password: %w", err)
	}
	return password, nil
}
