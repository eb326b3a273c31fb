package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// bulkView asks to confirm an action on many comments, and shows some of them.
type bulkView struct {
	consoleFrame
	Question    string
	Explanation string // why nothing has been done yet
	Faults      []string
	More        bool // more than one bulk can take
	Count       int
	Button      string
	Action      choice
	Samples     []itemView
	Hidden      []page.HiddenField // the bulk's target, and where the form returns to
	Codes       []choice           // reasons that every affected site has; none for an approval
	Reason      string             // typed earlier, like Note
	Note        string
	BackURL     string
}

// BulkForm applies an action to the selected comments, or to all that match, once the moderator has been
// shown which they are.
func (h *Queue) BulkForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	bulk := bulkOf(values)
	if bulk.Filter == nil && len(bulk.IDs) == 0 {
		return h.askToSelect(c, values)
	}
	expected, _ := httpio.WholeNumber(values.Get("expected")) // not a number: nobody was shown a count
	if expected < 1 {
		return h.askForBulk(c, values, bulk, nil)
	}
	if bulk.Filter != nil {
		bulk.Expected = &expected
	}
	result, err := h.Queue.DecideAll(c.Request.Context(), session.ViewerOf(c), bulk)
	if moduleAsks(c) {
		return h.Api.AnswerBulk(c, result, err)
	}
	if err != nil && result.Decided == 0 {
		if errors.Is(err, queue.ErrMoreMatch) || refusesForm(err) {
			return h.askForBulk(c, values, bulk, err)
		}
		return err
	}
	h.Api.NoteBroken(c, result, err)
	h.leaveBulkNotice(c, string(bulk.Action), result)
	httpio.SeeOther(c, h.backFrom(c, values))
	return nil
}

// bulkOf reads a bulk's form. A selected comment is its id and the version that was seen.
func bulkOf(values url.Values) queue.Bulk {
	bulk := queue.Bulk{
		Versions: map[string]int{},
		DecisionRequest: queue.DecisionRequest{Action: moderation.Action(values.Get("action")),
			Code: values.Get("reason_code"), Reason: values.Get("reason"), Note: values.Get("note")},
	}
	if bulk.Action == moderation.ActionApprove {
		bulk.Code, bulk.Reason = "", ""
	}
	if values.Get("scope") == "all" {
		filter := deskOf(values).from("").query()
		bulk.Filter = &filter
		return bulk
	}
	for _, selected := range values["selected"] {
		id, version, named := strings.Cut(selected, "@")
		bulk.IDs = append(bulk.IDs, id)
		if named {
			bulk.Versions[id], _ = httpio.WholeNumber(version) // no comment has version 0
		}
	}
	return bulk
}

// askForBulk shows what a bulk would decide on and asks for confirmation, or says why it was refused.
func (h *Queue) askForBulk(c *gin.Context, values url.Values, bulk queue.Bulk, refusal error) error {
	preview, err := h.Queue.Preview(c.Request.Context(), session.ViewerOf(c), bulk)
	if err != nil {
		return err
	}
	if preview.Count == 0 {
		return h.askToSelect(c, values)
	}
	view, status := newBulkView(values, bulk.Action, preview), http.StatusOK
	view.BackURL = h.backFrom(c, values)
	for _, item := range preview.Samples {
		view.Samples = append(view.Samples, h.newItemView(deskOf(values), item))
	}
	if refusal != nil {
		p := httpio.ProblemOf(refusal, httpio.RequestID(c))
		httpio.RecordProblem(c, p)
		view.Explanation, status = p.Detail, p.Status
		for _, fault := range p.Errors {
			view.Faults = append(view.Faults, fault.Detail)
		}
	}
	if view.consoleFrame, err = h.consoleFrame(c, "queue", view.Question); err != nil {
		return err
	}
	if bulk.Action != moderation.ActionApprove {
		if view.Codes, err = h.bulkCodes(c, values); err != nil {
			return err
		}
	}
	view.Styles = []string{"queue.css"}
	return h.renderConsole(c, status, "bulk", view)
}

func newBulkView(values url.Values, action moderation.Action, preview queue.BulkPreview) bulkView {
	view := bulkView{
		Count:  preview.Count,
		More:   preview.More,
		Action: choice{Value: string(action), Label: buttonWord(action)},
		Reason: httpio.Printable(values.Get("reason")),
		Note:   httpio.Printable(values.Get("note")),
	}
	view.Button = view.Action.Label + " " + page.Grouped(preview.Count)
	view.Question = view.Action.Label + " " + page.Plural(preview.Count, "comment") + "?"
	if values.Get("scope") == "all" {
		view.Hidden = []page.HiddenField{page.Hidden("scope", "all")}
	}
	for _, selected := range values["selected"] {
		view.Hidden = append(view.Hidden, page.Hidden("selected", httpio.Printable(selected)))
	}
	for _, field := range append(deskOf(values).fields(), groupFields(values)...) {
		if field.Name != "cursor" || values.Get("scope") != "all" {
			view.Hidden = append(view.Hidden, field)
		}
	}
	return view
}

// bulkCodes returns the reasons that every site affected by the bulk has.
func (h *Queue) bulkCodes(c *gin.Context, values url.Values) ([]choice, error) {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return nil, err
	}
	var codes []choice
	first := true
	for _, site := range sites {
		if at := deskOf(values); at.site != "" && at.site != site.Slug {
			continue
		}
		reasons := api.NewReasonResponses(site)
		if first {
			for _, reason := range reasons {
				codes = append(codes, choice{reason.Code, reason.Words, reason.Code == values.Get("reason_code")})
			}
			first = false
			continue
		}
		known := map[string]bool{}
		for _, reason := range reasons {
			known[reason.Code] = true
		}
		codes = slices.DeleteFunc(codes, func(one choice) bool { return !known[one.Value] })
	}
	return codes, nil
}

// askToSelect says that nothing was selected, and returns to the list.
func (h *Queue) askToSelect(c *gin.Context, values url.Values) error {
	p := httpio.KindInvalid.Problem(httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	view := bulkView{BackURL: h.backFrom(c, values)}
	var err error
	if view.consoleFrame, err = h.consoleFrame(c, "queue", "Nothing was decided"); err != nil {
		return err
	}
	view.Styles = []string{"queue.css"}
	return h.renderConsole(c, p.Status, "bulk-nothing", view)
}

// UndoBulkForm takes back what one bulk did.
func (h *Queue) UndoBulkForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	result, err := h.Queue.UndoAll(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	if moduleAsks(c) || err != nil && result.Decided == 0 {
		return h.Api.AnswerBulk(c, result, err)
	}
	h.Api.NoteBroken(c, result, err)
	result.BulkID = ""
	h.leaveBulkNotice(c, "undo", result)
	httpio.SeeOther(c, h.backFrom(c, values))
	return nil
}

// groupFields make a form return to its page of groups.
func groupFields(values url.Values) []page.HiddenField {
	if values.Get(groupsField) == "" {
		return nil
	}
	return []page.HiddenField{page.Hidden(groupsField, httpio.Printable(values.Get(groupsField)))}
}

// groupsField makes a form return to groups of that kind.
const groupsField = "groups"

// backFrom returns the list that a form was sent from: groups, or a part of the queue.
func (h *Queue) backFrom(c *gin.Context, values url.Values) string {
	at := h.WayBack(c, values)
	for _, known := range groupKinds {
		if values.Get(groupsField) == string(known.by) {
			return groupsAddress(at.site, string(known.by))
		}
	}
	return at.Address()
}

// leaveBulkNotice makes the next page report a bulk's result, and offer to undo the bulk with that id.
func (h *Queue) leaveBulkNotice(c *gin.Context, action string, result queue.BulkResult) {
	h.leaveNotice(
		c,
		strings.Join(
			[]string{"bulk", action, strconv.Itoa(result.Decided), strconv.Itoa(len(result.Skipped)), result.BulkID},
			":",
		),
	)
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
	if cmp.Or(err, faulty) != nil {
		return notice{}
	}
	said := notice{Text: capitalised(done) + ": " + page.Plural(decided, "comment") + "."}
	if skipped > 0 {
		said.Text += " Left as they were, because somebody else was faster or it does not apply to them: " + page.Grouped(
			skipped,
		) + "."
	}
	if parts[4] != "" && decided > 0 {
		said.Undo = RootPath + "/bulk/" + url.PathEscape(parts[4]) + "/undo"
	}
	return said
}
