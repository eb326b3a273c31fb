package external

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// Store is the storage of Asker.
type Store interface {
	// Classifiers returns all classifiers, by name.
	Classifiers(ctx context.Context) ([]Classifier, error)
	// AddDays adds to the stored counts. Those of classifiers that are gone are dropped.
	AddDays(ctx context.Context, days []Day) error
	// Days returns the counts from a day on, in the order of classifiers and days.
	Days(ctx context.Context, since string) ([]Day, error)
}

// Asker asks the classifiers of each site. All fields but Observe must be set.
type Asker struct {
	Store  Store
	Client sender
	Keys   *privacy.Keyring
	// Secrets is the folder of the operator with secrets in files, each named as its classifier.
	Secrets fs.FS
	Now     func() time.Time
	NewID   func() string
	Log     *slog.Logger
	// Observe receives the outcome of each call, and how long it took; nil: nobody wants to know. It must be
	// quick.
	Observe func(classifier, outcome string, took time.Duration)

	lines     atomic.Pointer[[]*line]
	reloading sync.Mutex
	probes    sync.WaitGroup
}

var _ moderation.ExternalScorer = (*Asker)(nil)

// reloadEvery is how often the settings are read, and the counts written.
const reloadEvery = 5 * time.Second

// Run reads changed settings and writes counts until ctx ends, and then writes the last ones.
func (a *Asker) Run(ctx context.Context) {
	failing := false // an outage is logged once
	moderation.Every(ctx, reloadEvery, func(ctx context.Context) error {
		err := a.Reload(ctx)
		repeated := failing && err != nil
		if failing = err != nil; repeated {
			return nil
		}
		return err
	}, func(err error) {
		a.Log.ErrorContext(ctx, "outside classifiers cannot be read; their last settings stay in use", "err", err)
	})
	a.probes.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), reloadEvery)
	defer cancel()
	if err := a.flush(last); err != nil {
		a.Log.ErrorContext(last, "counts of outside classifiers cannot be written", "err", err)
	}
}

// Reload writes the counts and reads the settings.
func (a *Asker) Reload(ctx context.Context) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if err := a.flush(ctx); err != nil {
		return err
	}
	classifiers, err := a.Store.Classifiers(ctx)
	if err != nil {
		return fmt.Errorf("read classifiers: %w", err)
	}
	if len(classifiers) == 0 {
		a.lines.Store(&[]*line{})
		return nil
	}
	today := dayOf(a.Now())
	days, err := a.Store.Days(ctx, today)
	if err != nil {
		return fmt.Errorf("read counts of classifiers: %w", err)
	}
	lines := make([]*line, len(classifiers))
	for i, c := range classifiers {
		lines[i] = a.lineOf(c)
		stored := Day{Day: today}
		for _, day := range days {
			if day.ClassifierID == c.ID && day.Day == today {
				stored = day
			}
		}
		lines[i].tally.remember(stored)
	}
	a.lines.Store(&lines)
	return nil
}

// lineOf returns the present line of a classifier, or a new one if its settings or its secret changed.
func (a *Asker) lineOf(c Classifier) *line {
	before := a.line(c.ID)
	fresh := newLine(a, c, before)
	if before != nil && before.Version == c.Version && before.secret == fresh.secret &&
		(before.fault == nil) == (fresh.fault == nil) {
		return before
	}
	if fresh.fault != nil && c.Enabled {
		a.Log.Error("an outside classifier cannot be used", "classifier", c.Name, "err", fresh.fault)
	}
	return fresh
}

// flush writes the counts. Counts that cannot be written are kept.
func (a *Asker) flush(ctx context.Context) error {
	var days []Day
	for _, l := range a.all() {
		days = append(days, l.tally.drain(l.ID)...)
	}
	if len(days) == 0 {
		return nil
	}
	err := a.Store.AddDays(ctx, days)
	if err == nil {
		return nil
	}
	for _, day := range days {
		if l := a.line(day.ClassifierID); l != nil {
			l.tally.mu.Lock()
			l.tally.add(day.Day, day)
			l.tally.mu.Unlock()
		}
	}
	return fmt.Errorf("write counts of classifiers: %w", err)
}

func (a *Asker) all() []*line {
	if lines := a.lines.Load(); lines != nil {
		return *lines
	}
	return nil
}

// line returns the line of a classifier; nil if there is none.
func (a *Asker) line(id string) *line {
	for _, l := range a.all() {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// Ask asks the classifiers of the site at the same time.
func (a *Asker) Ask(ctx context.Context, q moderation.ExternalQuery) moderation.ExternalAnswers {
	var asked []*line
	for _, l := range a.all() {
		if l.serves(q.Site.ID) {
			asked = append(asked, l)
		}
	}
	if len(asked) == 0 {
		return moderation.ExternalAnswers{}
	}
	answers := make([]Answer, len(asked))
	errs := make([]error, len(asked))
	var calls sync.WaitGroup
	for i, l := range asked {
		calls.Go(func() { answers[i], errs[i] = l.ask(ctx, a.document(l, q)) })
	}
	calls.Wait()
	var all moderation.ExternalAnswers
	for i, l := range asked {
		switch {
		case errs[i] == nil:
			if all.Facts == nil {
				all.Facts = map[string]*rules.External{}
			}
			all.Facts[l.Name] = factOf(answers[i])
		case l.OnLate == LateHold:
			all.Awaited = append(all.Awaited, moderation.AwaitedClassifier{ID: l.ID, Name: l.Name})
		}
	}
	return all
}

// State is the state of a classifier on this node, for metrics.
type State struct {
	Name   string
	Paused bool // it is not called at present
	Today  Day  // of all nodes
}

// States returns the states of all classifiers.
func (a *Asker) States() []State {
	var states []State
	now := a.Now()
	for _, l := range a.all() {
		paused := l.fault != nil || !l.breaker.open().IsZero()
		states = append(states, State{Name: l.Name, Paused: paused, Today: l.tally.now(now)})
	}
	return states
}

// Names returns the names of the classifiers that a site uses.
func (a *Asker) Names(siteID string) []string {
	var names []string
	for _, l := range a.all() {
		if l.serves(siteID) {
			names = append(names, l.Name)
		}
	}
	return names
}

func factOf(answer Answer) *rules.External {
	return &rules.External{Available: true, Score: answer.Score, Label: answer.Label}
}

// pseudonymPurpose begins the purposes of pseudonyms. Each classifier has its own, so that two cannot compare
// theirs.
const pseudonymPurpose = "external-pseudonym:"

// document returns what a classifier may be sent of a submission.
func (a *Asker) document(l *line, q moderation.ExternalQuery) Document {
	d := Document{SiteSlug: q.Site.Slug, Text: q.Body, Language: q.Language, AuthorName: q.AuthorName,
		AuthorURL: q.AuthorURL, Address: q.AddressPrefix, Edit: q.Edit}
	if d.Language == "" {
		d.Language = moderation.PrimaryLanguage(q.Site.Locale)
	}
	if l.Sends.Pseudonym {
		d.Pseudonym = a.Keys.Token(pseudonymPurpose+l.ID, q.CommenterID)
	}
	return d
}

// maxSecret is the maximum length of a secret in bytes.
const maxSecret = 1_000

// secretOf returns the secret of a classifier; empty for none.
func (a *Asker) secretOf(c Classifier) (string, error) {
	if !c.SecretInFile {
		if len(c.SecretSealed) == 0 {
			return "", nil
		}
		secret, err := a.Keys.Open(c.SecretSealed, c.ID)
		if err != nil {
			return "", fmt.Errorf("open the secret: %w", err)
		}
		return secret, nil
	}
	if c.SecretHost != hostOf(c.URL) {
		return "", errors.New("the file with its secret is for another host")
	}
	return a.FileSecret(c.Name)
}

// FileSecret returns the secret in the operator's file for a classifier.
func (a *Asker) FileSecret(name string) (string, error) {
	if !rules.ValidExternalName(name) {
		return "", errors.New("this is not the name of a classifier")
	}
	content, err := fs.ReadFile(a.Secrets, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("there is no file with its secret")
	}
	if err != nil {
		return "", errors.New("the file with its secret cannot be read")
	}
	secret := strings.TrimSpace(string(content))
	if secret == "" || len(secret) > maxSecret {
		return "", fmt.Errorf("the file with its secret must have from 1 to %d bytes", maxSecret)
	}
	return secret, nil
}
