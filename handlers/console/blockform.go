package console

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// The routes of the forms for blocks and notes on a comment's page.
const (
	BlockPath = RootPath + "/comments/:id/blocks"
	NotePath  = RootPath + "/comments/:id/notes"
)

// The ids of the forms.
const (
	blockFormID = "block"
	noteFormID  = "note"
)

// blockKinds are the choices of a form into which the value is typed.
var blockKinds = []choice{
	{Value: string(moderation.BlockEmail), Label: "An email", Selected: true},
	{Value: string(moderation.BlockDomain), Label: "All emails at a domain"},
	{Value: string(moderation.BlockName), Label: "A name"},
	{Value: string(moderation.BlockHost), Label: "Links to a host"},
	{Value: string(moderation.BlockPrefix), Label: "A network"},
}

var blockActions = []choice{
	{Value: string(moderation.ActionHold), Label: "Hold for a moderator", Selected: true},
	{Value: string(moderation.ActionReject), Label: "Reject"},
	{Value: string(moderation.ActionSpam), Label: "Mark as spam"},
}

// blockTimes are the durations to choose from, in minutes.
var blockTimes = []choice{
	{Value: "1440", Label: "1 day"}, {Value: "10080", Label: "7 days"}, {Value: "43200", Label: "30 days", Selected: true}, {Value: "129600", Label: "90 days"},
	{Value: "525600", Label: "1 year"}, {Value: "0", Label: "Until removed"},
}

// blockFields ask what a block does, for how long, and why.
func blockFields() []fieldView {
	return []fieldView{
		{Name: "action", Label: "Action", Kind: "select", Choices: blockActions},
		{Name: "minutes", Label: "Duration", Kind: "select", Choices: blockTimes,
			Hint: "Networks can be blocked for at most 90 days, since addresses change hands."},
		{Name: "note", Label: "Reason, for moderators", Kind: "text"},
		{Name: "waiting", Label: "Also apply to waiting comments that match", Kind: "check", Value: "yes",
			Hint: "Can be undone. A block that holds leaves them waiting."},
	}
}

// newBlockForm returns a form that blocks something about a comment; nil if nothing can be blocked.
func newBlockForm(words *locale.Language, view *caseView, offers []queue.BlockOffer, r *refusal) *formView {
	if len(offers) == 0 {
		return nil
	}
	what := fieldView{Name: "what", Label: "Block", Kind: "select", Pointer: "/value"}
	for _, o := range offers {
		label := blockOfferText(words, o)
		if n := view.Pending; n > 0 && o.Kind == moderation.BlockEmail {
			label += " (" + words.T("%d waiting", n) + ")"
		}
		what.Choices = append(what.Choices, choice{Value: string(o.Kind) + ":" + o.Value, Label: label, Verbatim: true})
	}
	fields := append([]fieldView{what}, blockFields()...)
	if n := view.Pending; n > 0 {
		fields[len(fields)-1].Label = words.T("Also decide on %d waiting", n)
	}
	f := newFormView(formView{ID: blockFormID, Action: RootPath + "/comments/" + view.ID + "/blocks",
		Hidden: view.Back, Fields: fields, Button: "Block"}, r)
	return &f
}

// blockOfferText names the part of a comment that an offer would block.
func blockOfferText(words *locale.Language, o queue.BlockOffer) string {
	switch o.Kind {
	case moderation.BlockEmail:
		return words.T("The commenter’s email")
	case moderation.BlockDomain:
		return words.T("All emails at the same domain")
	case moderation.BlockName:
		return words.T("The name “%s” and lookalikes", o.Value)
	case moderation.BlockHost:
		return words.T("Links to %s", o.Value)
	case moderation.BlockPrefix:
		return words.T("The network it came from")
	}
	return string(o.Kind)
}

// parseBlock parses a block's form. Its kind may contain the value.
func parseBlock(values url.Values) (queue.NewBlock, error) {
	kind, value, _ := strings.Cut(values.Get("what"), ":")
	minutes, ok := httpio.WholeNumber(values.Get("minutes"))
	if !ok {
		return queue.NewBlock{}, httpio.InvalidField("/minutes", "wrong_type", "Must be a whole number.")
	}
	if typed := values.Get("value"); typed != "" {
		value = typed
	}
	return queue.NewBlock{Kind: moderation.BlockKind(kind), Value: value, Minutes: minutes, Note: values.Get("note"),
		Action: moderation.Action(values.Get("action"))}, nil
}

// BlockFromComment blocks something about a comment.
func (h *Blocks) BlockFromComment(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	block, err := parseBlock(values)
	var added queue.Block
	if err == nil {
		added, err = h.Queue.BlockFrom(c.Request.Context(), session.ViewerOf(c), c.Param("id"), block)
	}
	params := h.Cases.returnParams(c, values)
	if err != nil {
		return h.refuseBlock(c, values, err, h.renderCaseAt(params))
	}
	return h.redirect(c, h.returnURL(c, values), h.applyBlock(c, values, added))
}

// refuseBlock is refuse for a form that adds a block.
func (h *Blocks) refuseBlock(
	c *gin.Context, values url.Values, err error, render func(*gin.Context, *refusal) error,
) error {
	return h.refuse(c, &refusal{form: blockFormID, typed: values}, err, func(c *gin.Context, r *refusal) error {
		if errors.Is(err, moderation.ErrExists) {
			r.problem.Detail = "Already blocked."
		}
		return render(c, r)
	})
}

// applyBlock applies a new block to the waiting comments if the form requests it, and says what was done.
func (h *Blocks) applyBlock(c *gin.Context, values url.Values, b queue.Block) notice {
	words := session.Words(c)
	if values.Get("waiting") == "" || b.Action == moderation.ActionHold {
		return notice{Text: "Blocked."}
	}
	result, err := h.API.DecideMatching(c, b)
	incomplete := err != nil || result.More
	switch {
	case result.Decided > 0 || len(result.Skipped) > 0:
		n := bulkNotice(words, textsOf(b.Action), result)
		n.Text = words.T("Blocked.") + " " + n.Text
		if incomplete {
			n.Text += " " + words.T("Not every waiting comment was checked.")
		}
		return n
	case incomplete:
		return notice{Text: "Blocked. Not every waiting comment could be checked, and none was changed."}
	}
	return notice{Text: "Blocked. No waiting comment matches."}
}

func newNoteForm(view *caseView, r *refusal) *formView {
	f := newFormView(formView{ID: noteFormID, Action: RootPath + "/comments/" + view.ID + "/notes",
		Hidden: view.Back, Button: "Add note", Fields: []fieldView{
			{Name: "body", Label: "Note, for moderators only", Kind: "textarea", Required: true},
			{Name: "about", Label: "About", Kind: "select", Choices: []choice{
				{Value: string(queue.NoteComment), Label: "This comment", Selected: true},
				{Value: string(queue.NoteCommenter), Label: "The commenter (shown on all their comments)"},
			}},
		}}, r)
	return &f
}

func noteLines(words *locale.Language, notes []queue.Note) []logLine {
	var lines []logLine
	for _, n := range notes {
		text := n.ModeratorName
		if n.About == queue.NoteCommenter {
			text = words.T("%s, about the commenter", n.ModeratorName)
		}
		line := logLine{Text: text, At: n.CreatedAt, Note: n.Body}
		if n.Body == "" {
			line.Note = words.T("(erased)")
		}
		lines = append(lines, line)
	}
	return lines
}

// AddNote adds a note to a comment.
func (h *Blocks) AddNote(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	_, err = h.Queue.AddNote(c.Request.Context(), session.ViewerOf(c), c.Param("id"),
		queue.NewNote{About: queue.NoteAbout(values.Get("about")), Body: values.Get("body")})
	params := h.Cases.returnParams(c, values)
	if err != nil {
		return h.refuse(c, &refusal{form: noteFormID, typed: values}, err, h.renderCaseAt(params))
	}
	return h.redirect(c, h.returnURL(c, values), notice{Text: "Note added."})
}

// renderCaseAt returns a function that renders the comment of the path, with a form that was refused.
func (h *Blocks) renderCaseAt(params queueParams) func(*gin.Context, *refusal) error {
	return func(c *gin.Context, refused *refusal) error {
		view, err := h.Cases.loadCase(c, params, c.Param("id"), refused)
		if err != nil {
			return err
		}
		return h.Cases.renderCase(c, refused.status(), casePageView{Case: view, BackURL: params.URL()})
	}
}
