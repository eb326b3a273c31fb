package moderation

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
	"rejoinder/moderation/text"
)

// NewArticle is a request to register an article.
type NewArticle struct {
	ArticleRef
	Tags           []string
	Authors        []string  // see ArticleChange
	PublishedAt    time.Time // zero means now
	Closed         bool
	CloseAfterDays *int                 // nil means the site's setting
	Mode           rules.ModerationMode // empty means the site's
	Schedule       schedule.Schedule
}

// ArticlePage is one page of a site's articles, newest first.
type ArticlePage struct {
	Articles   []Article
	NextCursor string
}

// ArticleChange is a partial change: nil fields are left unchanged.
type ArticleChange struct {
	URL         *string
	Title       *string
	Tags        *[]string // replaces all tags
	Authors     *[]string // replaces all authors: accounts by name, email or ID
	Closed      *bool
	PublishedAt *time.Time
	// CloseAfterDays: nil leaves it unchanged, -1 restores the site's setting, 0 never closes by age.
	CloseAfterDays *int
	// Mode: empty restores the site's.
	Mode *rules.ModerationMode
	// Schedule replaces the whole schedule.
	Schedule *schedule.Schedule
}

// ArticleQuery asks for a page of a site's articles.
type ArticleQuery struct {
	SiteSlug string
	// Text limits the list to articles whose title, key, URL or alias contains it. ASCII case is ignored.
	Text   string
	Limit  int
	Cursor string
}

// ArticleSelect is an ArticleQuery for storage.
type ArticleSelect struct {
	SiteID   string
	Text     string
	AuthorID string     // only articles that name this account as an author; empty: all
	After    *ThreadKey // nil starts with the newest
	Limit    int
}

// ArticleDetail is an article with its newest aliases.
type ArticleDetail struct {
	Article
	Aliases []ArticleAlias
}

// MaxAliasesShown is the maximum number of aliases returned with an article.
const MaxAliasesShown = 200

// articlesCursor identifies cursors of this list.
const articlesCursor = "articles"

// SiteSetting as CloseAfterDays makes an article use its site's setting again.
const SiteSetting = -1

// Register adds an article before its first comment. Errors: *Invalid, ErrSiteUnknown, ErrExists.
func (s *Sites) Register(ctx context.Context, v Viewer, siteSlug string, n NewArticle) (Article, error) {
	site, err := s.Find(ctx, v, siteSlug)
	if err != nil {
		return Article{}, err
	}
	var faults Invalid
	n.ArticleRef.prepare(&faults)
	n.Tags = cleanTags(&faults, n.Tags)
	checkDays(&faults, n.CloseAfterDays, 0)
	checkMode(&faults, n.Mode)
	staff, err := s.staff(ctx, site.ID, len(n.Authors) > 0)
	if err != nil {
		return Article{}, err
	}
	authors := staff.authors(&faults, n.Authors)
	checkSchedule(&faults, n.Schedule)
	now := s.Now().UTC()
	if n.PublishedAt.IsZero() {
		n.PublishedAt = now
	}
	if err := faults.Err(); err != nil {
		return Article{}, trimPointerPrefix(err, "/article")
	}
	article := Article{
		ID:             s.NewID(),
		SiteID:         site.ID,
		Key:            n.Key,
		URL:            n.URL,
		Title:          n.Title,
		Tags:           n.Tags,
		Authors:        authors,
		Closed:         n.Closed,
		CloseAfterDays: n.CloseAfterDays,
		Mode:           n.Mode,
		Schedule:       n.Schedule,
		Registered:     true,
		PublishedAt:    n.PublishedAt.UTC(),
		CreatedAt:      now,
		Version:        1,
	}
	if err := s.Store.CreateArticle(ctx, article, s.audit(v, AuditAddArticle, site.ID, article.ID)); err != nil {
		return Article{}, fmt.Errorf("register article: %w", err)
	}
	return article, nil
}

// Article finds an article by key or alias. Errors: ErrSiteUnknown, ErrArticleUnknown.
func (s *Sites) Article(ctx context.Context, v Viewer, ref SiteArticle) (ArticleDetail, error) {
	site, err := s.Find(ctx, v, ref.SiteSlug)
	if err != nil {
		return ArticleDetail{}, err
	}
	key, err := ParseKey("/article", ref.Key)
	if err != nil {
		return ArticleDetail{}, fmt.Errorf("find article: %w", ErrArticleUnknown)
	}
	article, err := s.Store.Article(ctx, site.ID, key)
	if isNotFound(err) {
		return ArticleDetail{}, fmt.Errorf("find article: %w", ErrArticleUnknown)
	}
	if err != nil {
		return ArticleDetail{}, fmt.Errorf("find article: %w", err)
	}
	if article.Authors, err = s.Store.ArticleAuthors(ctx, article.ID); err != nil {
		return ArticleDetail{}, fmt.Errorf("find article: %w", err)
	}
	aliases, err := s.Store.ArticleAliases(ctx, article.ID, MaxAliasesShown)
	if err != nil {
		return ArticleDetail{}, fmt.Errorf("find article: %w", err)
	}
	return ArticleDetail{article, aliases}, nil
}

// Articles lists a site's articles, newest first. Errors: ErrSiteUnknown, ErrCursor.
func (s *Sites) Articles(ctx context.Context, v Viewer, q ArticleQuery) (ArticlePage, error) {
	site, err := s.Find(ctx, v, q.SiteSlug)
	if err != nil {
		return ArticlePage{}, err
	}
	sel := ArticleSelect{SiteID: site.ID, Text: q.Text, AuthorID: v.AuthorID(), Limit: q.Limit + 1}
	if q.Cursor != "" {
		sel.After = new(ThreadKey)
		if err := DecodeCursor(q.Cursor, articlesCursor, sel.After); err != nil {
			return ArticlePage{}, fmt.Errorf("list articles: %w", err)
		}
	}
	articles, err := s.Store.Articles(ctx, sel)
	if err != nil {
		return ArticlePage{}, fmt.Errorf("list articles: %w", err)
	}
	page := ArticlePage{Articles: articles}
	if len(articles) > q.Limit {
		page.Articles = articles[:q.Limit]
		last := page.Articles[q.Limit-1]
		page.NextCursor = EncodeCursor(articlesCursor, ThreadKey{CreatedAt: last.CreatedAt, ID: last.ID})
	}
	return page, nil
}

// Paging is the page size and start of a list.
type Paging struct {
	Limit  int
	Cursor string
}

// changeTries is how often a change is tried that fails with ErrVersion because of concurrent changes.
const changeTries = 10

// ChangeArticle changes an article, for example closes it. Concurrent changes are applied one after the
// other. Errors: *Invalid, ErrSiteUnknown, ErrArticleUnknown, ErrBusy.
func (s *Sites) ChangeArticle(ctx context.Context, v Viewer, ref SiteArticle, c ArticleChange) (Article, error) {
	site, err := s.Find(ctx, v, ref.SiteSlug)
	if err != nil {
		return Article{}, err
	}
	key, err := ParseKey("/article", ref.Key)
	if err != nil {
		return Article{}, err
	}
	for range changeTries {
		article, err := s.changeArticle(ctx, v, site, key, c)
		if !errors.Is(err, ErrVersion) {
			return article, err
		}
	}
	return Article{}, fmt.Errorf("change article: %w", ErrBusy)
}

func (s *Sites) changeArticle(ctx context.Context, v Viewer, site Site, key string, c ArticleChange) (Article, error) {
	article, err := s.Store.Article(ctx, site.ID, key)
	if isNotFound(err) {
		return Article{}, fmt.Errorf("change article: %w", ErrArticleUnknown)
	}
	if err != nil {
		return Article{}, fmt.Errorf("change article: %w", err)
	}
	staff, err := s.staff(ctx, site.ID, c.Authors != nil)
	if err != nil {
		return Article{}, err
	}
	if err := article.change(c, staff); err != nil {
		return Article{}, err
	}
	if err := s.Store.UpdateArticle(ctx, article, s.audit(v, AuditChangeArticle, site.ID, article.ID)); err != nil {
		return Article{}, fmt.Errorf("change article: %w", err)
	}
	article.Version++
	if article.Authors == nil {
		article.Authors, err = s.Store.ArticleAuthors(ctx, article.ID)
	}
	return article, err
}

// SiteArticle identifies an article by site slug and key.
type SiteArticle struct {
	SiteSlug string
	Key      string
}

func (a *Article) change(c ArticleChange, staff staffList) error {
	ref := ArticleRef{Key: a.Key, URL: a.URL, Title: a.Title}
	set(&ref.URL, c.URL)
	set(&ref.Title, c.Title)
	var faults Invalid
	ref.prepare(&faults)
	if c.Tags != nil {
		a.Tags = cleanTags(&faults, *c.Tags)
	}
	var authors []ArticleAuthor
	if c.Authors != nil {
		authors = staff.authors(&faults, *c.Authors)
	}
	checkDays(&faults, c.CloseAfterDays, SiteSetting)
	if c.Mode != nil {
		checkMode(&faults, *c.Mode)
	}
	if c.Schedule != nil {
		checkSchedule(&faults, *c.Schedule)
	}
	if err := faults.Err(); err != nil {
		return trimPointerPrefix(err, "/article")
	}
	a.URL, a.Title = ref.URL, ref.Title
	if c.Authors != nil {
		a.Authors = authors
	}
	a.Registered = a.Registered || c.URL != nil || c.Title != nil || c.Tags != nil || c.Authors != nil ||
		c.PublishedAt != nil
	set(&a.Closed, c.Closed)
	set(&a.Mode, c.Mode)
	set(&a.Schedule, c.Schedule)
	set(&a.PublishedAt, c.PublishedAt)
	a.PublishedAt = a.PublishedAt.UTC()
	if c.CloseAfterDays != nil {
		a.CloseAfterDays = c.CloseAfterDays
		if *c.CloseAfterDays == SiteSetting {
			a.CloseAfterDays = nil
		}
	}
	return nil
}

// staffList are the accounts of a site, to find authors among them.
type staffList struct {
	accounts []StaffAccount
	emails   EmailIndexer
}

// staff returns the accounts of a site; none unless they are needed.
func (s *Sites) staff(ctx context.Context, siteID string, needed bool) (staffList, error) {
	list := staffList{emails: s.Emails}
	if !needed {
		return list, nil
	}
	var err error
	if list.accounts, err = s.Store.Staff(ctx, siteID); err != nil {
		return list, fmt.Errorf("find authors: %w", err)
	}
	return list, nil
}

// authors returns the accounts with these names, emails or IDs, without duplicates, by name.
func (s staffList) authors(faults *Invalid, named []string) []ArticleAuthor {
	if len(named) > MaxArticleAuthors {
		faults.Add("/authors", "too_many", fmt.Sprintf("An article has at most %d authors.", MaxArticleAuthors))
		return nil
	}
	authors := []ArticleAuthor{}
	for i, name := range named {
		found, pointer := s.find(strings.TrimSpace(name)), fmt.Sprintf("/authors/%d", i)
		switch {
		case len(found) == 0:
			faults.Add(pointer, "unknown", "No account of this site has this name, email or ID.")
		case len(found) > 1:
			faults.Add(pointer, "ambiguous", "Several accounts of this site have this name. Use the email or ID.")
		case !slices.Contains(authors, found[0].ArticleAuthor):
			authors = append(authors, found[0].ArticleAuthor)
		}
	}
	slices.SortFunc(authors, func(a, b ArticleAuthor) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return authors
}

// find returns the accounts with a name, email or ID. Disabled ones count only if no other matches.
func (s staffList) find(name string) []StaffAccount {
	var indexes [][]byte
	if strings.Contains(name, "@") && s.emails != nil {
		indexes = s.emails.Indexes(name)
	}
	var active, disabled []StaffAccount
	for _, account := range s.accounts {
		same := func(index []byte) bool { return bytes.Equal(index, account.EmailIndex) }
		switch {
		case account.ID != name && !strings.EqualFold(account.Name, name) && !slices.ContainsFunc(indexes, same):
		case account.Disabled:
			disabled = append(disabled, account)
		default:
			active = append(active, account)
		}
	}
	if len(active) == 0 {
		return disabled
	}
	return active
}

// cleanTags returns the cleaned tags without duplicates, in the given order.
func cleanTags(faults *Invalid, tags []string) []string {
	if len(tags) > rules.MaxTags {
		faults.Add("/tags", "too_many", fmt.Sprintf("An article has at most %d tags.", rules.MaxTags))
		return nil
	}
	var clean []string
	for i, raw := range tags {
		pointer := fmt.Sprintf("/tags/%d", i)
		tag, err := text.CleanLine(raw)
		switch {
		case err != nil:
			faults.Add(pointer, "malformed", sentence(err))
		case !text.Visible(tag):
			faults.Add(pointer, "required", "A tag needs at least one visible character.")
		case text.Characters(tag) > rules.MaxTagCharacters:
			faults.Add(pointer, "too_long", fmt.Sprintf("A tag has at most %d characters.", rules.MaxTagCharacters))
		case !slices.Contains(clean, tag):
			clean = append(clean, tag)
		}
	}
	return clean
}

func checkMode(faults *Invalid, mode rules.ModerationMode) {
	if mode != "" && !mode.Valid() {
		faults.Add("/mode", "unknown", "A mode is at_once, hold_first or hold_all, or empty for the site's.")
	}
}

func checkSchedule(faults *Invalid, s schedule.Schedule) {
	s.Check(func(pointer, code, message string) { faults.Add("/schedule"+pointer, code, message) })
}

func checkDays(faults *Invalid, days *int, least int) {
	if days != nil && (*days < least || *days > MaxDays) {
		faults.Add("/close_after_days", "out_of_range", fmt.Sprintf("Must be a number from %d to %d.", least, MaxDays))
	}
}
