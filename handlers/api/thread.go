package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/pagecache"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// Threads serves public threads and their counts.
type Threads struct {
	Threads   *moderation.Threads
	Responder *pagecache.Responder
}

// threadResponse is one page of an article's thread.
type threadResponse struct {
	Article    threadArticleResponse `json:"article"`
	Count      int                   `json:"count"`
	Comments   []threadNodeResponse  `json:"comments"`
	NextCursor string                `json:"next_cursor,omitempty"`
	RootID     string                `json:"root,omitempty"`
	Focus      string                `json:"focus,omitempty"`
}

type threadArticleResponse struct {
	Key    string `json:"key"`
	URL    string `json:"url"`
	Title  string `json:"title"`
	Closed bool   `json:"closed"`
	// OpensAt is when comments open again; nil if that is not known, or they are open.
	OpensAt *time.Time `json:"opens_at,omitempty"`
}

// threadNodeResponse is a public comment with its replies. A tombstone has neither name nor text.
type threadNodeResponse struct {
	ID          string               `json:"id"`
	ParentID    *string              `json:"parent_id"`
	ParentName  string               `json:"parent_name,omitempty"`
	Depth       int                  `json:"depth"`
	AuthorName  string               `json:"author_name,omitempty"`
	AuthorURL   string               `json:"author_url,omitempty"`
	HTML        string               `json:"html,omitempty"`
	Avatar      string               `json:"avatar,omitempty"`
	AvatarURL   string               `json:"avatar_url,omitempty"`
	Badges      []string             `json:"badges,omitempty"`
	Staff       bool                 `json:"staff,omitempty"`
	Pinned      bool                 `json:"pinned,omitempty"`
	Featured    bool                 `json:"featured,omitempty"`
	UpVotes     int                  `json:"up_votes"`
	DownVotes   int                  `json:"down_votes"`
	CreatedAt   time.Time            `json:"created_at"`
	EditedAt    time.Time            `json:"edited_at,omitzero"`
	Tombstone   bool                 `json:"tombstone,omitempty"`
	Replies     []threadNodeResponse `json:"replies"`
	MoreReplies string               `json:"more_replies,omitempty"`
}

// Show serves a page of an article's thread. The form's token, which differs between requests, is in a
// header, so that the body can be cached.
func (h *Threads) Show(c *gin.Context) error {
	query, err := threadQuery(c)
	if err != nil {
		return err
	}
	return h.Responder.Serve(c, pagecache.ThreadKey("json", query), func(ctx context.Context) (pagecache.Rendering, error) {
		thread, err := h.Threads.Thread(ctx, query)
		if err != nil {
			return pagecache.Rendering{}, err
		}
		body, release := httpio.EncodePooledJSON(newThreadResponse(thread))
		return pagecache.Rendering{
			ContentType: httpio.JSONType,
			Caching:     pagecache.ThreadCaching,
			SiteID:      thread.Site.ID,
			Until:       thread.ChangesAt,
			Body:        body,
			Release:     release,
		}, nil
	})
}

func newThreadResponse(thread moderation.Thread) threadResponse {
	return threadResponse{
		Article: threadArticleResponse{
			Key: thread.Article.Key, URL: thread.Article.URL, Title: thread.Article.Title, Closed: thread.Closed,
			OpensAt: optionalTime(thread.OpensAt),
		},
		Count: thread.Count, Comments: newThreadNodeResponses(thread.Roots), NextCursor: thread.NextCursor,
		RootID: thread.RootID, Focus: thread.Focus,
	}
}

func threadQuery(c *gin.Context) (moderation.ThreadQuery, error) {
	limit, err := httpio.LimitWithin(c, moderation.DefaultThreadLimit, moderation.MaxThreadLimit)
	if err != nil {
		return moderation.ThreadQuery{}, err
	}
	sort, err := httpio.ChoiceParam(c, "sort",
		string(moderation.ThreadOldest), string(moderation.ThreadNewest), string(moderation.ThreadBest))
	if err != nil {
		return moderation.ThreadQuery{}, err
	}
	return moderation.ThreadQuery{
		SiteSlug:   c.Param("site"),
		ArticleKey: weburl.Key(c.Query("article")),
		Sort:       moderation.ThreadSort(sort),
		Limit:      limit,
		Cursor:     c.Query("cursor"),
		RootID:     c.Query("root"),
		Focus:      c.Query("comment"),
	}, nil
}

func newThreadNodeResponses(nodes []*moderation.ThreadNode) []threadNodeResponse {
	responses := make([]threadNodeResponse, 0, len(nodes))
	for _, n := range nodes {
		responses = append(responses, threadNodeResponse{
			ID:          n.ID,
			ParentID:    httpio.OrNull(n.ParentID),
			ParentName:  n.ParentName,
			Depth:       n.Depth,
			AuthorName:  n.AuthorName,
			AuthorURL:   n.AuthorURL,
			HTML:        n.BodyHTML,
			Avatar:      n.Avatar,
			AvatarURL:   n.AvatarURL,
			Badges:      n.Badges,
			Staff:       n.Staff,
			Pinned:      n.Pinned,
			Featured:    n.Featured,
			UpVotes:     n.UpVotes,
			DownVotes:   n.DownVotes,
			CreatedAt:   n.CreatedAt.UTC(),
			EditedAt:    n.EditedAt.UTC(),
			Tombstone:   n.Tombstone,
			Replies:     newThreadNodeResponses(n.Replies),
			MoreReplies: n.MoreReplies,
		})
	}
	return responses
}

// Counts serves the numbers of comments of many articles and, if a language is given, labels like "3
// comments".
func (h *Threads) Counts(c *gin.Context) error {
	counts, err := h.Threads.Counts(c.Request.Context(), c.Param("site"), c.QueryArray("article"))
	if err != nil {
		return err
	}
	pagecache.WriteCacheable(c, struct {
		Counts map[string]int    `json:"counts"`
		Labels map[string]string `json:"labels,omitempty"`
	}{counts, countLabels(counts, c.Query("lang"))})
	return nil
}

// countLabels returns labels by the key of the article; none without a language.
func countLabels(counts map[string]int, lang string) map[string]string {
	if lang == "" {
		return nil
	}
	words := locale.Match(lang, "", "")
	labels := make(map[string]string, len(counts))
	for key, n := range counts {
		labels[key] = words.Count("comments.count", n)
		if n == 0 {
			labels[key] = words.Text("comments.leave")
		}
	}
	return labels
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
