package ruledesk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// The periods of the overview, in days.
const (
	hitDays   = 7
	trendDays = 14
)

// overviewView is the page of all rules of a site.
type overviewView struct {
	console.RulesFrame
	Version    int
	Since      string
	Groups     []groupView
	Draft      *draftNote // nil: there is none
	Fallback   string
	Thresholds string
	NewURL     string
	TextURL    string
	TryURL     string
	SettingURL string
}

// draftNote says that the moderator has a draft.
type draftNote struct {
	What     string
	From     int
	Outdated bool
	URL      string
}

// groupView is the rules with one outcome.
type groupView struct {
	ID         string
	Title      string
	About      string
	Overturned string // heading of the share that people decided otherwise
	Rules      []ruleRow
}

// ruleRow is one rule.
type ruleRow struct {
	ID         string
	Sentence   []ruleform.Part // empty: it can't be said
	Label      string
	When       string
	Extra      string // its further effects
	Mode       rules.Mode
	Modes      []modeView
	Watch      string // its effect on past comments
	Hits       string
	Overturned string
	Fired      string
	Spark      spark
	URL        string // the builder
	HitsURL    string
	CopyURL    string
	Changed    bool // in the draft
}

type modeView struct {
	Value, Label string
	Class        string
	Present      bool
}

// spark is a sparkline of the hits of each day.
type spark struct {
	Width int
	Bars  []sparkBar
	Label string // text alternative
}

type sparkBar struct {
	X, Y, Height int
	Empty        bool
}

// Groups of rules.
const (
	groupNever    = "never"
	groupBlocks   = "blocks"
	groupHeld     = "held"
	groupRisk     = "risk"
	groupOnce     = "once"
	groupSettings = "settings"
)

func newGroups() []groupView {
	return []groupView{
		{ID: groupNever, Title: "Never published", About: "Rejected or marked as spam without a moderator", Overturned: "Overturned"},
		{ID: groupBlocks, Title: "Blocks", About: "The effect of moderators’ blocks", Overturned: "Overturned"},
		{ID: groupHeld, Title: "Held for a moderator", About: "Waiting in the queue until somebody decides", Overturned: "Published"},
		{ID: groupRisk, Title: "Adding to the risk", About: "Weak signals that add up", Overturned: "Published"},
		{ID: groupOnce, Title: "Published at once", About: "Unless a rule above says otherwise", Overturned: "Removed"},
		{ID: groupSettings, Title: "From site settings", About: "Managed in the site’s settings", Overturned: "Overturned"},
	}
}

// groupOf returns the group of a rule.
func groupOf(r rules.Info, condition ruleform.Condition) string {
	switch {
	case rules.IsSettingRule(r.ID):
		return groupSettings
	case r.Action == "":
		return groupRisk
	case condition.AsksAbout("blocks."):
		return groupBlocks
	case r.Action == rules.Approve:
		return groupOnce
	case r.Action == rules.Hold:
		return groupHeld
	}
	return groupNever
}

// Overview shows the rules of a site as sentences. If no site is chosen, it asks for one.
func (h *Pages) Overview(c *gin.Context) error {
	if c.Query("site") == "" {
		return h.ChooseSite(c)
	}
	ctx, viewer, site := c.Request.Context(), session.ViewerOf(c), c.Query("site")
	draft, err := h.open(c)
	if err != nil {
		return err
	}
	compiled, err := h.Rulebook.Compiled(ctx, draft.Active.ID)
	if err != nil {
		return err
	}
	health, err := h.RuleHealth.Report(ctx, viewer, site, hitDays)
	if err != nil {
		return err
	}
	daily, err := h.RuleHealth.Daily(ctx, viewer, site, trendDays)
	if err != nil {
		return err
	}
	view := overviewView{Version: draft.Active.Version, NewURL: console.RulesURL(BuilderPath, site),
		TextURL: console.RulesURL(console.EditPath, site), TryURL: console.RulesURL(OverviewPath+"/try", site),
		SettingURL: console.SitesPath + "/" + site}
	if view.RulesFrame, err = h.NewRulesFrame(c, "overview", "Rules"); err != nil {
		return err
	}
	words := view.Locale
	view.Since = words.Date(draft.Active.ActivatedAt)
	view.Groups = h.groups(view, drafted(compiled.Rules(), draft.doc), health, daily)
	view.Fallback, view.Thresholds = words.T(outcomes[compiled.Fallback()]), thresholdText(words, compiled.Thresholds())
	view.Draft = newDraftNote(words, draft, compiled.Rules(), site)
	return h.Render(c, http.StatusOK, "rules-overview", view)
}

// draftedRule is a rule as the draft has it.
type draftedRule struct {
	rules.Info
	changed bool
}

// drafted returns the rules of the active version with the changes of the draft. doc may be nil.
func drafted(active []rules.Info, doc *ruleform.Document) []draftedRule {
	var list []draftedRule
	index := map[string]int{}
	for _, info := range active {
		index[info.ID] = len(list)
		list = append(list, draftedRule{Info: info})
	}
	if doc == nil {
		return list
	}
	for _, id := range doc.Rules() {
		written, _ := doc.Rule(id)
		i, known := index[id]
		if !known {
			i = len(list)
			list = append(list, draftedRule{Info: rules.Info{ID: id, Mode: rules.Enforce}, changed: true})
		}
		r := &list[i]
		before := r.Info
		overlay(&r.Info, written)
		r.changed = r.changed || r.Info != before
	}
	return list
}

// overlay replaces the known values of a rule with those that a document contains.
func overlay(info *rules.Info, r ruleform.Rule) {
	for _, text := range []struct {
		to   *string
		from string
	}{{&info.Label, r.Label}, {&info.When, r.When}} {
		if text.from != "" {
			*text.to = text.from
		}
	}
	if r.Mode != "" {
		info.Mode = rules.Mode(r.Mode)
	}
	if r.Then != "" {
		info.Action = rules.Action(r.Then)
	}
	if score, err := strconv.ParseFloat(r.Score, 64); err == nil {
		info.Score = score
	}
}

// groups sorts the rules by their outcome; rules without a group of their own are left out.
func (h *Pages) groups(
	view overviewView, list []draftedRule, health rulebook.HealthReport, daily map[string][]rulebook.RuleCounts,
) []groupView {
	groups := newGroups()
	counts := map[string]rulebook.RuleHealth{}
	for _, one := range health.Rules {
		counts[one.Rule] = one
	}
	for _, r := range list {
		condition := ruleform.Parse(r.When)
		row := newRuleRow(view.RulesFrame, r, condition)
		row.count(view.Locale, counts[r.ID], daily[r.ID], h.Now())
		if view.MayEdit {
			row.Modes = modeViews(r.Mode)
		}
		id := groupOf(r.Info, condition)
		i := slices.IndexFunc(groups, func(g groupView) bool { return g.ID == id })
		groups[i].Rules = append(groups[i].Rules, row)
	}
	return slices.DeleteFunc(groups, func(g groupView) bool { return len(g.Rules) == 0 })
}

func modeViews(present rules.Mode) []modeView {
	views := []modeView{{Value: string(rules.Enforce), Label: "On", Class: "on"}, {Value: string(rules.Shadow), Label: "Watch", Class: "watch"},
		{Value: string(rules.Off), Label: "Off", Class: "off"}}
	for i := range views {
		views[i].Present = views[i].Value == string(present)
	}
	return views
}

func newRuleRow(f console.RulesFrame, r draftedRule, condition ruleform.Condition) ruleRow {
	site := f.Site
	row := ruleRow{ID: r.ID, Label: r.Label, When: r.When, Mode: r.Mode, Changed: r.changed,
		URL:     console.RulesURL(BuilderPath, site, "rule", r.ID),
		CopyURL: console.RulesURL(BuilderPath, site, "copy", r.ID),
		HitsURL: console.RulesURL(console.RootPath, site, "rule", r.ID)}
	if sentence, ok := ruleform.SentenceIn(f.Locale, r.Action, r.Score, condition); ok {
		row.Sentence = sentence
	}
	if row.Label == "" {
		row.Label = ruleform.ListName(r.ID)
	}
	row.Label = f.Locale.T(row.Label)
	if r.Score != 0 && r.Action != "" {
		row.Extra = f.Locale.T("adds %s to the risk", strconv.FormatFloat(r.Score, 'f', -1, 64))
	}
	return row
}

// count adds the figures of the rule.
func (r *ruleRow) count(
	words *locale.Language, health rulebook.RuleHealth, daily []rulebook.RuleCounts, now time.Time,
) {
	hits, upheld, overturned := health.Hits, health.Upheld, health.Overturned
	watching := r.Mode == rules.Shadow
	if watching {
		hits, upheld, overturned = health.ShadowHits, health.ShadowUpheld, health.ShadowOverturned
	}
	r.Hits, r.Overturned, r.Fired = words.Number(int(hits)), "–", words.T("not yet")
	if decided := upheld + overturned; decided > 0 {
		r.Overturned = words.Percent(float64(overturned)/float64(decided), 0)
	}
	if health.LastFired != nil {
		r.Fired = console.AgeText(words, now, *health.LastFired)
	}
	if watching && hits > 0 {
		r.Watch = words.T("would have hit %d; people decided otherwise on %s", int(hits), strconv.FormatInt(overturned, 10))
	}
	r.Spark = newSpark(words, daily, watching)
}

// The geometry of a sparkline.
const (
	sparkStep   = 7
	sparkBarTop = 2
	sparkHeight = 24
)

func newSpark(words *locale.Language, daily []rulebook.RuleCounts, watching bool) spark {
	s := spark{Width: trendDays*sparkStep - 2}
	most, numbers := int64(1), make([]string, trendDays)
	hits := make([]int64, trendDays)
	for i := range hits {
		if i < len(daily) {
			hits[i] = daily[i].Hits
		}
		if i < len(daily) && watching {
			hits[i] = daily[i].ShadowHits
		}
		most = max(most, hits[i])
		numbers[i] = strconv.FormatInt(hits[i], 10)
	}
	for i, n := range hits {
		bar := sparkBar{X: i * sparkStep, Height: 1, Empty: n == 0}
		if n > 0 {
			bar.Height = max(2, int(n*(sparkHeight-sparkBarTop)/most))
		}
		bar.Y = sparkHeight - bar.Height
		s.Bars = append(s.Bars, bar)
	}
	s.Label = words.T("Hits per day, two weeks: %s", strings.Join(numbers, ", "))
	return s
}

// outcomes are the actions in words, for comments that no rule decides.
var outcomes = map[rules.Action]string{rules.Approve: "published at once", rules.Hold: "held for a moderator",
	rules.Reject: "rejected", rules.Spam: "marked as spam"}

func thresholdText(words *locale.Language, thresholds []rules.Threshold) string {
	parts := make([]string, len(thresholds))
	for i, t := range thresholds {
		parts[i] = words.T("%s at a risk of %s", words.T(outcomes[t.Action]), strconv.FormatFloat(t.Score, 'f', -1, 64))
	}
	return strings.Join(parts, ", ")
}

// newDraftNote says what the draft changes, by comparing rules; nil if there is no draft.
func newDraftNote(words *locale.Language, draft workspace, active []rules.Info, site string) *draftNote {
	if !draft.Exists {
		return nil
	}
	note := &draftNote{From: draft.From, Outdated: draft.Outdated(), URL: console.RulesURL(DraftPath, site)}
	changed := 0
	for _, r := range drafted(active, draft.doc) {
		if r.changed {
			changed++
		}
	}
	switch {
	case changed > 0:
		note.What = words.N("%d rule changed", "%d rules changed", changed)
	default:
		note.What = words.T("lists or texts changed")
	}
	return note
}
