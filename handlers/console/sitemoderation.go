package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

const moderationForm = "moderation"

// linkLimits are the numbers of links that the form offers.
var linkLimits = []int{0, 1, 2, 3, 5, 10, rules.NoLinkLimit}

// addModeration adds the form of the settings that are kept as rules. A locked setting has no field.
func (h *Sites) addModeration(c *gin.Context, view *siteView, refused *refusal) error {
	now, err := h.Moderation.Show(c.Request.Context(), session.ViewerOf(c), view.Slug)
	if err != nil {
		return err
	}
	view.RulesURL = siteQuery(RulesPath, view.Slug)
	form := formView{ID: moderationForm, Action: view.Href + "/moderation", Button: "Save"}
	mode := now.SiteMode()
	if refused != nil && refused.form == moderationForm && refused.typed.Has("mode") {
		mode = rules.ModerationMode(refused.typed.Get("mode"))
	}
	if now.IsLocked(rules.SettingMode) {
		view.Locked = append(view.Locked, "When comments appear")
	} else {
		form.Modes = setup.ModeChoices(mode)
	}
	for _, each := range []struct {
		setting rules.Setting
		field   fieldView
	}{
		{rules.SettingHeldWords, fieldView{Name: "held_words", Kind: "textarea",
			Label: "Hold comments with these words",
			Value: strings.Join(now.HeldWords, "\n"),
			Hint: "One word or phrase per line. Only whole words match, unless a * stands for any letters: *cake also finds " +
				"“cheesecake”. Disguised spellings such as “c4s1no” are found, too."}},
		{rules.SettingRejectedWords, fieldView{Name: "rejected_words", Kind: "textarea",
			Label: "Reject comments with these words",
			Value: strings.Join(now.RejectedWords, "\n"),
			Hint:  "The author is told that the comment has words that the site does not publish."}},
		{rules.SettingMaxLinks, fieldView{Name: "max_links", Label: "Links before a comment waits", Kind: "select",
			Choices: linkChoices(session.Words(c), now.MaxLinks)}},
		{rules.SettingMaxLength, fieldView{Name: "max_length", Label: "Characters before a comment waits", Kind: "number",
			Value: strconv.Itoa(now.MaxLength), Hint: "0: no limit."}},
		{rules.SettingLanguages, fieldView{Name: "languages", Label: "Languages of comments that need not wait", Kind: "checks",
			Choices: commentLanguages(session.Words(c), now.Languages),
			Hint:    "None: all languages. A comment whose language is not recognised does not wait for this."}},
	} {
		if now.IsLocked(each.setting) {
			view.Locked = append(view.Locked, each.field.Label)
			continue
		}
		form.Fields = append(form.Fields, each.field)
		if each.field.Kind == "checks" { // a browser leaves out the field if no box is checked
			form.Hidden = append(form.Hidden, page.Hidden(each.field.Name, ""))
		}
	}
	view.Moderation = newFormView(form, refused)
	return nil
}

// linkChoices offers the usual limits, and the one that is set.
func linkChoices(words *locale.Language, now int) []choice {
	var choices []choice
	known := false
	for _, limit := range linkLimits {
		if !known && now != limit && (limit == rules.NoLinkLimit || now >= 0 && limit > now) {
			choices, known = append(choices, linkChoice(words, now, now)), true
		}
		known = known || limit == now
		choices = append(choices, linkChoice(words, limit, now))
	}
	return choices
}

func linkChoice(words *locale.Language, limit, now int) choice {
	label := words.T("more than %s", strconv.Itoa(limit))
	switch limit {
	case 0:
		label = "any link"
	case rules.NoLinkLimit:
		label = "no limit"
	}
	return choice{Value: strconv.Itoa(limit), Label: label, Selected: limit == now}
}

// commentLanguages offers the languages that can be told.
func commentLanguages(words *locale.Language, chosen []string) []choice {
	var choices []choice
	for _, tag := range rulebook.CommentLanguages() {
		choices = append(choices, choice{Value: tag, Label: languageName(words, tag), Verbatim: true,
			Selected: slices.Contains(chosen, tag)})
	}
	slices.SortFunc(choices, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	return choices
}

// ChangeModeration changes the settings that are kept as rules. A field that the form does not have is left
// unchanged.
func (h *Sites) ChangeModeration(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	change, err := moderationChange(values)
	if err == nil {
		_, err = h.Moderation.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), change)
	}
	if err != nil {
		return h.refuse(c, &refusal{form: moderationForm, typed: values}, err, h.renderSite)
	}
	return h.redirect(c, siteURL(c.Param("site")), notice{Text: "Saved. New comments are judged by it."})
}

func moderationChange(values url.Values) (rulebook.ModerationChange, error) {
	var change rulebook.ModerationChange
	if values.Has("mode") {
		mode := rules.ModerationMode(values.Get("mode"))
		change.Mode = &mode
	}
	for name, words := range map[string]**[]string{"held_words": &change.HeldWords, "rejected_words": &change.RejectedWords} {
		if values.Has(name) {
			typed := nonEmptyLines(values.Get(name))
			*words = &typed
		}
	}
	if values.Has("languages") {
		tags := slices.DeleteFunc(slices.Clone(values["languages"]), func(tag string) bool { return tag == "" })
		change.Languages = &tags
	}
	for name, number := range map[string]**int{"max_links": &change.MaxLinks, "max_length": &change.MaxLength} {
		if !values.Has(name) {
			continue
		}
		n, err := strconv.Atoi(values.Get(name))
		if err != nil {
			return change, httpio.InvalidField("/"+name, "wrong_type", "Must be a whole number.")
		}
		*number = &n
	}
	return change, nil
}

// removalForm asks for the slug of a site before it is deleted with everything. The demo needs no such care.
func removalForm(words *locale.Language, site moderation.Site, comments int) formView {
	form := formView{ID: removeFormID, Action: siteURL(site.Slug) + "/remove", Button: "Delete this site", Grave: true,
		Fields: []fieldView{{Name: "confirm", Required: true, Kind: "text",
			Label: words.N("Type %[2]s to delete %[1]d comment", "Type %[2]s to delete %[1]d comments", comments, site.Slug)}}}
	if site.Settings.Demo != moderation.NoDemo {
		form.Action, form.Button, form.Fields = siteURL(site.Slug)+"/remove-demo", "Remove the demo", nil
	}
	return form
}

// RemoveDemo deletes the demo site with all that belongs to it.
func (h *Sites) RemoveDemo(c *gin.Context) error {
	removed, err := h.Sites.RemoveDemo(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return h.refuse(c, &refusal{form: removeFormID}, err, h.renderSite)
	}
	h.Origins.Forget()
	return h.redirect(c, SitesPath, notice{Text: removalText(session.Words(c), "", removed)})
}

// Remove deletes a site with all that belongs to it, once its slug was typed.
func (h *Sites) Remove(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	removed, err := h.Sites.Remove(c.Request.Context(), session.ViewerOf(c), c.Param("site"), values.Get("confirm"))
	if err != nil {
		return h.refuse(c, &refusal{form: removeFormID, typed: values}, err, h.renderSite)
	}
	h.Origins.Forget()
	return h.redirect(c, SitesPath, notice{Text: removalText(session.Words(c), c.Param("site"), removed)})
}

// removalText says what was removed: a site, or the demo if the slug is empty.
func removalText(words *locale.Language, slug string, r moderation.SiteRemoval) string {
	articles := words.N("%d article", "%d articles", r.Articles)
	comments := words.N("%d comment", "%d comments", r.Comments)
	decisions := words.N("%d decision", "%d decisions", r.Decisions)
	text := words.T("Removed the demo: %s, %s and %s.", articles, comments, decisions)
	if slug != "" {
		text = words.T("Removed the site %s: %s, %s and %s.", slug, articles, comments, decisions)
	}
	if r.Accounts > 0 {
		text += " " + words.N("Removed %d account of moderators who worked on no other site.",
			"Removed %d accounts of moderators who worked on no other site.", r.Accounts)
	}
	return text
}
