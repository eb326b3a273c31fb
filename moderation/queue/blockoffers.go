package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// maxOffers is the maximum number of offers per kind.
const maxOffers = 50

// BlockOffer is a value of a comment that can be blocked.
type BlockOffer struct {
	Kind  moderation.BlockKind
	Value string // in the format of NewBlock; empty for hidden values: the email, its domain and the prefix
}

// blockTraits returns the block traits of a comment's current revision.
func (q *Queue) blockTraits(ctx context.Context, row Row) (moderation.BlockTraits, error) {
	commenter, err := q.Store.Commenter(ctx, row.Comment.CommenterID)
	if err != nil {
		return moderation.BlockTraits{}, err
	}
	t := moderation.NewBlockTraits(row.Submission.Reading(), row.Comment.AuthorURL)
	t.Name, t.Prefix = row.Comment.AuthorName, row.Submission.AddressPrefix
	if len(commenter.EmailSealed) == 0 || row.Comment.AuthorName == "" { // erased
		return t, nil
	}
	if t.Email, err = q.Keys.Open(commenter.EmailSealed, commenter.ID); err != nil {
		return moderation.BlockTraits{}, fmt.Errorf("open email: %w", err)
	}
	return t, nil
}

// onlyTrait returns the comment's only value of a kind, or *Invalid if it has none or several.
func onlyTrait(t moderation.BlockTraits, kind moderation.BlockKind) (string, error) {
	var faults moderation.Invalid
	values := t.Values(kind)
	switch {
	case !kind.Known():
		return "", nil // rejected by validation
	case len(values) == 1:
		return values[0], nil
	case len(values) == 0:
		faults.Add("/kind", "unavailable", "The comment has nothing of that kind, or it is not kept any more.")
	default:
		faults.Add("/value", "required", "The comment has links to several hosts: say which.")
	}
	return "", faults.Err()
}

// BlockOffers returns the values of a comment that can be blocked.
func (q *Queue) BlockOffers(ctx context.Context, v moderation.Viewer, commentID string) ([]BlockOffer, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return nil, fmt.Errorf("offer blocks: %w", err)
	}
	if row.Comment.Staff {
		return nil, nil
	}
	t, err := q.blockTraits(ctx, row)
	if err != nil {
		return nil, fmt.Errorf("offer blocks: %w", err)
	}
	var offers []BlockOffer
	for _, kind := range []moderation.BlockKind{
		moderation.BlockEmail, moderation.BlockName, moderation.BlockPrefix, moderation.BlockDomain, moderation.BlockHost,
	} {
		for _, value := range t.Values(kind)[:min(len(t.Values(kind)), maxOffers)] {
			switch kind {
			case moderation.BlockName, moderation.BlockHost:
			default:
				value = ""
			}
			offers = append(offers, BlockOffer{kind, value})
		}
	}
	return offers, nil
}
