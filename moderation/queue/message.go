package queue

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// maxQuoteCharacters bounds what a canned reply quotes.
const maxQuoteCharacters = 100

// FilledReply is a canned reply as the author of one comment would read it.
type FilledReply struct {
	Name     string
	Code     string   // the reason code it belongs to; empty: any
	Text     string   // in the comment's language, if the site has it
	Language string   // of Text
	Missing  []string // placeholders that the moderator must replace; it can't be sent before
}

// FilledReplies returns the site's canned replies for a comment.
func FilledReplies(site moderation.Site, item Item) []FilledReply {
	values := placeholderValues(site, item)
	filled := make([]FilledReply, 0, len(site.Settings.Replies))
	for _, reply := range site.Settings.Replies {
		filled = append(filled, fillReply(site, item, reply, values))
	}
	return filled
}

func fillReply(site moderation.Site, item Item, reply moderation.CannedReply,
	values map[moderation.Placeholder]string) FilledReply {
	words, tag := reply.TextFor(item.Comment.Language, site.Locale)
	var missing []string
	for _, left := range moderation.UnfilledPlaceholders(words) {
		if values[moderation.Placeholder(left)] == "" {
			missing = append(missing, left)
		}
	}
	return FilledReply{Name: reply.Name, Code: reply.Code, Text: moderation.FillPlaceholders(words, values),
		Language: tag, Missing: missing}
}

func placeholderValues(site moderation.Site, item Item) map[moderation.Placeholder]string {
	return map[moderation.Placeholder]string{
		moderation.PlaceName:       item.Comment.AuthorName,
		moderation.PlaceArticle:    cmp.Or(item.Article.Title, item.Article.URL, item.Article.Key),
		moderation.PlaceQuote:      quoteOf(item),
		moderation.PlaceGuidelines: site.Settings.GuidelinesURL,
	}
}

// quoteOf returns what the rules found in a comment, first the rule that decided; empty if they found nothing short.
func quoteOf(item Item) string {
	hits := slices.Clone(item.Verdict.Hits)
	slices.SortStableFunc(hits, func(a, b rules.Hit) int {
		return cmp.Compare(rank(item.Verdict, a), rank(item.Verdict, b))
	})
	var reading *text.Reading
	for _, hit := range hits {
		for _, span := range hit.Spans {
			if hit.Mode != rules.Enforce || span.Field != "body" || span.Start < 0 || span.End > len(item.Body) || span.Start >= span.End {
				continue
			}
			if reading == nil {
				reading = text.Read(item.Body)
			}
			quote := strings.TrimSpace(reading.Excerpt(text.Span{Start: span.Start, End: span.End}))
			if quote != "" && text.Characters(quote) <= maxQuoteCharacters {
				return quote
			}
		}
	}
	return ""
}

func rank(v rules.Verdict, hit rules.Hit) int {
	if hit.Rule == v.Cause {
		return 0
	}
	return 1
}

// message returns what the author of a comment is told: the moderator's own words, or the canned reply. *Invalid
// if the site has no such reply, or if it has placeholders without a value.
func (q *Queue) message(ctx context.Context, row Row, r DecisionRequest) (string, error) {
	if r.Reason != "" || r.Reply == "" || r.Action == moderation.ActionApprove {
		return r.Reason, nil
	}
	site, err := q.Store.Site(ctx, row.Comment.SiteID)
	if err != nil {
		return "", err
	}
	item, err := row.Item()
	if err != nil {
		return "", err
	}
	var faults moderation.Invalid
	reply, ok := site.Settings.CannedReply(r.Reply)
	if !ok {
		faults.Add("/reply", "unknown", "Must be the name of one of the site's canned replies.")
		return "", faults.Err()
	}
	filled := fillReply(site, item, reply, placeholderValues(site, item))
	if len(filled.Missing) > 0 {
		faults.Add("/reason", "unfilled", unfilledText(filled.Missing))
		return "", faults.Err()
	}
	return moderation.CleanReason(&faults, "/reply", filled.Text), faults.Err()
}

func unfilledText(placeholders []string) string {
	return "Replace " + strings.Join(placeholders, " and ") + " in the message before you send it."
}
