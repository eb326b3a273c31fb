package db

import (
	"context"
	"fmt"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// CommenterHistory reads what a commenter wrote and what moderators noted about them. At most limit of each,
// the newest first.
func (s *QueueStore) CommenterHistory(ctx context.Context, c moderation.Commenter, limit int) (
	h queue.CommenterHistory, err error,
) {
	// A commenter's submissions are sorted by an index; edits are several of one comment.
	ids, err := s.selectIDs(ctx, `
		SELECT k.id FROM submissions s JOIN comments k ON k.id = s.comment_id AND k.revision = s.revision
		WHERE s.commenter_id = $1 ORDER BY s.created_at DESC, k.id DESC LIMIT $2`, ID(c.ID), limit)
	if err != nil {
		return h, fmt.Errorf("find a commenter's comments: %w", err)
	}
	if h.Comments, err = queueRows(ctx, s.prepared, ids); err != nil {
		return h, fmt.Errorf("read a commenter's comments: %w", err)
	}
	err = s.selectAll(ctx, &h.Names, `
		SELECT author_name FROM submissions WHERE commenter_id = $1 AND author_name <> ''
		GROUP BY author_name ORDER BY MAX(created_at) DESC, author_name LIMIT $2`, ID(c.ID), limit)
	if err != nil {
		return h, fmt.Errorf("read a commenter's names: %w", err)
	}
	if h.Notes, err = s.commenterNotes(ctx, c.ID, limit); err != nil {
		return h, fmt.Errorf("read notes on a commenter: %w", err)
	}
	h.Moderators, err = s.moderatorNamesOn(ctx, ids)
	return h, wrap("read moderators' names", err)
}

// commenterNotes reads the notes on a commenter and on their comments, the newest first.
func (s *QueueStore) commenterNotes(ctx context.Context, commenterID string, limit int) ([]queue.Note, error) {
	var rows []struct {
		ID            ID     `db:"id"`
		CommentID     ID     `db:"comment_id"`
		About         string `db:"about"`
		ModeratorID   string `db:"moderator_id"`
		ModeratorName string `db:"moderator_name"`
		Body          string `db:"body"`
		CreatedAt     Time   `db:"created_at"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT n.id, n.comment_id, n.about, n.moderator_id, m.name AS moderator_name, n.body, n.created_at
		FROM notes n JOIN moderators m ON m.id = n.moderator_id
		WHERE n.commenter_id = $1 ORDER BY n.created_at DESC, n.id DESC LIMIT $2`, ID(commenterID), limit)
	notes := make([]queue.Note, 0, len(rows))
	for _, r := range rows {
		notes = append(notes, queue.Note{ID: string(r.ID), CommentID: string(r.CommentID), CommenterID: commenterID,
			About: queue.NoteAbout(r.About), ModeratorID: r.ModeratorID, ModeratorName: r.ModeratorName, Body: r.Body,
			CreatedAt: r.CreatedAt.time()})
	}
	return notes, err
}

func (s *QueueStore) moderatorNamesOn(ctx context.Context, commentIDs []string) (map[string]string, error) {
	names := map[string]string{}
	if len(commentIDs) == 0 {
		return names, nil
	}
	var found []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	err := s.selectAll(ctx, &found, `
		SELECT id, name FROM moderators
		WHERE id IN (SELECT moderator_id FROM decisions WHERE comment_id IN (?))`, toIDs(commentIDs))
	for _, m := range found {
		names[m.ID] = m.Name
	}
	return names, err
}

// BlocksOn returns the blocks that were made from comments of a commenter, and those under one of the indexes,
// the newest first.
func (s *QueueStore) BlocksOn(ctx context.Context, c moderation.Commenter, indexes [][]byte) ([]queue.Block, error) {
	var rows []blockRow
	query, args := selectBlocks+`
		WHERE b.site_id = ? AND (b.comment_id IN (SELECT id FROM comments WHERE commenter_id = ?)`, []any{ID(c.SiteID), ID(c.ID)}
	if len(indexes) > 0 {
		query, args = query+` OR b.value_index IN (?)`, append(args, indexes)
	}
	err := s.selectAll(ctx, &rows, query+`) ORDER BY b.created_at DESC, b.id DESC LIMIT 50`, args...)
	blocks := make([]queue.Block, 0, len(rows))
	for _, r := range rows {
		blocks = append(blocks, r.block())
	}
	return blocks, wrap("read blocks on a commenter", err)
}

// Commenters finds commenters of sites by one of the email indexes or by the beginning of a word of the name; the
// one seen last comes first. Empty siteIDs means all sites. It reads all names of the sites.
func (s *QueueStore) Commenters(ctx context.Context, sel queue.CommenterSelect) ([]moderation.Commenter, error) {
	query, args := `SELECT `+commenterColumns+` FROM commenters WHERE name <> ''`, []any{}
	if len(sel.SiteIDs) > 0 {
		query, args = query+` AND site_id IN (?)`, append(args, toIDs(sel.SiteIDs))
	}
	switch {
	case len(sel.EmailIndexes) > 0:
		query, args = query+` AND email_index IN (?)`, append(args, sel.EmailIndexes)
	case sel.Name != "":
		pattern := likePrefix(strings.ToLower(sel.Name))
		query += ` AND (lower(name) LIKE ? ESCAPE '\' OR lower(name) LIKE ? ESCAPE '\')`
		args = append(args, pattern, "% "+pattern)
	}
	var rows []commenterRow
	err := s.selectAll(ctx, &rows, query+` ORDER BY last_seen_at DESC, id DESC LIMIT ?`, append(args, sel.Limit)...)
	found := make([]moderation.Commenter, 0, len(rows))
	for _, r := range rows {
		found = append(found, r.commenter())
	}
	return found, wrap("find commenters", err)
}
