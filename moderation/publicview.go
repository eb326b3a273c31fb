package moderation

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// PublicComment is the public view of a comment. A tombstone contains nothing about its author: no name, no
// text.
type PublicComment struct {
	ID         string
	ParentID   string // empty for a root
	ParentName string // author of the parent; empty for a root or if the parent is not public
	RootID     string
	Depth      int
	AuthorName string
	AuthorURL  string
	BodyHTML   string
	Staff      bool   // posted by a moderator as staff
	Featured   bool   // recommended by a moderator
	Pinned     bool   // kept on top of the thread by a moderator
	Avatar     string // 8 hexadecimal digits (avatarSeed); empty for a tombstone
	Badges     []string
	AvatarURL  string // of a signed-in reader, if the site allows it; empty for none
	UpVotes    int    // 0 if the site has votes disabled
	DownVotes  int
	CreatedAt  time.Time
	EditedAt   time.Time // zero if never edited
	// Tombstone marks a comment that is not public but has approved replies.
	Tombstone bool
	// Below is the number of approved comments at any level below.
	Below int
}

// PublicView returns the public view of c.
func PublicView(c Comment) PublicComment {
	p := PublicComment{
		ID: c.ID, ParentID: c.ParentID, RootID: c.RootID, Depth: c.Depth,
		CreatedAt: c.CreatedAt, Below: c.VisibleReplies, Tombstone: !c.Public(),
	}
	if c.Public() {
		p.AuthorName, p.AuthorURL, p.BodyHTML, p.EditedAt = c.AuthorName, c.AuthorURL, c.BodyHTML, c.EditedAt
		p.Staff, p.Avatar, p.UpVotes, p.DownVotes = c.Staff, avatarSeed(c), c.UpVotes, c.DownVotes
		p.Featured, p.Badges = c.Featured, PublicBadges(c.Badges)
	}
	return p
}

// Badges of signed-in readers that are public. Rules may test others, too.
const (
	BadgeSubscriber = "subscriber"
	BadgeAuthor     = "author"
)

// PublicBadges returns those of a comment's badges that readers may see.
func PublicBadges(badges []string) []string {
	var public []string
	for _, badge := range badges {
		if badge == BadgeSubscriber || badge == BadgeAuthor {
			public = append(public, badge)
		}
	}
	return public
}

// avatarSeed returns the seed of a comment's avatar. Comments share a seed only if the same commenter sent
// them under the same name from the same remembered browser. Otherwise anyone could type a guessed email,
// compare avatars, and learn who uses it or which pseudonyms share an email. The seed cannot be computed from
// public values: a commenter's ID is random and never shown.
func avatarSeed(c Comment) string {
	source := "browser " + c.BrowserID
	switch {
	case c.Staff: // only this moderator can post as this commenter
		source = "staff"
	case c.BrowserID == "":
		source = "comment " + c.ID
	}
	sum := sha256.Sum256([]byte("avatar\x00" + c.CommenterID + "\x00" + source + "\x00" + c.AuthorName))
	return hex.EncodeToString(sum[:4])
}

// publicView is PublicView with the site's settings applied.
func (s *Site) publicView(c *Comment) PublicComment {
	p := PublicView(*c)
	if s.Settings.Votes == VotesOff {
		p.UpVotes, p.DownVotes = 0, 0
	}
	if c.Public() && s.Settings.AllowsAvatar(c.AvatarURL) {
		p.AvatarURL = c.AvatarURL
	}
	return p
}

// ThreadNode is a comment with its replies.
type ThreadNode struct {
	PublicComment
	Replies []*ThreadNode
	// MoreReplies is the cursor of further replies below a root; empty if all are included.
	MoreReplies string
}

// tree nests the first replies below their root.
func tree(site *Site, b Branch, most int) *ThreadNode {
	node := &ThreadNode{PublicComment: site.publicView(b.Root)}
	switch replies := b.Replies; {
	case len(replies) > most:
		node.MoreReplies = EncodeCursor(branchList(b.Root.ID), keyOf(*replies[most], ThreadOldest))
		node.Replies = nest(site, node, replies[:most])
	default:
		node.Replies = nest(site, node, replies)
	}
	return node
}

// nest nests each reply below its parent and returns those whose parent is root or not among the replies.
func nest(site *Site, root *ThreadNode, replies []*Comment) []*ThreadNode {
	if len(replies) == 0 {
		return nil
	}
	nodes := make(map[string]*ThreadNode, len(replies))
	for _, c := range replies {
		nodes[c.ID] = &ThreadNode{PublicComment: site.publicView(c)}
	}
	var top []*ThreadNode
	for _, c := range replies {
		node := nodes[c.ID]
		if root != nil && c.ParentID == root.ID {
			node.ParentName = root.AuthorName
			top = append(top, node)
			continue
		}
		parent, ok := nodes[c.ParentID]
		if !ok {
			top = append(top, node)
			continue
		}
		node.ParentName = parent.AuthorName
		parent.Replies = append(parent.Replies, node)
	}
	return top
}

// inTree reports whether a comment is in the tree of nodes.
func inTree(nodes []*ThreadNode, id string) bool {
	for _, n := range nodes {
		if n.ID == id || inTree(n.Replies, id) {
			return true
		}
	}
	return false
}
