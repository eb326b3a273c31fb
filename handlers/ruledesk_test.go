package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const builderPage = "/console/rules/build?site=paper"

// listedRules is a document with comments, which changes by forms must preserve.
const listedRules = `# Ours.
lists:
  coupons: # grows
    mode: loose
    terms:
      - coupon code
      - voucher # of the library
rules:
  # Everybody is welcome.
  - id: open-gate
    when: "true"
    then: approve
    reason: Open.
  - id: coupons
    label: coupon
    when: listed("coupons") && links.count > 0 # advertising
    then: hold
    reason: "Offers a coupon: {{matched}}."
`

// withListedRules activates listedRules as version 3.
func withListedRules(t *testing.T) (*fixture, *browser) {
	t.Helper()
	s := newFixture(t)
	s.comment("quay", "", "Tom", "A voucher from https://library.example/ for everybody, please publish.")
	iris := s.adminBrowser(t)
	iris.follow(iris.post(editorPage, draft("save", listedRules)))
	iris.follow(iris.post("/console/rules/versions/3/activate?site=paper", nil))
	return s, iris
}

func TestANewRuleNamesNoListUntilOneIsChosen(t *testing.T) {
	_, iris := withListedRules(t)
	page := iris.get("/console/rules/build?site=paper")
	page.want(http.StatusOK, "it has a term from <b>“…”</b>", "Choose a list")
}

func TestRulesAreShownAsSentences(t *testing.T) {
	s, iris := withListedRules(t)
	page := iris.get("/console/rules?site=paper")
	page.want(http.StatusOK, "version 3 active", "<b>Publish</b> every comment", "if it has a term from <b>“coupons”</b> and <b>a link</b>",
		"Held for a moderator", "Published at once", `aria-pressed="true">On`, "Hits per day, two weeks: 0", "Comments that no rule decides: <b>held for a moderator</b>")
	ada := s.adaBrowser(t)
	ada.get("/console/rules?site=paper").want(http.StatusOK, "<b>“coupons”</b>", `<p class="mode still">On</p>`)

	iris.follow(iris.post("/console/rules/mode?site=paper", url.Values{"rule": {"coupons"}, "mode": {"shadow"}})).want(http.StatusOK,
		"Watching in your draft: coupons.", "Your draft differs from version 3", "1 rule changed", "changed in your draft")
	iris.post("/console/rules/mode?site=paper", url.Values{"rule": {"nosuch"}, "mode": {"off"}}).want(http.StatusNotFound)
	iris.get(editorPage).want(http.StatusOK, "mode: shadow", "# grows")
	iris.get("/console/rules/draft?site=paper").want(http.StatusOK, "Changes from version 3", "<code>coupons</code>", "shadow")
	saved := iris.post("/console/rules/draft?site=paper", url.Values{"do": {"save"}, "note": {"Watch coupons."}})
	iris.follow(saved).want(http.StatusOK, "Activate version 4?", "Watch coupons.")
	iris.get("/console/rules/draft?site=paper").want(http.StatusSeeOther)
	iris.post("/console/rules/mode?site=paper", url.Values{"rule": {"open-gate"}, "mode": {"off"}})
	iris.follow(iris.post("/console/rules/draft?site=paper", url.Values{"do": {"discard"}})).want(http.StatusOK, "Draft discarded.")
	if strings.Contains(iris.get("/console/rules?site=paper").body, "Your draft differs") {
		t.Error("the draft is still there")
	}
}

func TestARuleIsBuiltWithoutScripts(t *testing.T) {
	_, iris := withListedRules(t)
	page := iris.get(builderPage + "&rule=coupons")
	page.want(http.StatusOK, "Rule <code>coupons</code>", `<option value="listed" selected>`, `<span class="term">coupon code`, "Number of links")
	action, form := page.form("/console/rules/build")
	form.Set("do", "save")
	iris.follow(iris.post(action, form)).want(http.StatusOK, "Saved in your draft.")
	if strings.Contains(iris.get("/console/rules?site=paper").body, "Your draft differs") {
		t.Error("a rule that was written back unchanged is a draft")
	}
	form.Set("do", "add:c")
	action, form = iris.post(action, form).form("/console/rules/build")
	if form.Get("c.n") != "3" {
		t.Fatalf("there are %q conditions", form.Get("c.n"))
	}
	form.Set("c.2.fact", "author.approved")
	form.Set("do", "refresh")
	action, form = iris.post(action, form).form("/console/rules/build")
	form.Set("c.2.op", "less")
	form.Set("do", "keep")
	for typed, want := range map[string]string{"abc": "Enter a whole number, 0 or more.", "-3,5": "Enter a whole number, 0 or more.",
		"2.5": "Enter a whole number, 0 or more."} {
		form.Set("c.2.num0", typed)
		iris.post(action, form).want(http.StatusUnprocessableEntity, "Correct the marked number first.", want, `value="`+typed+`"`)
	}
	form.Set("c.2.num0", "5")
	form.Set("score", "x")
	iris.post(action, form).want(http.StatusUnprocessableEntity, "Correct the marked number first.", "Enter a number.")
	form.Set("score", "")
	form.Set("do", "effect")
	measured := iris.post(action, form)
	measured.want(http.StatusOK, `<span class="big">1</span> of 1 approved comments would have been <b>held</b>`,
		"fewer than <b>5 approved comments</b>", "<b>voucher</b> is in 1 approved comment, such as “A voucher from https://library.example/")
	form.Set("do", "try")
	form.Set("try-body", "My coupon code: https://shop.example/")
	iris.post(action, form).want(http.StatusOK, "This rule fires.", "held for a moderator")
	form.Set("do", "activate")
	iris.follow(iris.post(action, form)).want(http.StatusOK, "Activate version 4?")
	version := iris.get("/console/rules/versions/4?site=paper")
	version.want(http.StatusOK, `when: listed(&#34;coupons&#34;) &amp;&amp; links.count &gt; 0 &amp;&amp; author.approved &lt; 5 # advertising`,
		"# Ours.", "voucher # of the library", "# Everybody is welcome.")
}

func TestPagesOfRulesWithoutASiteLetChooseOne(t *testing.T) {
	_, iris := withListedRules(t)
	for _, path := range []string{"/console/rules/build", "/console/rules/lists", "/console/rules/edit", "/console/rules/versions"} {
		iris.get(path).want(http.StatusOK, `href="/console/rules?site=paper"`)
	}
}

func TestATriedCommentIsKeptAsATest(t *testing.T) {
	_, iris := withListedRules(t)
	action, form := iris.get(builderPage + "&rule=coupons").form("/console/rules/build")
	form.Set("do", "keep")
	iris.post(action, form).want(http.StatusUnprocessableEntity, "Try a comment first")
	form.Set("do", "try")
	form.Set("try-body", "My coupon code:\nhttps://shop.example/")
	tried := iris.post(action, form)
	tried.want(http.StatusOK, `<option value="hold" selected>held</option>`)
	action, form = tried.form("/console/rules/build")
	form.Set("do", "keep")
	iris.follow(iris.post(action, form)).want(http.StatusOK,
		"Kept in your draft as a test: “My coupon code: https://shop.example/” by a first-time commenter is held.")
	iris.get(editorPage).want(http.StatusOK, "tests:", `body: &#34;My coupon code:\nhttps://shop.example/&#34;`,
		"author.approved: 0", "expect: {action: hold}")
	form.Set("do", "effect")
	action, form = iris.post(action, form).form("/console/rules/build")
	for name := range form {
		if id, is := strings.CutPrefix(name, "example-"); is {
			form.Set("do", "keep:"+id)
		}
	}
	iris.follow(iris.post(action, form)).want(http.StatusOK, "by a regular (25 approved) is published.", "It fails with the rules as they are")
	saved := iris.post("/console/rules/draft?site=paper", url.Values{"do": {"save"}, "note": {"Tests."}})
	saved.want(http.StatusUnprocessableEntity, "fails: expected approve, but the verdict is hold")
}

func TestANewRuleIsWatchedFirst(t *testing.T) {
	_, iris := withListedRules(t)
	action, form := iris.get(builderPage).form("/console/rules/build")
	form.Set("do", "watch")
	iris.post(action, form).want(http.StatusUnprocessableEntity, "Choose a list")
	form.Set("do", "list")
	form.Set("new-list", "deals")
	form.Set("new-terms", "cheap deal\nbest, price")
	action, form = iris.post(action, form).form("/console/rules/build")
	if form.Get("c.0.v0") != "deals" {
		t.Fatalf("the condition asks about %q", form.Get("c.0.v0"))
	}
	form.Set("label", "Cheap deals")
	form.Set("do", "watch")
	iris.follow(iris.post(action, form)).want(http.StatusOK, "Activate version 4?", "Watch cheap-deals.")
	iris.get("/console/rules/versions/4?site=paper").want(http.StatusOK, "id: cheap-deals", "mode: shadow", `- &#34;cheap deal&#34;`,
		"reason: It has a term from “deals”.")
}

func TestANewRuleIsTriedAsIfItWereOn(t *testing.T) {
	_, iris := withListedRules(t)
	action, form := iris.get(builderPage).form("/console/rules/build")
	form.Set("do", "list")
	form.Set("new-list", "deals")
	form.Set("new-terms", "cheap deal")
	form.Set("label", "Deals")
	form.Set("then", "reject")
	action, form = iris.post(action, form).form("/console/rules/build")
	form.Set("do", "try")
	form.Set("try-as", "regular")
	for _, tried := range []struct{ body, says, kept string }{
		{"What a cheap deal.", "This rule fires.", "expect: {rules: [deals]}"},
		{"What a bridge.", "This rule does not fire.", "expect: {not_rules: [deals]}"},
	} {
		form.Set("try-body", tried.body)
		page := iris.post(action, form)
		page.want(http.StatusOK, tried.says, "With this rule on, the comment would be")
		keepAction, keep := page.form("/console/rules/build")
		keep.Set("do", "keep")
		kept := iris.follow(iris.post(keepAction, keep))
		kept.want(http.StatusOK, "Kept in your draft as a test")
		if strings.Contains(kept.body, "It fails") {
			t.Errorf("a test of %q fails while the rule is watched", tried.body)
		}
		iris.get(editorPage).want(http.StatusOK, tried.kept)
		action, form = iris.get(builderPage + "&rule=deals").form("/console/rules/build")
		form.Set("do", "try")
		form.Set("try-as", "regular")
	}
	form.Set("do", "activate")
	iris.follow(iris.post(action, form)).want(http.StatusOK, "Activate version 4?")
}

func TestFailedTestsAreRemovedFromADraft(t *testing.T) {
	_, iris := withListedRules(t)
	action, form := iris.get(builderPage + "&rule=coupons").form("/console/rules/build")
	form.Set("do", "try")
	form.Set("try-body", "My coupon code: https://shop.example/")
	action, form = iris.post(action, form).form("/console/rules/build")
	form.Set("do", "keep")
	iris.follow(iris.post(action, form)).want(http.StatusOK, "Kept in your draft as a test")
	action, form = iris.get(builderPage + "&rule=coupons").form("/console/rules/build")
	form.Set("then", "spam")
	form.Set("do", "activate")
	page := iris.follow(iris.post(action, form))
	page.want(http.StatusUnprocessableEntity, "Saved in your draft, but tests fail with it.", "fails: expected hold, but the verdict is spam",
		"Remove 1 failed test")
	iris.follow(iris.post("/console/rules/draft?site=paper", url.Values{"do": {"drop-failed"}})).want(http.StatusOK,
		"Removed 1 test from your draft.", "Changes from version 3")
	if source := iris.get(editorPage).body; strings.Contains(source, "tests:") || !strings.Contains(source, "then: spam") {
		t.Errorf("the draft is not the changed rule without its test:\n%s", source)
	}
}

func TestListsAreChangedInTheDraft(t *testing.T) {
	_, iris := withListedRules(t)
	const lists = "/console/rules/lists?site=paper"
	iris.get(lists).want(http.StatusOK, "coupon code", "2 terms of your own")
	iris.follow(iris.post(lists, url.Values{"do": {"terms:coupons"}, "terms.coupons": {"promo code, voucher\r\n\"a, b\""}})).want(http.StatusOK,
		"Added 2 terms. 1 was there already.", "promo code", "a, b", "Changes are in your draft")
	iris.follow(iris.post(lists, url.Values{"do": {"drop:coupons:coupon code"}})).want(http.StatusOK, "Removed “coupon code”.")
	iris.post(lists, url.Values{"do": {"list"}, "new-list": {"No Good"}, "new-terms": {"x"}}).want(http.StatusUnprocessableEntity, "lower-case letters", "No Good")
	iris.get(editorPage).want(http.StatusOK, "# of the library", `- &#34;a, b&#34;`)
}

func TestConditionsThatMenusLackStayText(t *testing.T) {
	s := newFixture(t)
	iris := s.adminBrowser(t)
	iris.follow(iris.post(editorPage, draft("save", "rules:\n  - {id: odd, when: 'author.rejected > author.approved || edit.is', then: hold, reason: Odd.}\n")))
	iris.follow(iris.post("/console/rules/versions/3/activate?site=paper", nil))
	iris.get("/console/rules?site=paper").want(http.StatusOK, "author.rejected &gt; author.approved || edit.is")
	page := iris.get(builderPage + "&rule=odd")
	page.want(http.StatusOK, "Written by hand. It makes a comparison that the menus don’t offer.", "author.rejected &gt; author.approved</textarea>")
	action, form := page.form("/console/rules/build")
	form.Set("do", "save")
	iris.post(action, form)
	if strings.Contains(iris.get("/console/rules?site=paper").body, "Your draft differs") {
		t.Error("a condition written by hand was changed")
	}
}
