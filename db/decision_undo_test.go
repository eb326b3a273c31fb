package db_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// undoing is the decision that undoes the latest one on a comment; false if that was no moderator's.
func (m *model) undoing(c moderation.Comment) (moderation.Decision, bool) {
	log := must[[]moderation.Decision](m.t)(m.d.Decisions.Decisions(m.t.Context(), c.ID))
	last := log[len(log)-1]
	if last.Actor != moderation.ActorModerator {
		return moderation.Decision{}, false
	}
	undo := m.b.NewDecision(c, last.Action)
	undo.To, undo.Undoes = last.From, last.ID
	undo.Action = map[moderation.Status]moderation.Action{
		moderation.StatusPending: moderation.ActionHold, moderation.StatusApproved: moderation.ActionApprove,
		moderation.StatusRejected: moderation.ActionReject, moderation.StatusSpam: moderation.ActionSpam,
		moderation.StatusDeleted: moderation.ActionDelete,
	}[undo.To]
	return undo, true
}

func (m *model) undo(r *rapid.T) {
	if len(m.comments) == 0 {
		return
	}
	c := &m.comments[rapid.IntRange(0, len(m.comments)-1).Draw(r, "comment")]
	undo, possible := m.undoing(*c)
	if !possible {
		return
	}
	stored, _ := commentText(m.t, m.d, c.ID)
	err := m.d.Decisions.RecordDecision(m.t.Context(), undo)
	if stored.AuthorName == "" {
		wantErr(m.t, err, queue.ErrUndo)
		return
	}
	ok(m.t, err)
	c.Status, c.Version = undo.To, undo.Version
}

// bulk decides on several comments in one transaction, on some by an outdated version.
func (m *model) bulk(r *rapid.T) {
	var decisions []moderation.Decision
	late := map[string]bool{}
	action := pick(r, []moderation.Action{moderation.ActionApprove, moderation.ActionReject, moderation.ActionSpam}, "action")
	for _, c := range m.comments {
		if _, err := c.Apply(action); err != nil || rapid.IntRange(0, 2).Draw(r, "left out") == 0 {
			continue
		}
		d := m.b.NewDecision(c, action)
		if late[c.ID] = rapid.IntRange(0, 4).Draw(r, "late") == 0; late[c.ID] {
			d.Version++
		}
		d.BulkID = "bulk"
		decisions = append(decisions, d)
	}
	refused := must[map[string]error](m.t)(m.d.Decisions.RecordDecisions(m.t.Context(), decisions))
	for _, d := range decisions {
		if late[d.CommentID] {
			wantErr(m.t, refused[d.CommentID], moderation.ErrVersion)
			continue
		}
		ok(m.t, refused[d.CommentID])
		i := slices.IndexFunc(m.comments, func(c moderation.Comment) bool { return c.ID == d.CommentID })
		m.comments[i].Status, m.comments[i].Version = d.To, d.Version
	}
}

// appeal returns a rejected comment to the queue, once.
func (m *model) appeal(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		if c.Status != moderation.StatusRejected {
			return
		}
		d := m.b.NewDecision(*c, moderation.ActionHold)
		d.Actor, d.ModeratorID = moderation.ActorCommenter, ""
		err := m.d.Appeals.CreateAppeal(m.t.Context(), moderation.Appeal{CommentID: c.ID, Body: "Why?", CreatedAt: d.CreatedAt}, d)
		if errors.Is(err, moderation.ErrNoAppeal) {
			return
		}
		ok(m.t, err)
		c.Status, c.Version = d.To, d.Version
	})
}

// erase erases a commenter's comments, and then the commenter.
func (m *model) erase(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		who := c.CommenterID
		for i := range m.comments {
			if one := &m.comments[i]; one.CommenterID == who && one.Status != moderation.StatusDeleted {
				ok(m.t, m.d.Comments.EraseComment(m.t.Context(), m.b.NewDecision(*one, moderation.ActionDelete)))
				one.Status, one.Version = moderation.StatusDeleted, one.Version+1
			}
		}
		ok(m.t, m.d.Commenters.ForgetCommenter(m.t.Context(), who))
	})
}

// countedStep compares the counters with the rows, and the pending comments with the hosts by which they are
// found.
func (m *model) countedStep(*rapid.T) {
	checkCounters(m.t, m.d)
	m.inconsistencies()
	wait := queryInt(m.t, m.d, `SELECT COUNT(*) FROM comments WHERE status = 'pending'`)
	wantEqual(m.t, queryInt(m.t, m.d, `
		SELECT COUNT(*) FROM pending_hosts h JOIN comments c ON c.id = h.comment_id WHERE c.status = 'pending'`), wait)
	wantEqual(m.t, queryInt(m.t, m.d, `SELECT COUNT(*) FROM pending_hosts`), wait)
}

func TestADeletionIsUndoneOnlyWhileTheTextIsThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		m := &model{t: t, d: d, b: b}
		article := b.Article(b.Site("daily"), "one")
		kept, erased := b.Comment(article, dbtest.Draft{}), b.Comment(article, dbtest.Draft{})
		kept, erased = b.Decide(kept, moderation.ActionDelete), b.Decide(erased, moderation.ActionDelete)
		ok(t, d.Comments.EraseText(t.Context(), erased.ID))
		undo, _ := m.undoing(kept)
		ok(t, d.Decisions.RecordDecision(t.Context(), undo))
		wantErr(t, d.Comments.EraseText(t.Context(), kept.ID), moderation.ErrVersion)
		undo, _ = m.undoing(erased)
		wantErr(t, d.Decisions.RecordDecision(t.Context(), undo), queue.ErrUndo)
		checkCounters(t, d)
	})
}
