package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
	"rejoinder/privacy"
	"rejoinder/transfer"
)

// pageSize is how many rows are read at once.
const pageSize = 1000

// Exporter exports sites.
type Exporter struct {
	Store ExportStore
	Keys  *privacy.Keyring
	Now   func() time.Time
	NewID func() string
}

// Request asks for an export.
type Request struct {
	SiteSlug     string
	ArticleKey   string // empty: all
	Since, Until time.Time
	ChangedSince time.Time
	// PlainEmails writes emails in the clear: anybody who has the file can read them.
	PlainEmails bool
}

// Counts are the numbers of written lines by type.
type Counts struct {
	Articles   int `json:"articles"`
	Commenters int `json:"commenters"`
	Comments   int `json:"comments"`
	Blocks     int `json:"blocks"`
}

// Lines receives the lines of an export.
type Lines interface{ Write(line any) error }

// exporting is a running export.
type exporting struct {
	*Exporter
	Request
	site   moderation.Site
	sel    Selection
	out    Lines
	counts Counts
	watch  func(Counts)
	// late are comments whose parent has a later id, with their replies: they are written at the end.
	late map[string]string // to their parents
}

// Export writes a site. An audit entry records who exported it. Errors: ErrSiteUnknown, ErrNotFound for an
// unknown article, ErrBusy.
func (e *Exporter) Export(
	ctx context.Context, v moderation.Viewer, r Request, out Lines, watch func(Counts),
) (Counts, error) {
	site, err := moderation.VisibleSite(ctx, e.Store, v, r.SiteSlug)
	if err != nil {
		return Counts{}, fmt.Errorf("export: %w", err)
	}
	x := &exporting{Exporter: e, Request: r, site: site, out: out, watch: watch, late: map[string]string{},
		sel: Selection{SiteID: site.ID, Since: r.Since, Until: r.Until, ChangedSince: r.ChangedSince}}
	if r.ArticleKey != "" {
		article, err := e.Store.Article(ctx, site.ID, r.ArticleKey)
		if err != nil {
			return Counts{}, fmt.Errorf("export: %w", err)
		}
		x.sel.ArticleID = article.ID
	}
	reason := "sealed emails"
	if r.PlainEmails {
		reason = "plain emails"
	}
	err = e.Store.Audit(ctx, moderation.AuditEntry{ID: e.NewID(), ModeratorID: v.ModeratorID,
		Action: moderation.AuditExport, SiteID: site.ID, SubjectID: site.ID, Reason: reason, CreatedAt: e.Now().UTC()})
	if err != nil {
		return Counts{}, fmt.Errorf("export: %w", err)
	}
	for _, step := range []func(context.Context) error{
		x.head, x.articles, x.commenters, x.readers, x.comments, x.lateComments, x.blocks,
	} {
		if err := step(ctx); err != nil {
			return x.counts, fmt.Errorf("export: %w", err)
		}
	}
	return x.counts, nil
}

// keyCheck is the same for the same keys.
func keyCheck(keys *privacy.Keyring) [][]byte { return keys.KindIndexes("transfer", "check") }

func (x *exporting) head(ctx context.Context) error {
	now := x.Now().UTC()
	h := transfer.Header{Type: transfer.TypeHeader, Format: "rejoinder", Version: transfer.NativeVersion, Created: now,
		Next: now, Site: x.site.Slug, Emails: transfer.EmailsSealed, KeyCheck: keyCheck(x.Keys)[0]}
	if x.PlainEmails {
		h.Emails = transfer.EmailsPlain
	}
	if x.sel.Partial() {
		h.Filter = &transfer.Filter{Article: x.ArticleKey, Since: pointer(x.Since), Until: pointer(x.Until),
			ChangedSince: pointer(x.ChangedSince)}
	}
	settings, err := json.Marshal(x.site.Settings)
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	lines := []any{h, transfer.Site{Type: transfer.TypeSite, Name: x.site.Name, Locale: x.site.Locale,
		Origins: x.site.Origins, Settings: settings}}
	moderators, err := x.Store.ExportedModerators(ctx, x.site.ID)
	if err != nil {
		return err
	}
	for _, m := range moderators {
		lines = append(lines, m)
	}
	rulesets, err := x.Store.ExportedRulesets(ctx, x.site.ID)
	if err != nil {
		return err
	}
	for _, r := range rulesets {
		lines = append(lines, r)
	}
	return x.write(lines)
}

func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (x *exporting) write(lines []any) error {
	for _, line := range lines {
		if err := x.out.Write(line); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if x.watch != nil {
		x.watch(x.counts)
	}
	return nil
}

// list is a list that is read page by page.
type list[T any] struct {
	read func(ctx context.Context, sel Selection, after string, limit int) ([]T, error)
	id   func(*T) string
	line func(*T) (any, error) // nil: none
}

// pages writes the lines of a list. It reads a page while it writes the one before.
func pages[T any](ctx context.Context, x *exporting, l list[T]) error {
	group, ctx := errgroup.WithContext(ctx)
	read := make(chan []T)
	group.Go(func() error {
		defer close(read)
		for after := ""; ; {
			rows, err := l.read(ctx, x.sel, after, pageSize)
			if err != nil {
				return err
			}
			select {
			case read <- rows:
			case <-ctx.Done():
				return ctx.Err()
			}
			if len(rows) < pageSize {
				return nil
			}
			after = l.id(&rows[len(rows)-1])
		}
	})
	group.Go(func() error {
		for rows := range read {
			lines := make([]any, 0, len(rows))
			for i := range rows {
				line, err := l.line(&rows[i])
				if err != nil {
					return err
				}
				if line != nil {
					lines = append(lines, line)
				}
			}
			if err := x.write(lines); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

func (x *exporting) articles(ctx context.Context) error {
	return pages(ctx, x, list[transfer.Article]{
		read: x.Store.ExportedArticles,
		id:   func(a *transfer.Article) string { return a.ID },
		line: func(a *transfer.Article) (any, error) {
			x.counts.Articles++
			return a, nil
		},
	})
}

func (x *exporting) commenters(ctx context.Context) error {
	return pages(ctx, x, list[transfer.Commenter]{
		read: x.Store.ExportedCommenters,
		id:   func(c *transfer.Commenter) string { return c.ID },
		line: func(c *transfer.Commenter) (any, error) {
			x.counts.Commenters++
			c.NoEmail = len(c.Index) == 0
			if x.PlainEmails && len(c.Sealed) > 0 {
				email, err := x.Keys.Open(c.Sealed, c.ID)
				if err != nil {
					return nil, fmt.Errorf("open the email of commenter %s: %w", c.ID, err)
				}
				c.Email, c.Sealed, c.Index = email, nil, nil
			}
			return c, nil
		},
	})
}

func (x *exporting) readers(ctx context.Context) error {
	return pages(ctx, x, list[transfer.SignedReader]{
		read: x.Store.ExportedReaders,
		id:   func(r *transfer.SignedReader) string { return r.ID },
		line: func(r *transfer.SignedReader) (any, error) { return r, nil },
	})
}

func (x *exporting) comments(ctx context.Context) error {
	return pages(ctx, x, list[transfer.NativeComment]{
		read: x.Store.ExportedComments,
		id:   func(c *transfer.NativeComment) string { return c.ID },
		line: func(c *transfer.NativeComment) (any, error) {
			_, below := x.late[c.Parent]
			if c.Parent > c.ID || below {
				x.late[c.ID] = c.Parent
				return nil, nil
			}
			x.counts.Comments++
			return c, nil
		},
	})
}

// lateComments writes the comments that were put off, level by level.
func (x *exporting) lateComments(ctx context.Context) error {
	for len(x.late) > 0 {
		var ready []string
		for id, parent := range x.late {
			if _, waits := x.late[parent]; !waits {
				ready = append(ready, id)
			}
		}
		if len(ready) == 0 {
			return fmt.Errorf("%d comments reply to each other in a circle", len(x.late))
		}
		slices.Sort(ready)
		for ids := range slices.Chunk(ready, pageSize) {
			comments, err := x.Store.CommentsWithIDs(ctx, x.site.ID, ids)
			if err != nil {
				return err
			}
			slices.SortFunc(comments, func(a, b transfer.NativeComment) int { return cmp.Compare(a.ID, b.ID) })
			var lines []any
			for i := range comments {
				lines = append(lines, &comments[i])
			}
			x.counts.Comments += len(lines)
			if err := x.write(lines); err != nil {
				return err
			}
		}
		for _, id := range ready {
			delete(x.late, id)
		}
	}
	return nil
}

// blocks writes the blocks, unless only a part of the site is exported.
func (x *exporting) blocks(ctx context.Context) error {
	if x.sel.Partial() {
		return nil
	}
	blocks, err := x.Store.ExportedBlocks(ctx, x.site.ID)
	if err != nil {
		return err
	}
	var lines []any
	for i := range blocks {
		lines = append(lines, &blocks[i])
	}
	x.counts.Blocks = len(lines)
	return x.write(lines)
}
