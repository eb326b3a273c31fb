package db

import (
	"context"
	"slices"

	"rejoinder/moderation"
)

// VoteStore stores votes, and their sums in comments.
type VoteStore struct{ *core }

// CastVote replaces a voter's vote on an approved comment and counts it. Of two votes on one comment the
// second waits for the first; nothing else waits for either. ErrNotFound when the comment is not approved.
func (s *VoteStore) CastVote(ctx context.Context, v moderation.CastVote) (moderation.VoteCounts, error) {
	var tally moderation.VoteCounts
	err := s.write(ctx, "cast vote", func(tx executor) error {
		row, err := lockApproved(ctx, tx, v.CommentID)
		if err != nil {
			return err
		}
		before, err := replaceVote(ctx, tx, v)
		if err != nil {
			return err
		}
		tally = moderation.VoteCounts{Value: v.Value, Before: before,
			Up:   row.UpVotes + countVote(v.Value, 1) - countVote(before, 1),
			Down: row.DownVotes + countVote(v.Value, -1) - countVote(before, -1)}
		c := row.comment()
		c.UpVotes, c.DownVotes = tally.Up, tally.Down
		_, err = tx.exec(ctx, `UPDATE comments SET up_votes = $2, down_votes = $3, rank = $4 WHERE id = $1`,
			ID(v.CommentID), c.UpVotes, c.DownVotes, c.BestKey())
		return err
	})
	if err != nil {
		return moderation.VoteCounts{}, err
	}
	return tally, nil
}

func countVote(value, wanted int) int {
	if value == wanted {
		return 1
	}
	return 0
}

// lockApproved reads and locks an approved comment. ErrNotFound if it is not approved.
func lockApproved(ctx context.Context, x executor, id string) (commentRow, error) {
	var row commentRow
	err := x.get(ctx, &row, `
		SELECT `+commentColumns+` FROM comments WHERE id = $1 AND status = 'approved'`+x.forUpdate, ID(id))
	return row, err
}

// replaceVote stores a vote and returns the value of the earlier one, or 0. The caller has locked the
// comment. Votes under the index of an older key are the same reader's.
func replaceVote(ctx context.Context, x executor, v moderation.CastVote) (int, error) {
	var values []int
	err := x.selectAll(ctx, &values, `SELECT value FROM votes WHERE comment_id = ? AND voter IN (?)`,
		ID(v.CommentID), v.Voters)
	if err != nil {
		return 0, err
	}
	before := 0
	if len(values) > 0 {
		before = values[0]
	}
	if before == v.Value {
		return before, nil
	}
	if _, err = x.exec(ctx, `DELETE FROM votes WHERE comment_id = ? AND voter IN (?)`, ID(v.CommentID),
		v.Voters); err != nil {
		return 0, err
	}
	if v.Value != 0 {
		_, err = x.exec(ctx, `INSERT INTO votes (comment_id, voter, value, created_at) VALUES ($1, $2, $3, $4)`,
			ID(v.CommentID), v.Voters[0], v.Value, Time(v.At))
	}
	return before, err
}

// PublishVotes bumps the versions of articles whose comments were voted on, each in a transaction of its own, so
// that none waits for another in a circle.
func (s *VoteStore) PublishVotes(ctx context.Context, articleIDs []string) error {
	slices.Sort(articleIDs)
	for _, id := range articleIDs {
		err := s.write(ctx, "show votes", func(tx executor) error {
			return bumpThreads(ctx, tx, threadShift{Change: moderation.Change{Kind: moderation.ChangeVotes, ArticleID: id}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
