package db_test

import (
	"errors"
	"time"

	"pgregory.net/rapid"

	"rejoinder/db"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// claim claims a pending comment, or the next ones.
func (m *model) claim(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		mo := m.b.NewDecision(*c, moderation.ActionApprove).ModeratorID
		claims := queue.NewClaims{ModeratorID: mo, At: m.b.Now(), ExpiresAt: m.b.Now().Add(time.Hour)}
		if c.Status == moderation.StatusPending && rapid.Bool().Draw(r, "this one") {
			ok(m.t, m.d.Claims.ClaimComment(m.t.Context(), c.ID, claims))
			return
		}
		must[[]queue.Row](m.t)(m.d.Claims.Claim(m.t.Context(), queue.Select{SiteIDs: []string{c.SiteID},
			Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 2, UnclaimedAt: m.b.Now()}, claims))
	})
}

// block creates a block from a comment, or removes an earlier one with the same value.
func (m *model) block(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		kind := pick(r, []moderation.BlockKind{moderation.BlockName, moderation.BlockEmail, moderation.BlockHost}, "kind")
		index := []byte(string(kind) + pick(r, []string{"one", "two"}, "value"))
		mo := m.b.NewDecision(*c, moderation.ActionApprove).ModeratorID
		b := queue.Block{ID: m.b.NewID(), SiteID: c.SiteID, Kind: kind, Index: index, Shown: "shown", Action: moderation.ActionHold,
			Note: "noted", CommentID: c.ID, ModeratorID: mo, CreatedAt: m.b.Now()}
		audit := moderation.AuditEntry{ID: m.b.NewID(), ModeratorID: mo, Action: moderation.AuditAddBlock, SiteID: c.SiteID, SubjectID: b.ID,
			CreatedAt: m.b.Now()}
		key := c.SiteID + string(index)
		err := m.d.Blocks.CreateBlock(m.t.Context(), b, [][]byte{index}, audit)
		if standing, stands := m.blocks[key]; stands {
			wantErr(m.t, err, moderation.ErrExists)
			audit.Action = moderation.AuditRemoveBlock
			ok(m.t, m.d.Blocks.DeleteBlock(m.t.Context(), c.SiteID, standing, audit))
			delete(m.blocks, key)
			return
		}
		ok(m.t, err)
		m.blocks[key] = b.ID
	})
}

// undoBulk undoes a bulk, as far as comments have not changed since and still have their text.
func (m *model) undoBulk(*rapid.T) {
	var undos []moderation.Decision
	at := map[string]int{}
	for i, c := range m.comments {
		undo, possible := m.undoing(c)
		if possible && must[moderation.Decision](m.t)(m.d.Decisions.Decision(m.t.Context(), undo.Undoes)).BulkID == "bulk" {
			undo.BulkID = "undone"
			undos, at[c.ID] = append(undos, undo), i
		}
	}
	refused := must[map[string]error](m.t)(m.d.Decisions.RecordDecisions(m.t.Context(), undos))
	for _, d := range undos {
		if err := refused[d.CommentID]; errors.Is(err, queue.ErrUndo) {
			continue
		}
		ok(m.t, refused[d.CommentID])
		c := &m.comments[at[d.CommentID]]
		c.Status, c.Version = d.To, d.Version
	}
}

// inconsistencies finds inconsistent rows: claims on comments that are not pending, notes of blocks on erased
// texts, pending rules of other comments, and texts that are missing from the search index or must not be
// there.
func (m *model) inconsistencies() {
	m.t.Helper()
	for what, query := range map[string]string{
		"claims on comments that are not pending": `SELECT COUNT(*) FROM claims k JOIN comments c ON c.id = k.comment_id WHERE c.status <> 'pending'`,
		"blocks whose note outlived the text, or was erased before it": `
			SELECT COUNT(*) FROM blocks b JOIN comments c ON c.id = b.comment_id WHERE (c.author_name = '') <> (b.note = '')`,
		"blocks that show an erased name": `
			SELECT COUNT(*) FROM blocks b JOIN comments c ON c.id = b.comment_id
			WHERE c.author_name = '' AND b.kind IN ('name', 'email') AND b.shown <> ''`,
		"rules of comments that are not pending": `SELECT COUNT(*) FROM pending_rules p JOIN comments c ON c.id = p.comment_id WHERE c.status <> 'pending'`,
		"texts beside the index, and entries of it without a text": `
			SELECT ABS((SELECT COUNT(*) FROM comment_search) - (SELECT COUNT(*) FROM comments WHERE author_name <> ''))`,
	} {
		if n := queryInt(m.t, m.d, query); n != 0 {
			m.t.Errorf("%d %s", n, what)
		}
	}
	if m.d.Engine() == db.SQLite { // the index has the words that the texts have
		tamper(m.t, m.d, `INSERT INTO comment_search_index (comment_search_index, rank) VALUES ('integrity-check', 1)`)
	}
	wantEqual(m.t, queryInt(m.t, m.d, `SELECT COUNT(*) FROM blocks WHERE site_id = $1`, db.ID(m.articles[0].SiteID)), len(m.blocks))
}
