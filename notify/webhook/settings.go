package webhook

import (
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
	"rejoinder/outbound"
)

// Limits of webhooks.
const (
	MaxNameCharacters = 100
	MaxPerSite        = 20
	MaxDepth          = 1_000_000
	maxChat           = 100
)

// NewWebhook is a request to add a webhook.
type NewWebhook struct {
	Name   string
	Type   Type
	URL    string
	Chat   string
	Events []EventType
	Email  bool
	Depth  int
}

// Change is a partial change: nil fields are left unchanged. The type never changes.
type Change struct {
	Name   *string
	URL    *string
	Chat   *string
	Events *[]EventType
	Email  *bool
	Depth  *int
}

// apply changes everything but the URL, which is sealed.
func (c Change) apply(w *Webhook) {
	set(&w.Name, c.Name)
	set(&w.Chat, c.Chat)
	set(&w.Events, c.Events)
	set(&w.Email, c.Email)
	set(&w.Depth, c.Depth)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// prepare cleans the webhook in place and adds its faults.
func (w *Webhook) prepare(faults *moderation.Invalid) {
	name, err := text.CleanLine(w.Name)
	switch {
	case err != nil:
		faults.Add("/name", "malformed", "The name must be one line of text.")
	case !text.Visible(name):
		faults.Add("/name", "required", "A webhook needs a name.")
	case text.Characters(name) > MaxNameCharacters:
		faults.Add("/name", "too_long", fmt.Sprintf("A webhook's name has at most %d characters.", MaxNameCharacters))
	}
	w.Name = name
	if !slices.Contains(Types, w.Type) {
		faults.Add("/type", "unknown", "The type must be standard, slack, discord, mattermost or telegram.")
	}
	switch {
	case w.Type == Telegram && w.Chat == "":
		faults.Add("/chat", "required", "A webhook of the type telegram needs the ID of the chat.")
	case w.Type != Telegram && w.Chat != "":
		faults.Add("/chat", "unexpected", "Only webhooks of the type telegram have a chat.")
	case len(w.Chat) > maxChat:
		faults.Add("/chat", "too_long", fmt.Sprintf("A chat's ID has at most %d bytes.", maxChat))
	}
	if w.Email && w.Type != Standard {
		faults.Add("/email", "unexpected", "Only webhooks of the type standard can get emails.")
	}
	w.prepareEvents(faults)
}

func (w *Webhook) prepareEvents(faults *moderation.Invalid) {
	if len(w.Events) == 0 {
		faults.Add("/events", "required", "Choose at least one event.")
	}
	var ordered []EventType
	for _, e := range EventTypes {
		if slices.Contains(w.Events, e) {
			ordered = append(ordered, e)
		}
	}
	for i, e := range w.Events {
		if !slices.Contains(EventTypes, e) {
			faults.Add(fmt.Sprintf("/events/%d", i), "unknown", "Must be one of "+eventNames()+".")
		}
	}
	w.Events = ordered
	switch {
	case w.Depth < 0 || w.Depth > MaxDepth:
		faults.Add("/depth", "out_of_range", fmt.Sprintf("Must be from 0 to %d.", MaxDepth))
	case w.Depth == 0 && slices.Contains(w.Events, QueueDepth):
		faults.Add("/depth", "required", "The event queue.depth needs a number of waiting comments from 1.")
	}
}

// eventNames lists the types of events.
func eventNames() string {
	names := make([]string, len(EventTypes))
	for i, e := range EventTypes {
		names[i] = string(e)
	}
	return strings.Join(names, ", ")
}

// sealURL checks a URL and stores it sealed.
func (h *Hooks) sealURL(w *Webhook, typed string, faults *moderation.Invalid) error {
	parsed, err := h.Client.ParseURL(typed)
	if err != nil {
		detail := sentence(err)
		if _, refused := err.(*outbound.AddressError); refused { //nolint:errorlint // ParseURL does not wrap it
			detail += " Operators can permit it with outbound-networks."
		}
		faults.Add("/url", "malformed", detail)
		return nil
	}
	w.Host = parsed.Host
	w.URLSealed, err = h.Keys.Seal(parsed.String(), urlContext(w.ID))
	return err
}

// sentence turns an error that begins in lower case into a sentence.
func sentence(err error) string {
	s := err.Error()
	if s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s + "."
}
