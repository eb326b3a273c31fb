package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// blockAnswer is one block as moderators see it. It tells neither emails nor networks.
type blockAnswer struct {
	ID          string               `json:"id"`
	Kind        moderation.BlockKind `json:"kind"`
	Shown       string               `json:"shown,omitempty"`
	Action      moderation.Action    `json:"action"`
	Note        string               `json:"note,omitempty"`
	CommentID   string               `json:"comment_id,omitempty"`
	ModeratorID string               `json:"moderator_id"`
	Moderator   string               `json:"moderator,omitempty"`
	CreatedAt   time.Time            `json:"created_at"`
	ExpiresAt   time.Time            `json:"expires_at,omitzero"`
	Active      bool                 `json:"active"`
	Waiting     *bulkAnswer          `json:"waiting,omitempty"` // decisions on matching pending comments
}

func (s *Server) newBlockAnswer(b moderation.Block) blockAnswer {
	return blockAnswer{ID: b.ID, Kind: b.Kind, Shown: b.Shown, Action: b.Action, Note: b.Note, CommentID: b.CommentID,
		ModeratorID: b.ModeratorID, Moderator: b.ModeratorName, CreatedAt: b.CreatedAt.UTC(), ExpiresAt: b.ExpiresAt.UTC(),
		Active: b.Active(s.Queue.Now())}
}

// blockRequest is what making a block takes.
type blockRequest struct {
	Kind    moderation.BlockKind `json:"kind"`
	Value   string               `json:"value"`
	Action  moderation.Action    `json:"action"`
	Minutes int                  `json:"minutes"`
	Note    string               `json:"note"`
	Decide  bool                 `json:"decide_waiting"`
}

func (r blockRequest) block() moderation.NewBlock {
	return moderation.NewBlock{Kind: r.Kind, Value: r.Value, Action: r.Action, Minutes: r.Minutes, Note: r.Note}
}

// listBlocks lists a site's blocks, newest first.
func (s *Server) listBlocks(c *gin.Context) error {
	limit, err := limitParam(c)
	if err != nil {
		return err
	}
	paging := moderation.Paging{Limit: limit, Cursor: c.Query("cursor")}
	page, err := s.Queue.Blocks(c.Request.Context(), viewerOf(c), c.Param("site"), paging)
	if err != nil {
		return err
	}
	items := make([]blockAnswer, 0, len(page.Blocks))
	for _, b := range page.Blocks {
		items = append(items, s.newBlockAnswer(b))
	}
	answer(c, http.StatusOK, struct {
		Items      []blockAnswer `json:"items"`
		NextCursor string        `json:"next_cursor,omitempty"`
	}{items, page.NextCursor})
	return nil
}

// addBlock blocks something by its value.
func (s *Server) addBlock(c *gin.Context) error {
	var req blockRequest
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	b, err := s.Queue.AddBlock(c.Request.Context(), viewerOf(c), c.Param("site"), req.block())
	if err != nil {
		return err
	}
	s.answerBlock(c, b, req.Decide)
	return nil
}

// answerBlock responds with a new block. If asked to, it first decides on the pending comments that the block
// matches.
func (s *Server) answerBlock(c *gin.Context, b moderation.Block, decide bool) {
	made := s.newBlockAnswer(b)
	if decide {
		result, err := s.decideMatching(c, b)
		if result.Decided > 0 || len(result.Skipped) > 0 || result.More || err != nil {
			waiting := newBulkAnswer(result, err)
			made.Waiting = &waiting
		}
	}
	answer(c, http.StatusCreated, made)
}

// decideMatching decides on the pending comments that a new block matches. The block stays even if that
// fails.
func (s *Server) decideMatching(c *gin.Context, b moderation.Block) (moderation.BulkResult, error) {
	result, err := s.Queue.DecideMatching(c.Request.Context(), viewerOf(c), b)
	if err != nil {
		s.Log.ErrorContext(c.Request.Context(), "deciding on what a block matches broke off", "request_id", requestID(c),
			"decided", result.Decided, "err", err)
	}
	return result, err
}

// blockFromComment blocks whoever sent a comment, or what it links to.
func (s *Server) blockFromComment(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req blockRequest
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	b, err := s.Queue.BlockFrom(c.Request.Context(), viewerOf(c), id, req.block())
	if err != nil {
		return err
	}
	s.answerBlock(c, b, req.Decide)
	return nil
}

// changeBlock changes what a block asks for, how long it lasts, or its note.
func (s *Server) changeBlock(c *gin.Context) error {
	var req struct {
		Action  *moderation.Action `json:"action"`
		Minutes *int               `json:"minutes"`
		Note    *string            `json:"note"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	b, err := s.Queue.ChangeBlock(c.Request.Context(), viewerOf(c), blockRef(c),
		moderation.BlockChange{Action: req.Action, Minutes: req.Minutes, Note: req.Note})
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, s.newBlockAnswer(b))
	return nil
}

// removeBlock ends a block.
func (s *Server) removeBlock(c *gin.Context) error {
	if err := s.Queue.RemoveBlock(c.Request.Context(), viewerOf(c), blockRef(c)); err != nil {
		return err
	}
	noContent(c)
	return nil
}

func blockRef(c *gin.Context) moderation.BlockRef {
	return moderation.BlockRef{SiteSlug: c.Param("site"), ID: c.Param("id")}
}

// noteAnswer is what a moderator noted. Its body is gone once what it is about was erased.
type noteAnswer struct {
	ID          string               `json:"id"`
	CommentID   string               `json:"comment_id"`
	About       moderation.NoteAbout `json:"about"`
	ModeratorID string               `json:"moderator_id"`
	Moderator   string               `json:"moderator,omitempty"`
	Body        string               `json:"body,omitempty"`
	CreatedAt   time.Time            `json:"created_at"`
}

func newNoteAnswer(n moderation.Note) noteAnswer {
	return noteAnswer{n.ID, n.CommentID, n.About, n.ModeratorID, n.ModeratorName, n.Body, n.CreatedAt.UTC()}
}

func newNoteAnswers(notes []moderation.Note) []noteAnswer {
	answers := make([]noteAnswer, 0, len(notes))
	for _, n := range notes {
		answers = append(answers, newNoteAnswer(n))
	}
	return answers
}

// addNote notes something of a comment or of its commenter.
func (s *Server) addNote(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req struct {
		About moderation.NoteAbout `json:"about"`
		Body  string               `json:"body"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	note, err := s.Queue.AddNote(
		c.Request.Context(),
		viewerOf(c),
		id,
		moderation.NewNote{About: req.About, Body: req.Body},
	)
	if err != nil {
		return err
	}
	answer(c, http.StatusCreated, newNoteAnswer(note))
	return nil
}
