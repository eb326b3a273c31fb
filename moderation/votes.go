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

// The settings.
const (
	VotesOff    VoteSetting = "off"
	VotesUp     VoteSetting = "up"      // only for a comment
	VotesUpDown VoteSetting = "up_down" // for or against
)

// Valid reports whether v is one of the three settings.
func (v VoteSetting) Valid() bool { return v == VotesOff || v == VotesUp || v == VotesUpDown }

// VotesPerMinute is how many votes one address may give in a minute: as fast as a person reads and clicks,
// and several people behind one address.
const VotesPerMinute = 120

// normal95 is the quantile of the normal distribution that leaves 2.5 % on each side.
const normal95 = 1.959963984540054

// Rank orders comments by votes: the lower bound of the 95 % interval in which the true share of votes for a
// comment lies (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
// Few votes so count for less than many. Without a vote it is 0, and it never exceeds 1.
func Rank(up, down int) float64 {
	n := float64(up + down)
	if n == 0 {
		return 0
	}
	share, z2 := float64(up)/n, normal95*normal95
	spread := normal95 * math.Sqrt(share*(1-share)/n+z2/(4*n*n))
	return max(0, (share+z2/(2*n)-spread)/(1+z2/n))
}

// Vote is what a reader sends.
type Vote struct {
	CommentID string
	Value     int // 1 for the comment, -1 against it, 0 takes the vote back
	// Receipt and CommenterToken are shown by a browser that has them. One of the comment's own refuses the
	// vote; any other says nothing.
	Receipt        string
	CommenterToken string
	Address        netip.Addr
}

// VoteCounts is where the votes on a comment stand, for the reader who asked.
type VoteCounts struct {
	Up    int
	Down  int
	Value int // the reader's own vote
	// Before is the vote from the same address that this one replaced; 0 for none. It may be another
	// reader's.
	Before int
}

// CastVote is a vote as storage takes it.
type CastVote struct {
	CommentID string
	Voters    [][]byte // the voter's indexes, the primary key's first
	Value     int
	At        time.Time
}

// VoteStore is the storage that votes need.
type VoteStore interface {
	// CommentText returns a comment with the text of its present revision. ErrNotFound.
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	// Site returns ErrNotFound when there is none with that id.
	Site(ctx context.Context, id string) (Site, error)
	// CastVote replaces the voter's vote, and counts it on the comment in the same transaction. It locks that
	// comment and nothing else. ErrNotFound when the comment is not approved.
	CastVote(ctx context.Context, v CastVote) (VoteCounts, error)
	// PublishVotes makes the present numbers of votes those that the public sees: it bumps the articles'
	// versions.
	PublishVotes(ctx context.Context, articleIDs []string) error
}

// publishInterval is how often articles on which readers vote are told to have changed.
const publishInterval = time.Second

// Votes lets readers vote on approved comments.
//
// The numbers are right in the database when a vote is acknowledged. Pages that are kept in memory learn of
// them once a second: a vote bumps no article's version, since then all voters of a busy article would wait
// for one row, one after the other, and every vote would make a page be rendered. Run does it for all of
// them.
type Votes struct {
	Store   VoteStore
	Keys    *privacy.Keyring
	Limiter AddressLimiter
	Now     func() time.Time
	Log     *slog.Logger

	mu      sync.Mutex
	changed map[string]bool // articles with votes that pages do not show yet
}

// Vote takes in one vote; another one of the same reader replaces it. Errors: *Invalid, *RateLimitError,
// ErrVotesOff, ErrOwnComment, ErrNotFound for a comment that is not approved as for an unknown one.
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

// own reports whether the reader has shown to have written the comment.
func (v *Votes) own(c Comment, vote Vote) bool {
	if vote.Receipt != "" && validReceipt(v.Keys, c.ID, vote.Receipt) {
		return true
	}
	return c.BrowserID != "" && recogniseBrowser(v.Keys, vote.CommenterToken, c.CommenterID) == c.BrowserID
}

// Run publishes new vote counts once a second, until ctx ends, and then once more. Failures are logged and
// retried.
func (v *Votes) Run(ctx context.Context) {
	failed := func(err error) { v.Log.ErrorContext(ctx, "new votes could not be shown", "err", err) }
	Every(ctx, publishInterval, v.Publish, failed)
	if err := v.Publish(context.WithoutCancel(ctx)); err != nil {
		failed(err)
	}
}

// Publish tells of all articles that were voted on since the last time that their public thread has changed.
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

// publicStore finds a comment and its site.
type publicStore interface {
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	Site(ctx context.Context, id string) (Site, error)
}

// publicComment finds an approved comment with its site. Any other is ErrNotFound, like one that does not
// exist.
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

// readerIndexes takes one from the address's allowance and returns what the reader is known by. Readers
// without an address are one reader. *RateLimitError.
func readerIndexes(keys *privacy.Keyring, limiter AddressLimiter, address netip.Addr) ([][]byte, error) {
	if wait, ok := limiter.AllowAddress(address); !ok {
		return nil, &RateLimitError{RetryAfter: wait}
	}
	if indexes := keys.AddressIndexes(address); len(indexes) > 0 {
		return indexes, nil
	}
	return [][]byte{[]byte("unknown address")}, nil
}
