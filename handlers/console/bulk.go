package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// bulkView asks to confirm an action on many comments, and shows some of them.
type bulkView struct {
	frame
	Question    string
	Explanation string // why nothing has been done yet
	Faults      []string
	More        bool // more match than one bulk can take
	Count       int
	Button      string
	Action      choice
	Samples     []itemView
	Hidden      []page.HiddenField // the bulk's target, and where the form returns to
	Codes       []choice           // reasons that every affected site has; none for an approval
	Replies     []choice           // canned replies of the only affected site that need no quotation
	Reason      string             // typed earlier, like Note
	Note        string
	BackURL     string
}

// DecideMany applies an action to the selected comments, or to all that match, after the moderator has
// confirmed how many they are.
func (h *Queue) DecideMany(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	bulk := parseBulk(session.Words(c), values, h.Now())
	if bulk.Filter == nil && len(bulk.IDs) == 0 {
		return h.renderNothingSelected(c, values)
	}
	expected, _ := httpio.WholeNumber(values.Get("expected")) // not a number: not confirmed yet
	if expected < 1 {
		return h.confirmBulk(c, values, bulk, nil)
	}
	if bulk.Filter != nil {
		bulk.Expected = &expected
	}
	bulk.Limit, _ = httpio.WholeNumber(values.Get("part")) // not a number: all at once
	bulk.Cursor = values.Get("next")
	result, err := h.Queue.DecideAll(c.Request.Context(), session.ViewerOf(c), bulk)
	if wantsJSON(c) {
		return h.API.RespondBulk(c, result, err)
	}
	if err != nil && result.Decided == 0 {
		if errors.Is(err, queue.ErrMoreMatch) || isFormError(err) {
			return h.confirmBulk(c, values, bulk, err)
		}
		return err
	}
	h.API.LogInterrupted(c, result, err)
	return h.redirect(c, h.ReturnURL(c, values), bulkNotice(session.Words(c), textsOf(bulk.Action), result))
}

// parseBulk parses a bulk's form. A selected comment is an id and the version that the moderator saw.
func parseBulk(words *locale.Language, values url.Values, now time.Time) queue.Bulk {
	bulk := queue.Bulk{
		Versions: map[string]int{},
		DecisionRequest: queue.DecisionRequest{Action: moderation.Action(values.Get("action")),
			Code: values.Get("reason_code"), Reason: values.Get("reason"), Reply: values.Get("reply"), Note: values.Get("note")},
	}
	if bulk.Action == moderation.ActionApprove {
		bulk.Code, bulk.Reason, bulk.Reply = "", "", ""
	}
	if values.Get("scope") == "all" {
		filter := parseQueueParams(words, values).firstPage().query(now)
		bulk.Filter = &filter
		return bulk
	}
	for _, selected := range values["selected"] {
		id, version, found := strings.Cut(selected, "@")
		bulk.IDs = append(bulk.IDs, id)
		if found {
			bulk.Versions[id], _ = httpio.WholeNumber(version) // no comment has version 0
		}
	}
	return bulk
}

// confirmBulk shows what a bulk would decide on and asks for confirmation, or says why it was refused.
func (h *Queue) confirmBulk(c *gin.Context, values url.Values, bulk queue.Bulk, refusal error) error {
	preview, err := h.Queue.Preview(c.Request.Context(), session.ViewerOf(c), bulk)
	if err != nil {
		return err
	}
	if preview.Count == 0 {
		return h.renderNothingSelected(c, values)
	}
	view, status := newBulkView(session.Words(c), values, bulk.Action, preview), http.StatusOK
	view.BackURL = h.ReturnURL(c, values)
	for _, item := range preview.Samples {
		view.Samples = append(view.Samples, h.newItemView(parseQueueParams(session.Words(c), values), item))
	}
	if refusal != nil {
		p := httpio.ProblemOf(refusal, httpio.RequestID(c))
		httpio.RecordProblem(c, p)
		view.Explanation, view.Faults, status = p.Detail, faultDetails(session.Words(c), p.Errors), p.Status
	}
	if view.frame, err = h.newFrame(c, "queue", view.Question); err != nil {
		return err
	}
	if bulk.Action != moderation.ActionApprove {
		if err := h.addReasons(c, values, &view); err != nil {
			return err
		}
	}
	view.Styles = []string{"queue.css"}
	return h.render(c, status, "bulk", view)
}

func newBulkView(
	words *locale.Language, values url.Values, action moderation.Action, preview queue.BulkPreview,
) bulkView {
	view := bulkView{
		Count:  preview.Count,
		More:   preview.More,
		Action: choice{Value: string(action), Label: textsOf(action).label},
		Reason: httpio.Printable(values.Get("reason")),
		Note:   httpio.Printable(values.Get("note")),
	}
	texts := textsOf(action)
	view.Button = words.T(texts.many, preview.Count)
	view.Question = words.N(texts.asksOne, texts.asksMany, preview.Count)
	if values.Get("scope") == "all" {
		view.Hidden = []page.HiddenField{page.Hidden("scope", "all")}
	}
	for _, selected := range values["selected"] {
		view.Hidden = append(view.Hidden, page.Hidden("selected", httpio.Printable(selected)))
	}
	for _, field := range append(parseQueueParams(words, values).fields(), groupFields(values)...) {
		if field.Name != "cursor" || values.Get("scope") != "all" {
			view.Hidden = append(view.Hidden, field)
		}
	}
	return view
}

// addReasons adds the reasons that every site affected by the bulk has, and the canned replies if it is one site.
func (h *Queue) addReasons(c *gin.Context, values url.Values, view *bulkView) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	if slug := parseQueueParams(session.Words(c), values).site; slug != "" {
		sites = slices.DeleteFunc(sites, func(site moderation.Site) bool { return site.Slug != slug })
	}
	for i, site := range sites {
		known := map[string]bool{}
		for _, reason := range site.Settings.ReasonList() {
			known[reason.Code] = true
			if i == 0 {
				view.Codes = append(view.Codes,
					choice{Value: reason.Code, Label: reasonLabel(session.Words(c), reason.Code), Verbatim: true,
						Selected: reason.Code == values.Get("reason_code")})
			}
		}
		view.Codes = slices.DeleteFunc(view.Codes, func(code choice) bool { return !known[code.Value] })
	}
	if len(sites) == 1 {
		view.Replies = bulkReplies(sites[0], values.Get("reply"))
	}
	return nil
}

// bulkReplies returns the canned replies that can be filled in for every comment.
func bulkReplies(site moderation.Site, chosen string) []choice {
	var replies []choice
	for _, reply := range site.Settings.Replies {
		always := true
		for _, words := range reply.Text {
			always = always && !strings.Contains(words, string(moderation.PlaceQuote)) &&
				(site.Settings.GuidelinesURL != "" || !strings.Contains(words, string(moderation.PlaceGuidelines)))
		}
		if always {
			replies = append(replies, choice{Value: reply.Name, Label: reply.Name, Selected: reply.Name == chosen,
				Verbatim: true})
		}
	}
	return replies
}

// renderNothingSelected says that nothing was selected, and links to the list.
func (h *Queue) renderNothingSelected(c *gin.Context, values url.Values) error {
	p := httpio.KindInvalid.Problem(httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	view := bulkView{BackURL: h.ReturnURL(c, values)}
	var err error
	if view.frame, err = h.newFrame(c, "queue", "Nothing was decided"); err != nil {
		return err
	}
	view.Styles = []string{"queue.css"}
	return h.render(c, p.Status, "bulk-nothing", view)
}

// UndoMany reverts a bulk.
func (h *Queue) UndoMany(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	result, err := h.Queue.UndoAll(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	if wantsJSON(c) || err != nil && result.Decided == 0 {
		return h.API.RespondBulk(c, result, err)
	}
	h.API.LogInterrupted(c, result, err)
	result.BulkID = "" // an undo can't be undone
	return h.redirect(c, h.ReturnURL(c, values), bulkNotice(session.Words(c), undone, result))
}

// undone are the texts of an undo.
var undone = actionTexts{doneOne: "Undone: %d comment.", doneMany: "Undone: %d comments."}

// bulkNotice reports the result of a bulk, and offers to undo it.
func bulkNotice(words *locale.Language, texts actionTexts, result queue.BulkResult) notice {
	n := notice{Text: words.N(texts.doneOne, texts.doneMany, result.Decided)}
	if skipped := len(result.Skipped); skipped > 0 {
		n.Text += " " + words.T("Skipped, because someone else was faster or the action does not apply: %d.", skipped)
	}
	if result.BulkID != "" && result.Decided > 0 {
		n.Undo = RootPath + "/bulk/" + url.PathEscape(result.BulkID) + "/undo"
	}
	return n
}

// groupsField names the kind of groups that a form returns to.
const groupsField = "groups"

// groupFields returns the fields that make a form return to its page of groups, if it came from there.
func groupFields(values url.Values) []page.HiddenField {
	if values.Get(groupsField) == "" {
		return nil
	}
	return []page.HiddenField{page.Hidden(groupsField, httpio.Printable(values.Get(groupsField)))}
}

// ReturnURL returns the list that a form was sent from: groups, or a part of the queue.
func (h *Queue) ReturnURL(c *gin.Context, values url.Values) string {
	params := h.returnParams(c, values)
	for _, kind := range groupKinds {
		if values.Get(groupsField) == string(kind.by) {
			return groupsURL(params.site, string(kind.by))
		}
	}
	return params.URL()
}
