package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// pageColumns are the columns that readers see, and those that determine a comment's place on the page. On
// SQLite, reading the columns takes longer than finding the rows, so the article and the root, which the
// caller knows, are left out.
const pageColumns = `id, commenter_id, parent_id, depth, status, author_name, author_url, body_html,
	browser_id, visible_replies, up_votes, down_votes, rank, staff, featured, badges, avatar_url, created_at,
	edited_at`

// pageRow is a comment of a page. used is the same for all comments of a branch, and greater for the next
// branch.
type pageRow struct {
	used int
	moderation.Comment
}

// targets are the variables of used and pageColumns.
func (r *pageRow) targets() []any {
	c := &r.Comment
	return []any{
		(*integer)(&r.used), (*ID)(&c.ID), (*ID)(&c.CommenterID), (*nullID)(&c.ParentID),
		(*integer)(&c.Depth), (*string)(&c.Status), &c.AuthorName, &c.AuthorURL, &c.BodyHTML, &c.BrowserID,
		(*integer)(&c.VisibleReplies), (*integer)(&c.UpVotes), (*integer)(&c.DownVotes), (*number)(&c.Rank),
		&c.Staff, &c.Featured, (*badges)(&c.Badges), &c.AvatarURL, (*Time)(&c.CreatedAt),
		(*NullTime)(&c.EditedAt),
	}
}

// selectPage reads the comments of a page, about as many as expected. A page has a thousand column values, so
// it does without the reflection of selectAll.
func (s *ThreadStore) selectPage(
	ctx context.Context, query string, expected int, args ...any,
) ([]pageRow, error) {
	var found []pageRow
	err := s.prepared.read(ctx, query, args, func(ctx context.Context, c call) error {
		rows, err := c.on.QueryContext(ctx, c.query, c.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		found = make([]pageRow, 0, expected+1)
		var row pageRow
		targets := row.targets()
		for rows.Next() {
			if err := rows.Scan(targets...); err != nil {
				return err
			}
			found = append(found, row)
		}
		return rows.Err()
	})
	return found, err
}

// badges are a comment's badges, in one column.
type badges []string

// Scan implements sql.Scanner.
func (b *badges) Scan(src any) error {
	var stored nullString
	err := stored.Scan(src)
	*b = badgesOf(string(stored))
	return err
}

// integer and number are numbers that package database/sql does not format as text and parse again.
type (
	integer int
	number  float64
)

// Scan implements sql.Scanner.
func (n *integer) Scan(src any) error {
	v, ok := src.(int64)
	if !ok {
		return fmt.Errorf("an integer can't be read from %T", src)
	}
	*n = integer(v)
	return nil
}

// Scan implements sql.Scanner.
func (n *number) Scan(src any) error {
	v, ok := src.(float64)
	if !ok {
		return fmt.Errorf("a number can't be read from %T", src)
	}
	*n = number(v)
	return nil
}
