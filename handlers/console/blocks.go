package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// The addresses of blocks and notes in the console.
const (
	BlocksPath     = RootPath + "/blocks"
	SiteBlocksPath = RootPath + "/sites/:site/blocks"
	BlockPath      = RootPath + "/comments/:id/blocks"
	NotePath       = RootPath + "/comments/:id/notes"
)

// The ids of the forms.
const (
	blockFormID = "block"
	noteFormID  = "note"
)

// blocksShown is how many blocks stand on a page.
const blocksShown = 50

func siteBlocks(slug string) string {
	return RootPath + "/sites/" + url.PathEscape(slug) + "/blocks"
}

// blockKindWords are the kinds as a chooser says them where the value is typed.
var blockKindWords = []choice{
	{string(moderation.BlockEmail), "An email", true},
	{string(moderation.BlockDomain), "All emails at a domain", false},
	{string(moderation.BlockName), "A name", false},
	{string(moderation.BlockHost), "Links to a host", false},
	{string(moderation.BlockPrefix), "A network", false},
}

// blockActionWords say what a block asks for.
var blockActionWords = []choice{
	{string(moderation.ActionHold), "Hold for a moderator", true},
	{string(moderation.ActionReject), "Reject", false},
	{string(moderation.ActionSpam), "Call it spam", false},
}

// blockTimes are the offered lengths of a block, in minutes.
var blockTimes = []choice{
	{"1440", "1 day", false}, {"10080", "7 days", false}, {"43200", "30 days", true}, {"129600", "90 days", false},
	{"525600", "1 year", false}, {"0", "Until it is removed", false},
}

// offerWords say what of a comment an offer would block.
func offerWords(o queue.BlockOffer) string {
	switch o.Kind {
	case moderation.BlockEmail:
		return "The mailbox it was sent from"
	case moderation.BlockDomain:
		return "All emails at that email’s domain"
	case moderation.BlockName:
		return "The name “" + o.Value + "”, and what looks like it"
	case moderation.BlockHost:
		return "Links to " + o.Value
	case moderation.BlockPrefix:
		return "The network it came from"
	}
	return string(o.Kind)
}

// blockWords say what a block is against.
func blockWords(b queue.Block) string {
	of := ""
	if b.Shown != "" {
		of = " of “" + b.Shown + "”"
	}
	switch b.Kind {
	case moderation.BlockEmail:
		return "An email" + of
	case moderation.BlockPrefix:
		return "A network" + of
	case moderation.BlockName:
		return "The name" + strings.TrimPrefix(of, " of")
	case moderation.BlockDomain:
		return "Emails at " + b.Shown
	case moderation.BlockHost:
		return "Links to " + b.Shown
	}
	return string(b.Kind)
}

// termFields ask for what a block is to do, for how long, and why.
func termFields() []consoleField {
	return []consoleField{
		{Name: "action", Label: "Then", Kind: "select", Choices: blockActionWords},
		{Name: "minutes", Label: "For", Kind: "select", Choices: blockTimes, Hint: "A network for 90 days at most: addresses change hands."},
		{Name: "note", Label: "Why, for moderators", Kind: "text"},
		{Name: "waiting", Label: "Do the same with the waiting comments that this matches", Kind: "check", Value: "yes",
			Hint: "Can be undone. A block that holds leaves them waiting."},
	}
}

// newBlockForm offers to block what a comment has; nil when there is nothing.
func newBlockForm(view *caseView, offers []queue.BlockOffer, r *refusal) *consoleForm {
	if len(offers) == 0 {
		return nil
	}
	what := consoleField{Name: "what", Label: "Block", Kind: "select", Pointer: "/value"}
	for _, o := range offers {
		label := offerWords(o)
		if n := view.Pending; n > 0 && o.Kind == moderation.BlockEmail {
			label += " (" + page.Grouped(n) + " waiting)"
		}
		what.Choices = append(what.Choices, choice{Value: string(o.Kind) + ":" + o.Value, Label: label})
	}
	f := newConsoleForm(consoleForm{ID: blockFormID, Action: RootPath + "/comments/" + view.ID + "/blocks", Hidden: view.Back,
		Fields: append([]consoleField{what}, termFields()...), Button: "Block"}, r)
	return &f
}

// newNoteForm takes a note.
func newNoteForm(view *caseView, r *refusal) *consoleForm {
	f := newConsoleForm(consoleForm{ID: noteFormID, Action: RootPath + "/comments/" + view.ID + "/notes", Hidden: view.Back, Button: "Add",
		Fields: []consoleField{
			{Name: "body", Label: "Note, for moderators only", Kind: "textarea", Required: true},
			{Name: "about", Label: "About", Kind: "select", Choices: []choice{
				{string(queue.NoteComment), "This comment", true}, {string(queue.NoteCommenter), "The commenter, on all their comments", false},
			}},
		}}, r)
	return &f
}

// noteLines are notes as a case shows them.
func noteLines(notes []queue.Note) []logLine {
	var lines []logLine
	for _, n := range notes {
		text := n.ModeratorName
		if n.About == queue.NoteCommenter {
			text += ", about the commenter"
		}
		line := logLine{Text: text, At: n.CreatedAt, Note: n.Body}
		if n.Body == "" {
			line.Note = "(erased)"
		}
		lines = append(lines, line)
	}
	return lines
}

// newBlock reads a form of a block. Its kind may carry the value.
func newBlock(values url.Values) (queue.NewBlock, error) {
	kind, value, _ := strings.Cut(values.Get("what"), ":")
	minutes, ok := httpio.WholeNumber(values.Get("minutes"))
	if !ok {
		return queue.NewBlock{}, httpio.InvalidField("/minutes", "wrong_type", "This is a whole number.")
	}
	if typed := values.Get("value"); typed != "" {
		value = typed
	}
	return queue.NewBlock{Kind: moderation.BlockKind(kind), Value: value, Action: moderation.Action(values.Get("action")),
		Minutes: minutes, Note: values.Get("note")}, nil
}

// refuseBlock is refuse for forms of blocks.
func (h *Blocks) refuseBlock(c *gin.Context, values url.Values, err error) (*refusal, error) {
	refused, other := h.refuse(c, blockFormID, values, err)
	if refused != nil && errors.Is(err, moderation.ErrExists) {
		refused.problem.Detail = "That is blocked already."
	}
	return refused, other
}

// BlockForm blocks something of a comment.
func (h *Blocks) BlockForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	block, err := newBlock(values)
	var made queue.Block
	if err == nil {
		made, err = h.Queue.BlockFrom(c.Request.Context(), session.ViewerOf(c), c.Param("id"), block)
	}
	if err == nil {
		h.leaveBlockNotice(c, values, made)
		httpio.SeeOther(c, h.Cases.WayBack(c, values).afterForm(c.Param("id")))
		return nil
	}
	refused, err := h.refuseBlock(c, values, err)
	if err != nil {
		return err
	}
	return h.showCaseAgain(c, h.Cases.WayBack(c, values), refused)
}

// leaveBlockNotice makes the next page confirm the block, after deciding on the pending comments if
// requested.
func (h *Blocks) leaveBlockNotice(c *gin.Context, values url.Values, b queue.Block) {
	if values.Get("waiting") == "" || b.Action == moderation.ActionHold {
		h.leaveNotice(c, "blocked")
		return
	}
	result, err := h.Api.DecideMatching(c, b)
	said := []string{"blocked", string(b.Action), strconv.Itoa(result.Decided), strconv.Itoa(len(result.Skipped)), result.BulkID, ""}
	if err != nil || result.More {
		said[5] = "part"
	}
	h.leaveNotice(c, strings.Join(said, ":"))
}

// blockNotice reports the decisions on pending comments, from the parts passed to leaveNotice.
func blockNotice(parts []string) notice {
	decided, incomplete := parts[2] != "0" || parts[3] != "0", parts[5] != ""
	if !decided && incomplete {
		return notice{Text: "Blocked. The waiting comments could not all be checked; nothing was decided on them."}
	}
	if !decided {
		return notice{Text: "Blocked. No waiting comment matches."}
	}
	said := bulkNotice(parts[:5])
	said.Text = "Blocked. " + said.Text
	if incomplete {
		said.Text += " Not every waiting comment was checked."
	}
	return said
}

// NoteForm adds a note to a comment.
func (h *Blocks) NoteForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	_, err = h.Queue.AddNote(c.Request.Context(), session.ViewerOf(c), c.Param("id"),
		queue.NewNote{About: queue.NoteAbout(values.Get("about")), Body: values.Get("body")})
	if err == nil {
		h.leaveNotice(c, "noted")
		httpio.SeeOther(c, h.Cases.WayBack(c, values).afterForm(c.Param("id")))
		return nil
	}
	refused, err := h.refuse(c, noteFormID, values, err)
	if err != nil {
		return err
	}
	return h.showCaseAgain(c, h.Cases.WayBack(c, values), refused)
}

// showCaseAgain shows the comment whose form was not taken.
func (h *Blocks) showCaseAgain(c *gin.Context, at desk, refused *refusal) error {
	view, err := h.Cases.openCase(c, at, c.Param("id"), refused)
	if err != nil {
		return err
	}
	return h.Cases.showCase(c, refused.status(), casePageView{Case: view, BackURL: at.Address()})
}

// blocksView is a page of a site's blocks.
type blocksView struct {
	consoleFrame
	Heading string
	List    []blockRow
	Empty   emptyView // shown when there are none
	Form    consoleForm
	Next    string
}

type blockRow struct {
	What    string
	Does    string
	By      string
	At      time.Time
	Expires time.Time // zero: until it is removed
	Over    bool
	Note    string
	CaseURL string // empty for none
	Remove  string
}

func newBlockRow(slug string, b queue.Block, now time.Time) blockRow {
	row := blockRow{What: blockWords(b), By: b.ModeratorName, At: b.CreatedAt, Expires: b.ExpiresAt,
		Over: !b.Active(now), Note: b.Note,
		Remove: siteBlocks(slug) + "/" + b.ID + "/remove"}
	for _, action := range blockActionWords {
		if action.Value == string(b.Action) {
			row.Does = action.Label
		}
	}
	if b.CommentID != "" {
		row.CaseURL = RootPath + "/comments/" + b.CommentID
	}
	return row
}

// AnyBlocks leads to the blocks of the chosen site, or of the first that the moderator works on.
func (h *Blocks) AnyBlocks(c *gin.Context) error {
	slug := c.Query("site")
	if slug == "" {
		sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
		if err != nil {
			return err
		}
		if len(sites) == 0 {
			return moderation.ErrSiteUnknown
		}
		slug = sites[0].Slug
	}
	httpio.SeeOther(c, siteBlocks(slug))
	return nil
}

// BlocksPage lists a site's blocks.
func (h *Blocks) BlocksPage(c *gin.Context) error { return h.showBlocks(c, nil) }

func (h *Blocks) showBlocks(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	page, err := h.Queue.Blocks(c.Request.Context(), session.ViewerOf(c), site.Slug, moderation.Paging{Limit: blocksShown, Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	view := blocksView{Heading: "Blocks on " + site.Name, Empty: emptyBlocks(site.Slug, c.Query("cursor") != "")}
	if view.consoleFrame, err = h.consoleFrame(c, "blocks", view.Heading); err != nil {
		return err
	}
	view.choose(site.Slug)
	view.Styles = []string{"admin.css"}
	for _, b := range page.Blocks {
		view.List = append(view.List, newBlockRow(site.Slug, b, h.Queue.Now()))
	}
	fields := append([]consoleField{
		{Name: "what", Label: "Block", Kind: "select", Pointer: "/kind", Choices: blockKindWords},
		{Name: "value", Label: "Which", Kind: "text", Required: true, Hint: "An email, a domain, a name, or an address such as 192.0.2.7."},
	}, termFields()...)
	view.Form = newConsoleForm(consoleForm{ID: blockFormID, Action: siteBlocks(site.Slug), Fields: fields, Button: "Block"}, refused)
	if page.NextCursor != "" {
		view.Next = siteBlocks(site.Slug) + "?" + url.Values{"cursor": {page.NextCursor}}.Encode()
	}
	return h.renderConsole(c, refused.status(), "blocks", view)
}

// emptyBlocks explains why a page shows no blocks.
func emptyBlocks(slug string, further bool) emptyView {
	if further {
		return emptyView{"No more blocks.", []page.Link{{Text: "First page", Href: siteBlocks(slug)}}}
	}
	return emptyView{Text: "Nothing is blocked. Make a block from a comment that you look at, or below."}
}

// choose has the site chooser show a site that the address names by its path.
func (f *consoleFrame) choose(slug string) {
	f.Site = slug
	for i := range f.Sites {
		f.Sites[i].Selected = f.Sites[i].Value == slug
	}
}

// AddBlockForm blocks something by its value.
func (h *Blocks) AddBlockForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	block, err := newBlock(values)
	var made queue.Block
	if err == nil {
		made, err = h.Queue.AddBlock(c.Request.Context(), session.ViewerOf(c), c.Param("site"), block)
	}
	if err == nil {
		h.leaveBlockNotice(c, values, made)
		httpio.SeeOther(c, siteBlocks(c.Param("site")))
		return nil
	}
	refused, err := h.refuseBlock(c, values, err)
	if err != nil {
		return err
	}
	return h.showBlocks(c, refused)
}

// RemoveBlockForm ends a block.
func (h *Blocks) RemoveBlockForm(c *gin.Context) error {
	if err := h.Queue.RemoveBlock(c.Request.Context(), session.ViewerOf(c), api.BlockRef(c)); err != nil {
		return err
	}
	h.leaveNotice(c, "unblocked")
	httpio.SeeOther(c, siteBlocks(c.Param("site")))
	return nil
}

type Blocks struct {
	*Pages
	Cases *Queue
	Api   *api.Blocks
}
