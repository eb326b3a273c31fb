package ruledesk

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/ruleform"
)

// maxChips bounds the terms of a list that are shown as chips.
const maxChips = 200

// listView is a list with its own terms.
type listView struct {
	ruleform.List
	words    *locale.Language
	Chips    []chipView
	Rest     int // terms that are not shown
	MayEdit  bool
	Typed    string // terms that were refused
	Warnings []termWarning
}

// chipView is a term with the number of approved comments that have it.
type chipView struct {
	Term  string
	Risky bool
}

// termWarning says that a term hits approved comments.
type termWarning struct {
	Term    string
	N       string
	Example string
	Href    string
}

// Label returns the name of the list with the number of its own terms.
func (l listView) Label() string {
	if len(l.Terms) == 0 {
		return l.ID
	}
	return l.ID + " (" + l.words.Number(len(l.Terms)) + ")"
}

// About says where the other terms of the list come from.
func (l listView) About() string {
	if len(l.Shipped) == 0 {
		return ""
	}
	return l.words.T("with the shipped %s", strings.Join(l.Shipped, ", "))
}

// newListViews returns all lists of a ruleset.
func newListViews(words *locale.Language, w workspace, mayEdit bool, hits []rulebook.TermHits) []listView {
	var views []listView
	own, below := w.lists()
	for i, l := range append(own, below...) {
		view := listView{List: l, words: words, MayEdit: mayEdit && i < len(own), Rest: max(0, len(l.Terms)-maxChips)}
		for _, term := range l.Terms[view.Rest:] {
			chip := chipView{Term: term}
			if i := slices.IndexFunc(hits, func(h rulebook.TermHits) bool { return h.Term == term }); i >= 0 {
				chip.Risky = true
				view.Warnings = append(view.Warnings, newTermWarning(words, hits[i]))
			}
			view.Chips = append(view.Chips, chip)
		}
		views = append(views, view)
	}
	return views
}

func newTermWarning(words *locale.Language, hits rulebook.TermHits) termWarning {
	return termWarning{Term: hits.Term, N: words.N("%d approved comment", "%d approved comments", hits.N), Example: excerpt(hits.Example.Body),
		Href: console.RootPath + "/comments/" + hits.Example.CommentID}
}

// excerptLength is how many characters of a comment examples show.
const excerptLength = 140

func excerpt(body string) string {
	body = strings.Join(strings.Fields(body), " ")
	if runes := []rune(body); len(runes) > excerptLength {
		return string(runes[:excerptLength]) + "…"
	}
	return body
}

// listsView is the page of all lists.
type listsView struct {
	console.RulesFrame
	Lists    []listView
	Draft    bool
	DraftURL string
	Problem  string
	NewName  string
	NewTerms string
}

// ShowLists shows the lists of the moderator's draft.
func (h *Pages) ShowLists(c *gin.Context) error {
	return h.renderLists(c, http.StatusOK, listsView{})
}

func (h *Pages) renderLists(c *gin.Context, status int, view listsView) error {
	draft, err := h.open(c)
	if err != nil {
		return err
	}
	if view.RulesFrame, err = h.NewRulesFrame(c, "lists", "Lists"); err != nil {
		return err
	}
	view.Draft, view.DraftURL = draft.Exists, console.RulesURL(DraftPath, view.Site)
	if draft.doc != nil {
		view.Lists = newListViews(view.Locale, draft, view.MayEdit, nil)
	} else {
		view.Problem = asText
	}
	return h.Render(c, status, "rules-lists", view)
}

// SubmitLists adds terms to a list of the draft, removes one, or adds a list.
func (h *Pages) SubmitLists(c *gin.Context) error {
	values, err := httpio.FormValuesWithin(c, console.MaxRulesetForm)
	if err != nil {
		return err
	}
	said, problem, err := h.changeLists(c, values)
	if err != nil {
		return err
	}
	if problem != "" {
		return h.renderLists(c, http.StatusUnprocessableEntity, listsView{Problem: problem,
			NewName: httpio.Printable(values.Get("new-list")), NewTerms: httpio.Printable(values.Get("new-terms"))})
	}
	return h.Redirect(c, console.RulesURL(ListsPath, c.Query("site")), said)
}

// listName matches valid names of lists.
var listName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$`)

// changeLists carries out what a button for lists says: "terms:LIST" adds those typed, "drop:LIST:TERM" removes one,
// "list" adds a list. It returns what it did, or what is wrong.
func (h *Pages) changeLists(c *gin.Context, values url.Values) (said, problem string, err error) {
	draft, err := h.open(c)
	if err != nil || draft.doc == nil {
		return "", asText, err
	}
	doc := draft.doc
	what, rest, _ := strings.Cut(values.Get("do"), ":")
	list, term, _ := strings.Cut(rest, ":")
	var changed *ruleform.Document
	var failed error
	switch what {
	case "terms":
		typed, repeated := ruleform.ParseTerms(console.NormalizeNewlines(values.Get("terms." + list)))
		if len(typed) == 0 {
			return "", "Enter the terms that you want to add.", nil
		}
		before, _ := doc.List(list)
		changed, failed = doc.ChangeTerms(list, typed, nil)
		if failed == nil {
			after, _ := changed.List(list)
			said = addedText(session.Words(c), len(after.Terms)-len(before.Terms), len(typed)+len(repeated))
		}
	case "drop":
		changed, failed = doc.ChangeTerms(list, nil, []string{term})
		said = session.Words(c).T("Removed “%s”.", term)
	case "list":
		list = values.Get("new-list")
		terms, _ := ruleform.ParseTerms(console.NormalizeNewlines(values.Get("new-terms")))
		switch {
		case !listName.MatchString(list):
			return "", "Give the list a name of lower-case letters, digits and hyphens.", nil
		case draft.hasList(list):
			return "", "A list with that name already exists.", nil
		case len(terms) == 0:
			return "", "Enter at least one term for the list.", nil
		}
		changed, failed = doc.AddList(list, terms)
		said = "List added."
	default:
		return "", "", nil
	}
	if failed != nil {
		return "", "The list can’t be changed here: forms can’t edit its format, or it would be left without terms. Edit it as text.", nil
	}
	return said, "", h.keep(c, changed)
}

// addedText says how many of the typed terms are new.
func addedText(words *locale.Language, added, typed int) string {
	text := words.N("Added %d term.", "Added %d terms.", added)
	if twice := typed - added; twice > 0 {
		text += " " + words.N("%d was there already.", "%d were there already.", twice)
	}
	return text
}

// measure returns the effect of a rule of the draft, and of each term that the document itself adds to the
// rule's lists.
func (h *Pages) measure(c *gin.Context, doc *ruleform.Document, rule ruleform.Rule) (rulebook.Effect, error) {
	q := rulebook.EffectQuery{SiteSlug: c.Query("site"), Source: string(doc.Source()), Rule: rule.ID}
	for _, id := range ruleform.Parse(rule.When).Lists() {
		if l, known := doc.List(id); known && len(l.Terms) > 0 {
			q.Terms = append(q.Terms, rulebook.ListTerms{Mode: l.Mode, Fields: l.Fields, Terms: l.Terms})
		}
	}
	effect, err := h.Effects.Measure(c.Request.Context(), session.ViewerOf(c), q)
	if err != nil {
		return effect, fmt.Errorf("measure rule: %w", err)
	}
	return effect, nil
}
