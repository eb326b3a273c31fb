package archive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
	"rejoinder/privacy"
	"rejoinder/transfer"
)

// SubjectStore is the storage of Subjects.
type SubjectStore interface {
	Site(ctx context.Context, id string) (moderation.Site, error)
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// CommentersByIndex returns the commenters of all sites with one of the indexes of an email.
	CommentersByIndex(ctx context.Context, indexes [][]byte) ([]moderation.Commenter, error)
	ExportedComments(ctx context.Context, sel Selection, after string, limit int) ([]transfer.NativeComment, error)
	ArticleByID(ctx context.Context, id string) (moderation.Article, error)
	CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error)
	EraseComment(ctx context.Context, d moderation.Decision) error
	EraseText(ctx context.Context, commentID string) error
	ForgetCommenter(ctx context.Context, commenterID string) error
	Audit(ctx context.Context, e moderation.AuditEntry) error
}

// Subjects exports or erases the data stored about a person, at their request. The operator must have
// verified that the request comes from the owner of the email: anybody can type one.
type Subjects struct {
	Store SubjectStore
	Keys  *privacy.Keyring
	Now   func() time.Time
	NewID func() string
}

// SubjectQuery names a person by their email, on one site or on all.
type SubjectQuery struct {
	Email    string
	SiteSlug string // empty: all sites of the viewer
}

// Subject is the data stored about a person on one site.
type Subject struct {
	Site        string           `json:"site"`
	CommenterID string           `json:"commenter_id"`
	Name        string           `json:"name"`
	Confirmed   bool             `json:"email_confirmed"`
	FirstSeenAt time.Time        `json:"first_seen_at"`
	LastSeenAt  time.Time        `json:"last_seen_at"`
	Comments    []SubjectComment `json:"comments"`
}

// SubjectComment is a comment with its page, revisions, decisions, reports about it and notes.
type SubjectComment struct {
	Page string `json:"page"`
	transfer.NativeComment
}

// Find returns the data stored about a person. Errors: *moderation.Invalid, ErrSiteUnknown, ErrNotFound if
// nothing is.
func (s *Subjects) Find(ctx context.Context, v moderation.Viewer, q SubjectQuery) ([]Subject, error) {
	commenters, err := s.commenters(ctx, v, q)
	if err != nil {
		return nil, err
	}
	var found []Subject
	for _, c := range commenters {
		one, err := s.subject(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("find subject: %w", err)
		}
		found = append(found, one)
	}
	return found, nil
}

// Export returns the same as Find, and writes to the audit log that the viewer got it.
func (s *Subjects) Export(ctx context.Context, v moderation.Viewer, q SubjectQuery) ([]Subject, error) {
	commenters, err := s.commenters(ctx, v, q)
	if err != nil {
		return nil, err
	}
	for _, c := range commenters {
		if err := s.audit(ctx, v, moderation.AuditExportSubject, c); err != nil {
			return nil, fmt.Errorf("export subject: %w", err)
		}
	}
	return s.Find(ctx, v, q)
}

func (s *Subjects) audit(ctx context.Context, v moderation.Viewer, action string, c moderation.Commenter) error {
	return s.Store.Audit(ctx, moderation.AuditEntry{ID: s.NewID(), ModeratorID: v.ModeratorID, Action: action,
		SiteID: c.SiteID, SubjectID: c.ID, CreatedAt: s.Now().UTC()})
}

func (s *Subjects) commenters(
	ctx context.Context, v moderation.Viewer, q SubjectQuery,
) ([]moderation.Commenter, error) {
	var faults moderation.Invalid
	if err := text.CheckEmail(q.Email); err != nil {
		faults.Add("/email", "malformed", err.Error())
		return nil, faults.Err()
	}
	siteID := ""
	if q.SiteSlug != "" {
		site, err := moderation.VisibleSite(ctx, s.Store, v, q.SiteSlug)
		if err != nil {
			return nil, fmt.Errorf("find subject: %w", err)
		}
		siteID = site.ID
	}
	all, err := s.Store.CommentersByIndex(ctx, s.Keys.Indexes(q.Email))
	if err != nil {
		return nil, fmt.Errorf("find subject: %w", err)
	}
	var wanted []moderation.Commenter
	for _, c := range all {
		if v.MaySee(c.SiteID) && (siteID == "" || c.SiteID == siteID) {
			wanted = append(wanted, c)
		}
	}
	if len(wanted) == 0 {
		return nil, fmt.Errorf("find subject: %w", moderation.ErrNotFound)
	}
	return wanted, nil
}

func (s *Subjects) subject(ctx context.Context, c moderation.Commenter) (Subject, error) {
	site, err := s.Store.Site(ctx, c.SiteID)
	if err != nil {
		return Subject{}, err
	}
	one := Subject{Site: site.Slug, CommenterID: c.ID, Name: c.Name, Confirmed: !c.ConfirmedAt.IsZero(),
		FirstSeenAt: c.FirstSeenAt, LastSeenAt: c.LastSeenAt, Comments: []SubjectComment{}}
	pages := map[string]string{}
	err = s.each(ctx, c, func(k transfer.NativeComment) error {
		if _, known := pages[k.Article]; !known {
			a, err := s.Store.ArticleByID(ctx, k.Article)
			if err != nil {
				return err
			}
			pages[k.Article] = a.Key
		}
		one.Comments = append(one.Comments, SubjectComment{pages[k.Article], k})
		return nil
	})
	return one, err
}

// each calls f for every comment of a commenter.
func (s *Subjects) each(ctx context.Context, c moderation.Commenter, f func(transfer.NativeComment) error) error {
	after := ""
	for {
		comments, err := s.Store.ExportedComments(ctx, Selection{SiteID: c.SiteID, CommenterID: c.ID}, after, pageSize)
		if err != nil {
			return err
		}
		for _, k := range comments {
			if err := f(k); err != nil {
				return err
			}
			after = k.ID
		}
		if len(comments) < pageSize {
			return nil
		}
	}
}

// Erasure counts what an erasure removed, or would remove.
type Erasure struct {
	Commenters int `json:"commenters"`
	Comments   int `json:"comments"`   // whose text is erased
	Tombstones int `json:"tombstones"` // of these: replies keep a placeholder without name and text
	Gone       int `json:"gone"`       // erased before
}

// Erase erases name, email and all comments of a person, from every table; preview only counts. What stays
// are placeholders of comments with replies, and the log of who decided what, without quotes. Audit entries
// name the commenter, not the email. Errors: those of Find.
func (s *Subjects) Erase(ctx context.Context, v moderation.Viewer, q SubjectQuery, preview bool) (Erasure, error) {
	commenters, err := s.commenters(ctx, v, q)
	if err != nil {
		return Erasure{}, err
	}
	var e Erasure
	for _, c := range commenters {
		e.Commenters++
		err := s.each(ctx, c, func(k transfer.NativeComment) error { return s.erase(ctx, k, preview, &e) })
		if err == nil && !preview {
			err = s.forget(ctx, v, c)
		}
		if err != nil {
			return e, fmt.Errorf("erase subject: %w", err)
		}
	}
	return e, nil
}

// eraseTries is how often an erasure is tried again that lost against another decision.
const eraseTries = 5

func (s *Subjects) erase(ctx context.Context, k transfer.NativeComment, preview bool, e *Erasure) error {
	if k.Status == string(moderation.StatusDeleted) && k.AuthorName == "" {
		e.Gone++
		return nil
	}
	comment, submission, err := s.Store.CommentText(ctx, k.ID)
	for try := 0; err == nil && !preview; try++ {
		if comment.Status == moderation.StatusDeleted {
			err = s.Store.EraseText(ctx, k.ID)
		} else {
			err = s.Store.EraseComment(ctx, moderation.Decision{ID: s.NewID(), SiteID: comment.SiteID, CommentID: k.ID,
				Version: comment.Version + 1, Action: moderation.ActionDelete, From: comment.Status, To: moderation.StatusDeleted,
				Actor: moderation.ActorCommenter, SubmissionID: submission.ID, CreatedAt: s.Now().UTC()})
		}
		if !errors.Is(err, moderation.ErrVersion) || try == eraseTries {
			break
		}
		comment, submission, err = s.Store.CommentText(ctx, k.ID)
	}
	if err != nil {
		return err
	}
	e.Comments++
	if comment.VisibleReplies > 0 {
		e.Tombstones++
	}
	return nil
}

func (s *Subjects) forget(ctx context.Context, v moderation.Viewer, c moderation.Commenter) error {
	if err := s.Store.ForgetCommenter(ctx, c.ID); err != nil {
		return err
	}
	return s.audit(ctx, v, moderation.AuditEraseSubject, c)
}
