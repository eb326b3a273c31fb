package db

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"rejoinder/moderation"
)

// CommentStore reads comments with their submissions, and erases them, with quotes of them in other tables.
type CommentStore struct{ *core }

type commentRow struct {
	ID             ID       `db:"id"`
	SiteID         ID       `db:"site_id"`
	ArticleID      ID       `db:"article_id"`
	CommenterID    ID       `db:"commenter_id"`
	ParentID       nullID   `db:"parent_id"`
	RootID         nullID   `db:"root_id"`
	Depth          int      `db:"depth"`
	Version        int      `db:"version"`
	Revision       int      `db:"revision"`
	Status         string   `db:"status"`
	AuthorName     string   `db:"author_name"`
	AuthorURL      string   `db:"author_url"`
	BodyHTML       string   `db:"body_html"`
	PublicReason   string   `db:"public_reason"`
	Score          float64  `db:"score"`
	Risk           float64  `db:"risk"`
	Language       string   `db:"language"`
	Cluster        nullID   `db:"cluster"`
	BrowserID      string   `db:"browser_id"`
	VisibleReplies int      `db:"visible_replies"`
	UpVotes        int      `db:"up_votes"`
	DownVotes      int      `db:"down_votes"`
	Rank           float64  `db:"rank"`
	OpenReports    int      `db:"open_reports"`
	Staff          bool     `db:"staff"`
	Featured       bool     `db:"featured"`
	Badges         string   `db:"badges"`
	AvatarURL      string   `db:"avatar_url"`
	CreatedAt      Time     `db:"created_at"`
	EditedAt       NullTime `db:"edited_at"`
}

// Columns of comments: all, those that a thread shows or is built with, and those that a decision depends on.
const (
	commentColumns = `id, site_id, article_id, commenter_id, parent_id, root_id, depth, version, revision, status,
		author_name, author_url, body_html, public_reason, score, risk, language, cluster, browser_id, visible_replies,
		up_votes, down_votes, rank, open_reports, staff, featured, badges, avatar_url, created_at, edited_at`
	threadColumns = `id, article_id, commenter_id, parent_id, root_id, depth, status, author_name, author_url, body_html,
		browser_id, visible_replies, up_votes, down_votes, rank, staff, featured, badges, avatar_url, created_at, edited_at`
	stateColumns = `id, site_id, article_id, commenter_id, parent_id, version, status, public_reason, open_reports,
		created_at`
)

func newCommentRow(c moderation.Comment) commentRow {
	return commentRow{
		ID:           ID(c.ID),
		SiteID:       ID(c.SiteID),
		ArticleID:    ID(c.ArticleID),
		CommenterID:  ID(c.CommenterID),
		ParentID:     nullID(c.ParentID),
		RootID:       rootOf(c),
		Depth:        c.Depth,
		Version:      c.Version,
		Revision:     c.Revision,
		Status:       string(c.Status),
		AuthorName:   c.AuthorName,
		AuthorURL:    c.AuthorURL,
		BodyHTML:     c.BodyHTML,
		PublicReason: c.PublicReason,
		Score:        c.Score,
		Risk:         c.Risk,
		Language:     c.Language,
		Cluster:      clusterOf(c),
		BrowserID:    c.BrowserID,
		Staff:        c.Staff,
		Featured:     c.Featured,
		Badges:       strings.Join(c.Badges, " "),
		AvatarURL:    c.AvatarURL,
		CreatedAt:    Time(stored(c.CreatedAt)),
		EditedAt:     NullTime(stored(c.EditedAt)),
	}
}

// rootOf is the root of a reply.
func rootOf(c moderation.Comment) nullID {
	if c.RootID == c.ID {
		return ""
	}
	return nullID(c.RootID)
}

// clusterOf is the cluster of a comment that did not start it.
func clusterOf(c moderation.Comment) nullID {
	if c.Cluster == c.ID {
		return ""
	}
	return nullID(c.Cluster)
}

func (r commentRow) comment() moderation.Comment {
	return moderation.Comment{
		ID:             string(r.ID),
		SiteID:         string(r.SiteID),
		ArticleID:      string(r.ArticleID),
		CommenterID:    string(r.CommenterID),
		ParentID:       string(r.ParentID),
		RootID:         cmp.Or(string(r.RootID), string(r.ID)),
		Depth:          r.Depth,
		Version:        r.Version,
		Revision:       r.Revision,
		Status:         moderation.Status(r.Status),
		AuthorName:     r.AuthorName,
		AuthorURL:      r.AuthorURL,
		BodyHTML:       r.BodyHTML,
		PublicReason:   r.PublicReason,
		Score:          r.Score,
		Risk:           r.Risk,
		Language:       r.Language,
		Cluster:        cmp.Or(string(r.Cluster), string(r.ID)),
		BrowserID:      r.BrowserID,
		VisibleReplies: r.VisibleReplies,
		UpVotes:        r.UpVotes,
		DownVotes:      r.DownVotes,
		Rank:           r.Rank,
		OpenReports:    r.OpenReports,
		Staff:          r.Staff,
		Featured:       r.Featured,
		Badges:         badgesOf(r.Badges),
		AvatarURL:      r.AvatarURL,
		CreatedAt:      r.CreatedAt.time(),
		EditedAt:       r.EditedAt.time(),
	}
}

// badgesOf splits stored badges; nil if there are none.
func badgesOf(stored string) []string {
	if stored == "" {
		return nil
	}
	return strings.Fields(stored)
}

// counterKey names the rows whose counters a comment changes.
func (r commentRow) counterKey() *counterKey {
	return &counterKey{
		siteID:      string(r.SiteID),
		commentID:   string(r.ID),
		articleID:   string(r.ArticleID),
		parentID:    string(r.ParentID),
		commenterID: string(r.CommenterID),
		createdAt:   r.CreatedAt,
	}
}

// values are the parameters of commentInsert.
func (r commentRow) values() []any {
	return []any{
		r.ID, r.SiteID, r.ArticleID, r.CommenterID, r.ParentID, r.RootID, r.Depth, r.Version, r.Revision, r.Status,
		r.AuthorName, r.AuthorURL, r.BodyHTML, r.PublicReason, r.Score, r.Risk, r.Language, r.Cluster, r.BrowserID,
		r.VisibleReplies, r.UpVotes, r.DownVotes, r.Rank, r.OpenReports, r.Staff, r.Featured,
		r.Badges, r.AvatarURL, r.CreatedAt, r.EditedAt,
	}
}

var commentInsert = insertInto("comments", commentColumns, "")

// EraseComment carries a deletion out and removes the text of every revision. ErrVersion, ErrNotFound.
func (s *CommentStore) EraseComment(ctx context.Context, decision moderation.Decision) error {
	if decision.To != moderation.StatusDeleted {
		return fmt.Errorf("erase comment: %w", moderation.ErrTransition)
	}
	return s.write(ctx, "erase comment", func(tx executor) error {
		if err := decideOne(ctx, tx, decision); err != nil {
			return err
		}
		_, err := eraseComments(ctx, tx, []string{decision.CommentID})
		return err
	})
}

// EraseText removes the text of every revision of a comment that is deleted. ErrVersion for any other.
func (s *CommentStore) EraseText(ctx context.Context, commentID string) error {
	return s.write(ctx, "erase text", func(tx executor) error {
		// The deletion may have been undone meanwhile.
		deleted, err := tx.selectIDs(ctx, `SELECT id FROM comments WHERE id = $1 AND status = 'deleted'`+tx.forUpdate,
			ID(commentID))
		if err == nil && len(deleted) == 0 {
			err = moderation.ErrVersion
		}
		if err != nil {
			return err
		}
		_, err = eraseComments(ctx, tx, []string{commentID})
		return err
	})
}

// eraseComments removes name and text of comments from every table, their fingerprints, from which short
// texts could be guessed, and the texts of reports and appeals about them. Decisions and their reasons stay,
// unless a reason quotes the comment.
func eraseComments(ctx context.Context, x executor, ids []string) (int64, error) {
	if err := redactQuotes(ctx, x, ids); err != nil {
		return 0, err
	}
	n, err := x.exec(ctx, `UPDATE comments 
		SET body_html = '', author_name = '', author_url = '', badges = '', avatar_url = '' WHERE id IN (?)`,
		toIDs(ids))
	if err != nil {
		return 0, err
	}
	_, err = x.exec(ctx, `
		UPDATE submissions SET body = '', author_name = '', author_url = '', fingerprint = ?, facts = ?, verdict = ?
		WHERE comment_id IN (?)`, []byte{}, frozenJSON(`{}`), frozenJSON(`{}`), toIDs(ids))
	if err != nil {
		return 0, err
	}
	if err := redactNotes(ctx, x, ids); err != nil {
		return 0, err
	}
	if err := removeFromIndex(ctx, x, ids); err != nil {
		return 0, err
	}
	for _, table := range []string{"subscriptions", "webhook_attempts"} {
		if _, err := x.exec(ctx, `DELETE FROM `+table+` WHERE comment_id IN (?)`, toIDs(ids)); err != nil {
			return 0, err
		}
	}
	return n, deleteSketches(ctx, x, ids)
}
