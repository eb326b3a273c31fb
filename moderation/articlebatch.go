package moderation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// MaxArticleBatch is the maximum number of articles of one PutArticles.
const MaxArticleBatch = 500

// ArticlePut registers an article, or changes a registered one. Nil fields of the change are left unchanged, or
// have the defaults of a new article.
type ArticlePut struct {
	Key string
	ArticleChange
}

// PutOutcome is what PutArticles did with one article.
type PutOutcome string

// Outcomes.
const (
	PutCreated   PutOutcome = "created"
	PutChanged   PutOutcome = "changed"
	PutUnchanged PutOutcome = "unchanged"
	PutRefused   PutOutcome = "refused"
)

// PutResult is the outcome of one ArticlePut. Faults says why it was refused; its pointers begin at the article.
type PutResult struct {
	Key     string // canonical, unless it is the key that was refused
	Outcome PutOutcome
	Faults  []FieldError
}

// ArticleWrite is an article to insert or to update.
type ArticleWrite struct {
	Article
	New bool
}

// ArticleBatch is what PutArticles stores in one transaction.
type ArticleBatch struct {
	SiteID string
	Keys   []string
	// Plan returns the writes, and an audit entry or nil. found are the registered articles by the keys of the
	// batch, which may be aliases. Plan may be called more than once.
	Plan func(found map[string]Article) ([]ArticleWrite, *AuditEntry)
}

// PutArticles registers or changes articles in one transaction, and returns what it did with each, in the order
// given. An article with faults is refused; the others are stored. An article that only a reader's request had named
// counts as registered from then on. Errors: *Invalid for a batch of the wrong size, ErrSiteUnknown, ErrBusy.
func (s *Sites) PutArticles(ctx context.Context, v Viewer, siteSlug string, puts []ArticlePut) ([]PutResult, error) {
	site, err := s.Find(ctx, v, siteSlug)
	if err != nil {
		return nil, err
	}
	var faults Invalid
	switch {
	case len(puts) == 0:
		faults.Add("/articles", "required", "At least one article is required.")
	case len(puts) > MaxArticleBatch:
		faults.Add("/articles", "too_many", fmt.Sprintf("At most %d articles at once.", MaxArticleBatch))
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	named := func(put ArticlePut) bool { return put.Authors != nil && len(*put.Authors) > 0 }
	staff, err := s.staff(ctx, site.ID, slices.ContainsFunc(puts, named))
	if err != nil {
		return nil, err
	}
	plan := &articlePlan{sites: s, viewer: v, site: site, staff: staff, puts: puts}
	batch := ArticleBatch{SiteID: site.ID, Keys: plan.parseKeys(), Plan: plan.run}
	for range changeTries {
		err = s.Store.PutArticles(ctx, batch)
		if !errors.Is(err, ErrVersion) {
			break
		}
	}
	if errors.Is(err, ErrVersion) {
		err = ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("put articles: %w", err)
	}
	return plan.results, nil
}

// articlePlan decides what a batch changes.
type articlePlan struct {
	sites  *Sites
	viewer Viewer
	site   Site
	staff  staffList
	puts   []ArticlePut

	keys    []string // canonical keys of puts; empty: refused
	results []PutResult
}

// parseKeys refuses invalid keys and returns the others.
func (p *articlePlan) parseKeys() []string {
	p.keys, p.results = make([]string, len(p.puts)), make([]PutResult, len(p.puts))
	var valid []string
	for i, put := range p.puts {
		p.results[i].Key = put.Key
		key, err := ParseKey("/key", put.Key)
		if err != nil {
			p.refuse(i, err)
			continue
		}
		p.keys[i], p.results[i].Key = key, key
		valid = append(valid, key)
	}
	return valid
}

func (p *articlePlan) refuse(i int, err error) {
	p.results[i].Outcome = PutRefused
	var invalid *Invalid
	if errors.As(err, &invalid) {
		p.results[i].Faults = invalid.Fields
	}
}

// run is the Plan of the batch.
func (p *articlePlan) run(found map[string]Article) ([]ArticleWrite, *AuditEntry) {
	var writes []ArticleWrite
	now, seen, counts := p.sites.Now().UTC(), map[string]bool{}, map[PutOutcome]int{}
	for i, key := range p.keys {
		if key == "" {
			continue
		}
		write, outcome, err := p.put(key, p.puts[i].ArticleChange, found, now)
		if err == nil && seen[write.Key] {
			err = duplicateArticle()
		}
		if err != nil {
			p.refuse(i, err)
			continue
		}
		seen[write.Key] = true
		p.results[i].Outcome, p.results[i].Faults = outcome, nil
		counts[outcome]++
		if outcome != PutUnchanged {
			writes = append(writes, write)
		}
	}
	if len(writes) == 0 {
		return nil, nil
	}
	audit := p.sites.audit(p.viewer, AuditPutArticles, p.site.ID, p.site.ID)
	if audit != nil {
		audit.Reason = fmt.Sprintf("%d created, %d changed", counts[PutCreated], counts[PutChanged])
	}
	return writes, audit
}

func duplicateArticle() error {
	var faults Invalid
	faults.Add("/key", "duplicate", "An earlier article of this request has this key, or an alias of it.")
	return faults.Err()
}

// put applies one change to the article with that key, or to a new one.
func (p *articlePlan) put(
	key string, c ArticleChange, found map[string]Article, now time.Time,
) (ArticleWrite, PutOutcome, error) {
	before, known := found[key]
	if !known {
		before = Article{ID: p.sites.NewID(), SiteID: p.site.ID, Key: key, PublishedAt: now, CreatedAt: now, Version: 1}
	}
	if c.PublishedAt != nil {
		at := c.PublishedAt.Truncate(time.Microsecond) // as it is stored
		c.PublishedAt = &at
	}
	after := before
	if err := after.change(c, p.staff); err != nil {
		return ArticleWrite{}, "", err
	}
	after.Registered = true
	switch {
	case !known:
		return ArticleWrite{Article: after, New: true}, PutCreated, nil
	case after.sameAs(before):
		return ArticleWrite{Article: after}, PutUnchanged, nil
	}
	return ArticleWrite{Article: after}, PutChanged, nil
}

// sameAs reports whether no field that a change can set differs.
func (a *Article) sameAs(b Article) bool {
	sameDays := a.CloseAfterDays == b.CloseAfterDays ||
		a.CloseAfterDays != nil && b.CloseAfterDays != nil && *a.CloseAfterDays == *b.CloseAfterDays
	return sameDays && a.URL == b.URL && a.Title == b.Title && a.Closed == b.Closed && a.Mode == b.Mode &&
		a.Schedule.Equal(b.Schedule) && a.Registered == b.Registered && a.PublishedAt.Equal(b.PublishedAt) &&
		slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Authors, b.Authors)
}
