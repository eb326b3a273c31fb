package reader

import (
	"html/template"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// Vote takes a vote. It redirects back to the comment, or responds to the widget with the new counts.
func (h *Comments) Vote(c *gin.Context) error {
	id, values, err := readCommentForm(c)
	if err != nil {
		return err
	}
	_, on, err := h.Threads.Comment(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if err := h.checkSiteSource(c, on.Site); err != nil {
		return err
	}
	value, ok := httpio.WholeNumber(values.Get("value"))
	if !ok {
		return httpio.InvalidField("/value", "unknown", "A vote is 1, -1, or 0 to take it back.")
	}
	tally, err := h.Votes.Vote(c.Request.Context(), moderation.Vote{
		CommentID:      id,
		Value:          value,
		Receipt:        values.Get("receipt"),
		CommenterToken: values.Get("commenter_token"),
		Address:        httpio.ClientAddress(c),
	})
	if err != nil {
		return err
	}
	notice := voteNotice(tally, values.Get("was"))
	if values.Get("part") == "" {
		httpio.SeeOther(c, h.returnURL(c, on, values, notice))
		return nil
	}
	words := pageLanguage(c, page.KnownLanguage(values.Get("lang")), on.Site)
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, http.StatusOK, "voted", votedView{
		Frame:  page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words},
		Votes:  votesView{ID: id, Up: tally.Up, Down: tally.Down, Both: on.Site.Settings.Votes == moderation.VotesUpDown},
		Notice: notice,
	})
}

// votedView replaces the vote buttons after a vote.
type votedView struct {
	page.Frame
	Votes  votesView
	Notice string // page.VoteReplaced or VoteCounted; empty: none
}

// HTML is the view as it is on a page.
func (v votedView) HTML() template.HTML {
	w := commentWriter{new(page.Writer), v.Locale}
	w.votes(&v.Votes)
	if v.Notice != "" {
		w.voteNotice(v.Notice)
	}
	return w.HTML()
}

// voteNotice tells readers about an earlier vote from their IP address, unless the form's field "was" shows
// that they know of it.
func voteNotice(tally moderation.VoteCounts, was string) string {
	switch known, ok := httpio.WholeNumber(was); {
	case tally.Before == 0, ok && known == tally.Before:
		return ""
	case tally.Before == tally.Value:
		return page.VoteCounted
	}
	return page.VoteReplaced
}

// returnURL is where the browser goes after a vote: to the comment on our page if it came from there,
// otherwise in the article.
func (h *Comments) returnURL(c *gin.Context, on moderation.CommentLocation, values url.Values, notice string) string {
	id := c.Param("id")
	if !h.PublicURL.IsSameOrigin(c) {
		return h.permalink(on, id, page.KnownLanguage(values.Get("lang")))
	}
	at := h.threadURLOf(on, page.KnownLanguage(values.Get("lang")))
	at.Sort = page.ParseThreadURL(at.Site, values).Sort
	at = at.ForComment(id)
	at.Voted = notice
	return at.Link(page.CommentAnchor(id))
}
