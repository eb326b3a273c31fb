package moderation

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"sync"
	"time"

	"rejoinder/privacy"
)

// VoteSetting says how readers of a site may vote on comments.
type VoteSetting string

// Vote settings.
const (
	VotesOff    VoteSetting = "off"
	VotesUp     VoteSetting = "up"      // upvotes only
	VotesUpDown VoteSetting = "up_down" // upvotes and downvotes
)

// Valid reports whether v is one of the three settings.
func (v VoteSetting) Valid() bool { return v == VotesOff || v == VotesUp || v == VotesUpDown }

// VotesPerMinute is the maximum number of votes per minute from one IP address: as fast as a person reads and
// clicks, with several people behind one address.
const VotesPerMinute = 120

// normal95 is the quantile of the normal distribution that leaves 2.5% on each side.
const normal95 = 1.959963984540054

// Rank orders comments by votes. It is the lower bound of the 95% confidence interval for the true share of
// upvotes (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927), so
// few votes count less than many. It is 0 without votes and never exceeds 1.
func Rank(up, down int) float64 {
	n := float64(up + down)
	if n == 0 {
		return 0
	}
	share, z2 := float64(up)/n, normal95*normal95
	spread := normal95 * math.Sqrt(share*(1-share)/n+z2/(4*n*n))
	return max(0, (share+z2/(2*n)-spread)/(1+z2/n))
}

// Vote is a reader's vote on a comment.
type Vote struct {
	CommentID string
	Value     int // 1 up, -1 down, 0 removes the vote
	// Receipt and CommenterToken are sent by browsers that have them. If one belongs to the comment, the vote
	// is rejected; others are ignored.
	Receipt        string
	CommenterToken string
	Address        netip.Addr
}

// VoteCounts is the vote counts of a comment and the reader's own vote.
type VoteCounts struct {
	Up    int
	Down  int
	Value int // the reader's own vote
	// Before is the vote that this one replaced, from the same IP address and so perhaps from another reader;
	// 0 if none.
	Before int
}

// CastVote is a vote for storage.
type CastVote struct {
	CommentID string
	Voters    [][]byte // the voter's indexes, primary key's first
	Value     int
	At        time.Time
}

// VoteStore is the storage of Votes.
type VoteStore interface {
	// CommentText returns a comment with the text of its current revision, or ErrNotFound.
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	// Site returns ErrNotFound for an unknown ID.
	Site(ctx context.Context, id string) (Site, error)
	// CastVote replaces the voter's vote and updates the comment's counts in the same transaction. It locks
	// only that comment. ErrNotFound if the comment is not approved.
	CastVote(ctx context.Context, v CastVote) (VoteCounts, error)
	// PublishVotes publishes the current vote counts: it increments the articles' versions.
	PublishVotes(ctx context.Context, articleIDs []string) error
}

// publishInterval is how often new vote counts are published.
const publishInterval = time.Second

// Votes lets readers vote on approved comments.
//
// The database has the new counts when a vote is acknowledged. Cached pages get them once a second: Run
// increments the versions of all articles with new votes. If each vote did so, all voters of a busy article
// would queue for one row, and every vote would render a page again.
type Votes struct {
	Store   VoteStore
	Keys    *privacy.Keyring
	Limiter AddressLimiter
	Now     func() time.Time
	Log     *slog.Logger

	mu      sync.Mutex
	changed map[string]bool // articles whose new vote counts are unpublished
}

// Vote stores a vote, replacing an earlier one by the same reader. Errors: *Invalid, *RateLimitError,
// ErrVotesOff, ErrOwnComment, ErrNotFound for unapproved and unknown comments alike.
func (v *Votes) Vote(ctx context.Context, vote Vote) (VoteCounts, error) {
	voters, err := readerIndexes(v.Keys, v.Limiter, vote.Address)
	if err != nil {
		return VoteCounts{}, err
	}
	if vote.Value < -1 || vote.Value > 1 {
		return VoteCounts{}, invalidVote("A vote is 1, -1, or 0 to take it back.")
	}
	c, site, err := publicComment(ctx, v.Store, vote.CommentID)
	if err != nil {
		return VoteCounts{}, fmt.Errorf("vote: %w", err)
	}
	switch {
	case site.Settings.Votes == VotesOff:
		return VoteCounts{}, fmt.Errorf("vote: %w", ErrVotesOff)
	case site.Settings.Votes == VotesUp && vote.Value < 0:
		return VoteCounts{}, invalidVote("Votes against comments are not taken here.")
	case v.own(c, vote):
		return VoteCounts{}, fmt.Errorf("vote: %w", ErrOwnComment)
	}
	tally, err := v.Store.CastVote(ctx, CastVote{CommentID: c.ID, Voters: voters, Value: vote.Value, At: v.Now().UTC()})
	if err != nil {
		return VoteCounts{}, fmt.Errorf("vote: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.changed == nil {
		v.changed = map[string]bool{}
	}
	v.changed[c.ArticleID] = true
	return tally, nil
}

func invalidVote(detail string) error {
	var faults Invalid
	faults.Add("/value", "unknown", detail)
	return faults.Err()
}

// own reports whether the reader has proved to be the comment's author.
func (v *Votes) own(c Comment, vote Vote) bool {
	if vote.Receipt != "" && validReceipt(v.Keys, c.ID, vote.Receipt) {
		return true
	}
	return c.BrowserID != "" && recogniseBrowser(v.Keys, vote.CommenterToken, c.CommenterID) == c.BrowserID
}

// Run publishes new vote counts once a second until ctx ends, and then once more. Failures are logged and
// retried.
func (v *Votes) Run(ctx context.Context) {
	failed := func(err error) { v.Log.ErrorContext(ctx, "new votes could not be shown", "err", err) }
	Every(ctx, publishInterval, v.Publish, failed)
	if err := v.Publish(context.WithoutCancel(ctx)); err != nil {
		failed(err)
	}
}

// Publish publishes the vote counts of all articles voted on since the last call.
func (v *Votes) Publish(ctx context.Context) error {
	v.mu.Lock()
	changed := v.changed
	v.changed = nil
	v.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	ids := make([]string, 0, len(changed))
	for id := range changed {
		ids = append(ids, id)
	}
	err := v.Store.PublishVotes(ctx, ids)
	if err == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.changed == nil {
		v.changed = changed
	}
	for id := range changed {
		v.changed[id] = true
	}
	return fmt.Errorf("show votes: %w", err)
}

// publicStore is the storage for finding a comment and its site.
type publicStore interface {
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	Site(ctx context.Context, id string) (Site, error)
}

// publicComment returns an approved comment with its site. ErrNotFound for unapproved and unknown comments
// alike.
func publicComment(ctx context.Context, store publicStore, id string) (Comment, Site, error) {
	if !ValidID(id) {
		return Comment{}, Site{}, ErrNotFound
	}
	c, _, err := store.CommentText(ctx, id)
	if err != nil {
		return Comment{}, Site{}, err
	}
	if !c.Public() {
		return Comment{}, Site{}, ErrNotFound
	}
	site, err := store.Site(ctx, c.SiteID)
	return c, site, err
}

// readerIndexes takes one from the address's allowance and returns the reader's indexes. Readers without an
// address count as one. Errors: *RateLimitError.
func readerIndexes(keys *privacy.Keyring, limiter AddressLimiter, address netip.Addr) ([][]byte, error) {
	if wait, ok := limiter.AllowAddress(address); !ok {
		return nil, &RateLimitError{RetryAfter: wait}
	}
	if indexes := keys.AddressIndexes(address); len(indexes) > 0 {
		return indexes, nil
	}
	return [][]byte{[]byte("unknown address")}, nil
}
