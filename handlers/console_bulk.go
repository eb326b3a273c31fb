package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// bulkView asks whether an action is meant for all comments that match.
type bulkView struct {
	consoleFrame
	Question string
	More     bool // there are more than one bulk takes
	Count    int
	Action   choice
	Code     string
	Back     []hiddenField
	BackURL  string
}

// bulkForm carries an action out on the comments that are selected in the list. All that match are counted first, and the
// moderator is asked.
func (s *Server) bulkForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	at, bulk := deskOf(values), bulkOf(values)
	if values.Get("scope") == "all" {
		filter := at.from("").query()
		bulk.IDs, bulk.Filter = nil, &filter
		if bulk.Expected, err = strconv.Atoi(values.Get("expected")); err != nil || bulk.Expected < 1 {
			return s.askForBulk(c, at, bulk)
		}
	}
	result, err := s.Queue.DecideAll(c.Request.Context(), viewerOf(c), bulk)
	if moduleAsks(c) || err != nil {
		return s.answerBulk(c, result, err)
	}
	s.leaveNotice(c, strings.Join([]string{"bulk", string(bulk.Action), strconv.Itoa(result.Decided), strconv.Itoa(len(result.Skipped)), result.BulkID}, ":"))
	seeOther(c, at.address())
	return nil
}

// bulkOf reads a bulk's form. A selected comment is its id and the version that was seen.
func bulkOf(values url.Values) moderation.Bulk {
	bulk := moderation.Bulk{
		Ruling: moderation.Ruling{Action: moderation.Action(values.Get("action")), Code: values.Get("reason_code")}, Versions: map[string]int{},
	}
	for _, selected := range values["selected"] {
		id, version, _ := strings.Cut(selected, "@")
		bulk.IDs = append(bulk.IDs, id)
		if n, err := strconv.Atoi(version); err == nil {
			bulk.Versions[id] = n
		}
	}
	if bulk.Action == moderation.ActionApprove {
		bulk.Code = ""
	}
	return bulk
}

// askForBulk counts what matches and asks whether it is meant.
func (s *Server) askForBulk(c *gin.Context, at desk, bulk moderation.Bulk) error {
	count, more, err := s.Queue.Matches(c.Request.Context(), viewerOf(c), *bulk.Filter)
	if err != nil {
		return err
	}
	if moduleAsks(c) {
		answer(c, http.StatusOK, struct {
			Count int  `json:"count"`
			More  bool `json:"more"`
		}{count, more})
		return nil
	}
	view := bulkView{Count: count, More: more, Action: choice{Value: string(bulk.Action), Label: buttonWord(bulk.Action)},
		Code: printable(bulk.Code), Back: at.from("").fields(), BackURL: at.address()}
	view.Question = view.Action.Label + ": " + plural(count, "comment") + "?"
	if view.consoleFrame, err = s.consoleFrame(c, "queue", view.Question); err != nil {
		return err
	}
	return s.renderConsole(c, http.StatusOK, "bulk", view)
}

// undoBulkForm takes back what one bulk did.
func (s *Server) undoBulkForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	result, err := s.Queue.UndoAll(c.Request.Context(), viewerOf(c), c.Param("id"))
	if moduleAsks(c) || err != nil {
		return s.answerBulk(c, result, err)
	}
	s.leaveNotice(c, strings.Join([]string{"bulk", "undo", strconv.Itoa(result.Decided), strconv.Itoa(len(result.Skipped)), ""}, ":"))
	seeOther(c, deskOf(values).address())
	return nil
}

// bulkNotice says what a bulk did: the parts of what leaveNotice was told.
func bulkNotice(parts []string) notice {
	if len(parts) != 5 {
		return notice{}
	}
	done := "taken back"
	for _, known := range consoleActions {
		if string(known.action) == parts[1] {
			done = known.done
		}
	}
	decided, err := strconv.Atoi(parts[2])
	skipped, faulty := strconv.Atoi(parts[3])
	if err != nil || faulty != nil {
		return notice{}
	}
	said := notice{Text: capitalised(done) + ": " + plural(decided, "comment") + "."}
	if skipped > 0 {
		said.Text += " Left as they were, because somebody else was faster or it does not apply to them: " + grouped(skipped) + "."
	}
	if parts[4] != "" {
		said.Undo = consolePath + "/bulk/" + url.PathEscape(parts[4]) + "/undo"
	}
	return said
}
