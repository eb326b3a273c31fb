package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/readers"
	"rejoinder/privacy"
	"rejoinder/web"
	"rejoinder/weburl"
)

// Services are the use cases through which the demo is written. Their clock and IDs are Clock's; they have no
// rate limits.
type Services struct {
	Clock   *Clock
	Sites   *moderation.Sites
	Intake  *moderation.Intake
	Editor  *moderation.Editor
	Author  *moderation.AuthorService
	Votes   *moderation.Votes
	Reports *moderation.Reports
	Queue   *queue.Queue
	Readers *readers.Readers
	Keys    *privacy.Keyring
}

// Options says which demo to prepare.
type Options struct {
	PublicURL   string // of this server
	ModeratorID string // who decides in the demo
	Empty       bool   // only the site and one article, without comments
}

// How long to wait for another process that is writing the demo, before taking its work for interrupted.
const (
	patience = 10 * time.Second
	pollWait = 100 * time.Millisecond
)

// Prepare makes the demo site with its content, unless it exists, and updates its origin and the URLs of its
// articles if the server has moved. The clock must show the present. Content that could not be written
// completely is removed.
func Prepare(ctx context.Context, s Services, o Options) error {
	script, err := readWeek()
	if err != nil {
		return err
	}
	if o.Empty {
		script = week{Site: siteScript{Name: "Demo"}, Articles: []article{{
			Key: web.DemoArticleKey, Title: web.DemoArticleTitle, Path: "/demo"}}}
	}
	site, err := s.settled(ctx)
	if errors.Is(err, moderation.ErrSiteUnknown) {
		err = s.write(ctx, script, o)
	} else if err == nil {
		err = s.move(ctx, site, script, o.PublicURL)
	}
	if err != nil {
		return fmt.Errorf("prepare demo: %w", err)
	}
	return nil
}

// settled returns the demo site once it is complete. It removes one whose writing was interrupted, and
// returns ErrSiteUnknown if there is none.
func (s Services) settled(ctx context.Context) (moderation.Site, error) {
	for waited := time.Duration(0); ; waited += pollWait {
		site, err := s.Sites.Find(ctx, moderation.Viewer{}, web.DemoSite)
		if err != nil || site.Settings.Demo != moderation.DemoIncomplete {
			return site, err
		}
		if waited >= patience {
			_, err := s.Sites.RemoveDemo(ctx, moderation.Viewer{}, web.DemoSite)
			if err == nil {
				err = moderation.ErrSiteUnknown
			}
			return moderation.Site{}, err
		}
		select {
		case <-ctx.Done():
			return moderation.Site{}, ctx.Err()
		case <-time.After(pollWait):
		}
	}
}

// write makes the site and plays the script. If that fails, it removes the site.
func (s Services) write(ctx context.Context, script week, o Options) error {
	end := s.Clock.Now()
	settings := moderation.DefaultSiteSettings()
	settings.Demo, settings.Identity = moderation.DemoIncomplete, moderation.IdentityOptional
	if script.Site.Votes != "" {
		settings.Votes, settings.HoldAfterReports = script.Site.Votes, script.Site.HoldAfterReports
	}
	for _, a := range script.Articles {
		if published := end.Add(-time.Duration(a.Published)); published.Before(s.Clock.Now()) {
			s.Clock.set(published)
		}
	}
	site, err := s.Sites.Add(ctx, moderation.Viewer{}, moderation.NewSite{Slug: web.DemoSite, Name: script.Site.Name,
		Origins: []string{weburl.Origin(o.PublicURL)}, Settings: &settings})
	if errors.Is(err, moderation.ErrExists) { // another process was faster
		_, err := s.settled(ctx)
		return err
	}
	if err != nil {
		return err
	}
	err = s.Readers.AddDemoKey(ctx, site.Slug)
	if err == nil {
		err = newPlayer(s, script, site, o.ModeratorID).play(ctx, end, o.PublicURL)
	}
	if err != nil {
		_, removeErr := s.Sites.RemoveDemo(context.WithoutCancel(ctx), moderation.Viewer{}, web.DemoSite)
		return errors.Join(err, removeErr)
	}
	return nil
}

// move adds the server's origin to the site and updates the URLs of the articles.
func (s Services) move(ctx context.Context, site moderation.Site, script week, publicURL string) error {
	origin, viewer := weburl.Origin(publicURL), moderation.Viewer{}
	if !slices.Contains(site.Origins, origin) {
		origins := append(slices.Clone(site.Origins), origin)
		if _, err := s.Sites.Change(ctx, viewer, site.Slug, moderation.SiteChange{Origins: &origins}); err != nil {
			return err
		}
	}
	for _, a := range script.Articles {
		ref, address := moderation.SiteArticle{SiteSlug: site.Slug, Key: a.Key}, publicURL+a.Path
		known, err := s.Sites.Article(ctx, viewer, ref)
		if errors.Is(err, moderation.ErrArticleUnknown) || err == nil && known.URL == address {
			continue
		}
		if err == nil {
			_, err = s.Sites.ChangeArticle(ctx, viewer, ref, moderation.ArticleChange{URL: &address})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
