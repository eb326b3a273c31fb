package handlers

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// voteForm takes in a vote from a page without script, or gives a script the numbers as they are then.
func (s *Server) voteForm(c *gin.Context) error {
	id, values, err := actFields(c)
	if err != nil {
		return err
	}
	_, on, err := s.Threads.Comment(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if err := s.checkSiteSource(c, on.Site); err != nil {
		return err
	}
	value, ok := wholeNumber(values.Get("value"))
	if !ok {
		return oneFault("/value", "unknown", "A vote is 1, -1, or 0 to take it back.")
	}
	tally, err := s.Votes.Vote(c.Request.Context(), moderation.Vote{
		CommentID:      id,
		Value:          value,
		Receipt:        values.Get("receipt"),
		CommenterToken: values.Get("commenter_token"),
		Address:        clientAddress(c),
	})
	if err != nil {
		return err
	}
	notice := voteNotice(tally, values.Get("was"))
	if values.Get("part") == "" {
		seeOther(c, s.votedAt(c, on, values, notice))
		return nil
	}
	words := s.actWords(c, asked(values.Get("lang")), on.Site)
	c.Header("Cache-Control", "private, no-store")
	return s.render(c, http.StatusOK, "voted", votedView{
		frame:  frame{Lang: words.Tag, Dir: words.Dir, words: words},
		Votes:  votesView{ID: id, Up: tally.Up, Down: tally.Down, Both: on.Site.Settings.Votes == moderation.VotesUpDown},
		Notice: notice,
	})
}

// votedView is what a script shows in place of the votes before.
type votedView struct {
	frame
	Votes  votesView
	Notice string // key of an additional message; empty: none
}

// Messages for a vote that meets an earlier one from the same address.
const (
	voteReplaced = "replaced"
	voteCounted  = "counted"
)

// voteNotice describes the vote that the address had cast before. A browser whose field was names that vote
// is told only what it did not know.
func voteNotice(tally moderation.Tally, was string) string {
	switch known, ok := wholeNumber(was); {
	case tally.Before == 0, ok && known == tally.Before:
		return ""
	case tally.Before == tally.Value:
		return voteCounted
	}
	return voteReplaced
}

// votedAt is where a browser without script goes after a vote: back to our page, when it came from there, or
// to the article, both at the comment.
func (s *Server) votedAt(c *gin.Context, on moderation.CommentPlace, values url.Values, notice string) string {
	id := c.Param("id")
	if !s.ownSource(c) {
		return s.permalink(on, id, asked(values.Get("lang")))
	}
	at := s.placeAt(on, asked(values.Get("lang")))
	at.sort = placeOf(at.site, values).sort
	at = at.holding(id)
	at.voted = notice
	return at.address(commentAnchor(id))
}
