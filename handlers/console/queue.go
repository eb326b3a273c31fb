package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/live"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Queue serves the list of comments, the groups among them, single comments, and their forms.
type Queue struct {
	*Pages
	API  *api.Queue
	Auth *auth.Service
	Now  func() time.Time
	Hub  *live.Hub
}

const queuePageSize = 20

// Show shows a page of the queue, with one comment in full.
func (h *Queue) Show(c *gin.Context) error {
	params, ctx := parseQueueParams(session.Words(c), c.Request.URL.Query()), c.Request.Context()
	list, err := h.Queue.List(ctx, session.ViewerOf(c), params.query(h.Now()))
	if err != nil {
		return err
	}
	records, err := h.Queue.Records(ctx, session.ViewerOf(c), list.Items)
	if err != nil {
		return err
	}
	view := h.newQueueView(params, list, session.ViewerOf(c), records)
	if len(list.Items) == 0 && list.Total == 0 {
		view.Heading = view.Live.None
	}
	if view.frame, err = h.newFrame(c, "queue", view.Heading); err != nil {
		return err
	}
	view.addTabs(params)
	if err := h.addFilterValues(c, params, &view); err != nil {
		return err
	}
	view.Styles, view.Scripts = queueAssets(view.May)
	view.restrict()
	if err := h.addClaims(c, params, &view); err != nil {
		return err
	}
	if len(list.Items) == 0 {
		if view.Empty, err = h.emptyQueue(c, params, &view); err != nil {
			return err
		}
	}
	if err := h.addCase(c, params, &view); err != nil {
		return err
	}
	return h.render(c, http.StatusOK, "queue", view)
}

// queueAssets are the style sheets and modules of pages with comments. The modules claim and decide.
func queueAssets(may permissions) (styles, scripts []string) {
	styles = []string{"queue.css", "profile.css"}
	if may.Moderate {
		scripts = []string{"queue.js"}
	}
	return styles, scripts
}

// restrict removes the actions on comments if the moderator's role does not allow them.
func (v *queueView) restrict() {
	if v.May.Moderate {
		return
	}
	for i := range v.Items {
		v.Items[i].Actions = nil
	}
}

// addCase adds the comment in the pane: the requested one, or the first.
func (h *Queue) addCase(c *gin.Context, params queueParams, view *queueView) error {
	var err error
	if id := c.Query(openField); id != "" {
		view.Case, err = h.loadCase(c, params.withPane(), id, nil)
		if !errors.Is(err, moderation.ErrNotFound) {
			return err
		}
	}
	if len(view.Items) == 0 {
		return nil
	}
	view.Case, err = h.loadCase(c, params.withPane(), view.firstUnclaimed(), nil)
	return err
}
