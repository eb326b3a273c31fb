package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Blocks serves blocks and notes.
type Blocks struct {
	Queue *queue.Queue
	Log   *slog.Logger
}

// blockResponse is one block. It contains neither emails nor networks.
type blockResponse struct {
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
	Waiting     *bulkResponse        `json:"waiting,omitempty"` // decisions on matching pending comments
}

func (h *Blocks) newBlockResponse(b queue.Block) blockResponse {
	return blockResponse{ID: b.ID, Kind: b.Kind, Shown: b.Shown, Action: b.Action, Note: b.Note, CommentID: b.CommentID,
		ModeratorID: b.ModeratorID, Moderator: b.ModeratorName, CreatedAt: b.CreatedAt.UTC(), ExpiresAt: b.ExpiresAt.UTC(),
		Active: b.Active(h.Queue.Now())}
}

// blockRequest adds a block.
type blockRequest struct {
	Kind    moderation.BlockKind `json:"kind"`
	Value   string               `json:"value"`
	Action  moderation.Action    `json:"action"`
	Minutes int                  `json:"minutes"`
	Note    string               `json:"note"`
	Decide  bool                 `json:"decide_waiting"`
}

func (r blockRequest) block() queue.NewBlock {
	return queue.NewBlock{Kind: r.Kind, Value: r.Value, Action: r.Action, Minutes: r.Minutes, Note: r.Note}
}

// List lists a site's blocks, newest first.
func (h *Blocks) List(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	paging := moderation.Paging{Limit: limit, Cursor: c.Query("cursor")}
	page, err := h.Queue.Blocks(c.Request.Context(), session.ViewerOf(c), c.Param("site"), paging)
	if err != nil {
		return err
	}
	httpio.Page(c, page.Blocks, page.NextCursor, h.newBlockResponse)
	return nil
}

// Add adds a block by its value.
func (h *Blocks) Add(c *gin.Context) error {
	var req blockRequest
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	b, err := h.Queue.AddBlock(c.Request.Context(), session.ViewerOf(c), c.Param("site"), req.block())
	if err != nil {
		return err
	}
	h.respondBlock(c, b, req.Decide)
	return nil
}

// respondBlock responds with a new block. If asked to, it first decides on the pending comments that the
// block matches.
func (h *Blocks) respondBlock(c *gin.Context, b queue.Block, decide bool) {
	response := h.newBlockResponse(b)
	if decide {
		result, err := h.DecideMatching(c, b)
		if result.Decided > 0 || len(result.Skipped) > 0 || result.More || err != nil {
			waiting := newBulkResponse(result, err)
			response.Waiting = &waiting
		}
	}
	httpio.JSON(c, http.StatusCreated, response)
}

// DecideMatching decides on the pending comments that a new block matches. The block stays even if that
// fails.
func (h *Blocks) DecideMatching(c *gin.Context, b queue.Block) (queue.BulkResult, error) {
	result, err := h.Queue.DecideMatching(c.Request.Context(), session.ViewerOf(c), b)
	if err != nil {
		h.Log.ErrorContext(c.Request.Context(), "applying a block interrupted", "request_id", httpio.RequestID(c),
			"decided", result.Decided, "err", err)
	}
	return result, err
}

// BlockFromComment blocks a comment's author, or a host that it links to.
func (h *Blocks) BlockFromComment(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req blockRequest
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	b, err := h.Queue.BlockFrom(c.Request.Context(), session.ViewerOf(c), id, req.block())
	if err != nil {
		return err
	}
	h.respondBlock(c, b, req.Decide)
	return nil
}

// Change changes the action, duration or note of a block.
func (h *Blocks) Change(c *gin.Context) error {
	var req struct {
		Action  *moderation.Action `json:"action"`
		Minutes *int               `json:"minutes"`
		Note    *string            `json:"note"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	b, err := h.Queue.ChangeBlock(c.Request.Context(), session.ViewerOf(c), BlockRef(c),
		queue.BlockChange{Action: req.Action, Minutes: req.Minutes, Note: req.Note})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, h.newBlockResponse(b))
	return nil
}

// Remove ends a block.
func (h *Blocks) Remove(c *gin.Context) error {
	if err := h.Queue.RemoveBlock(c.Request.Context(), session.ViewerOf(c), BlockRef(c)); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// BlockRef returns the block that the path names.
func BlockRef(c *gin.Context) queue.BlockRef {
	return queue.BlockRef{SiteSlug: c.Param("site"), ID: c.Param("id")}
}

// noteResponse is a moderator's note. Its body is empty once the comment or commenter was erased.
type noteResponse struct {
	ID          string          `json:"id"`
	CommentID   string          `json:"comment_id"`
	About       queue.NoteAbout `json:"about"`
	ModeratorID string          `json:"moderator_id"`
	Moderator   string          `json:"moderator,omitempty"`
	Body        string          `json:"body,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
}

func newNoteResponse(n queue.Note) noteResponse {
	return noteResponse{n.ID, n.CommentID, n.About, n.ModeratorID, n.ModeratorName, n.Body, n.CreatedAt.UTC()}
}

func newNoteResponses(notes []queue.Note) []noteResponse {
	responses := make([]noteResponse, 0, len(notes))
	for _, n := range notes {
		responses = append(responses, newNoteResponse(n))
	}
	return responses
}

// AddNote adds a note to a comment or its commenter.
func (h *Blocks) AddNote(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		About queue.NoteAbout `json:"about"`
		Body  string          `json:"body"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	note, err := h.Queue.AddNote(c.Request.Context(), session.ViewerOf(c), id,
		queue.NewNote{About: req.About, Body: req.Body})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, newNoteResponse(note))
	return nil
}
