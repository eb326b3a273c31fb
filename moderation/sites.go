package moderation

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
	"rejoinder/moderation/text"
	"rejoinder/weburl"
)

var slugForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// Limits of site settings.
const (
	MaxSiteNameCharacters = 200
	MaxOrigins            = 100
	MaxDays               = 36_500
	MaxEditWindowMinutes  = 10_080 // a week
	MaxThreadDepth        = 200

	MaxGuidelinesCharacters = 2_000
	MaxGuidelinesURLBytes   = 500

	MaxAvatarOrigins   = 20
	MaxIdentityParties = 500 // bytes of issuer and audience
)

// SitesStore is the storage of Sites. Every write stores its audit entry in the same transaction; it is nil
// for the command line.
type SitesStore interface {
	// CreateSite inserts the site with its first ruleset as the active one. ErrExists if the slug is taken.
	CreateSite(ctx context.Context, s Site, r Ruleset, audit *AuditEntry) error
	Sites(ctx context.Context) ([]Site, error)
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// UpdateSite returns ErrVersion unless the stored version is s's.
	UpdateSite(ctx context.Context, s Site, audit *AuditEntry) error
	Article(ctx context.Context, siteID, key string) (Article, error)
	Articles(ctx context.Context, q ArticleSelect) ([]Article, error) // newest first
	// CreateArticle returns ErrExists if the key is registered.
	CreateArticle(ctx context.Context, a Article, audit *AuditEntry) error
	// UpdateArticle writes title, URL, closing and publication time, and increments the version. ErrVersion
	// unless the stored version is a's.
	UpdateArticle(ctx context.Context, a Article, audit *AuditEntry) error
	// PutArticles stores a batch in one transaction. ErrVersion if one of the articles changed concurrently.
	PutArticles(ctx context.Context, b ArticleBatch) error
	// ArticleAuthors returns the authors of an article, by name. Articles and PutArticles load them, too; Article does
	// not, since readers wait for it. Writes leave authors alone that were not loaded.
	ArticleAuthors(ctx context.Context, articleID string) ([]ArticleAuthor, error)
	// Staff returns the accounts that work on a site, without server keys.
	Staff(ctx context.Context, siteID string) ([]StaffAccount, error)
	AliasStore
	DemoStore
}

// Sites administers sites and their articles.
type Sites struct {
	Store SitesStore
	Now   func() time.Time
	NewID func() string
	// Emails finds accounts by their email. Nil: authors of articles are known by name and ID only.
	Emails EmailIndexer
}

// EmailIndexer returns the keyed indexes that an email may be stored under.
type EmailIndexer interface{ Indexes(email string) [][]byte }

// NewSite is a request to add a site.
type NewSite struct {
	Slug     string
	Name     string
	Locale   string // empty means "en"
	Origins  []string
	Settings *SiteSettings // nil means the defaults
}

// Add adds a site with the shipped default ruleset. Errors: *Invalid, ErrExists, ErrForbidden for a viewer
// limited to some sites.
func (s *Sites) Add(ctx context.Context, v Viewer, n NewSite) (Site, error) {
	if len(v.SiteIDs) > 0 {
		return Site{}, fmt.Errorf("add site: %w", ErrForbidden)
	}
	now := s.Now().UTC()
	site := Site{ID: s.NewID(), Slug: n.Slug, Name: n.Name, Locale: n.Locale, Origins: n.Origins,
		Settings: DefaultSiteSettings(), Version: 1, CreatedAt: now}
	if n.Settings != nil {
		site.Settings = *n.Settings
	}
	if site.Locale == "" {
		site.Locale = "en"
	}
	if err := site.prepare(); err != nil {
		return Site{}, err
	}
	compiled, err := rules.Parse(ctx, rules.Starter())
	if err != nil {
		return Site{}, fmt.Errorf("add site: %w", err)
	}
	ruleset := Ruleset{ID: s.NewID(), SiteID: site.ID, Version: 1, Source: string(rules.Starter()),
		Note: "The shipped default ruleset.", CreatedBy: v.ModeratorID, CreatedAt: now,
		Judging: EnabledRules(compiled)}
	ruleset.Checksum = Checksum(ruleset.Source)
	site.ActiveRulesetID = ruleset.ID
	if err := s.Store.CreateSite(ctx, site, ruleset, s.audit(v, AuditAddSite, site.ID, site.ID)); err != nil {
		return Site{}, fmt.Errorf("add site: %w", err)
	}
	return site, nil
}

// Slugs maps the ids of sites to their slugs.
func Slugs(sites []Site) map[string]string {
	slugs := make(map[string]string, len(sites))
	for _, site := range sites {
		slugs[site.ID] = site.Slug
	}
	return slugs
}

// List returns the viewer's sites, by slug.
func (s *Sites) List(ctx context.Context, v Viewer) ([]Site, error) {
	all, err := s.Store.Sites(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sites: %w", err)
	}
	visible := all[:0]
	for _, site := range all {
		if v.MaySee(site.ID) {
			visible = append(visible, site)
		}
	}
	return visible, nil
}

// Find returns one of the viewer's sites, else ErrSiteUnknown.
func (s *Sites) Find(ctx context.Context, v Viewer, slug string) (Site, error) {
	site, err := VisibleSite(ctx, s.Store, v, slug)
	if err != nil {
		return Site{}, fmt.Errorf("find site: %w", err)
	}
	return site, nil
}

// SiteChange is a partial change: nil fields are left unchanged. Slugs never change, since pages refer to
// them.
type SiteChange struct {
	Name    *string
	Locale  *string
	Origins *[]string
	// AddOrigin adds an origin unless the site has it; empty adds none.
	AddOrigin string
	Settings  func(SiteSettings) SiteSettings // returns the new settings
}

// Change changes a site. Concurrent changes are applied one after the other. Errors: *Invalid,
// ErrSiteUnknown.
func (s *Sites) Change(ctx context.Context, v Viewer, slug string, c SiteChange) (Site, error) {
	for range changeTries {
		site, err := s.change(ctx, v, slug, c)
		if !errors.Is(err, ErrVersion) {
			return site, err
		}
	}
	return Site{}, fmt.Errorf("change site: %w", ErrBusy)
}

func (s *Sites) change(ctx context.Context, v Viewer, slug string, c SiteChange) (Site, error) {
	site, err := s.Find(ctx, v, slug)
	if err != nil {
		return Site{}, err
	}
	set(&site.Name, c.Name)
	set(&site.Locale, c.Locale)
	if c.Origins != nil {
		site.Origins = slices.Clone(*c.Origins)
	}
	if c.AddOrigin != "" && !slices.Contains(site.Origins, c.AddOrigin) {
		site.Origins = append(slices.Clone(site.Origins), c.AddOrigin)
	}
	if c.Settings != nil {
		site.Settings = c.Settings(site.Settings)
	}
	if err := site.prepare(); err != nil {
		return Site{}, err
	}
	if err := s.Store.UpdateSite(ctx, site, s.audit(v, AuditChangeSite, site.ID, site.ID)); err != nil {
		return Site{}, fmt.Errorf("change site: %w", err)
	}
	site.Version++
	return site, nil
}

func (s *Sites) audit(v Viewer, action, siteID, subjectID string) *AuditEntry {
	if v.ModeratorID == "" {
		return nil
	}
	return &AuditEntry{ID: s.NewID(), ModeratorID: v.ModeratorID, Action: action, SiteID: siteID,
		SubjectID: subjectID, CreatedAt: s.Now().UTC()}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// prepare cleans the site in place and returns *Invalid with all faults, or nil.
func (s *Site) prepare() error {
	var faults Invalid
	if !slugForm.MatchString(s.Slug) {
		faults.Add("/slug", "malformed", "A slug has 1 to 63 lower-case letters, digits and inner hyphens.")
	}
	name, err := text.CleanLine(s.Name)
	switch {
	case err != nil:
		faults.Add("/name", "malformed", sentence(err))
	case !text.Visible(name):
		faults.Add("/name", "required", "A site needs a name.")
	case text.Characters(name) > MaxSiteNameCharacters:
		faults.Add("/name", "too_long", fmt.Sprintf("A site's name has at most %d characters.", MaxSiteNameCharacters))
	}
	s.Name = name
	if _, err := language.Parse(s.Locale); err != nil {
		faults.Add("/locale", "malformed", "A locale is a BCP 47 language tag, such as en or pt-BR.")
	}
	if len(s.Origins) > MaxOrigins {
		faults.Add("/origins", "too_many", fmt.Sprintf("A site has at most %d origins.", MaxOrigins))
	}
	for i, origin := range s.Origins {
		clean, ok := ParseOrigin(origin)
		if !ok {
			faults.Add(fmt.Sprintf("/origins/%d", i), "malformed",
				"An origin is https://host or https://host:port, with no path and no wildcard.")
			continue
		}
		s.Origins[i] = clean
	}
	s.Settings.prepare(&faults)
	return faults.Err()
}

// prepare cleans the settings in place.
func (t *SiteSettings) prepare(faults *Invalid) {
	if t.Votes == "" {
		t.Votes = VotesOff
	}
	if t.Identity == "" {
		t.Identity = IdentityOff
	}
	t.prepareAvatarOrigins(faults)
	guidelines, err := text.Clean(t.Guidelines)
	switch {
	case err != nil:
		faults.Add("/settings/guidelines", "malformed", sentence(err))
	case text.Characters(guidelines) > MaxGuidelinesCharacters:
		faults.Add("/settings/guidelines", "too_long",
			fmt.Sprintf("Guidelines have at most %d characters.", MaxGuidelinesCharacters))
	}
	t.Guidelines = strings.TrimSpace(guidelines)
	t.check(faults)
}

func (t *SiteSettings) prepareAvatarOrigins(faults *Invalid) {
	if len(t.AvatarOrigins) > MaxAvatarOrigins {
		faults.Add("/settings/avatar_origins", "too_many", fmt.Sprintf("At most %d origins.", MaxAvatarOrigins))
	}
	origins := make([]string, 0, len(t.AvatarOrigins))
	for i, typed := range t.AvatarOrigins {
		origin, ok := ParseOrigin(typed)
		if !ok || !strings.HasPrefix(origin, "https://") {
			faults.Add(fmt.Sprintf("/settings/avatar_origins/%d", i), "malformed",
				"An origin of pictures is https://host or https://host:port, with no path and no wildcard.")
			continue
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	if t.AvatarOrigins = origins; len(origins) == 0 {
		t.AvatarOrigins = nil
	}
}

func (t SiteSettings) checkIdentity(faults *Invalid) {
	if !t.Identity.Valid() {
		faults.Add("/settings/identity", "unknown", "Identity must be off, optional or required.")
	}
	for pointer, value := range map[string]string{"issuer": t.IdentityIssuer, "audience": t.IdentityAudience} {
		if clean, err := text.CleanLine(value); err != nil || clean != value || len(value) > MaxIdentityParties {
			faults.Add("/settings/identity_"+pointer, "malformed",
				fmt.Sprintf("Must be one line of at most %d bytes.", MaxIdentityParties))
		}
	}
	if t.SignInURL != "" && (weburl.Origin(t.SignInURL) == "" || len(t.SignInURL) > MaxGuidelinesURLBytes) {
		faults.Add("/settings/sign_in_url", "malformed", "Must be an address that starts with http:// or https://.")
	}
}

func (t SiteSettings) checkSchedule(faults *Invalid) {
	if !schedule.ValidZone(t.TimeZone) {
		faults.Add("/settings/time_zone", "unknown", schedule.UnknownZone)
	}
	t.Schedule.Check(func(pointer, code, message string) { faults.Add("/settings/schedule"+pointer, code, message) })
	if t.Schedule.ClosesAt != nil {
		faults.Add("/settings/schedule/closes_at", "unknown", "Only articles close at a time.")
	}
}

func (t SiteSettings) check(faults *Invalid) {
	checkReasons(faults, t.Reasons)
	checkReplies(faults, t)
	t.checkIdentity(faults)
	if t.GuidelinesURL != "" && (weburl.Origin(t.GuidelinesURL) == "" || len(t.GuidelinesURL) > MaxGuidelinesURLBytes) {
		faults.Add("/settings/guidelines_url", "malformed", "Must be an address that starts with http:// or https://.")
	}
	if clean, err := text.CleanLine(t.MailSender); err != nil || clean != t.MailSender ||
		text.Characters(clean) > MaxNameCharacters {
		faults.Add("/settings/mail_sender", "malformed", fmt.Sprintf("Must be one line of at most %d characters.",
			MaxNameCharacters))
	}
	if t.MailReplyTo != "" && text.CheckEmail(t.MailReplyTo) != nil {
		faults.Add("/settings/mail_reply_to", "malformed", "Must be an email address, such as editors@example.org.")
	}
	if !t.Votes.Valid() {
		faults.Add("/settings/votes", "unknown", "Votes are off, up, or up_down.")
	}
	checkRange(faults, "/settings/close_after_days", t.CloseAfterDays, MaxDays)
	checkRange(faults, "/settings/edit_window_minutes", t.EditWindowMinutes, MaxEditWindowMinutes)
	checkRange(faults, "/settings/max_depth", t.MaxDepth, MaxThreadDepth)
	checkRange(faults, "/settings/display_depth", t.DisplayDepth, MaxThreadDepth)
	checkRange(faults, "/settings/hold_after_reports", t.HoldAfterReports, MaxHoldAfter)
	t.Retention.Check(faults)
	t.checkSchedule(faults)
}
