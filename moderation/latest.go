package moderation

import (
	"context"
	"fmt"
)

// LatestQuery asks for the newest comments of a site or an article.
type LatestQuery struct {
	SiteSlug   string
	ArticleKey string // empty means the whole site
	Limit      int
}

// Latest is the content of a feed.
type Latest struct {
	Site     Site
	Article  Article // the requested one; without ID if its key is unknown, zero for the whole site
	Comments []LatestComment
}

// LatestComment is a comment in a feed.
type LatestComment struct {
	PublicComment
	Article Article
}

// LatestSelect is a LatestQuery for storage. One of the IDs is empty.
type LatestSelect struct {
	SiteID    string
	ArticleID string
	Limit     int
}

// LatestRow is a comment with its article.
type LatestRow struct {
	Comment Comment
	Article Article
}

// Latest returns the newest approved comments by creation time. Errors: ErrSiteUnknown, *Invalid.
func (t *Threads) Latest(ctx context.Context, q LatestQuery) (Latest, error) {
	latest, err := t.latestFrame(ctx, q)
	if err != nil || q.ArticleKey != "" && latest.Article.ID == "" {
		return latest, err
	}
	sel := LatestSelect{SiteID: latest.Site.ID, Limit: q.Limit}
	if q.ArticleKey != "" {
		sel = LatestSelect{ArticleID: latest.Article.ID, Limit: q.Limit}
	}
	rows, err := t.Store.LatestComments(ctx, sel)
	if err != nil {
		return Latest{}, fmt.Errorf("read the latest comments: %w", err)
	}
	comments := make([]*Comment, len(rows))
	for i := range rows {
		comments[i] = &rows[i].Comment
	}
	names, err := t.parentNames(ctx, comments)
	if err != nil {
		return Latest{}, fmt.Errorf("read the latest comments: %w", err)
	}
	for _, c := range comments {
		if names == nil {
			names = map[string]string{}
		}
		names[c.ID] = c.AuthorName
	}
	for _, row := range rows {
		comment := LatestComment{
			PublicComment: latest.Site.publicView(&row.Comment), Article: latest.Site.publicArticle(row.Article),
		}
		comment.ParentName = names[row.Comment.ParentID]
		latest.Comments = append(latest.Comments, comment)
	}
	return latest, nil
}

func (t *Threads) latestFrame(ctx context.Context, q LatestQuery) (Latest, error) {
	if q.ArticleKey != "" {
		page, err := t.frame(ctx, ThreadQuery{SiteSlug: q.SiteSlug, ArticleKey: q.ArticleKey})
		return Latest{Site: page.Site, Article: page.Article}, err
	}
	site, err := t.Store.SiteBySlug(ctx, q.SiteSlug)
	if err != nil {
		return Latest{}, fmt.Errorf("read the latest comments: %w", err)
	}
	return Latest{Site: site}, nil
}
