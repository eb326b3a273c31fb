package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation/archive"
	"rejoinder/transfer"
)

// completed adds what belongs to the comments.
func (s *ArchiveStore) completed(ctx context.Context, rows []exportedComment) ([]transfer.NativeComment, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	comments := make([]transfer.NativeComment, len(rows))
	at := make(map[ID]*transfer.NativeComment, len(rows))
	html := make(map[ID]string, len(rows))
	ids := make([]ID, len(rows))
	for i, r := range rows {
		comments[i] = nativeComment(r)
		ids[i], at[r.ID], html[r.ID] = r.ID, &comments[i], r.BodyHTML
	}
	ids = padded(ids)
	// Each sets a field of its own. Texts and decisions are most of the work; two connections leave others to readers.
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	group.Go(func() error { return s.addRevisions(ctx, ids, at, html) })
	for _, add := range []func(context.Context, []ID, map[ID]*transfer.NativeComment) error{
		s.addDecisions, s.addReports, s.addAppeals, s.addNotes,
	} {
		group.Go(func() error { return add(ctx, ids, at) })
	}
	return comments, group.Wait()
}

func nativeComment(r exportedComment) transfer.NativeComment {
	c := transfer.NativeComment{Type: transfer.TypeComment, ID: string(r.ID), Article: string(r.ArticleID),
		Commenter: string(r.CommenterID), Parent: string(r.ParentID), Status: r.Status,
		Version: r.Version, Revision: r.Revision,
		AuthorName: r.AuthorName, AuthorURL: r.AuthorURL, PublicReason: r.PublicReason, Score: r.Score, Risk: r.Risk,
		Language: r.Language, Cluster: cmp.Or(string(r.Cluster), string(r.ID)), Browser: r.BrowserID,
		UpVotes: r.UpVotes, DownVotes: r.DownVotes, Staff: r.Staff, Featured: r.Featured, Badges: badgesOf(r.Badges),
		AvatarURL: r.AvatarURL, CreatedAt: r.CreatedAt.time(), EditedAt: pointerTo(r.EditedAt),
		Revisions: []transfer.Revision{}, Decisions: []transfer.Decision{}}
	if string(r.SourceKey) != archive.OwnKey(c.ID) {
		c.SourceKey = r.SourceKey
	}
	return c
}

// addRevisions computes bodies that follow from the HTML here: it takes SQL much longer (bodyLookup).
func (s *ArchiveStore) addRevisions(
	ctx context.Context, ids []ID, at map[ID]*transfer.NativeComment, html map[ID]string,
) error {
	var rows []struct {
		submissionRow
		Stored *string `db:"stored_body"`
	}
	err := s.prepared.selectAll(ctx, &rows, `SELECT `+submissionColumns+`, body AS stored_body
		FROM submissions WHERE comment_id IN (?) ORDER BY comment_id, revision`, ids)
	if err != nil {
		return fmt.Errorf("read revisions: %w", err)
	}
	for _, r := range rows {
		c := at[r.CommentID]
		if r.Stored == nil {
			r.Body = markdownOf(html[r.CommentID])
		} else {
			r.Body = *r.Stored
		}
		c.Revisions = append(c.Revisions, transfer.Revision{ID: string(r.ID), Revision: r.Revision, AuthorName: r.AuthorName,
			AuthorURL: r.AuthorURL, Body: r.Body, Fingerprint: r.Fingerprint, Facts: json.RawMessage(r.Facts),
			Verdict: json.RawMessage(r.Verdict), Ruleset: string(r.RulesetID), CreatedAt: r.CreatedAt.time()})
	}
	return nil
}

func (s *ArchiveStore) addDecisions(ctx context.Context, ids []ID, at map[ID]*transfer.NativeComment) error {
	var rows []decisionRow
	err := s.prepared.selectAll(ctx, &rows, `SELECT `+decisionColumns+` FROM decisions WHERE comment_id IN (?)
		ORDER BY comment_id, version`, ids)
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	for _, r := range rows {
		c := at[r.CommentID]
		c.Decisions = append(c.Decisions, transfer.Decision{ID: string(r.ID), Version: r.Version, Action: r.Action, From: r.From,
			To: r.To, Actor: r.Actor, Moderator: r.ModeratorID, Ruleset: string(r.RulesetID), Revision: string(r.SubmissionID),
			Reason: r.Reason, Note: r.Note, ReasonCode: r.ReasonCode, Undoes: string(r.Undoes), Bulk: r.BulkID,
			CreatedAt: r.CreatedAt.time()})
	}
	return nil
}

func (s *ArchiveStore) addReports(ctx context.Context, ids []ID, at map[ID]*transfer.NativeComment) error {
	var rows []struct {
		ID         ID       `db:"id"`
		CommentID  ID       `db:"comment_id"`
		Reason     string   `db:"reason"`
		Note       string   `db:"note"`
		CreatedAt  Time     `db:"created_at"`
		ResolvedAt NullTime `db:"resolved_at"`
		DecisionID ID       `db:"decision_id"`
	}
	err := s.prepared.selectAll(ctx, &rows, `SELECT id, comment_id, reason, note, created_at, resolved_at, decision_id
		FROM reports WHERE comment_id IN (?) ORDER BY comment_id, id`, ids)
	if err != nil {
		return fmt.Errorf("read reports: %w", err)
	}
	for _, r := range rows {
		c := at[r.CommentID]
		c.Reports = append(c.Reports, transfer.Report{ID: string(r.ID), Reason: r.Reason, Note: r.Note,
			CreatedAt: r.CreatedAt.time(), ResolvedAt: pointerTo(r.ResolvedAt), Decision: string(r.DecisionID)})
	}
	return nil
}

func (s *ArchiveStore) addAppeals(ctx context.Context, ids []ID, at map[ID]*transfer.NativeComment) error {
	var rows []struct {
		CommentID   ID       `db:"comment_id"`
		Body        string   `db:"body"`
		ModeratorID string   `db:"moderator_id"`
		CreatedAt   Time     `db:"created_at"`
		ResolvedAt  NullTime `db:"resolved_at"`
		Outcome     string   `db:"outcome"`
	}
	err := s.prepared.selectAll(ctx, &rows, `SELECT comment_id, body, moderator_id, created_at, resolved_at, outcome
		FROM appeals WHERE comment_id IN (?)`, ids)
	if err != nil {
		return fmt.Errorf("read appeals: %w", err)
	}
	for _, r := range rows {
		at[r.CommentID].Appeal = &transfer.Appeal{Body: r.Body, Moderator: r.ModeratorID, CreatedAt: r.CreatedAt.time(),
			ResolvedAt: pointerTo(r.ResolvedAt), Outcome: r.Outcome}
	}
	return nil
}

func (s *ArchiveStore) addNotes(ctx context.Context, ids []ID, at map[ID]*transfer.NativeComment) error {
	var rows []struct {
		ID          ID     `db:"id"`
		CommentID   ID     `db:"comment_id"`
		About       string `db:"about"`
		ModeratorID string `db:"moderator_id"`
		Body        string `db:"body"`
		CreatedAt   Time   `db:"created_at"`
	}
	err := s.prepared.selectAll(ctx, &rows, `SELECT id, comment_id, about, moderator_id, body, created_at FROM notes
		WHERE comment_id IN (?) ORDER BY comment_id, id`, ids)
	if err != nil {
		return fmt.Errorf("read notes: %w", err)
	}
	for _, r := range rows {
		c := at[r.CommentID]
		c.Notes = append(c.Notes, transfer.Note{ID: string(r.ID), About: r.About, Moderator: r.ModeratorID, Body: r.Body,
			CreatedAt: r.CreatedAt.time()})
	}
	return nil
}
