package rulebook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// compiledRulesets is the maximum number of cached compiled rulesets per process. Versions are immutable, so
// entries never expire; active sites rarely reach this number.
const compiledRulesets = 128

// Store is the storage for rulesets.
type Store interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// Ruleset returns a version by id. Errors: ErrNotFound.
	Ruleset(ctx context.Context, id string) (moderation.Ruleset, error)
	// RulesetVersion returns a version by number. Errors: ErrNotFound.
	RulesetVersion(ctx context.Context, siteID string, version int) (moderation.Ruleset, error)
	// Rulesets returns a site's versions, newest first, without their sources.
	Rulesets(ctx context.Context, siteID string) ([]moderation.Ruleset, error)
	// SaveRuleset stores r with the next version number and returns it.
	SaveRuleset(ctx context.Context, r moderation.Ruleset, audit *moderation.AuditEntry) (moderation.Ruleset, error)
	// ActivateRuleset makes r the active version. ErrVersion unless the version that it replaces is active.
	ActivateRuleset(ctx context.Context, r moderation.Ruleset, audit *moderation.AuditEntry) error
}

// Rulebook manages the rulesets of all sites and caches their compiled form.
type Rulebook struct {
	// Externals returns the names of the classifiers outside of this program that a site uses; nil: none is
	// known.
	Externals func(siteID string) []string

	store    Store
	now      func() time.Time
	newID    func() string
	compiled *lru.Cache[string, *rules.Ruleset]
	flights  singleflight.Group
	checking keyedMutex // by moderator
}

// New returns a rulebook over store.
func New(store Store, now func() time.Time, newID func() string) *Rulebook {
	compiled, err := lru.New[string, *rules.Ruleset](compiledRulesets)
	if err != nil {
		panic("the size of the ruleset cache is positive: " + err.Error())
	}
	return &Rulebook{store: store, now: now, newID: newID, compiled: compiled}
}

// Judge returns the compiled ruleset with this id. Errors: ErrNotFound, and the compile errors of the stored
// source.
func (b *Rulebook) Judge(ctx context.Context, rulesetID string) (moderation.Judge, error) {
	compiled, err := b.Compiled(ctx, rulesetID)
	if err != nil {
		return nil, err
	}
	return compiled, nil
}

// Compiled is Judge for callers that need more of the ruleset than its verdicts. Its shipped lists are
// loaded, since evaluations have a time limit.
func (b *Rulebook) Compiled(ctx context.Context, rulesetID string) (*rules.Ruleset, error) {
	compiled, err := b.lookUp(ctx, rulesetID)
	if err != nil {
		return nil, fmt.Errorf("load ruleset %s: %w", rulesetID, err)
	}
	compiled.LoadLists()
	return compiled, nil
}

func (b *Rulebook) lookUp(ctx context.Context, rulesetID string) (*rules.Ruleset, error) {
	if compiled, ok := b.compiled.Get(rulesetID); ok {
		return compiled, nil
	}
	flight := b.flights.DoChan(rulesetID, func() (any, error) {
		shared := context.WithoutCancel(ctx) // other callers may wait for the result
		stored, err := b.store.Ruleset(shared, rulesetID)
		if err != nil {
			return nil, err
		}
		compiled, err := stored.Document().Compile(shared)
		if err != nil {
			return nil, err
		}
		b.compiled.Add(rulesetID, compiled)
		return compiled, nil
	})
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case landed := <-flight:
		if landed.Err != nil {
			return nil, landed.Err
		}
		return landed.Val.(*rules.Ruleset), nil
	}
}

// List returns a site's versions, newest first, without their sources. Errors: ErrSiteUnknown.
func (b *Rulebook) List(ctx context.Context, v moderation.Viewer, siteSlug string) ([]moderation.Ruleset, error) {
	site, err := b.site(ctx, v, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("list rulesets: %w", err)
	}
	list, err := b.store.Rulesets(ctx, site.ID)
	if err != nil {
		return nil, fmt.Errorf("list rulesets: %w", err)
	}
	return list, nil
}

// Version returns one version with its source. Errors: ErrSiteUnknown, ErrNotFound.
func (b *Rulebook) Version(ctx context.Context, v moderation.Viewer, ref Ref) (moderation.Ruleset, error) {
	site, err := b.site(ctx, v, ref.SiteSlug)
	if err != nil {
		return moderation.Ruleset{}, fmt.Errorf("find ruleset: %w", err)
	}
	r, err := b.store.RulesetVersion(ctx, site.ID, ref.Version)
	if err != nil {
		return moderation.Ruleset{}, fmt.Errorf("find ruleset: %w", err)
	}
	r.Active = r.ID == site.ActiveRulesetID
	return r, nil
}

// Ref identifies a version of a site's ruleset.
type Ref struct {
	SiteSlug string
	Version  int
}

// Draft is a ruleset to save.
type Draft struct {
	Source string
	Note   string
}

// Save checks a draft, runs its tests, and stores it as the site's next version. The active version does not
// change. Errors: *rules.Faults with every fault of the document or every failed test, *Invalid,
// ErrSiteUnknown, ErrCompiling.
func (b *Rulebook) Save(
	ctx context.Context,
	v moderation.Viewer,
	siteSlug string,
	d Draft,
) (moderation.Ruleset, error) {
	site, err := b.site(ctx, v, siteSlug)
	if err != nil {
		return moderation.Ruleset{}, fmt.Errorf("save ruleset: %w", err)
	}
	var faults moderation.Invalid
	d.Note = moderation.CleanReason(&faults, "/note", d.Note)
	if err := faults.Err(); err != nil {
		return moderation.Ruleset{}, err
	}
	compiled, err := b.check(ctx, v, []byte(d.Source))
	if err != nil {
		return moderation.Ruleset{}, fmt.Errorf("save ruleset: %w", err)
	}
	r := moderation.Ruleset{
		ID:        b.newID(),
		SiteID:    site.ID,
		Source:    d.Source,
		Base:      string(compiled.Base()),
		Checksum:  moderation.Checksum(d.Source),
		Note:      d.Note,
		CreatedBy: v.ModeratorID,
		CreatedAt: b.now().UTC(),
	}
	saved, err := b.store.SaveRuleset(ctx, r, b.audit(v, moderation.AuditSaveRuleset, r))
	if err != nil {
		return moderation.Ruleset{}, fmt.Errorf("save ruleset: %w", err)
	}
	b.compiled.Add(saved.ID, compiled)
	return saved, nil
}

// Check returns the errors that saving a document would return. Errors: *rules.Faults, ErrSiteUnknown,
// ErrCompiling.
func (b *Rulebook) Check(
	ctx context.Context,
	v moderation.Viewer,
	siteSlug string,
	source []byte,
) (*rules.Ruleset, error) {
	if _, err := b.site(ctx, v, siteSlug); err != nil {
		return nil, fmt.Errorf("check ruleset: %w", err)
	}
	return b.check(ctx, v, source)
}

// check resolves the bases of the document, compiles it and runs its tests. This is CPU-intensive, so each
// moderator may check one document at a time. Errors: ErrCompiling otherwise.
func (b *Rulebook) check(ctx context.Context, v moderation.Viewer, source []byte) (*rules.Ruleset, error) {
	if v.ModeratorID != "" {
		end, err := b.checking.lock(ctx, v.ModeratorID, compileWait)
		if err != nil {
			return nil, err
		}
		defer end()
	}
	var broken error
	bases := func(name string) ([]byte, bool) {
		base, err := b.base(ctx, v, name)
		if err != nil && !errors.Is(err, moderation.ErrNotFound) && !errors.Is(err, moderation.ErrSiteUnknown) {
			broken = err
		}
		return base, err == nil
	}
	compiled, err := rules.ParseExtending(ctx, source, bases)
	if broken != nil {
		return nil, fmt.Errorf("find base: %w", broken)
	}
	if err != nil {
		return nil, err
	}
	return tested(ctx, compiled, source, bases)
}

// base returns the document that an "extends" refers to: the shipped ruleset, or a saved version as
// SITE/VERSION. Versions are immutable, so the rulesets that extend them never change.
func (b *Rulebook) base(ctx context.Context, v moderation.Viewer, name string) ([]byte, error) {
	if shipped, ok := rules.Shipped(name); ok {
		return shipped, nil
	}
	slug, number, _ := strings.Cut(name, "/")
	version, err := strconv.Atoi(number)
	if err != nil || version < 1 || version > math.MaxInt32 {
		return nil, moderation.ErrNotFound
	}
	r, err := b.Version(ctx, v, Ref{SiteSlug: slug, Version: version})
	return []byte(r.Source), err
}

// CheckRuleset compiles a document, which may extend one of the bases, and runs its tests. Errors:
// *rules.Faults with every fault or failed test.
func CheckRuleset(ctx context.Context, source []byte, bases rules.Bases) (*rules.Ruleset, error) {
	compiled, err := rules.ParseExtending(ctx, source, bases)
	if err != nil {
		return nil, err
	}
	return tested(ctx, compiled, source, bases)
}

// failedTest is the path of a fault that is a failed test.
const failedTest = "/tests"

// FailedTests returns the lines on which the failed tests of a document begin, if failed tests are all that an
// error of Check is about; nil otherwise.
func FailedTests(err error) []int {
	var faults *rules.Faults
	if !errors.As(err, &faults) {
		return nil
	}
	var lines []int
	for _, f := range faults.List {
		if f.Path != failedTest {
			return nil
		}
		lines = append(lines, f.Line)
	}
	return lines
}

// tested runs the tests of the document, with the site settings of the shipped ruleset.
func tested(
	ctx context.Context, compiled *rules.Ruleset, source []byte, bases rules.Bases,
) (*rules.Ruleset, error) {
	testee := compiled
	if plain := rules.WithDefaultSettings(ctx, source); compiled.Tests() > 0 && !bytes.Equal(plain, source) {
		var err error
		if testee, err = rules.ParseExtending(ctx, plain, bases); err != nil {
			return nil, err
		}
	}
	failures, err := testee.RunTests(ctx)
	if err != nil {
		return nil, err
	}
	var faults rules.Faults
	for _, f := range failures {
		faults.List = append(faults.List, rules.Fault{
			Line: f.Line, Column: f.Column, Path: failedTest,
			Message: fmt.Sprintf("The test %q fails: %s", f.Name, f.Message),
		})
	}
	if len(faults.List) > 0 {
		return nil, &faults
	}
	return compiled, nil
}

// Diff returns the changes from one version to another, in either order. Errors: ErrSiteUnknown, ErrNotFound,
// and the errors of compiling a version that is no longer valid.
func (b *Rulebook) Diff(ctx context.Context, v moderation.Viewer, before, after Ref) (rules.Changes, error) {
	old, err := b.Version(ctx, v, before)
	if err != nil {
		return rules.Changes{}, fmt.Errorf("compare rulesets: %w", err)
	}
	fresh, err := b.Version(ctx, v, after)
	if err != nil {
		return rules.Changes{}, fmt.Errorf("compare rulesets: %w", err)
	}
	changes, err := rules.Compare(ctx, old.Document(), fresh.Document())
	if err != nil {
		return rules.Changes{}, fmt.Errorf("compare rulesets: %w", err)
	}
	return changes, nil
}

// draft returns the ruleset of a trial or a backtest: a document, checked as in Save; a saved version; or the
// active version. Version is 0 for a document. Errors: those of Save and Version.
func (b *Rulebook) draft(
	ctx context.Context,
	v moderation.Viewer,
	siteSlug string,
	which DraftRef,
) (moderation.Ruleset, *rules.Ruleset, error) {
	site, err := b.site(ctx, v, siteSlug)
	if err != nil {
		return moderation.Ruleset{}, nil, err
	}
	if which.Source != "" {
		compiled, err := b.check(ctx, v, []byte(which.Source))
		return moderation.Ruleset{SiteID: site.ID, Source: which.Source}, compiled, err
	}
	var stored moderation.Ruleset
	if which.Version == 0 {
		stored, err = b.store.Ruleset(ctx, site.ActiveRulesetID)
	} else {
		stored, err = b.store.RulesetVersion(ctx, site.ID, which.Version)
	}
	if err != nil {
		return moderation.Ruleset{}, nil, err
	}
	compiled, err := b.Compiled(ctx, stored.ID)
	return stored, compiled, err
}

// DraftRef selects the ruleset to try or backtest. The zero value is the active version.
type DraftRef struct {
	Source  string // an unsaved document; empty: none
	Version int    // a saved version; 0: none
}

// Activate activates a saved version, starting with the next submission. Errors: ErrSiteUnknown, ErrNotFound,
// and the errors of compiling a source that is no longer valid.
func (b *Rulebook) Activate(ctx context.Context, v moderation.Viewer, ref Ref) (moderation.Ruleset, error) {
	r, err := b.Version(ctx, v, ref)
	if err != nil {
		return moderation.Ruleset{}, fmt.Errorf("activate ruleset: %w", err)
	}
	if err := b.activate(ctx, v, r); err != nil {
		return moderation.Ruleset{}, fmt.Errorf("activate ruleset: %w", err)
	}
	r.Active = true
	return r, nil
}

// activate activates a version. ErrVersion if it replaces a version that is no longer active.
func (b *Rulebook) activate(ctx context.Context, v moderation.Viewer, r moderation.Ruleset) error {
	compiled, err := b.Compiled(ctx, r.ID)
	if err != nil {
		return err
	}
	r.Judging = moderation.EnabledRules(compiled)
	return b.store.ActivateRuleset(ctx, r, b.audit(v, moderation.AuditActivateRuleset, r))
}

func (b *Rulebook) site(ctx context.Context, v moderation.Viewer, slug string) (moderation.Site, error) {
	return moderation.VisibleSite(ctx, b.store, v, slug)
}

func (b *Rulebook) audit(v moderation.Viewer, action string, r moderation.Ruleset) *moderation.AuditEntry {
	if v.ModeratorID == "" {
		return nil
	}
	return &moderation.AuditEntry{ID: b.newID(), ModeratorID: v.ModeratorID, Action: action, SiteID: r.SiteID,
		SubjectID: r.ID, CreatedAt: b.now().UTC()}
}
