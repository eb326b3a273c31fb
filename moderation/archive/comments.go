package archive

import (
	"context"
	"time"

	"rejoinder/moderation"
	"rejoinder/transfer"
)

// saveInterval is how often the state of a running import is saved.
const saveInterval = 2 * time.Second

// flushComments writes comments with what belongs to them. Those that are there already stay as they are.
func (w *restoring) flushComments(ctx context.Context) error {
	comments := w.comments
	w.comments = nil
	if len(comments) == 0 {
		return nil
	}
	ids := make([]string, 0, 2*len(comments))
	for _, c := range comments {
		ids = append(ids, c.ID)
		if c.Parent != "" {
			ids = append(ids, c.Parent)
		}
	}
	known, err := w.Store.Parents(ctx, ids)
	if err != nil {
		return err
	}
	b := batch{restoring: w, known: known, rows: map[string]*Row{}, replies: map[string]int{}}
	for _, c := range comments {
		if err := b.add(c); err != nil {
			return err
		}
	}
	if !w.dryRun && len(b.ordered) > 0 {
		if err := b.setReaders(ctx); err != nil {
			return err
		}
		if err := w.Store.RestoreComments(ctx, Batch{Import: w.record, Rows: b.ordered, Replies: b.replies}); err != nil {
			return err
		}
	}
	if now := w.Now(); !w.dryRun && now.Sub(w.saved) >= saveInterval {
		w.saved, w.record.Report, w.record.UpdatedAt = now, w.report, now.UTC().Truncate(time.Microsecond)
		return w.Store.SaveImport(ctx, w.record, nil)
	}
	return nil
}

// batch is one transaction's comments.
type batch struct {
	*restoring
	known   map[string]Parent // that were there before
	rows    map[string]*Row   // of this batch
	ordered []*Row
	replies map[string]int
}

func (b *batch) add(c *pending) error {
	b.report.Read++
	if there, ok := b.known[c.ID]; ok {
		if there.SiteID != b.site.ID {
			return &transfer.Fault{Place: c.line.Place, Detail: "comment " + c.ID + " is on another site of this database: " +
				"ids are kept, so a site can be copied to another database only"}
		}
		b.report.Present++
		return nil
	}
	if !b.articlesKnown[c.Article] {
		return &transfer.Fault{Place: c.line.Place, Detail: "no earlier line has the article of the comment"}
	}
	row := b.row(c)
	b.rows[c.ID] = row
	b.ordered = append(b.ordered, row)
	b.count(row)
	return nil
}

// count adds a row to the report and to the visible replies above it.
func (b *batch) count(row *Row) {
	k, r := row.Comment, &b.report
	r.Imported++
	r.Statuses[string(k.Status)]++
	r.Votes += k.UpVotes + k.DownVotes
	b.pages[k.ArticleID] = true
	if k.ParentID != "" {
		r.Replies++
	}
	if k.Status != moderation.StatusApproved {
		return
	}
	for id := k.ParentID; id != ""; {
		parent := b.rows[id]
		if parent == nil {
			b.replies[id]++
			return
		}
		parent.Comment.VisibleReplies++
		id = parent.Comment.ParentID
	}
}

// row makes the rows of a comment.
func (b *batch) row(c *pending) *Row {
	k := moderation.Comment{ID: c.ID, SiteID: b.site.ID, ArticleID: c.Article, CommenterID: c.Commenter, RootID: c.ID,
		Version: c.Version, Revision: c.Revision, Status: moderation.Status(c.Status), AuthorName: c.AuthorName,
		AuthorURL: c.AuthorURL, PublicReason: c.PublicReason, Score: c.Score, Risk: c.Risk, Language: c.Language,
		Cluster: c.Cluster, BrowserID: c.Browser, UpVotes: c.UpVotes, DownVotes: c.DownVotes,
		Staff: c.Staff, Featured: c.Featured, Badges: c.Badges, AvatarURL: c.AvatarURL, CreatedAt: c.CreatedAt}
	k.Rank = k.BestKey()
	if c.EditedAt != nil {
		k.EditedAt = *c.EditedAt
	}
	if id, ok := b.articleIDs[c.Article]; ok {
		k.ArticleID = id
	}
	if id, ok := b.commenterIDs[c.Commenter]; ok {
		k.CommenterID = id
	}
	b.setParent(c, &k)
	row := &Row{Reports: c.Reports, Appeal: c.Appeal, Notes: c.Notes, Key: string(c.SourceKey)}
	if row.Key == "" {
		row.Key = OwnKey(c.ID)
	}
	for _, r := range c.Reports {
		if r.ResolvedAt == nil {
			k.OpenReports++
		}
	}
	for _, r := range c.Revisions {
		row.Revisions = append(row.Revisions, moderation.SubmissionRecord{ID: r.ID, SiteID: k.SiteID, ArticleID: k.ArticleID,
			CommenterID: k.CommenterID, CommentID: k.ID, Revision: r.Revision, AuthorName: r.AuthorName, AuthorURL: r.AuthorURL,
			Body: r.Body, Fingerprint: append([]byte{}, r.Fingerprint...), Facts: r.Facts, Verdict: r.Verdict,
			RulesetID: r.Ruleset, CreatedAt: r.CreatedAt})
	}
	last := &row.Revisions[len(row.Revisions)-1]
	if c.line.reading != nil {
		last.SetReading(c.line.reading)
		k.BodyHTML = c.line.html
	}
	for _, d := range c.Decisions {
		row.Decisions = append(row.Decisions, moderation.Decision{ID: d.ID, SiteID: k.SiteID, CommentID: k.ID, Version: d.Version,
			Action: moderation.Action(d.Action), From: moderation.Status(d.From), To: moderation.Status(d.To),
			Actor: moderation.Actor(d.Actor), ModeratorID: d.Moderator, RulesetID: d.Ruleset, SubmissionID: d.Revision,
			Reason: d.Reason, Note: d.Note, ReasonCode: d.ReasonCode, Undoes: d.Undoes, BulkID: d.Bulk, CreatedAt: d.CreatedAt})
	}
	row.Comment = k
	return row
}

// setParent puts a reply below its parent. In a part of a site, the parent may be missing.
func (b *batch) setParent(c *pending, k *moderation.Comment) {
	if c.Parent == "" {
		return
	}
	if parent := b.rows[c.Parent]; parent != nil {
		k.ParentID, k.RootID, k.Depth = c.Parent, parent.Comment.RootID, parent.Comment.Depth+1
		return
	}
	if parent, ok := b.known[c.Parent]; ok && parent.SiteID == b.site.ID {
		k.ParentID, k.RootID, k.Depth = c.Parent, parent.RootID, parent.Depth+1
		return
	}
	b.problem(transfer.Problem{Place: c.line.Place, ID: c.ID, Code: "orphan",
		Detail: "the comment that it replies to is not earlier in the file; it became a root"}, false)
}
