package rules

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withSettings writes settings into a document, which must then compile and keep them.
func withSettings(t *testing.T, source string, to ModerationSettings, names ...Setting) string {
	t.Helper()
	got, err := WriteSettings(t.Context(), Document{Source: []byte(source)}, to, names...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(t.Context(), got); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	return string(got)
}

func wantSettings(t *testing.T, source string, want StoredSettings) {
	t.Helper()
	if diff := cmp.Diff(want, ReadSettings(t.Context(), Document{Source: []byte(source)})); diff != "" {
		t.Errorf("%s\n%s", diff, source)
	}
}

func TestTheShippedRulesetKeepsTheDefaultSettings(t *testing.T) {
	wantSettings(t, string(Default()), StoredSettings{ModerationSettings: DefaultModerationSettings(),
		Missing: []Setting{SettingMaxLength, SettingLanguages, SettingHeldWords, SettingRejectedWords}})
}

func TestSettingsAreWrittenIntoTheShippedRulesetAndBack(t *testing.T) {
	to := ModerationSettings{Mode: HoldAll, MaxLinks: NoLinkLimit, MaxLength: 1500, Languages: []string{"de", "en"},
		HeldWords: []string{"coupon code", `say "please"`, "50% off: now", "été"}, RejectedWords: []string{"casino"}}
	changed := withSettings(t, string(Default()), to, Settings()...)
	wantSettings(t, changed, StoredSettings{ModerationSettings: to})
	for _, kept := range []string{"# Names are not searched", "- id: trusted-commenter", "\ntests:\n"} {
		if !strings.Contains(changed, strings.TrimPrefix(kept, "# ")) {
			t.Errorf("%q is gone", kept)
		}
	}
	back := withSettings(t, changed, DefaultModerationSettings(), Settings()...)
	if diff := cmp.Diff(string(Default()), back); diff != "" {
		t.Errorf("the way back leaves something behind:\n%s", diff)
	}
}

// settingsVerdict is the verdict on a first comment by a ruleset with the given settings.
func settingsVerdict(t *testing.T, settings ModerationSettings, body string, change func(*Facts)) string {
	t.Helper()
	rs := mustParse(t, withSettings(t, string(Default()), settings, Settings()...))
	facts := Neutral(body)
	change(facts)
	verdict := rs.Evaluate(t.Context(), facts)
	return fmt.Sprint(verdict.Action)
}

func TestSettingsDecide(t *testing.T) {
	first := func(f *Facts) { f.Author = Newcomer() }
	own := func(mode ModerationMode) func(*Facts) {
		return func(f *Facts) { f.Author, f.Article.Mode = Newcomer(), string(mode) }
	}
	regular := func(*Facts) {}
	links := "Compare https://a.example/x and https://b.example/y, which both describe the mill and how it was built."
	for _, c := range []struct {
		name   string
		to     ModerationSettings
		body   string
		change func(*Facts)
		want   Action
	}{
		{"first, at once", ModerationSettings{Mode: PublishAtOnce, MaxLinks: 2}, "Lovely article.", first, Approve},
		{"first, held", ModerationSettings{Mode: HoldFirst, MaxLinks: 2}, "Lovely article.", first, Hold},
		{"regular, first held", ModerationSettings{Mode: HoldFirst, MaxLinks: 2}, "Lovely article.", regular, Approve},
		{"regular, all held", ModerationSettings{Mode: HoldAll, MaxLinks: 2}, "Lovely article.", regular, Hold},
		{"article at once, site holds all", ModerationSettings{Mode: HoldAll, MaxLinks: 2}, "Lovely.", own(PublishAtOnce), Approve},
		{"article holds all, site at once", ModerationSettings{Mode: PublishAtOnce, MaxLinks: 2}, "Lovely.", own(HoldAll), Hold},
		{"at once, but an insult", ModerationSettings{Mode: PublishAtOnce, MaxLinks: 2}, "You idiots.", first, Hold},
		{"no link allowed", ModerationSettings{Mode: HoldFirst, MaxLinks: 0}, links, regular, Hold},
		{"two links allowed", ModerationSettings{Mode: HoldFirst, MaxLinks: 2}, links, regular, Approve},
		{"any number", ModerationSettings{Mode: HoldFirst, MaxLinks: NoLinkLimit}, links + " https://c.example/z", regular, Approve},
		{"longer than allowed", ModerationSettings{Mode: HoldFirst, MaxLinks: 2, MaxLength: 14}, "Lovely article.", regular, Hold},
		{"as long as allowed", ModerationSettings{Mode: HoldFirst, MaxLinks: 2, MaxLength: 15}, "Lovely article.", regular, Approve},
		{"in one of the languages", ModerationSettings{Mode: HoldFirst, MaxLinks: 2, Languages: []string{"de", "en"}},
			"Das ist nicht das, was wir von der Stadt gehört haben.", regular, Approve},
		{"in another language", ModerationSettings{Mode: HoldFirst, MaxLinks: 2, Languages: []string{"en", "fr"}},
			"Das ist nicht das, was wir von der Stadt gehört haben.", regular, Hold},
		{"too short to tell the language", ModerationSettings{Mode: HoldFirst, MaxLinks: 2, Languages: []string{"en"}},
			"Super.", regular, Approve},
		{"a held word in disguise", ModerationSettings{Mode: HoldFirst, MaxLinks: 2, HeldWords: []string{"turnip"}},
			"I grew a tu4n1p, no, a t u r n i p.", regular, Hold},
		{"a rejected word", ModerationSettings{Mode: PublishAtOnce, MaxLinks: 2, RejectedWords: []string{"turnip"}},
			"A turnip is no name for a boat.", first, Reject},
	} {
		if got := settingsVerdict(t, c.to, c.body, c.change); got != fmt.Sprint(c.want) {
			t.Errorf("%s: %s, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatWasChangedByHandIsLockedAndStays(t *testing.T) {
	words := withSettings(t, string(Default()), ModerationSettings{HeldWords: []string{"turnip", "swede"}, MaxLength: 900,
		Languages: []string{"en"}}, SettingHeldWords, SettingMaxLength, SettingLanguages)
	for _, c := range []struct {
		name, from, to string
		locked         Setting
	}{
		{"condition", "links.count > 2", "links.count > 2 && !author.confirmed", SettingMaxLinks},
		{"a further key", "  public_reason: A moderator will look at the links.\n\n  # From", "  public_reason: A moderator will look at the links.\n    priority: 3\n\n  # From", SettingMaxLinks},
		{"another action", "    when: article.mode == \"hold_all\"\n    then: hold", "    when: article.mode == \"hold_all\"\n    then: reject", SettingMode},
		{"a comment on a word", `    - "turnip"`, `    - "turnip" # of the sports desk`, SettingHeldWords},
		{"a longer condition", "when: text.length > 900", "when: text.length > 900 && author.approved < 9", SettingMaxLength},
		{"a list of languages without spaces", `in ["en"]`, `in ["en","de"]`, SettingLanguages},
		{"the list's mode", "disguised.\n  held-words:\n    mode: loose", "disguised.\n  held-words:\n    mode: word", SettingHeldWords},
	} {
		source := strings.Replace(words, c.from, c.to, 1)
		if source == words {
			t.Fatalf("%s: the document has no %q", c.name, c.from)
		}
		got := ReadSettings(t.Context(), Document{Source: []byte(source)})
		if !slices.Equal(got.Locked, []Setting{c.locked}) {
			t.Errorf("%s: locked are %v, want %s", c.name, got.Locked, c.locked)
		}
		_, err := WriteSettings(t.Context(), Document{Source: []byte(source)}, DefaultModerationSettings(), c.locked)
		if locked := (*SettingLockedError)(nil); !errors.As(err, &locked) || locked.Setting != c.locked {
			t.Errorf("%s: writing it: %v", c.name, err)
		}
		// The other settings can still be changed, and what was written by hand stays.
		others := slices.DeleteFunc(Settings(), func(s Setting) bool { return s == c.locked })
		to := ModerationSettings{Mode: PublishAtOnce, MaxLinks: 7, MaxLength: 700, Languages: []string{"it"},
			HeldWords: []string{"swede"}, RejectedWords: []string{"swede"}}
		if changed := withSettings(t, source, to, others...); !strings.Contains(changed, c.to) {
			t.Errorf("%s: what was written by hand is gone", c.name)
		}
	}
}

func TestSettingsAreAddedToOtherDocuments(t *testing.T) {
	to := ModerationSettings{Mode: HoldAll, MaxLinks: 1, MaxLength: 10, Languages: []string{"ja"}, HeldWords: []string{"turnip"}, RejectedWords: []string{"swede"}}
	for name, source := range map[string]string{
		"no lists":         "default: hold\nrules:\n  - {id: a, when: links.count > 9, then: hold, reason: x}\n",
		"no indentation":   "rules:\n- id: a\n  when: links.count > 9\n  then: hold\n  reason: |\n    x\n    # no comment\n\n# The lists.\nlists:\n  x: {mode: word, terms: [y]}\n",
		"no line break":    "rules:\n  - {id: a, when: links.count > 9, then: hold, reason: x}",
		"deep indentation": "lists:\n    x:\n        mode: word\n        terms: [y]\nrules:\n    - id: a\n      when: listed(\"x\")\n      then: hold\n      reason: x\n# The end.\n",
		"an extension":     "extends: default\nthresholds: {hold: 3}\n",
	} {
		changed := withSettings(t, source, to, Settings()...)
		wantSettings(t, changed, StoredSettings{ModerationSettings: to})
		for line := range strings.Lines(source) {
			if !strings.Contains(changed, strings.TrimSpace(line)) {
				t.Errorf("%s: the line %q is gone:\n%s", name, line, changed)
			}
		}
		back := withSettings(t, changed, ModerationSettings{Mode: HoldFirst, MaxLinks: 2}, Settings()...)
		if strings.Contains(back, "turnip") || strings.Contains(back, "swede") || strings.Contains(back, "too-long") ||
			strings.Contains(back, "other-language") {
			t.Errorf("%s: the words are still there:\n%s", name, back)
		}
	}
}

func TestADocumentInBracketsLocksAllSettings(t *testing.T) {
	wantSettings(t, `rules: [{id: a, when: "true", then: hold, reason: x}]`,
		StoredSettings{ModerationSettings: DefaultModerationSettings(), Locked: Settings()})
}

func TestADocumentInheritsTheSettingsOfItsBase(t *testing.T) {
	base := withSettings(t, string(Default()), ModerationSettings{Mode: HoldAll, MaxLinks: 5, MaxLength: 5,
		HeldWords: []string{"turnip"}}, SettingMode, SettingMaxLinks, SettingMaxLength, SettingHeldWords)
	own := Document{Source: []byte("extends: paper/3\nthresholds: {hold: 3}\n"), Base: []byte(base)}
	want := StoredSettings{ModerationSettings: ModerationSettings{Mode: HoldAll, MaxLinks: 5, MaxLength: 5,
		HeldWords: []string{"turnip"}}, Missing: []Setting{SettingLanguages, SettingRejectedWords}}
	if diff := cmp.Diff(want, ReadSettings(t.Context(), own)); diff != "" {
		t.Fatal(diff)
	}
	to := ModerationSettings{Mode: PublishAtOnce}
	changed, err := WriteSettings(t.Context(), own, to, SettingMode, SettingHeldWords, SettingMaxLength)
	if err != nil {
		t.Fatal(err)
	}
	own.Source = changed
	got := ReadSettings(t.Context(), own)
	if got.Mode != PublishAtOnce || got.MaxLinks != 5 || got.MaxLength != 0 || len(got.HeldWords) > 0 {
		t.Errorf("the settings are %+v\n%s", got, changed)
	}
	rs, err := own.Compile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if verdict := rs.Evaluate(t.Context(), Neutral("A turnip.")); verdict.Action != Approve {
		t.Errorf("a word that the base holds is %v", verdict.Action)
	}
}

func TestTestsRunWithTheDefaultSettingsInAsManyLines(t *testing.T) {
	changed := []byte(withSettings(t, string(Default()), ModerationSettings{Mode: HoldAll, MaxLinks: 0, MaxLength: 1, Languages: []string{"th"},
		HeldWords: []string{"mill", "article"}, RejectedWords: []string{"comment"}}, Settings()...))
	neutral := WithDefaultSettings(t.Context(), changed)
	if bytes.Count(changed, []byte("\n")) != bytes.Count(neutral, []byte("\n")) {
		t.Error("the number of lines has changed")
	}
	rs, err := Parse(t.Context(), neutral)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := rs.RunTests(t.Context())
	if err != nil || len(failures) > 0 {
		t.Errorf("%v, failures: %v", err, failures)
	}
}
