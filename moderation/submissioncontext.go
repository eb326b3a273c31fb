package moderation

import "time"

// SubmissionContextQuery asks for all stored data that the facts of one submission need.
type SubmissionContextQuery struct {
	SiteID       string
	ArticleKey   string
	ParentID     string   // empty for a root
	EmailIndexes [][]byte // primary key's first
	AddressIndex []byte   // nil when the address is unknown
	Fingerprint  []byte
	MinHash      MinHash
	BlockIndexes [][]byte // of every block that would fit, under every key
	// ExceptComment leaves one comment out of the counts of copies: the one being edited.
	ExceptComment string
	Now           time.Time
}

// SubmissionContext is the stored data that a submission is judged with, read in one round.
type SubmissionContext struct {
	Article   *Article   // nil: not registered
	Parent    *Comment   // nil: none asked for, or no such comment
	Commenter *Commenter // nil: first seen now
	// ParentByModerator: the parent was written under the email of a moderator of this installation.
	ParentByModerator bool
	Velocity          Velocity
	Copies            Copies
	// CopyCluster is the cluster of the newest of those copies; empty without one.
	CopyCluster string
	// NearDuplicates are submissions of the last 24 hours with nearly the same text; of those that share a band,
	// only the newest.
	NearDuplicates []NearDuplicate
	// Blocks fit and have not ended: the severest first, at most rules.MaxBlocks.
	Blocks []MatchedBlock
}

// Rate counts submissions in the windows that end now. Storage may stop counting at 1,000.
type Rate struct {
	Minute int
	Hour   int
	Day    int
}

// Velocity is the rate of submissions by author, address and article, without the present one. The article's
// rate may lack submissions of other processes within the last second.
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
func clusterOf(known SubmissionContext, commentID string) string {
	if known.CopyCluster != "" {
		return known.CopyCluster
	}
	for _, a := range known.NearDuplicates {
		if a.Cluster != "" {
			return a.Cluster
		}
	}
	return commentID
}
