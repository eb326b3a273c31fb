package moderation

import "time"

// SubmissionContextQuery asks for all stored data needed for the facts of a submission.
type SubmissionContextQuery struct {
	SiteID        string
	ArticleKey    string
	ParentID      string   // empty for a root
	EmailIndexes  [][]byte // primary key's first
	AddressIndex  []byte   // nil if the address is unknown
	Fingerprint   []byte
	MinHash       MinHash
	BlockIndexes  [][]byte // of every block that would match, under every key
	NameSkeletons []string // of the author's name
	// ExceptComment is excluded from the counts of copies: the comment being edited.
	ExceptComment string
	Now           time.Time
}

// SubmissionContext is the stored data for judging a submission, read at once.
type SubmissionContext struct {
	Article   *Article   // nil if not registered
	Parent    *Comment   // nil if not requested or unknown
	Commenter *Commenter // nil for a new commenter
	// ParentByModerator reports that the parent's author used the email of a moderator of this installation.
	ParentByModerator bool
	// NamesModerator reports that the name is, or looks like, that of a moderator of this installation with
	// another email.
	NamesModerator bool
	// ByModerator reports that the email is that of an active moderator of this installation.
	ByModerator bool
	Velocity    Velocity
	Copies      Copies
	// CopyCluster is the cluster of the newest of those copies; empty if there is none.
	CopyCluster string
	// NearDuplicates are near-duplicate submissions of the last 24 hours, only the newest ones of each band.
	NearDuplicates []NearDuplicate
	// Blocks are the matching blocks that have not ended, most severe first, at most rules.MaxBlocks.
	Blocks []MatchedBlock
}

// Rate counts submissions in windows ending now. Storage may stop counting at 1,000.
type Rate struct {
	Minute int
	Hour   int
	Day    int
}

// Velocity is the rate of earlier submissions by author, IP address and article. The article's rate may miss
// submissions to other processes within the last second.
type Velocity struct {
	Author  Rate // by the same commenter from the same address
	Address Rate
	Article Rate
}

// Copies counts submissions of the last 24 hours with the same fingerprint. Storage may stop counting at
// 1,000.
type Copies struct {
	Author     int // by the same commenter from the same address, anywhere on the site
	SameParent int // of these: as replies to the same comment, or as roots on the same article
	Article    int // by anyone, on the same article
	Site       int // by anyone, anywhere on the site
}

// clusterOf returns the cluster of an earlier copy or near duplicate, or a new one that starts with this
// comment.
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
