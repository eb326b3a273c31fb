package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/text/language"

	"rejoinder/moderation"
)

// interval is the time between two sweeps.
const interval = time.Hour

// Numbers of rows changed in one transaction, so that submissions do not wait for it.
const (
	commentsPerRetention   = 200
	commentersPerRetention = 50
)

// Expired is a comment past its retention period.
type Expired struct {
	ID           string
	Version      int
	Status       moderation.Status
	SubmissionID string
}

// Store is the storage of Sweeper.
type Store interface {
	Sites(ctx context.Context) ([]moderation.Site, error)
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// ExpiredComments returns rejected comments and spam of a site on which nothing was decided since the given
	// time.
	ExpiredComments(ctx context.Context, siteID string, before time.Time, limit int) ([]Expired, error)
	CountExpiredComments(ctx context.Context, siteID string, before time.Time) (int, error)
	// EraseExpired deletes comments and erases their texts. It leaves out those that have changed meanwhile, and
	// returns how many it erased.
	EraseExpired(ctx context.Context, decisions []moderation.Decision) (int, error)
	// InactiveCommenters returns ids of commenters of a site who have a name or an email, wrote nothing since the
	// given time, and are no moderators.
	InactiveCommenters(ctx context.Context, siteID string, before time.Time, limit int) ([]string, error)
	CountInactiveCommenters(ctx context.Context, siteID string, before time.Time) (int, error)
	// AnonymizeCommenters removes what identifies commenters, and shows their comments under the given name. It
	// leaves out those who have written since the given time, and returns how many it changed.
	AnonymizeCommenters(ctx context.Context, ids []string, name string, before time.Time) (int, error)
	Audit(ctx context.Context, e moderation.AuditEntry) error
}

// Sweeper deletes what is older than a site's settings permit.
type Sweeper struct {
	Store Store
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

// Count is what a sweep deletes, or would delete.
type Count struct {
	Comments   int // deleted
	Commenters int // anonymized
}

// Preview counts what the settings would delete now. Errors: ErrSiteUnknown, *Invalid.
func (r *Sweeper) Preview(
	ctx context.Context, v moderation.Viewer, slug string, s moderation.RetentionSettings,
) (Count, error) {
	site, err := moderation.VisibleSite(ctx, r.Store, v, slug)
	if err != nil {
		return Count{}, fmt.Errorf("preview retention: %w", err)
	}
	var faults moderation.Invalid
	s.Check(&faults)
	if err := faults.Err(); err != nil {
		return Count{}, err
	}
	var n Count
	if before, on := s.DeclinedBefore(r.Now()); on {
		n.Comments, err = r.Store.CountExpiredComments(ctx, site.ID, before)
	}
	if before, on := s.InactiveBefore(r.Now()); on && err == nil {
		n.Commenters, err = r.Store.CountInactiveCommenters(ctx, site.ID, before)
	}
	if err != nil {
		return Count{}, fmt.Errorf("preview retention: %w", err)
	}
	return n, nil
}

// Run sweeps immediately and then every hour until ctx ends. Failures are logged and retried at the next sweep.
func (r *Sweeper) Run(ctx context.Context) {
	moderation.Every(ctx, interval, r.Sweep, func(err error) { r.Log.ErrorContext(ctx, "retention failed", "err", err) })
}

// Sweep deletes everything that is due on all sites. It continues with the next site after a failure and
// returns the failures joined.
func (r *Sweeper) Sweep(ctx context.Context) error {
	sites, err := r.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("list sites: %w", err)
	}
	var errs []error
	for _, site := range sites {
		n, err := r.sweepSite(ctx, site)
		if n != (Count{}) {
			err = errors.Join(err, r.record(ctx, site, n))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("site %s: %w", site.Slug, err))
		}
	}
	return errors.Join(errs...)
}

func (r *Sweeper) sweepSite(ctx context.Context, site moderation.Site) (n Count, err error) {
	now := r.Now()
	if before, on := site.Settings.Retention.DeclinedBefore(now); on {
		if n.Comments, err = r.eraseExpired(ctx, site, before); err != nil {
			return n, err
		}
	}
	if before, on := site.Settings.Retention.InactiveBefore(now); on {
		n.Commenters, err = r.anonymize(ctx, site, before)
	}
	return n, err
}

// eraseExpired deletes the expired comments of a site. Those that change meanwhile are left for the next sweep.
func (r *Sweeper) eraseExpired(ctx context.Context, site moderation.Site, before time.Time) (total int, err error) {
	for {
		expired, err := r.Store.ExpiredComments(ctx, site.ID, before, commentsPerRetention)
		if err != nil || len(expired) == 0 {
			return total, err
		}
		decisions := make([]moderation.Decision, len(expired))
		for i, c := range expired {
			decisions[i] = moderation.Decision{
				ID: r.NewID(), SiteID: site.ID, CommentID: c.ID, Version: c.Version + 1, Action: moderation.ActionDelete,
				From: c.Status, To: moderation.StatusDeleted, Actor: moderation.ActorRetention, SubmissionID: c.SubmissionID,
				CreatedAt: r.Now().UTC(),
			}
		}
		n, err := r.Store.EraseExpired(ctx, decisions)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (r *Sweeper) anonymize(ctx context.Context, site moderation.Site, before time.Time) (total int, err error) {
	for {
		ids, err := r.Store.InactiveCommenters(ctx, site.ID, before, commentersPerRetention)
		if err != nil || len(ids) == 0 {
			return total, err
		}
		n, err := r.Store.AnonymizeCommenters(ctx, ids, anonymousName(site.Locale), before)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// record writes to the log and to the audit log what a sweep deleted.
func (r *Sweeper) record(ctx context.Context, site moderation.Site, n Count) error {
	r.Log.InfoContext(ctx, "deleted data past its retention period", "site", site.Slug, "comments", n.Comments,
		"commenters", n.Commenters)
	return r.Store.Audit(ctx, moderation.AuditEntry{
		ID: r.NewID(), Action: moderation.AuditRetention, SiteID: site.ID, SubjectID: site.ID, Reason: n.String(),
		CreatedAt: r.Now().UTC(),
	})
}

// String says what was deleted.
func (n Count) String() string {
	return fmt.Sprintf("comments deleted: %d; commenters anonymized: %d", n.Comments, n.Commenters)
}

var anonymousNames = map[string]string{
	"ar": "مجهول", "de": "Anonym", "es": "Anónimo", "fr": "Anonyme", "it": "Anonimo", "ja": "匿名", "pl": "Anonim",
	"uk": "Анонім",
}

// anonymousName returns the name of an anonymized commenter in the site's language; in English for other languages.
func anonymousName(locale string) string {
	tag, err := language.Parse(locale)
	if err == nil {
		base, _ := tag.Base()
		if name, ok := anonymousNames[base.String()]; ok {
			return name
		}
	}
	return "Anonymous"
}
