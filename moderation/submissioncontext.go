package moderation

import "time"

// BackgroundQuery asks for everything the facts of one submission need to know from storage.
type BackgroundQuery struct {
	SiteID       string
	ArticleKey   string
	ParentID     string   // empty for a root
	EmailIndexes [][]byte // primary key's first
	AddressIndex []byte   // nil when the address is unknown
	Fingerprint  []byte
	Likeness     Likeness
	BlockIndexes [][]byte // of every block that would fit, under every key
	// ExceptComment leaves one comment out of the counts of copies: the one being edited.
	ExceptComment string
	Now           time.Time
}

// Background is what storage knew when a submission arrived, read in one round.
type Background struct {
	Article   *Article   // nil: not registered
	Parent    *Comment   // nil: none asked for, or no such comment
	Commenter *Commenter // nil: first seen now
	// ParentByModerator: the parent was written under the email of a moderator of this installation.
	ParentByModerator bool
	Velocity          Velocity
	Copies            Copies
	// CopyCluster is the cluster of the newest of those copies; empty without one.
	CopyCluster string
	// Alike are submissions of the last 24 hours that say nearly the same: of those that share a band, the
	// newest only.
	Alike []Alike
	// Blocks fit and have not ended: the severest first, at most rules.MaxBlocks.
	Blocks []MatchedBlock
}

// Rate counts submissions in the windows that end now. Storage may stop counting at 1,000.
type Rate struct {
	Minute int
	Hour   int
	Day    int
}

// Velocity is how fast submissions come, by whom and where; the present one is not counted. About an article,
// storage may not know yet what another process took within the last second.
type Velocity struct {
	Author  Rate // by the same commenter from the same address
	Address Rate
	Article Rate
}

// Copies counts submissions of the last 24 hours with the same fingerprint. Storage may stop counting at
// 1,000.
type Copies struct {
	Author  int // by the same commenter from the same address, anywhere on the site
	Article int // by anyone, on the same article
	Site    int // by anyone, anywhere on the site
}

// clusterOf returns the cluster of an earlier text that says the same or nearly the same; otherwise one that
// begins with this comment.
func clusterOf(known Background, commentID string) string {
	if known.CopyCluster != "" {
		return known.CopyCluster
	}
	for _, a := range known.Alike {
		if a.Cluster != "" {
			return a.Cluster
		}
	}
	return commentID
}
