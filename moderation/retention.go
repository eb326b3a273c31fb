package moderation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/text/language"
)

// RetentionSettings say what a site deletes once it is old. A zero value keeps everything.
type RetentionSettings struct {
	// DeclinedDays is after how many days rejected comments and spam are deleted, counted from the last decision.
	DeclinedDays int `json:"declined_days"`
	// InactiveYears is after how many years without a comment a commenter's name, email and website are removed.
	InactiveYears int `json:"inactive_years"`
}

// MaxInactiveYears is the maximum of RetentionSettings.InactiveYears.
const MaxInactiveYears = 100

// Numbers of rows changed in one transaction, so that submissions do not wait for it.
const (
	commentsPerRetention   = 200
	commentersPerRetention = 50
)

// ExpiredComment is a comment past its retention period.
type ExpiredComment struct {
	ID           string
	Version      int
	Status       Status
	SubmissionID string
}

// RetentionStore is the storage of Retention.
type RetentionStore interface {
	Sites(ctx context.Context) ([]Site, error)
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// ExpiredComments returns rejected comments and spam of a site on which nothing was decided since the given
	// time.
	ExpiredComments(ctx context.Context, siteID string, before time.Time, limit int) ([]ExpiredComment, error)
	CountExpiredComments(ctx context.Context, siteID string, before time.Time) (int, error)
	// EraseExpired deletes comments and erases their texts. It leaves out those that have changed meanwhile, and
	// returns how many it erased.
	EraseExpired(ctx context.Context, decisions []Decision) (int, error)
	// InactiveCommenters returns ids of commenters of a site who have a name or an email, wrote nothing since the
	// given time, and are no moderators.
	InactiveCommenters(ctx context.Context, siteID string, before time.Time, limit int) ([]string, error)
	CountInactiveCommenters(ctx context.Context, siteID string, before time.Time) (int, error)
	// AnonymizeCommenters removes what identifies commenters, and shows their comments under the given name. It
	// leaves out those who have written since the given time, and returns how many it changed.
	AnonymizeCommenters(ctx context.Context, ids []string, name string, before time.Time) (int, error)
	Audit(ctx context.Context, e AuditEntry) error
}

// Retention deletes what is older than a site's settings permit.
type Retention struct {
	Store RetentionStore
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

// RetentionCount is what a sweep deletes, or would delete.
type RetentionCount struct {
	Comments   int // deleted
	Commenters int // anonymized
}

// Preview counts what the settings would delete now. Errors: ErrSiteUnknown, *Invalid.
func (r *Retention) Preview(ctx context.Context, v Viewer, slug string, s RetentionSettings) (RetentionCount, error) {
	site, err := VisibleSite(ctx, r.Store, v, slug)
	if err != nil {
		return RetentionCount{}, fmt.Errorf("preview retention: %w", err)
	}
	var faults Invalid
	s.check(&faults)
	if err := faults.Err(); err != nil {
		return RetentionCount{}, err
	}
	var n RetentionCount
	if before, on := s.declinedBefore(r.Now()); on {
		n.Comments, err = r.Store.CountExpiredComments(ctx, site.ID, before)
	}
	if before, on := s.inactiveBefore(r.Now()); on && err == nil {
		n.Commenters, err = r.Store.CountInactiveCommenters(ctx, site.ID, before)
	}
	if err != nil {
		return RetentionCount{}, fmt.Errorf("preview retention: %w", err)
	}
	return n, nil
}

// Run sweeps immediately and then every hour until ctx ends. Failures are logged and retried at the next sweep.
func (r *Retention) Run(ctx context.Context) {
	Every(ctx, janitorInterval, r.Sweep, func(err error) { r.Log.ErrorContext(ctx, "retention failed", "err", err) })
}

// Sweep deletes everything that is due on all sites. It continues with the next site after a failure and
// returns the failures joined.
func (r *Retention) Sweep(ctx context.Context) error {
	sites, err := r.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("list sites: %w", err)
	}
	var errs []error
	for _, site := range sites {
		n, err := r.sweepSite(ctx, site)
		if n != (RetentionCount{}) {
			err = errors.Join(err, r.record(ctx, site, n))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("site %s: %w", site.Slug, err))
		}
	}
	return errors.Join(errs...)
}

func (r *Retention) sweepSite(ctx context.Context, site Site) (n RetentionCount, err error) {
	now := r.Now()
	if before, on := site.Settings.Retention.declinedBefore(now); on {
		if n.Comments, err = r.eraseExpired(ctx, site, before); err != nil {
			return n, err
		}
	}
	if before, on := site.Settings.Retention.inactiveBefore(now); on {
		n.Commenters, err = r.anonymize(ctx, site, before)
	}
	return n, err
}

// eraseExpired deletes the expired comments of a site. Those that change meanwhile are left for the next sweep.
func (r *Retention) eraseExpired(ctx context.Context, site Site, before time.Time) (total int, err error) {
	for {
		expired, err := r.Store.ExpiredComments(ctx, site.ID, before, commentsPerRetention)
		if err != nil || len(expired) == 0 {
			return total, err
		}
		decisions := make([]Decision, len(expired))
		for i, c := range expired {
			decisions[i] = Decision{
				ID: r.NewID(), SiteID: site.ID, CommentID: c.ID, Version: c.Version + 1, Action: ActionDelete, From: c.Status,
				To: StatusDeleted, Actor: ActorRetention, SubmissionID: c.SubmissionID, CreatedAt: r.Now().UTC(),
			}
		}
		n, err := r.Store.EraseExpired(ctx, decisions)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (r *Retention) anonymize(ctx context.Context, site Site, before time.Time) (total int, err error) {
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
func (r *Retention) record(ctx context.Context, site Site, n RetentionCount) error {
	r.Log.InfoContext(ctx, "deleted what is past its retention", "site", site.Slug, "comments", n.Comments,
		"commenters", n.Commenters)
	return r.Store.Audit(ctx, AuditEntry{
		ID: r.NewID(), Action: AuditRetention, SiteID: site.ID, SubjectID: site.ID, Reason: n.String(),
		CreatedAt: r.Now().UTC(),
	})
}

// String says what was deleted.
func (n RetentionCount) String() string {
	return fmt.Sprintf("comments deleted: %d; commenters anonymized: %d", n.Comments, n.Commenters)
}

func (s RetentionSettings) declinedBefore(now time.Time) (before time.Time, on bool) {
	return now.UTC().AddDate(0, 0, -s.DeclinedDays), s.DeclinedDays > 0
}

func (s RetentionSettings) inactiveBefore(now time.Time) (before time.Time, on bool) {
	return now.UTC().AddDate(-s.InactiveYears, 0, 0), s.InactiveYears > 0
}

func (s RetentionSettings) check(faults *Invalid) {
	checkRange(faults, "/settings/retention/declined_days", s.DeclinedDays, MaxDays)
	checkRange(faults, "/settings/retention/inactive_years", s.InactiveYears, MaxInactiveYears)
}

// checkRange reports a value that is not from 0 to most.
func checkRange(faults *Invalid, pointer string, value, most int) {
	if value < 0 || value > most {
		faults.Add(pointer, "out_of_range", fmt.Sprintf("Must be a number from 0 to %d.", most))
	}
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
