package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/text"
	"rejoinder/privacy"
	"rejoinder/transfer"
	"rejoinder/weburl"
)

// Restorer imports the files of an Exporter.
type Restorer struct {
	Store RestoreStore
	Keys  *privacy.Keyring
	Now   func() time.Time
	NewID func() string
	// Processors is as in imports.Importer.
	Processors int
}

// OwnKey is the source key of a comment that was not imported before it was exported: the bytes of its id, which are
// in the order of time.
func OwnKey(commentID string) string {
	id, err := uuid.Parse(commentID)
	if err != nil {
		return imports.SourceKey("rejoinder", commentID)
	}
	return string(id[:])
}

// batchLines is how many lines of a type are written in one transaction.
const batchLines = 800

// restoring is a running import.
type restoring struct {
	*Restorer
	site   moderation.Site
	header transfer.Header
	record imports.Import
	report imports.Report
	watch  imports.Watcher
	dryRun bool
	fresh  bool // the site is empty: settings and rulesets are replaced
	sealed bool // the keys are those of the file

	pages         map[string]bool
	commenterIDs  map[string]string // of commenters, articles and readers that are there under another id
	articleIDs    map[string]string
	readerIDs     map[string]string
	siteLine      *transfer.Site
	moderators    []transfer.Moderator
	rulesets      []transfer.Ruleset
	articles      []transfer.Article
	commenters    []moderation.Commenter
	readers       []transfer.SignedReader
	comments      []*pending
	blocks        []transfer.Block
	headRestored  bool
	articlesKnown map[string]bool
	saved         time.Time
}

// pending is a comment with its line.
type pending struct {
	*transfer.NativeComment
	line preparedLine
}

// Run imports a file into a site. If the site is empty, its name, language, origins, settings and rulesets become
// those of the file. Errors: *moderation.Invalid, *transfer.Fault, ErrSiteUnknown, ErrBusy.
func (re *Restorer) Run(ctx context.Context, v moderation.Viewer, r imports.Request, from *transfer.NativeReader,
	watch imports.Watcher,
) (imports.Import, error) {
	site, err := moderation.VisibleSite(ctx, re.Store, v, r.SiteSlug)
	if err != nil {
		return imports.Import{}, fmt.Errorf("import: %w", err)
	}
	w := &restoring{Restorer: re, site: site, header: from.Header, watch: watch, dryRun: r.DryRun,
		report: imports.NewReport(), pages: map[string]bool{}, commenterIDs: map[string]string{},
		articleIDs: map[string]string{}, readerIDs: map[string]string{}, articlesKnown: map[string]bool{}}
	if err := w.checkKeys(); err != nil {
		return imports.Import{}, err
	}
	if w.fresh, err = re.Store.SiteFresh(ctx, site.ID); err != nil {
		return imports.Import{}, fmt.Errorf("import: %w", err)
	}
	if err := w.begin(ctx, v, r); err != nil {
		return imports.Import{}, fmt.Errorf("import: %w", err)
	}
	if watch.Begun != nil {
		watch.Begun(w.record)
	}
	return w.end(ctx, w.run(ctx, from))
}

// checkKeys refuses emails that these keys can't open.
func (w *restoring) checkKeys() error {
	for _, check := range keyCheck(w.Keys) {
		w.sealed = w.sealed || bytes.Equal(check, w.header.KeyCheck)
	}
	if w.header.Emails == transfer.EmailsSealed && !w.sealed {
		return &transfer.Fault{Place: transfer.Place{Line: 1}, Detail: "the emails are sealed with other keys: " +
			"put the key file of that installation into the data folder, or export with --emails plain"}
	}
	return nil
}

func (w *restoring) begin(ctx context.Context, v moderation.Viewer, r imports.Request) error {
	now := w.Now().UTC().Truncate(time.Microsecond)
	w.record = imports.Import{ID: w.NewID(), SiteID: w.site.ID, Format: "native", Source: "rejoinder", FileName: r.FileName,
		Status: imports.Running, Report: w.report, CreatedBy: v.ModeratorID, StartedAt: now, UpdatedAt: now}
	if w.dryRun {
		return nil
	}
	earlier, err := w.Store.UnfinishedImport(ctx, w.record)
	if err == nil {
		w.record.ID, w.record.StartedAt, w.record.CreatedBy = earlier.ID, earlier.StartedAt, earlier.CreatedBy
		return w.Store.SaveImport(ctx, w.record, nil)
	}
	if !errors.Is(err, moderation.ErrNotFound) {
		return err
	}
	return w.Store.SaveImport(ctx, w.record, &moderation.AuditEntry{ID: w.NewID(), ModeratorID: v.ModeratorID,
		Action: moderation.AuditImport, SiteID: w.site.ID, SubjectID: w.record.ID, CreatedAt: now})
}

func (w *restoring) end(ctx context.Context, failed error) (imports.Import, error) {
	w.report.Articles = len(w.pages)
	w.record.Status = imports.Done
	if failed != nil {
		w.record.Status = imports.Failed
		var fault *transfer.Fault
		if errors.As(failed, &fault) {
			w.report.Fault = fault.Error()
		}
		failed = fmt.Errorf("import: %w", failed)
	}
	w.record.Report, w.record.UpdatedAt = w.report, w.Now().UTC().Truncate(time.Microsecond)
	if w.dryRun {
		return w.record, failed
	}
	var err error
	w.record, err = imports.Finish(ctx, w.Store, w.record)
	return w.record, errors.Join(failed, err)
}

// take collects a line, and writes what is full or what it may refer to.
func (w *restoring) take(ctx context.Context, line preparedLine) error {
	switch v := line.Value.(type) {
	case *transfer.Site:
		w.siteLine = v
	case *transfer.Moderator:
		w.moderators = append(w.moderators, *v)
	case *transfer.Ruleset:
		w.rulesets = append(w.rulesets, *v)
	case *transfer.Article:
		w.articles = append(w.articles, *v)
		return w.flushIf(ctx, len(w.articles))
	case *transfer.Commenter:
		c, err := w.commenter(v)
		if err != nil {
			return err
		}
		w.commenters = append(w.commenters, c)
		return w.flushIf(ctx, len(w.commenters))
	case *transfer.SignedReader:
		w.readers = append(w.readers, *v)
		return w.flushIf(ctx, len(w.readers))
	case *transfer.NativeComment:
		w.comments = append(w.comments, &pending{v, line})
		return w.flushIf(ctx, len(w.comments))
	case *transfer.Block:
		w.blocks = append(w.blocks, *v)
		return w.flushIf(ctx, len(w.blocks))
	}
	return nil
}

func (w *restoring) flushIf(ctx context.Context, lines int) error {
	if lines < batchLines {
		return nil
	}
	return w.flushAll(ctx)
}

// flushAll writes everything collected, in the order in which lines refer to each other.
func (w *restoring) flushAll(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		w.flushHead, w.flushArticles, w.flushCommenters, w.flushReaders, w.flushComments, w.flushBlocks,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if w.watch.Progress != nil {
		w.watch.Progress(w.report)
	}
	return nil
}

// flushHead restores settings, moderators and rulesets.
func (w *restoring) flushHead(ctx context.Context) error {
	if w.headRestored {
		return nil
	}
	w.headRestored = true
	if w.dryRun {
		return nil
	}
	var accounts []RestoredModerator
	for _, m := range w.moderators {
		sum := sha256.Sum256([]byte("restored moderator " + m.ID))
		sealed, err := w.Keys.Seal("restored-"+m.ID+"@moderator.invalid", moderatorContext+m.ID)
		if err != nil {
			return fmt.Errorf("restore moderator: %w", err)
		}
		accounts = append(accounts, RestoredModerator{ID: m.ID, Name: m.Name, EmailIndex: sum[:16], EmailSealed: sealed,
			At: w.record.StartedAt})
	}
	if err := w.Store.RestoreModerators(ctx, w.site.ID, accounts); err != nil {
		return err
	}
	if !w.fresh || w.siteLine == nil || len(w.rulesets) == 0 {
		return w.Store.RestoreRulesets(ctx, w.site.ID, w.rulesets)
	}
	site := w.site
	site.Name, site.Locale, site.Origins = w.siteLine.Name, w.siteLine.Locale, w.siteLine.Origins
	if err := json.Unmarshal(w.siteLine.Settings, &site.Settings); err != nil {
		return &transfer.Fault{Place: transfer.Place{Line: 2}, Detail: "the settings of the site can't be read"}
	}
	return w.Store.RestoreSite(ctx, site, w.rulesets)
}

// moderatorContext and the account's id are the context in which moderators' emails are sealed
// (auth.Moderator.EmailContext).
const moderatorContext = "moderator:"

func (w *restoring) flushArticles(ctx context.Context) error {
	articles := w.articles
	w.articles = nil
	for _, a := range articles {
		w.articlesKnown[a.ID] = true
	}
	if len(articles) == 0 || w.dryRun {
		return nil
	}
	ids, err := w.Store.RestoreArticles(ctx, w.site.ID, articles)
	for from, to := range ids {
		w.articleIDs[from] = to
	}
	return err
}

func (w *restoring) flushCommenters(ctx context.Context) error {
	commenters := w.commenters
	w.commenters = nil
	if len(commenters) == 0 || w.dryRun {
		return nil
	}
	ids, err := w.Store.RestoreCommenters(ctx, w.site.ID, commenters)
	for from, to := range ids {
		w.commenterIDs[from] = to
	}
	return err
}

func (w *restoring) flushBlocks(ctx context.Context) error {
	blocks := w.blocks
	w.blocks = nil
	if len(blocks) == 0 || w.dryRun {
		return nil
	}
	if !w.sealed {
		w.problem(transfer.Problem{Code: "block", Detail: fmt.Sprintf("%d blocks were made with other keys; set them again", len(blocks))}, true)
		return nil
	}
	_, err := w.Store.RestoreBlocks(ctx, w.site.ID, blocks)
	return err
}

func (w *restoring) problem(p transfer.Problem, out bool) {
	problem := imports.Problem{Problem: p, LeftOut: out}
	w.report.Add(problem)
	if w.watch.Problem != nil {
		w.watch.Problem(problem)
	}
}

// commenter seals and indexes a plain email with these keys.
func (w *restoring) commenter(c *transfer.Commenter) (moderation.Commenter, error) {
	m := moderation.Commenter{ID: c.ID, SiteID: w.site.ID, Name: c.Name, EmailIndex: c.Index, EmailSealed: c.Sealed,
		FirstSeenAt: c.FirstSeenAt, LastSeenAt: c.LastSeenAt}
	if c.ConfirmedAt != nil {
		m.ConfirmedAt = *c.ConfirmedAt
	}
	if c.Email == "" {
		return m, nil
	}
	sealed, err := w.Keys.Seal(c.Email, c.ID)
	if err != nil {
		return m, fmt.Errorf("seal email: %w", err)
	}
	m.EmailIndex, m.EmailSealed = w.Keys.Index(c.Email), sealed
	return m, nil
}

// check refuses lines that could not be stored, or shown, as they are.
func check(line transfer.Line) error {
	fault := func(detail string) error { return &transfer.Fault{Place: line.Place, Detail: detail} }
	switch v := line.Value.(type) {
	case *transfer.Article:
		if !moderation.ValidID(v.ID) || v.Pinned != "" && !moderation.ValidID(v.Pinned) || v.Key == "" || len(v.Key) > moderation.MaxKeyBytes || weburl.Key(v.Key) != v.Key {
			return fault("an article has no valid id or key")
		}
	case *transfer.Commenter:
		if !moderation.ValidID(v.ID) {
			return fault("a commenter has no valid id")
		}
		if v.Email != "" && text.CheckEmail(v.Email) != nil {
			return fault("a commenter's email is not valid")
		}
	case *transfer.SignedReader:
		if !moderation.ValidID(v.ID) || len(v.Index) == 0 {
			return fault("a signed-in reader has no valid id or index")
		}
	case *transfer.Ruleset:
		if !moderation.ValidID(v.ID) || v.Version < 1 {
			return fault("a ruleset has no valid id or version")
		}
	case *transfer.Moderator:
		if !moderation.ValidID(v.ID) {
			return fault("a moderator has no valid id")
		}
	case *transfer.Block:
		if !moderation.ValidID(v.ID) {
			return fault("a block has no valid id")
		}
	case *transfer.NativeComment:
		if detail := commentFault(v); detail != "" {
			return fault(detail)
		}
	}
	return nil
}

func commentFault(c *transfer.NativeComment) string {
	switch {
	case !moderation.ValidID(c.ID) || !moderation.ValidID(c.Article) || !moderation.ValidID(c.Commenter) ||
		!moderation.ValidID(c.Cluster) || c.Parent != "" && !moderation.ValidID(c.Parent):
		return "a comment has no valid ids"
	case !moderation.Status(c.Status).Valid():
		return "the status of a comment is unknown"
	case len(c.Revisions) == 0 || c.Revisions[len(c.Revisions)-1].Revision != c.Revision:
		return "a comment lacks the text of its revision"
	case c.UpVotes < 0 || c.DownVotes < 0:
		return "a comment has negative votes"
	}
	for _, r := range c.Revisions {
		if !moderation.ValidID(r.ID) || !moderation.ValidID(r.Ruleset) || !json.Valid(r.Facts) || !json.Valid(r.Verdict) {
			return "a revision of a comment has no valid ids, facts or verdict"
		}
		if len(r.Body) > text.MaxRenderBytes || text.Check(r.Body) != nil {
			return "a revision of a comment has a text that can't be shown"
		}
	}
	return ""
}
