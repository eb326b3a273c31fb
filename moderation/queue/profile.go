package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
)

// Limits of what is shown of commenters.
const (
	profileShown    = 50
	commentersShown = 50
	maxLookupBytes  = 320
)

// Profile is a commenter with all that moderators know of them.
type Profile struct {
	Commenter moderation.Commenter // EmailIndex and EmailSealed are never shown
	Site      moderation.Site
	Comments  []Item // newest first, at most profileShown
	Names     []string
	Decisions []moderation.Decision // on Comments, newest first
	Notes     []Note                // on the commenter and on their comments, newest first
	Blocks    []Block               // of the email, or made from one of their comments; newest first
	// Moderators maps the ids of moderators who decided on Comments to their names.
	Moderators map[string]string
}

// CommenterHistory is a part of Profile as stored.
type CommenterHistory struct {
	Comments   []Row
	Names      []string
	Notes      []Note
	Moderators map[string]string
}

// CommenterSelect selects commenters by email or by name; with neither, those seen last.
type CommenterSelect struct {
	SiteIDs      []string // nil: all sites
	EmailIndexes [][]byte
	Name         string
	Limit        int
}

// ProfileStore is the storage for profiles.
type ProfileStore interface {
	// CommenterHistory returns at most limit entries per list, newest first.
	CommenterHistory(ctx context.Context, c moderation.Commenter, limit int) (CommenterHistory, error)
	// BlocksOn returns the blocks made from a commenter's comments, and those with one of the indexes.
	BlocksOn(ctx context.Context, c moderation.Commenter, indexes [][]byte) ([]Block, error)
	// Commenters returns commenters, the one seen last first.
	Commenters(ctx context.Context, sel CommenterSelect) ([]moderation.Commenter, error)
}

// Profile returns a commenter of one of the viewer's sites. Errors: ErrNotFound.
func (q *Queue) Profile(ctx context.Context, v moderation.Viewer, commenterID string) (Profile, error) {
	p, err := q.profile(ctx, v, commenterID)
	if err != nil {
		return Profile{}, fmt.Errorf("read profile: %w", err)
	}
	return p, nil
}

func (q *Queue) profile(ctx context.Context, v moderation.Viewer, commenterID string) (p Profile, err error) {
	if !moderation.ValidID(commenterID) {
		return p, moderation.ErrNotFound
	}
	if p.Commenter, err = q.Store.Commenter(ctx, commenterID); err != nil {
		return p, err
	}
	if !v.MaySee(p.Commenter.SiteID) {
		return p, moderation.ErrNotFound
	}
	if p.Site, err = q.Store.Site(ctx, p.Commenter.SiteID); err != nil {
		return p, err
	}
	history, err := q.Store.CommenterHistory(ctx, p.Commenter, profileShown)
	if err != nil {
		return p, err
	}
	p.Names, p.Notes, p.Moderators = history.Names, history.Notes, history.Moderators
	if p.Comments, err = q.items(ctx, history.Comments); err != nil {
		return p, err
	}
	if p.Decisions, err = q.decisionsOn(ctx, p.Comments); err != nil {
		return p, err
	}
	indexes, err := q.emailBlockIndexes(p.Commenter)
	if err == nil {
		p.Blocks, err = q.Store.BlocksOn(ctx, p.Commenter, indexes)
	}
	return p, err
}

// decisionsOn returns the decisions on comments, newest first.
func (q *Queue) decisionsOn(ctx context.Context, items []Item) ([]moderation.Decision, error) {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.Comment.ID
	}
	logs, err := q.Store.Logs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []moderation.Decision
	for _, log := range logs {
		all = append(all, log...)
	}
	slices.SortFunc(all, func(a, b moderation.Decision) int {
		if byTime := b.CreatedAt.Compare(a.CreatedAt); byTime != 0 {
			return byTime
		}
		return strings.Compare(b.ID, a.ID)
	})
	return all, nil
}

// emailBlockIndexes returns the indexes that blocks of the commenter's email have; none if it is erased.
func (q *Queue) emailBlockIndexes(c moderation.Commenter) ([][]byte, error) {
	if len(c.EmailSealed) == 0 {
		return nil, nil
	}
	email, err := q.Keys.Open(c.EmailSealed, c.ID)
	if err != nil {
		return nil, fmt.Errorf("open email: %w", err)
	}
	return moderation.BlockTraits{Email: email}.Indexes(q.Keys, moderation.BlockEmail), nil
}

// FindCommenters finds commenters of a site, or of all the viewer's sites, by their email or the beginning of a
// word of the name they used last. With an empty text it returns those seen last. Errors: *Invalid, ErrSiteUnknown.
func (q *Queue) FindCommenters(
	ctx context.Context, v moderation.Viewer, siteSlug, text string,
) ([]moderation.Commenter, error) {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxLookupBytes {
		var faults moderation.Invalid
		faults.Add("/q", "too_long", fmt.Sprintf("Must be at most %d bytes.", maxLookupBytes))
		return nil, faults.Err()
	}
	sites, err := q.sites(ctx, v, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("find commenters: %w", err)
	}
	sel := CommenterSelect{SiteIDs: sites, Limit: commentersShown}
	if strings.Contains(text, "@") {
		sel.EmailIndexes = q.Keys.Indexes(text)
	} else {
		sel.Name = text
	}
	found, err := q.Store.Commenters(ctx, sel)
	if err != nil {
		return nil, fmt.Errorf("find commenters: %w", err)
	}
	return found, nil
}
