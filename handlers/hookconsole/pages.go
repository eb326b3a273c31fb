package hookconsole

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/notify/webhook"
)

// listView is the page of a site's webhooks.
type listView struct {
	console.AdminFrame
	SiteName string
	SiteHref string
	Items    []listItem
	Add      console.Form
}

type listItem struct {
	Name, Href, Type, Host, State string
	Events                        string
}

// hookView is the page of one webhook.
type hookView struct {
	console.AdminFrame
	Back    string
	Href    string
	Item    listItem
	Paused  bool
	Reason  string // why it is paused
	Failing string // when the first of the last deliveries failed; empty: the last one did not
	Signs   bool   // it has a secret
	Rotated string // until when the old secret signs, too; empty: it doesn't
	Secret  string // shown once
	Form    console.Form
	Log     deliveryLog
}

const (
	addForm      = "add"
	settingsForm = "settings"
)

var typeLabels = map[webhook.Type]string{
	webhook.Standard: "Standard Webhooks", webhook.Slack: "Slack", webhook.Discord: "Discord",
	webhook.Mattermost: "Mattermost", webhook.Telegram: "Telegram",
}

// eventLabels say what an event is, in the form.
var eventLabels = map[webhook.EventType]string{
	webhook.CommentCreated: "a comment was written", webhook.CommentHeld: "a comment waits for a moderator",
	webhook.CommentApproved: "a comment was published", webhook.CommentRejected: "a comment was rejected",
	webhook.CommentSpam: "a comment was marked as spam", webhook.CommentEdited: "the author changed the text",
	webhook.CommentDeleted: "a comment was deleted", webhook.CommentReported: "a reader reported a comment",
	webhook.AppealCreated: "an author appealed against a rejection", webhook.QueueDepth: "too many comments are waiting",
	webhook.RulesetActivated: "another version of the rules became active",
}

func newListItem(w webhook.Webhook, href string) listItem {
	item := listItem{Name: w.Name, Href: href, Type: typeLabels[w.Type], Host: w.Host}
	names := make([]string, len(w.Events))
	for i, e := range w.Events {
		names[i] = string(e)
	}
	item.Events = strings.Join(names, ", ")
	switch {
	case w.State == webhook.Paused:
		item.State = "Paused"
	case w.Failures > 0:
		item.State = "Failing"
	}
	return item
}

// ShowList lists a site's webhooks.
func (h *Pages) ShowList(c *gin.Context) error { return h.renderList(c, nil) }

func (h *Pages) renderList(c *gin.Context, refused *console.Refusal) error {
	site, list, err := h.Hooks.List(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	view := listView{SiteName: site.Name, SiteHref: console.SitesPath + "/" + site.Slug}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, session.Words(c).T("Webhooks of %s", site.Name)); err != nil {
		return err
	}
	for _, w := range list {
		view.Items = append(view.Items, newListItem(w, webhookURL(webhook.Ref{Site: site.Slug, ID: w.ID})))
	}
	kind := console.Field{Name: "type", Label: "Type", Kind: "select",
		Hint: "Standard Webhooks is for programs: JSON with a signature. The others post a message to a chat."}
	for _, t := range webhook.Types {
		kind.Choices = append(kind.Choices, console.Choice{Value: string(t), Label: typeLabels[t],
			Selected: t == webhook.Standard})
	}
	usual := webhook.Webhook{Events: []webhook.EventType{webhook.CommentHeld}}
	fields := append([]console.Field{kind}, fields(session.Words(c), usual)...)
	view.Add = console.NewForm(console.Form{ID: addForm, Action: listURL(site.Slug), Button: "Add webhook", Fields: fields},
		refused)
	return h.Render(c, refused.Status(), "webhooks", view)
}

// fields are the fields of both the form that adds a webhook and the one that changes it.
func fields(words *locale.Language, w webhook.Webhook) []console.Field {
	address := console.Field{Name: "url", Label: "URL", Kind: "url", Required: true,
		Hint: "For a chat: the URL of its incoming webhook; for Telegram: https://api.telegram.org/botTOKEN/sendMessage."}
	if w.ID != "" {
		address.Required, address.Hint = false, "Empty: it stays as it is."
	}
	events := console.Field{Name: "events", Label: "Events", Kind: "checks"}
	for _, e := range webhook.EventTypes {
		events.Choices = append(events.Choices, console.Choice{Value: string(e), Label: string(e) + ": " + words.T(eventLabels[e]),
			Selected: slices.Contains(w.Events, e)})
	}
	list := []console.Field{
		{Name: "name", Label: "Name", Kind: "text", Value: w.Name, Required: true}, address,
		{Name: "chat", Label: "Chat ID", Kind: "text", Value: w.Chat, Hint: "Only for Telegram."}, events,
		{Name: "depth", Label: "queue.depth: more comments waiting than", Kind: "number", Value: strconv.Itoa(w.Depth),
			Required: true, Hint: "Sent once each time the queue grows beyond this. Enter 0 if you did not choose the event."},
		{Name: "email", Label: "Send emails of commenters", Kind: "check", Value: checked(w.Email),
			Hint: "Only for Standard Webhooks. Without it, no request contains an email."},
	}
	if w.ID == "" {
		return list
	}
	return slices.DeleteFunc(list, func(f console.Field) bool {
		return f.Name == "chat" && w.Type != webhook.Telegram || f.Name == "email" && w.Type != webhook.Standard
	})
}

func checked(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

func parseForm(values url.Values) (webhook.NewWebhook, error) {
	t := webhook.NewWebhook{Name: values.Get("name"), Type: webhook.Type(values.Get("type")),
		URL: strings.TrimSpace(values.Get("url")), Chat: strings.TrimSpace(values.Get("chat")),
		Email: values.Get("email") != ""}
	for _, e := range values["events"] {
		t.Events = append(t.Events, webhook.EventType(e))
	}
	n, ok := httpio.WholeNumber(values.Get("depth"))
	if !ok {
		return t, httpio.InvalidField("/depth", "wrong_type", "Must be a whole number.")
	}
	t.Depth = n
	return t, nil
}

// Add adds a webhook. The next page shows its secret.
func (h *Pages) Add(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	t, err := parseForm(values)
	var w webhook.Webhook
	var secret string
	if err == nil {
		w, secret, err = h.Hooks.Add(c.Request.Context(), session.ViewerOf(c), c.Param("site"), t)
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(addForm, values), err, h.renderList)
	}
	if err := h.ShowOnce(c, w.ID, secret); err != nil {
		return err
	}
	return h.Redirect(c, webhookURL(webhook.Ref{Site: c.Param("site"), ID: w.ID}), "The webhook has been added.")
}

// Show shows a webhook with its deliveries.
func (h *Pages) Show(c *gin.Context) error { return h.renderHook(c, nil) }

func (h *Pages) renderHook(c *gin.Context, refused *console.Refusal) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	log, w, err := h.log(c, of)
	if err != nil {
		return err
	}
	address, err := h.Hooks.URL(w)
	if err != nil {
		return err
	}
	view := hookView{Back: listURL(of.Site), Href: webhookURL(of), Item: newListItem(w, webhookURL(of)), Log: log,
		Paused: w.State == webhook.Paused, Reason: w.PauseReason.Text(), Signs: w.Type == webhook.Standard}
	if once := h.ShownOnce(c); once.For == w.ID {
		view.Secret = once.Key
	}
	view.Item.Host = address
	if w.Failures > 0 && !view.Paused {
		view.Failing = console.AgoText(session.Words(c), h.Now().Sub(w.FailingSince))
	}
	if len(w.OldSecretSealed) > 0 && h.Now().Before(w.OldSecretUntil) {
		view.Rotated = session.Words(c).Moment(w.OldSecretUntil)
	}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, w.Name); err != nil {
		return err
	}
	view.Form = console.NewForm(console.Form{ID: settingsForm, Action: view.Href, Button: "Save", Fields: fields(session.Words(c), w)}, refused)
	return h.Render(c, refused.Status(), "webhook", view)
}

// Change changes the settings of a webhook.
func (h *Pages) Change(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	t, err := parseForm(values)
	if err == nil {
		change := webhook.Change{Name: &t.Name, Chat: &t.Chat, Events: &t.Events, Email: &t.Email, Depth: &t.Depth}
		if t.URL != "" {
			change.URL = &t.URL
		}
		_, err = h.Hooks.Change(c.Request.Context(), session.ViewerOf(c), of, change)
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(settingsForm, values), err, h.renderHook)
	}
	return h.Redirect(c, webhookURL(of), "Saved.")
}

// Rotate makes a new secret. The next page shows it.
func (h *Pages) Rotate(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	w, secret, err := h.Hooks.Rotate(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	if err := h.ShowOnce(c, w.ID, secret); err != nil {
		return err
	}
	return h.Redirect(c, webhookURL(of), "Requests are signed with both secrets for 24 hours.")
}

// Pause pauses a webhook.
func (h *Pages) Pause(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	if _, err := h.Hooks.Pause(c.Request.Context(), session.ViewerOf(c), of); err != nil {
		return err
	}
	return h.Redirect(c, webhookURL(of), "The webhook is paused.")
}

// Resume resumes a webhook.
func (h *Pages) Resume(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	if _, err := h.Hooks.Resume(c.Request.Context(), session.ViewerOf(c), of); err != nil {
		return err
	}
	return h.Redirect(c, webhookURL(of),
		"The webhook is active again. Events that happened while it was paused are not sent.")
}

// Remove removes a webhook.
func (h *Pages) Remove(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	if err := h.Hooks.Remove(c.Request.Context(), session.ViewerOf(c), of); err != nil {
		return err
	}
	return h.Redirect(c, listURL(of.Site), "The webhook has been removed.")
}

// Test sends a test and shows what came back.
func (h *Pages) Test(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	d, err := h.Hooks.Test(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	text := "The server accepted the test."
	if d.Error != "" {
		text = session.Words(c).T("The test failed: %s.", d.Error)
	}
	return h.Redirect(c, webhookURL(of)+"/deliveries/"+d.ID, text)
}
