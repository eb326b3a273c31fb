package imports

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/transfer"
)

// maxDepth bounds how deep imported replies nest. A reply below becomes a reply to the root.
const maxDepth = 1000

// place is a draft in a chunk with its row, once it has one.
type place struct {
	*draft
	comment *transfer.Comment // as read, to be kept if the parent is not there yet
	row     *Row
	busy    bool // its parent is being looked for
	later   bool // its parent is not there yet
	present bool
}

// chunk is a stretch of the file that is written in one transaction.
type chunk struct {
	*writer
	job    *job // what it was made of
	places []*place
	byKey  map[string]*place
	refs   map[string]Ref
	rows   []*Row
	// parents are those of rows.
	parents map[*Row]*above
	// replies are those of Batch.
	replies map[string]int
	// last reports that no parent will come any more: what lacks one becomes a root.
	last bool
}

// dateArticles dates articles without a date in the file by their first comment in the chunk, so that articles that
// close by age do so.
func (c *chunk) dateArticles() {
	first := map[string]time.Time{}
	for _, p := range c.places {
		if p.out || !p.undated {
			continue
		}
		if t, known := first[p.article.Key]; !known || p.created.Before(t) {
			first[p.article.Key] = p.created
		}
	}
	for _, p := range c.places {
		if t, known := first[p.article.Key]; known && p.undated {
			p.article.PublishedAt = t
		}
	}
}

// load reads which of the comments and parents are there, and drops comments that are present.
func (c *chunk) load(ctx context.Context) error {
	c.byKey, c.refs, c.replies = map[string]*place{}, map[string]Ref{}, map[string]int{}
	c.dateArticles()
	var keys []string
	for _, p := range c.places {
		if !p.out {
			keys = append(keys, p.key)
			if p.parent != "" {
				keys = append(keys, p.parent)
			}
		}
	}
	if err := c.find(ctx, keys); err != nil {
		return err
	}
	var again []*place
	for _, p := range c.places {
		if !p.out && !c.add(p) {
			again = append(again, p)
		}
	}
	return c.addOthers(ctx, again)
}

func (c *chunk) find(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	refs, err := c.Store.Imported(ctx, c.site.ID, keys)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		c.refs[ref.Key] = ref
	}
	for _, key := range keys {
		if ref, ok := c.planned[key]; ok {
			c.refs[key] = ref
		}
	}
	return nil
}

// add takes a comment into the chunk. It reports false if another comment has its id: one of another time.
func (c *chunk) add(p *place) bool {
	created, known := time.Time{}, false
	if ref, ok := c.refs[p.key]; ok {
		created, known = ref.CreatedAt, true
	} else if other, ok := c.byKey[p.key]; ok {
		created, known = other.created, true
	}
	switch {
	case !known:
		c.byKey[p.key] = p
	case created.Equal(p.created) || p.comment.Created.IsZero() || hasCode(p.draft, "date_future"):
		p.present = true
	default:
		return false
	}
	return true
}

// addOthers adds comments whose ids others have under a key with their time.
func (c *chunk) addOthers(ctx context.Context, again []*place) error {
	var keys []string
	for _, p := range again {
		p.key = SourceKey(p.key, p.created.Format(time.RFC3339Nano))
		keys = append(keys, p.key)
	}
	if err := c.find(ctx, keys); err != nil {
		return err
	}
	for _, p := range again {
		p.problem("same_id", "another comment has the same id; both were kept")
		if !c.add(p) {
			p.present = true
		}
	}
	return nil
}

// resolve builds the rows, each after its parent's.
func (c *chunk) resolve() error {
	for _, p := range c.places {
		if p.out || p.present {
			continue
		}
		if _, err := c.rowOf(p); err != nil {
			return err
		}
	}
	return nil
}

// above is what a reply needs to know of its parent.
type above struct {
	id, root, articleKey string
	depth                int
	row                  *Row // nil if it was there before
}

// rowOf builds the row of a comment, unless its parent is not there yet.
func (c *chunk) rowOf(p *place) (*Row, error) {
	if p.row != nil || p.later {
		return p.row, nil
	}
	p.busy = true
	parent, there, err := c.parentOf(p)
	p.busy = false
	if err != nil {
		return nil, err
	}
	if !there {
		p.later = true
		return nil, nil
	}
	parent = c.fitting(p.draft, parent)
	if p.row, err = c.build(p.draft, parent); err != nil {
		return nil, err
	}
	c.rows = append(c.rows, p.row)
	c.countReply(p.row, parent)
	return p.row, nil
}

// parentOf finds the parent of a comment; nil for a root. It is not there if it may still come.
func (c *chunk) parentOf(p *place) (parent *above, there bool, err error) {
	if p.parent == "" {
		return nil, true, nil
	}
	if ref, ok := c.refs[p.parent]; ok {
		return &above{id: ref.CommentID, root: ref.RootID, articleKey: ref.ArticleKey, depth: ref.Depth}, true, nil
	}
	if other := c.byKey[p.parent]; other != nil && !other.busy {
		row, err := c.rowOf(other)
		if err != nil {
			return nil, false, err
		}
		if row != nil {
			return &above{id: row.Comment.ID, root: row.Comment.RootID, depth: row.Comment.Depth,
				articleKey: row.Article.Key, row: row}, true, nil
		}
	}
	if !c.last {
		return nil, false, nil
	}
	if _, waits := c.late.parents[p.parent]; waits {
		p.problem("cycle", "its parents form a cycle; it became a root")
		return nil, true, nil
	}
	p.problem("orphan", "the comment that it replies to is not in the file, or was left out; it became a root")
	return nil, true, nil
}

// countReply counts an approved reply with all comments above it.
func (c *chunk) countReply(row *Row, parent *above) {
	if parent != nil {
		c.parents[row] = parent
	}
	if row.Comment.Status != moderation.StatusApproved {
		return
	}
	for a := parent; a != nil; a = c.parents[a.row] {
		if a.row == nil {
			c.replies[a.id]++
			return
		}
		a.row.Comment.VisibleReplies++
	}
}

// fitting returns the parent, or nil if the comment can't stand below it.
func (c *chunk) fitting(d *draft, parent *above) *above {
	if parent != nil && parent.depth >= maxDepth {
		d.problem("deep", fmt.Sprintf("it was nested more than %d deep; it became a root", maxDepth))
		parent = nil
	}
	if parent != nil && parent.articleKey != d.article.Key {
		d.problem("other_page", "it replies to a comment on another page; it became a root. If two exports have the same ids, "+
			"name them with --source")
		parent = nil
	}
	return parent
}

// build makes the row of a comment.
func (c *chunk) build(d *draft, parent *above) (*Row, error) {
	hexKey := c.site.ID + hex.EncodeToString([]byte(d.key))
	id := derivedID(d.created, "comment", hexKey)
	k := moderation.Comment{
		ID: id, SiteID: c.site.ID, ArticleID: d.article.ID, RootID: id, Version: 1, Revision: 1, Status: d.status,
		AuthorName: d.name, AuthorURL: d.url, BodyHTML: d.html, Language: d.language, Cluster: id,
		UpVotes: d.up, DownVotes: d.down, CreatedAt: d.created, EditedAt: d.edited,
	}
	if d.likeness != nil {
		k.Cluster = c.series.clusterOf(d.likeness, id)
	}
	if parent != nil {
		k.ParentID, k.RootID, k.Depth = parent.id, parent.root, parent.depth+1
	}
	k.Rank = k.BestKey()
	decision := moderation.Decision{
		ID: derivedID(d.created, "decision", hexKey), SiteID: k.SiteID, CommentID: id, Version: 1,
		Action: actions[d.status], To: d.status, Actor: moderation.ActorImport,
		SubmissionID: derivedID(d.created, "submission", hexKey), CreatedAt: d.created,
	}
	if d.verdict != nil {
		k.Score, k.PublicReason = d.verdict.Score, moderation.AuthorReason(*d.verdict)
		decision.Reason, decision.ReasonCode = k.PublicReason, d.verdict.ReasonCode()
		decision.Actor, decision.RulesetID = moderation.ActorRuleset, c.site.ActiveRulesetID
	}
	k.Risk = moderation.Risk(k.Score, 0, 0)
	facts, verdict, err := d.frozen()
	if err != nil {
		return nil, err
	}
	s := moderation.SubmissionRecord{
		ID: decision.SubmissionID, SiteID: k.SiteID, ArticleID: k.ArticleID, CommentID: id, Revision: 1,
		AuthorName: d.name, AuthorURL: d.url, Body: d.body, Fingerprint: []byte{}, Facts: facts, Verdict: verdict,
		RulesetID: c.site.ActiveRulesetID, CreatedAt: d.created,
	}
	if d.reading != nil {
		s.SetReading(d.reading)
		s.Fingerprint = append(s.Fingerprint, d.print...)
	}
	return &Row{Key: d.key, NewComment: moderation.NewComment{Article: d.article, Comment: k, Submission: s,
		Decision: decision}}, nil
}

var actions = map[moderation.Status]moderation.Action{
	moderation.StatusApproved: moderation.ActionApprove, moderation.StatusPending: moderation.ActionHold,
	moderation.StatusRejected: moderation.ActionReject, moderation.StatusSpam: moderation.ActionSpam,
	moderation.StatusDeleted: moderation.ActionDelete,
}

// setCommenters gives each row its commenter: one for each email, and for each account or comment without one.
func (c *chunk) setCommenters(ctx context.Context) error {
	var asked [][]byte
	emails := map[string][][]byte{}
	for _, p := range c.places {
		if p.row != nil && p.email != "" && emails[p.email] == nil {
			emails[p.email] = c.Keys.Indexes(p.email)
			asked = append(asked, emails[p.email]...)
		}
	}
	known := map[string]string{}
	if len(asked) > 0 {
		var err error
		if known, err = c.Store.CommenterIDs(ctx, c.site.ID, asked); err != nil {
			return err
		}
	}
	for _, p := range c.places {
		if p.row == nil {
			continue
		}
		w, err := c.commenter(p, emails[p.email], known)
		if err != nil {
			return err
		}
		p.row.Commenter, p.row.Comment.CommenterID, p.row.Submission.CommenterID = w, w.ID, w.ID
	}
	return nil
}

func (c *chunk) commenter(p *place, indexes [][]byte, known map[string]string) (moderation.Commenter, error) {
	w := moderation.Commenter{SiteID: c.site.ID, Name: p.name, FirstSeenAt: p.created, LastSeenAt: p.created}
	if p.email == "" {
		who := []string{"guest", p.key}
		if p.account != "" && p.status != moderation.StatusDeleted {
			who = []string{"account", c.request.Source, p.account}
		}
		w.ID = derivedID(time.Time{}, append([]string{"commenter", c.site.ID}, who...)...)
		return w, nil
	}
	w.EmailIndex = indexes[0]
	for _, index := range indexes {
		if id := known[string(index)]; id != "" {
			w.ID, w.EmailIndex = id, index
			break
		}
	}
	if w.ID == "" {
		w.ID = derivedID(time.Time{}, "commenter", c.site.ID, string(indexes[0]))
	}
	sealed, err := c.Keys.Seal(p.email, w.ID)
	if err != nil {
		return w, fmt.Errorf("seal email: %w", err)
	}
	w.EmailSealed = sealed
	return w, nil
}

// plan notes the rows for the next chunk, which is prepared before they are written.
func (c *chunk) plan() {
	if !c.request.DryRun {
		clear(c.planned)
	}
	for _, row := range c.rows {
		c.planned[row.Key] = Ref{Key: row.Key, CommentID: row.Comment.ID, RootID: row.Comment.RootID,
			Depth: row.Comment.Depth, ArticleKey: row.Article.Key, CreatedAt: row.Comment.CreatedAt}
	}
}

// write writes the rows. errRace if another process wrote one of them meanwhile.
func (c *chunk) write(ctx context.Context) error {
	if len(c.rows) == 0 || c.request.DryRun {
		return nil
	}
	contended, err := c.Store.WriteImported(ctx, Batch{Import: c.record, Rows: c.rows, Replies: c.replies})
	c.size.adapt(contended)
	if errors.Is(err, moderation.ErrExists) {
		return errRace
	}
	return err
}

// errRace means that another process imports the same file.
var errRace = errors.New("another import wrote some of these comments meanwhile")
