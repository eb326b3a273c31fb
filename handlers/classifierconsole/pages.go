package classifierconsole

import (
	"fmt"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

// listView is the list of classifiers.
type listView struct {
	console.AdminFrame
	Items []itemView
	May   bool // the admin may change them
	Form  console.Form
}

// classifierView is one classifier.
type classifierView struct {
	console.AdminFrame
	itemView
	May     bool
	Key     string // shown once
	Days    []daysView
	Teaches bool
	Form    console.Form
	TryForm console.Form
	Trial   *trialView
}

type itemView struct {
	ID, Name, Href, Protocol, URL string
	Uses                          string // which sites use it
	State                         string
	Reason                        string
	Sends                         []string
	Judging, Waiting, FailedCalls int
}

type daysView struct {
	Label                                         string
	Sent, Answered, Late, Failed, Skipped, Cached int
	Mean, Longest                                 string
	Agreement                                     string
}

type trialView struct {
	Text, Score, Label, Took, Reason string
}

const (
	addForm    = "add"
	changeForm = "change"
	tryForm    = "try"
)

// protocolLabels name the protocols in forms.
var protocolLabels = map[external.Protocol]string{
	external.Signed: "Rejoinder (signed JSON)", external.Akismet: "Akismet", external.OpenAI: "OpenAI moderations",
	external.Perspective: "Perspective",
}

// ShowList lists the classifiers with the form for another one.
func (h *Pages) ShowList(c *gin.Context) error { return h.renderList(c, nil) }

func (h *Pages) renderList(c *gin.Context, refused *console.Refusal) error {
	list, sites, err := h.list(c)
	if err != nil {
		return err
	}
	view := listView{May: len(session.ViewerOf(c).SiteIDs) == 0}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.ClassifiersPath, "Classifiers"); err != nil {
		return err
	}
	for _, one := range list {
		view.Items = append(view.Items, newItemView(one, sites))
	}
	r := external.Request{Settings: external.DefaultSettings()}
	view.Form = console.NewForm(console.Form{ID: addForm, Action: console.ClassifiersPath, Button: "Add classifier",
		Fields: fieldsOf(r, sites, true)}, refused)
	return h.Render(c, refused.Status(), "classifiers", view)
}

func newItemView(one external.Health, sites []moderation.Site) itemView {
	v := itemView{ID: one.ID, Name: one.Name, Href: console.ClassifiersPath + "/" + one.ID, URL: one.URL,
		Protocol: protocolLabels[one.Protocol], State: "on", Judging: one.Judging, Waiting: one.Waiting,
		FailedCalls: one.CallCounts.Failed, Uses: "all sites"}
	if !one.AllSites {
		v.Uses = "no site"
		for i, slug := range slugs(one.Classifier, sites) {
			if i == 0 {
				v.Uses = slug
			} else {
				v.Uses += ", " + slug
			}
		}
	}
	switch {
	case !one.Enabled:
		v.State = "off"
	case one.Fault != "":
		v.State, v.Reason = "cannot be called", one.Fault
	case !one.RetryAt.IsZero():
		v.State, v.Reason = "paused after several failures", one.Reason
	case one.Reason != "":
		v.State, v.Reason = "on, the last call failed", one.Reason
	}
	v.Sends = []string{"the text"}
	for _, sent := range []struct {
		on   bool
		what string
	}{
		{one.Sends.Name, "the name"}, {one.Sends.URL, "the website"}, {one.Sends.Pseudonym, "a pseudonym"},
		{one.Sends.AddressPrefix, "the network of the IP address"},
	} {
		if sent.on {
			v.Sends = append(v.Sends, sent.what)
		}
	}
	return v
}

func newDaysView(words *locale.Language, label string, d external.Day) daysView {
	v := daysView{Label: label, Sent: d.Sent, Answered: d.Answered, Late: d.Late, Failed: d.Failed, Skipped: d.Skipped,
		Cached: d.Cached, Mean: "–", Longest: "–", Agreement: "–"}
	if d.Answered > 0 {
		v.Mean, v.Longest = millis(d.MeanTime()), millis(d.Longest)
	}
	if share, known := d.Agreement(); known {
		v.Agreement = words.T("%s of %d", fmt.Sprintf("%.0f%%", 100*share), d.Agreed+d.Disagreed)
	}
	return v
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", milliseconds(d)) }

// SubmitNew adds a classifier.
func (h *Pages) SubmitNew(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	r, err := requestFromForm(values)
	if err != nil {
		return h.Refuse(c, console.NewRefusal(addForm, values), err, h.renderList)
	}
	added, secret, err := h.Admin.Add(c.Request.Context(), session.ViewerOf(c), r)
	if err != nil {
		return h.Refuse(c, console.NewRefusal(addForm, values), err, h.renderList)
	}
	if err := h.ShowOnce(c, added.ID, secret); err != nil {
		return err
	}
	return h.Redirect(c, console.ClassifiersPath+"/"+added.ID, "The classifier has been added. Rules can use it now.")
}

// Show shows a classifier with its form.
func (h *Pages) Show(c *gin.Context) error { return h.render(c, nil, nil) }

func (h *Pages) renderRefused(c *gin.Context, refused *console.Refusal) error {
	return h.render(c, refused, nil)
}

func (h *Pages) render(c *gin.Context, refused *console.Refusal, trial *trialView) error {
	found, sites, err := h.find(c)
	if err != nil {
		return err
	}
	language := session.Words(c)
	view := classifierView{itemView: newItemView(found, sites), May: len(session.ViewerOf(c).SiteIDs) == 0,
		Teaches: found.Protocol.Teaches(), Trial: trial,
		Days: []daysView{newDaysView(language, "Today", found.Today), newDaysView(language, "Last 7 days", found.Week)}}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.ClassifiersPath, found.Name); err != nil {
		return err
	}
	if refused == nil && trial == nil {
		view.Key = h.ShownOnce(c).Key
	}
	r := external.Request{Name: found.Name, Settings: found.Settings, Sites: slugs(found.Classifier, sites)}
	view.Form = console.NewForm(console.Form{ID: changeForm, Action: view.Href, Button: "Save",
		Fields: fieldsOf(r, sites, false)}, refused)
	text := ""
	if trial != nil {
		text = trial.Text
	}
	view.TryForm = console.NewForm(console.Form{ID: tryForm, Action: view.Href + "/try", Button: "Ask the classifier",
		Fields: []console.Field{{Name: "text", Label: "Text", Kind: "textarea", Value: text, Required: true, Pointer: "/body"}}}, refused)
	return h.Render(c, refused.Status(), "classifier", view)
}

// Submit changes a classifier.
func (h *Pages) Submit(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	found, _, err := h.find(c)
	if err != nil {
		return err
	}
	r, err := requestFromForm(values)
	if err == nil {
		r.Name = found.Name
		_, err = h.Admin.Change(c.Request.Context(), session.ViewerOf(c), found.ID, 0,
			func(old *external.Request) { *old = r })
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(changeForm, values), err, h.renderRefused)
	}
	return h.Redirect(c, console.ClassifiersPath+"/"+found.ID, "Saved.")
}

// SubmitTrial asks a classifier about a text.
func (h *Pages) SubmitTrial(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	found, _, err := h.find(c)
	if err != nil {
		return err
	}
	trial, err := h.Admin.Try(c.Request.Context(), session.ViewerOf(c), found.ID, values.Get("text"))
	if err != nil {
		return h.Refuse(c, console.NewRefusal(tryForm, values), err, h.renderRefused)
	}
	return h.render(c, nil, &trialView{Text: httpio.Printable(values.Get("text")), Score: fmt.Sprintf("%.3g", trial.Score),
		Label: trial.Label, Took: millis(trial.Took), Reason: trial.Reason})
}

// SubmitRepeat retries the calls that have finally failed.
func (h *Pages) SubmitRepeat(c *gin.Context) error {
	found, _, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.Admin.Repeat(c.Request.Context(), session.ViewerOf(c), found.ID); err != nil {
		return err
	}
	return h.Redirect(c, console.ClassifiersPath+"/"+found.ID, "The calls will be retried.")
}

// SubmitRemoval removes a classifier.
func (h *Pages) SubmitRemoval(c *gin.Context) error {
	found, _, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.Admin.Remove(c.Request.Context(), session.ViewerOf(c), found.ID); err != nil {
		return err
	}
	return h.Redirect(c, console.ClassifiersPath,
		session.Words(c).T("The classifier %s has been removed. Rules that name it find it not available.", found.Name))
}

// requestFromForm reads the form of a classifier.
func requestFromForm(values url.Values) (external.Request, error) {
	on := func(name string) bool { return values.Get(name) != "" }
	r := external.Request{Name: values.Get("name"), Sites: values["sites"], Secret: values.Get("secret")}
	r.Settings = external.Settings{
		Protocol: external.Protocol(values.Get("protocol")), URL: values.Get("url"), Enabled: on("enabled"),
		AllSites: on("all_sites"), OnLate: external.OnLate(values.Get("on_late")), Feedback: on("feedback"),
		SecretInFile: on("secret_in_file"), Blog: values.Get("blog"), Model: values.Get("model"),
		Labels: words(values.Get("labels")),
		Sends: external.Sends{Name: on("send_name"), URL: on("send_url"), Pseudonym: on("send_pseudonym"),
			AddressPrefix: on("send_address_prefix")},
	}
	var faults moderation.Invalid
	for name, field := range map[string]*int{"timeout_ms": &r.TimeoutMS, "concurrency": &r.Concurrency,
		"daily_budget": &r.DailyBudget, "cache_minutes": &r.CacheMinutes} {
		n, ok := httpio.WholeNumber(values.Get(name))
		if !ok {
			faults.Add("/"+name, "wrong_type", "Must be a whole number.")
		}
		*field = n
	}
	return r, faults.Err()
}
