package db

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"rejoinder/db/batch"
	"rejoinder/moderation"
)

// SiteStore stores sites in sites, and the first ruleset of a new one. It reads the status_counts of all
// sites for metrics.
type SiteStore struct {
	*core
	batches *batch.Batcher[string, moderation.Site]
}

func newSiteStore(c *core, o Options) *SiteStore {
	s := &SiteStore{core: c}
	s.batches = newBatcher(BatchSites, readWorkers, s.findSiteBatch, o.Batched)
	return s
}

type siteRow struct {
	ID            ID       `db:"id"`
	Slug          string   `db:"slug"`
	Name          string   `db:"name"`
	Locale        string   `db:"locale"`
	Origins       jsonText `db:"origins"`
	Settings      jsonText `db:"settings"`
	Version       int      `db:"version"`
	CreatedAt     Time     `db:"created_at"`
	ActiveRuleset nullID   `db:"active_ruleset"`
}

const siteColumns = `id, slug, name, locale, origins, settings, version, created_at`

// selectSites reads sites, named s, each with the ruleset that judges there.
var selectSites = `
	SELECT ` + columnsOf("s", siteColumns) + `, a.ruleset_id AS active_ruleset
	FROM sites s LEFT JOIN active_rulesets a ON a.site_id = s.id`

// siteZones are the time zones of all sites by id, and that of the oldest site.
type siteZones struct {
	byID  map[string]string
	first string
}

// of returns the time zone of the first of these sites; none means all sites.
func (z siteZones) of(siteIDs []string) string {
	if len(siteIDs) == 0 {
		return z.first
	}
	return z.byID[siteIDs[0]]
}

func readSiteZones(ctx context.Context, x executor) (siteZones, error) {
	zones := siteZones{byID: map[string]string{}}
	var rows []siteRow
	if err := x.selectAll(ctx, &rows, `SELECT id, settings FROM sites ORDER BY id`); err != nil {
		return zones, err
	}
	for i, row := range rows {
		var settings struct {
			TimeZone string `json:"time_zone"`
		}
		if err := json.Unmarshal(row.Settings, &settings); err != nil {
			return zones, fmt.Errorf("read the time zone of a site: %w", err)
		}
		zones.byID[string(row.ID)] = settings.TimeZone
		if i == 0 {
			zones.first = settings.TimeZone
		}
	}
	return zones, nil
}

func newSiteRow(s moderation.Site) (siteRow, error) {
	row := siteRow{
		ID:        ID(s.ID),
		Slug:      s.Slug,
		Name:      s.Name,
		Locale:    s.Locale,
		Version:   s.Version,
		CreatedAt: Time(s.CreatedAt),
	}
	origins := s.Origins
	if origins == nil {
		origins = []string{}
	}
	var err error
	if row.Origins, err = json.Marshal(origins); err != nil {
		return row, fmt.Errorf("write origins: %w", err)
	}
	if row.Settings, err = json.Marshal(s.Settings); err != nil {
		return row, fmt.Errorf("write settings: %w", err)
	}
	return row, nil
}

func (r siteRow) site() (moderation.Site, error) {
	s := moderation.Site{ID: string(r.ID), Slug: r.Slug, Name: r.Name, Locale: r.Locale,
		ActiveRulesetID: string(r.ActiveRuleset),
		Settings:        moderation.DefaultSiteSettings(), Version: r.Version, CreatedAt: r.CreatedAt.time()}
	if err := json.Unmarshal(r.Origins, &s.Origins); err != nil {
		return s, fmt.Errorf("read origins of site %s: %w", r.ID, err)
	}
	if err := json.Unmarshal(r.Settings, &s.Settings); err != nil {
		return s, fmt.Errorf("read settings of site %s: %w", r.ID, err)
	}
	return s, nil
}

// SiteNames returns the sites' slugs, names, and the names in the hosts of their origins.
func (s *SiteStore) SiteNames(ctx context.Context) ([]string, error) {
	var rows []siteRow
	if err := s.selectAll(ctx, &rows, selectSites); err != nil {
		return nil, fmt.Errorf("list site names: %w", err)
	}
	var names []string
	for _, row := range rows {
		site, err := row.site()
		if err != nil {
			return nil, fmt.Errorf("list site names: %w", err)
		}
		names = append(names, site.Slug, site.Name)
		for _, origin := range site.Origins {
			names = append(names, hostNames(origin)...)
		}
	}
	return names, nil
}

// hostNames returns the labels of an origin's host except the last: "gazette" for
// https://www.gazette.example.
func hostNames(origin string) []string {
	u, err := url.Parse(origin)
	if err != nil {
		return nil
	}
	labels := strings.Split(u.Hostname(), ".")
	return labels[:len(labels)-1]
}

// SiteBySlug finds a site by its slug, together with what others look for at the same time. ErrSiteUnknown.
func (s *SiteStore) SiteBySlug(ctx context.Context, slug string) (moderation.Site, error) {
	return batched(ctx, s.batches, slug)
}

func (s *SiteStore) findSiteBatch(ctx context.Context, slugs []string) ([]batch.Result[moderation.Site], error) {
	wanted := slices.Clone(slugs)
	slices.Sort(wanted)
	var rows []siteRow
	err := s.prepared.selectAll(ctx, &rows, selectSites+` WHERE s.slug IN (?)`, padded(slices.Compact(wanted)))
	if err != nil {
		return nil, fmt.Errorf("find site: %w", err)
	}
	results := make([]batch.Result[moderation.Site], len(slugs))
	for i, slug := range slugs {
		n := slices.IndexFunc(rows, func(row siteRow) bool { return row.Slug == slug })
		if n < 0 {
			results[i].Err = fmt.Errorf("find site: %w", moderation.ErrSiteUnknown)
			continue
		}
		// Read for each anew, so that none holds what another changes.
		results[i].Value, results[i].Err = rows[n].site()
	}
	return results, nil
}

// Site finds a site by its id. ErrNotFound.
func (s *SiteStore) Site(ctx context.Context, id string) (moderation.Site, error) {
	var row siteRow
	err := s.prepared.get(ctx, &row, selectSites+` WHERE s.id = $1`, ID(id))
	if err != nil {
		return moderation.Site{}, fmt.Errorf("find site: %w", err)
	}
	return row.site()
}

// Sites returns all sites, by slug.
func (s *SiteStore) Sites(ctx context.Context) ([]moderation.Site, error) {
	var rows []siteRow
	err := s.selectAll(ctx, &rows, selectSites+` ORDER BY s.slug`)
	if err != nil {
		return nil, fmt.Errorf("list sites: %w", err)
	}
	sites := make([]moderation.Site, len(rows))
	for i, row := range rows {
		if sites[i], err = row.site(); err != nil {
			return nil, fmt.Errorf("list sites: %w", err)
		}
	}
	return sites, nil
}

// CreateSite inserts a site with its first ruleset, active. ErrExists when the slug is taken.
func (s *SiteStore) CreateSite(
	ctx context.Context,
	site moderation.Site,
	r moderation.Ruleset,
	audit *moderation.AuditEntry,
) error {
	row, err := newSiteRow(site)
	if err != nil {
		return fmt.Errorf("create site: %w", err)
	}
	return s.write(ctx, "create site", func(tx executor) error {
		n, err := tx.execNamed(ctx, insertNamed("sites", siteColumns)+` ON CONFLICT (slug) DO NOTHING`, row)
		if err == nil && n == 0 {
			err = moderation.ErrExists
		}
		if err != nil {
			return err
		}
		if err := insertRuleset(ctx, tx, r); err != nil {
			return err
		}
		if err := activateRuleset(ctx, tx, r, activation(audit, r.CreatedBy, site.CreatedAt)); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// UpdateSite writes a site's name, locale, origins and settings. ErrVersion when the stored version is not
// site's, or the site is not there.
func (s *SiteStore) UpdateSite(ctx context.Context, site moderation.Site, audit *moderation.AuditEntry) error {
	row, err := newSiteRow(site)
	if err != nil {
		return fmt.Errorf("update site: %w", err)
	}
	return s.write(ctx, "update site", func(tx executor) error {
		n, err := tx.execNamed(ctx, `
			UPDATE sites SET name = :name, locale = :locale, origins = :origins, settings = :settings,
				version = version + 1
			WHERE id = :id AND version = :version`, row)
		if err == nil && n == 0 {
			err = moderation.ErrVersion
		}
		if err != nil {
			return err
		}
		if err := tx.announce(ctx, moderation.Change{Kind: moderation.ChangeSite, SiteID: site.ID}); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}
