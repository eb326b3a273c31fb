package external

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// AdminStore is the storage of Admin.
type AdminStore interface {
	Store
	Sites(ctx context.Context) ([]moderation.Site, error)
	// AddClassifier stores a new classifier. Errors: moderation.ErrExists for a name that is taken.
	AddClassifier(ctx context.Context, c Classifier, audit *moderation.AuditEntry) error
	// ChangeClassifier stores a changed one. Errors: moderation.ErrSettings unless the stored version is the one
	// before.
	ChangeClassifier(ctx context.Context, c Classifier, audit *moderation.AuditEntry) error
	// RemoveClassifier removes a classifier with its calls and counts. Errors: moderation.ErrNotFound.
	RemoveClassifier(ctx context.Context, id string, audit *moderation.AuditEntry) error
	// CallCounts counts the calls that wait and those that were given up, by classifier.
	CallCounts(ctx context.Context) (map[string]CallCounts, error)
	// RepeatCalls makes the calls that were given up due at once, with all their tries.
	RepeatCalls(ctx context.Context, classifierID string, at time.Time) error
}

// CallCounts counts the calls to a classifier that are not done.
type CallCounts struct {
	Judging int // held comments wait for them
	Waiting int // feedback
	Failed  int // given up
}

// Admin manages classifiers. All fields must be set.
type Admin struct {
	Store  AdminStore
	Asker  *Asker
	Now    func() time.Time
	NewID  func() string
	Random io.Reader
	// ParseURL checks the address of a server.
	ParseURL func(typed string) (*url.URL, error)
}

// Limits of settings.
const (
	MaxClassifiers  = 50
	MinTimeoutMS    = 10
	MaxTimeoutMS    = 5_000
	MaxConcurrency  = 256
	MaxDailyBudget  = 1_000_000_000
	MaxCacheMinutes = 7 * 24 * 60
	MaxLabels       = 50
)

// Health is a classifier with the outcomes of its calls.
type Health struct {
	Classifier
	Today Day
	Week  Day // the last seven days, today included
	CallCounts
	RetryAt time.Time // when a call is tried again; zero unless calls are paused
	Reason  string    // why the last call of this node failed; empty: it did not
	Fault   string    // why the classifier cannot be called; empty: it can
}

// Agreement is the share of moderators' decisions that agree with the classifier; known is false without any.
func (d Day) Agreement() (share float64, known bool) {
	n := d.Agreed + d.Disagreed
	if n == 0 {
		return 0, false
	}
	return float64(d.Agreed) / float64(n), true
}

// List returns the classifiers that the viewer's sites use, by name.
func (a *Admin) List(ctx context.Context, v moderation.Viewer) ([]Health, error) {
	classifiers, err := a.Store.Classifiers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list classifiers: %w", err)
	}
	now := a.Now()
	days, err := a.Store.Days(ctx, dayOf(now.AddDate(0, 0, -6)))
	if err != nil {
		return nil, fmt.Errorf("list classifiers: %w", err)
	}
	counts, err := a.Store.CallCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("list classifiers: %w", err)
	}
	list := []Health{}
	for _, c := range classifiers {
		if len(v.SiteIDs) > 0 && !c.AllSites && !slices.ContainsFunc(c.SiteIDs, v.MaySee) {
			continue
		}
		h := Health{Classifier: c, CallCounts: counts[c.ID]}
		for _, day := range days {
			if day.ClassifierID == c.ID {
				h.Week = h.Week.plus(day)
				if day.Day == dayOf(now) {
					h.Today = day
				}
			}
		}
		if l := a.Asker.line(c.ID); l != nil {
			h.RetryAt, h.Reason = l.breaker.open(), l.tally.lastReason()
			if l.fault != nil {
				h.Fault = l.fault.Error()
			}
		}
		list = append(list, h)
	}
	return list, nil
}

// Find returns one of the classifiers of List. Errors: moderation.ErrNotFound.
func (a *Admin) Find(ctx context.Context, v moderation.Viewer, id string) (Health, error) {
	list, err := a.List(ctx, v)
	if err != nil {
		return Health{}, err
	}
	i := slices.IndexFunc(list, func(h Health) bool { return h.ID == id })
	if i < 0 {
		return Health{}, fmt.Errorf("find classifier: %w", moderation.ErrNotFound)
	}
	return list[i], nil
}

// Request is what an admin enters about a classifier.
type Request struct {
	Name string // cannot be changed
	Settings
	Sites []string // slugs, unless AllSites
	// Secret replaces the stored one; empty keeps it. A new classifier of the protocol Signed gets one if it is
	// empty.
	Secret string
}

// Add adds a classifier. It returns the secret if it made one: it is shown once. Errors: *moderation.Invalid,
// moderation.ErrExists, moderation.ErrForbidden for a viewer limited to some sites.
func (a *Admin) Add(ctx context.Context, v moderation.Viewer, r Request) (c Classifier, secret string, err error) {
	if len(v.SiteIDs) > 0 {
		return c, "", fmt.Errorf("add classifier: %w", moderation.ErrForbidden)
	}
	all, err := a.Store.Classifiers(ctx)
	if err != nil {
		return c, "", fmt.Errorf("add classifier: %w", err)
	}
	now := a.Now().UTC()
	c = Classifier{ID: a.NewID(), Name: r.Name, Version: 1, CreatedAt: now, UpdatedAt: now}
	if r.Protocol == Signed && r.Secret == "" && !r.SecretInFile {
		if secret, err = a.newSecret(); err != nil {
			return c, "", err
		}
		r.Secret = secret
	}
	var faults moderation.Invalid
	if !rules.ValidExternalName(r.Name) {
		faults.Add("/name", "malformed", "A name has lower-case letters, digits and underscores, at most 32 in all, and begins "+
			"with a letter. Rules use it.")
	}
	if len(all) >= MaxClassifiers {
		faults.Add("/name", "too_many", fmt.Sprintf("There are at most %d classifiers.", MaxClassifiers))
	}
	if err := a.prepare(ctx, &c, r, &faults); err != nil {
		return c, "", fmt.Errorf("add classifier: %w", err)
	}
	if err := a.Store.AddClassifier(ctx, c, a.audit(v, moderation.AuditAddClassifier, c.ID)); err != nil {
		return c, "", fmt.Errorf("add classifier: %w", err)
	}
	return c, secret, a.Asker.Reload(ctx)
}

// newSecret makes a secret for signatures.
func (a *Admin) newSecret() (string, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(a.random(), key); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	return SecretPrefix + base64.StdEncoding.EncodeToString(key), nil
}

func (a *Admin) random() io.Reader {
	if a.Random != nil {
		return a.Random
	}
	return rand.Reader
}

// Change changes a classifier. Version is of the settings that the admin saw; 0 means the present ones.
// Errors: *moderation.Invalid, moderation.ErrNotFound, moderation.ErrSettings, moderation.ErrForbidden.
func (a *Admin) Change(
	ctx context.Context, v moderation.Viewer, id string, version int, change func(*Request),
) (Classifier, error) {
	if len(v.SiteIDs) > 0 {
		return Classifier{}, fmt.Errorf("change classifier: %w", moderation.ErrForbidden)
	}
	h, err := a.Find(ctx, v, id)
	if err != nil {
		return Classifier{}, fmt.Errorf("change classifier: %w", err)
	}
	c := h.Classifier
	if version != 0 && version != c.Version {
		return c, fmt.Errorf("change classifier: %w", moderation.ErrSettings)
	}
	r, err := a.requestOf(ctx, c)
	if err != nil {
		return c, fmt.Errorf("change classifier: %w", err)
	}
	change(&r)
	var faults moderation.Invalid
	if r.Name != c.Name {
		faults.Add("/name", "fixed", "The name cannot be changed, since rules use it.")
	}
	if err := a.prepare(ctx, &c, r, &faults); err != nil {
		return c, fmt.Errorf("change classifier: %w", err)
	}
	c.Version++
	c.UpdatedAt = a.Now().UTC()
	if err := a.Store.ChangeClassifier(ctx, c, a.audit(v, moderation.AuditChangeClassifier, c.ID)); err != nil {
		return c, fmt.Errorf("change classifier: %w", err)
	}
	return c, a.Asker.Reload(ctx)
}

// requestOf returns the request that leaves a classifier as it is.
func (a *Admin) requestOf(ctx context.Context, c Classifier) (Request, error) {
	r := Request{Name: c.Name, Settings: c.Settings}
	sites, err := a.Store.Sites(ctx)
	for _, site := range sites {
		if slices.Contains(c.SiteIDs, site.ID) {
			r.Sites = append(r.Sites, site.Slug)
		}
	}
	return r, err
}

// Remove removes a classifier. Rulesets may go on naming it; it is not available then. Errors:
// moderation.ErrNotFound, moderation.ErrForbidden.
func (a *Admin) Remove(ctx context.Context, v moderation.Viewer, id string) error {
	if len(v.SiteIDs) > 0 {
		return fmt.Errorf("remove classifier: %w", moderation.ErrForbidden)
	}
	if err := a.Store.RemoveClassifier(ctx, id, a.audit(v, moderation.AuditRemoveClassifier, id)); err != nil {
		return fmt.Errorf("remove classifier: %w", err)
	}
	return a.Asker.Reload(ctx)
}

// Repeat tries the calls again that were given up. Errors: moderation.ErrNotFound, moderation.ErrForbidden.
func (a *Admin) Repeat(ctx context.Context, v moderation.Viewer, id string) error {
	if len(v.SiteIDs) > 0 {
		return fmt.Errorf("repeat calls: %w", moderation.ErrForbidden)
	}
	if _, err := a.Find(ctx, v, id); err != nil {
		return fmt.Errorf("repeat calls: %w", err)
	}
	if err := a.Store.RepeatCalls(ctx, id, a.Now().UTC()); err != nil {
		return fmt.Errorf("repeat calls: %w", err)
	}
	return nil
}

func (a *Admin) audit(v moderation.Viewer, action, id string) *moderation.AuditEntry {
	if v.ModeratorID == "" {
		return nil
	}
	return &moderation.AuditEntry{ID: a.NewID(), ModeratorID: v.ModeratorID, Action: action, SubjectID: id,
		CreatedAt: a.Now().UTC()}
}
