package main

import (
	"net/http"
	"testing"
)

// ctrl is held down with a key.
const ctrl = "ctrlKey: true"

func TestTheFormIsOneBoxUntilSomebodyWrites(t *testing.T) {
	t.Parallel()
	_, ada := startWithEmptyThread(t)
	const shown = `.filter((e) => e.checkVisibility())`
	ada.waitFor(`$$(".rj-respond :is(input, textarea, button)")` + shown + `.length === 1`)
	ada.focusComposer()
	ada.waitFor(`$$(".rj-respond input")` + shown + `.length === 6 && $$(".rj-tools button").length === 6`)
	ada.checkClean()

	t.Run("a draft opens it", func(t *testing.T) {
		ada.fill("body", "Half a thought")
		ada.do(`location.reload()`)
		ada.waitFor(`$(".rj-tools") && $("[name=body]").value === "Half a thought"`)
	})
	t.Run("it counts the remaining characters near the end only", func(t *testing.T) {
		ada.waitFor(`$(".rj-count").textContent === ""`)
		ada.fill("body", "x")
		ada.do(`const box = $("[name=body]"); box.value = "x".repeat(box.dataset.max - 41); box.dispatchEvent(new Event("input", { bubbles: true }))`)
		ada.waitFor(`$(".rj-count").textContent === "41 characters left"`)
	})
}

func TestMarkdownIsWrittenByKeysAndButtons(t *testing.T) {
	t.Parallel()
	_, ada := startWithEmptyThread(t)
	ada.focusComposer()
	cases := []struct{ name, typed, does, want string }{
		{"bold, by its key", "say [it] now", "Ctrl+b", "say **[it]** now"},
		{"bold, taken back", "say **[it]** now", "Ctrl+b", "say [it] now"},
		{"italic inside bold", "say **[it]** now", "Ctrl+i", "say ***[it]*** now"},
		{"italic taken out of both", "say ***[it]*** now", "Ctrl+i", "say **[it]** now"},
		{"a link of words", "read [the report] now", "Ctrl+k", "read [the report]([https://]) now"},
		{"a link of an address", "read [https://a.example/x] now", "Ctrl+k", "read [[]](https://a.example/x) now"},
		{"a quotation of every line selected", "one\nt[wo\nthr]ee", ".rj-quote", "one\n[> two\n> three]"},
		{"a quotation taken back", "[> two\n> three]", ".rj-quote", "[two\nthree]"},
		{"a list", "[milk\nbread]", ".rj-list", "[- milk\n- bread]"},
		{"code in a line", "run [make] first", ".rj-code", "run `[make]` first"},
		{"code of several lines", "[a\nb]", ".rj-code", "```\n[a\nb]\n```"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ada.typeAndSelect(c.typed)
			ada.useTool(c.does)
			if got := ada.text(selection); got != c.want {
				t.Errorf("%q became %q, want %q", c.typed, got, c.want)
			}
		})
	}
	ada.do(`$(".rj-tools").firstChild.focus()`)
	ada.do(`$(".rj-bold").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, composed: true }))`)
	ada.waitFor(`focused(".rj-italic") && $$(".rj-tools [tabindex='0']").length === 1`)
	ada.checkClean()
}

func TestPeopleAreRememberedAndReplyWithQuotations(t *testing.T) {
	t.Parallel()
	p, ada := startWithEmptyThread(t)
	ada.fill("author_name", "Ada <b>Newcomer</b>")
	ada.fill("author_email", "ada@mail.example")
	ada.do(`$("[name=remember]").checked = true`)
	ada.fill("body", remark)
	ada.focusComposer()
	ada.press("Enter", ctrl)
	ada.waitFor(`$(".rj-own")`)
	p.decide(t, "pending", "approve")
	ada.openThread(p.url + plainPage)
	ada.waitFor(`$(".rj-reply")`)
	ada.do(`getSelection().selectAllChildren($(".rj-text p"))`)
	ada.click(".rj-reply")
	ada.waitFor(`$(".rj-item [name=body]")?.value === "> ` + remark + `\n\n"`)
	ada.waitFor(`$(".rj-form").textContent.includes("Commenting as Ada <b>Newcomer</b> (a…@mail.example)") && !$("[name=author_name]").checkVisibility()`)

	ada.press("Escape", "")
	ada.waitFor(`$(".rj-item .rj-respond")`) // it is not empty
	ada.fill("body", "")
	ada.press("Escape", "")
	ada.waitFor(`!$(".rj-item .rj-respond") && focused(".rj-reply")`)

	ada.do(`[...$$(".rj-form .rj-quiet")].find((button) => button.textContent === "Change").click()`)
	ada.waitFor(`focused("[name=author_name]") && $("[name=author_name]").value === "Ada <b>Newcomer</b>"`)
	ada.checkClean()
}

func TestNobodyIsInvitedToAnArticleThatClosesWhileTheyWrite(t *testing.T) {
	t.Parallel()
	p, ada := startWithEmptyThread(t)
	ada.waitFor(`$(".rj-empty") && $(".rj-respond form")`)
	closed := map[string]any{"closed": true}
	if got := call(t, http.MethodPatch, p.url+"/api/v1/sites/demo/articles?article=welcome", p.signIn(t), closed, nil); got != http.StatusOK {
		t.Fatalf("close the article: status %d", got)
	}
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`!$(".rj-respond form") && !$(".rj-empty") && $(".rj-respond").textContent.includes("` + remark + `")`)
}

// startWithEmptyThread starts a program with its demo, and a reader who sees its empty thread.
func startWithEmptyThread(t *testing.T) (*program, reader) {
	t.Helper()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	return p, ada
}

// selection is the text of the box, with brackets around what is selected.
const selection = `(({ value, selectionStart: from, selectionEnd: to }) =>
	value.slice(0, from) + "[" + value.slice(from, to) + "]" + value.slice(to))($("[name=body]"))`

// typeAndSelect types a text, and selects the part between its last brackets.
func (r reader) typeAndSelect(text string) {
	r.t.Helper()
	r.fill("body", text)
	r.do(`const box = $("[name=body]"), from = box.value.lastIndexOf("["), to = box.value.indexOf("]", from);
		box.value = box.value.slice(0, from) + box.value.slice(from + 1, to) + box.value.slice(to + 1);
		box.setSelectionRange(from, to - 1);`)
}

// useTool presses a key with Ctrl, or a tool.
func (r reader) useTool(what string) {
	r.t.Helper()
	if what[0] == '.' {
		r.click(what)
		return
	}
	r.press(what[len("Ctrl+"):], ctrl)
}
