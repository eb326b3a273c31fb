package mailconsole

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/mail"
)

// ChoicesPath is the page on which moderators choose their mail.
const ChoicesPath = "/console/notifications"

// Pages serves the pages of the console about mail, and their API.
type Pages struct {
	*console.Pages
	Auth       *auth.Service
	Moderators *notify.Moderators
	Outbox     *notify.Outbox
	Files      *mail.Files // the demo's mails; nil: mails are sent
	SendsMail  bool
	Now        func() time.Time
}

const choicesForm = "mail"

type choicesView struct {
	console.Frame
	SendsMail bool
	Form      console.Form
}

// ShowChoices shows the moderator's mail settings.
func (h *Pages) ShowChoices(c *gin.Context) error { return h.renderChoices(c, nil) }

func (h *Pages) renderChoices(c *gin.Context, refused *console.Refusal) error {
	choices, err := h.Moderators.Choices(c.Request.Context(), session.IdentityOf(c).ModeratorID)
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := choicesView{SendsMail: h.SendsMail}
	if view.Frame, err = h.NewFrame(c, "account", "Mail to you"); err != nil {
		return err
	}
	view.Styles, view.Frame.Sites = []string{"admin.css"}, nil
	view.Form = console.NewForm(console.Form{ID: choicesForm, Action: ChoicesPath, Button: "Save",
		Fields: choiceFields(choices, sites)}, refused)
	return h.Render(c, refused.Status(), "mail-choices", view)
}

func choiceFields(m notify.ModeratorChoices, sites []moderation.Site) []console.Field {
	risk := ""
	if m.UrgentRisk > 0 {
		risk = strconv.FormatFloat(m.UrgentRisk, 'g', -1, 64)
	}
	fields := []console.Field{
		{Name: "digest", Label: "Digest of waiting comments", Kind: "select", Choices: selected(string(m.Digest),
			"daily", "Once a day", "hourly", "Once an hour", "never", "Never")},
		{Name: "digest_hour", Label: "Hour of the daily digest", Kind: "number", Value: strconv.Itoa(m.DigestHour),
			Required: true,
			Hint:     "0 to 23, in your time zone."},
		{Name: "weekends", Label: "Digests on weekends too", Kind: "check", Value: checked(m.Weekends)},
		{Name: "urgent", Label: "Urgent mail at once", Kind: "check", Value: checked(m.Urgent),
			Hint: "One mail for each held comment that has a high risk or is hit by certain rules."},
		{Name: "urgent_risk", Label: "A comment is urgent above a risk of", Kind: "text", Value: risk,
			Hint: "The number that the queue sorts by. Empty: the risk makes no comment urgent."},
		{Name: "urgent_rules", Label: "Rules that make a comment urgent", Kind: "text",
			Value: strings.Join(m.UrgentRules, ", "),
			Hint:  "Rule IDs, separated by commas."},
		{Name: "quiet_from", Label: "Quiet hours from", Kind: "number", Value: strconv.Itoa(m.QuietFrom), Required: true,
			Hint: "Same start and end: no quiet hours."},
		{Name: "quiet_until", Label: "Quiet hours until", Kind: "number", Value: strconv.Itoa(m.QuietUntil), Required: true},
		{Name: "urgent_in_quiet_hours", Label: "Urgent mail in quiet hours too", Kind: "check",
			Value: checked(m.UrgentInQuiet)},
	}
	if len(sites) < 2 {
		return fields
	}
	which := console.Field{Name: "sites", Label: "Only these sites", Kind: "checks", Hint: "None selected: all your sites."}
	for _, site := range sites {
		chosen := false
		for _, id := range m.Sites {
			chosen = chosen || id == site.ID
		}
		which.Choices = append(which.Choices, console.Choice{Value: site.ID, Label: site.Name, Selected: chosen, Verbatim: true})
	}
	return append(fields, which)
}

// selected returns the options of a select from alternating values and labels.
func selected(value string, options ...string) []console.Choice {
	var choices []console.Choice
	for i := 0; i < len(options); i += 2 {
		choices = append(choices, console.Choice{Value: options[i], Label: options[i+1], Selected: options[i] == value})
	}
	return choices
}

func checked(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// SaveChoices saves the moderator's mail settings.
func (h *Pages) SaveChoices(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	choices, err := choicesFromForm(values)
	if err == nil {
		err = h.Moderators.SaveChoices(c.Request.Context(), session.ViewerOf(c), choices)
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(choicesForm, values), err, h.renderChoices)
	}
	return h.Redirect(c, ChoicesPath, "Saved.")
}

func choicesFromForm(values url.Values) (notify.ModeratorChoices, error) {
	choices := notify.ModeratorChoices{
		Urgent: values.Get("urgent") != "", UrgentInQuiet: values.Get("urgent_in_quiet_hours") != "",
		Digest: notify.Frequency(values.Get("digest")), Weekends: values.Get("weekends") != "",
		Sites: values["sites"],
	}
	var faults moderation.Invalid
	for name, field := range map[string]*int{
		"digest_hour": &choices.DigestHour, "quiet_from": &choices.QuietFrom, "quiet_until": &choices.QuietUntil,
	} {
		n, ok := httpio.WholeNumber(values.Get(name))
		if !ok {
			faults.Add("/"+name, "wrong_type", "Must be a whole number.")
		}
		*field = n
	}
	if typed := strings.TrimSpace(values.Get("urgent_risk")); typed != "" {
		var err error
		if choices.UrgentRisk, err = strconv.ParseFloat(typed, 64); err != nil {
			faults.Add("/urgent_risk", "wrong_type", "Must be a number.")
		}
	}
	for rule := range strings.SplitSeq(values.Get("urgent_rules"), ",") {
		if rule = strings.TrimSpace(rule); rule != "" {
			choices.UrgentRules = append(choices.UrgentRules, rule)
		}
	}
	return choices, faults.Err()
}

// GetChoices returns the moderator's mail settings.
func (h *Pages) GetChoices(c *gin.Context) error {
	choices, err := h.Moderators.Choices(c.Request.Context(), session.IdentityOf(c).ModeratorID)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, choices)
	return nil
}

// PutChoices replaces the moderator's mail settings.
func (h *Pages) PutChoices(c *gin.Context) error {
	var choices notify.ModeratorChoices
	if err := httpio.BindJSON(c, &choices, httpio.MaxBody); err != nil {
		return err
	}
	if err := h.Moderators.SaveChoices(c.Request.Context(), session.ViewerOf(c), choices); err != nil {
		return err
	}
	return h.GetChoices(c)
}
