package handlers

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// threadAnswer is one page of what the public sees under an article.
type threadAnswer struct {
	Article    threadArticle `json:"article"`
	Count      int           `json:"count"`
	Comments   []threadNode  `json:"comments"`
	NextCursor string        `json:"next_cursor,omitempty"`
	RootID     string        `json:"root,omitempty"`
	Focus      string        `json:"focus,omitempty"`
}

type threadArticle struct {
	Key    string `json:"key"`
	URL    string `json:"url"`
	Title  string `json:"title"`
	Closed bool   `json:"closed"`
}

// threadNode is a public comment with its replies. A tombstone has neither name nor text.
type threadNode struct {
	ID          string       `json:"id"`
	ParentID    *string      `json:"parent_id"`
	ParentName  string       `json:"parent_name,omitempty"`
	Depth       int          `json:"depth"`
	AuthorName  string       `json:"author_name,omitempty"`
	AuthorURL   string       `json:"author_url,omitempty"`
	HTML        string       `json:"html,omitempty"`
	Avatar      string       `json:"avatar,omitempty"`
	Staff       bool         `json:"staff,omitempty"`
	UpVotes     int          `json:"up_votes"`
	DownVotes   int          `json:"down_votes"`
	CreatedAt   time.Time    `json:"created_at"`
	EditedAt    time.Time    `json:"edited_at,omitzero"`
	Tombstone   bool         `json:"tombstone,omitempty"`
	Replies     []threadNode `json:"replies"`
	MoreReplies string       `json:"more_replies,omitempty"`
}

// thread serves a page of an article's approved comments. What differs from request to request, the form's
// token, is in a header, so that the body stays the same as long as the thread does.
func (s *Server) thread(c *gin.Context) error {
	query, err := threadQuery(c)
	if err != nil {
		return err
	}
	return s.answerPublic(c, threadKey("json", query), func(ctx context.Context) (rendering, error) {
		thread, err := s.Threads.Thread(ctx, query)
		if err != nil {
			return rendering{}, err
		}
		return rendering{
			contentType: jsonType,
			caching:     threadCaching,
			siteID:      thread.Site.ID,
			until:       closing(thread),
			body:        encodeJSON(newThreadAnswer(thread)),
		}, nil
	})
}

func newThreadAnswer(thread moderation.Thread) threadAnswer {
	return threadAnswer{
		Article: threadArticle{
			Key: thread.Article.Key, URL: thread.Article.URL, Title: thread.Article.Title, Closed: thread.Closed,
		},
		Count: thread.Count, Comments: newThreadNodes(thread.Roots), NextCursor: thread.NextCursor,
		RootID: thread.RootID, Focus: thread.Focus,
	}
}

// headerFormToken carries the signed moment at which a thread was read, for the form below it.
const headerFormToken = "X-Form-Token"

func threadQuery(c *gin.Context) (moderation.ThreadQuery, error) {
	limit, err := limitWithin(c, moderation.DefaultThreadLimit, moderation.MaxThreadLimit)
	if err != nil {
		return moderation.ThreadQuery{}, err
	}
	sort, err := choiceParam(
		c,
		"sort",
		string(moderation.ThreadOldest),
		string(moderation.ThreadNewest),
		string(moderation.ThreadBest),
	)
	if err != nil {
		return moderation.ThreadQuery{}, err
	}
	return moderation.ThreadQuery{
		SiteSlug: c.Param(
			"site",
		),
		ArticleKey: weburl.Key(c.Query("article")),
		Sort:       moderation.ThreadSort(sort),
		Limit:      limit,
		Cursor:     c.Query("cursor"),
		RootID:     c.Query("root"),
		Focus:      c.Query("comment"),
	}, nil
}

func newThreadNodes(nodes []*moderation.ThreadNode) []threadNode {
	answers := make([]threadNode, 0, len(nodes))
	for _, n := range nodes {
		answers = append(answers, threadNode{
			ID:          n.ID,
			ParentID:    orNull(n.ParentID),
			ParentName:  n.ParentName,
			Depth:       n.Depth,
			AuthorName:  n.AuthorName,
			AuthorURL:   n.AuthorURL,
			HTML:        n.BodyHTML,
			Avatar:      n.Avatar,
			Staff:       n.Staff,
			UpVotes:     n.UpVotes,
			DownVotes:   n.DownVotes,
			CreatedAt:   n.CreatedAt.UTC(),
			EditedAt:    n.EditedAt.UTC(),
			Tombstone:   n.Tombstone,
			Replies:     newThreadNodes(n.Replies),
			MoreReplies: n.MoreReplies,
		})
	}
	return answers
}

// counts serves the numbers for links like "3 comments", for many articles at once, with the links' words
// when a language is given.
func (s *Server) counts(c *gin.Context) error {
	counts, err := s.Threads.Counts(c.Request.Context(), c.Param("site"), c.QueryArray("article"))
	if err != nil {
		return err
	}
	answerCacheable(c, struct {
		Counts map[string]int    `json:"counts"`
		Labels map[string]string `json:"labels,omitempty"`
	}{counts, countLabels(counts, c.Query("lang"))})
	return nil
}

// countLabels are the classic lines of a blog post, by the key of the article; none without a language.
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
