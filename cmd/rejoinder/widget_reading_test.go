package main

import "testing"

// TestReadersFoldBranchesAndCopyLinks reads the demo's thread of fourteen comments.
func TestReadersFoldBranchesAndCopyLinks(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo=full")
	ada := newReader(t)
	ada.openThread(p.url + plainPage)
	const first = `$(".rj-branch")`
	ada.waitFor(`$$(".rj-item").length === 14 && ` + first + `.open`)
	if got := ada.text(`getComputedStyle($(".rj-branch > summary span")).fontSize`); got != "0px" {
		t.Errorf("the label of an open branch is %s high", got)
	}

	t.Run("a folded branch stays folded", func(t *testing.T) {
		ada.click(".rj-branch > summary")
		ada.waitFor(`!` + first + `.open && !$(".rj-branch .rj-item").checkVisibility()`)
		if got := ada.text(`$(".rj-branch > summary").textContent`); got != "3 replies" {
			t.Errorf("a folded branch is labelled %q", got)
		}
		ada.openThread(p.url + plainPage)
		ada.waitFor(first + ` && !` + first + `.open && $$(".rj-branch")[1].open`)
	})
	t.Run("a link to a comment opens its branch", func(t *testing.T) {
		ada.do(`location.hash = "#" + $(".rj-branch .rj-comment").id`)
		ada.waitFor(first + `.open && focused(".rj-branch .rj-comment")`)
	})
	t.Run("one menu is open at a time", func(t *testing.T) {
		ada.click(".rj-menu summary")
		ada.waitFor(`$(".rj-report").checkVisibility()`)
		ada.do(`$$(".rj-menu summary")[1].click()`)
		ada.waitFor(`$$(".rj-menu[open]").length === 1 && $$(".rj-menu")[1].open`)
	})
	t.Run("a link is copied", func(t *testing.T) {
		ada.do(`navigator.clipboard.writeText = async (text) => { window.copied = text }`) // no permission is needed
		ada.click(".rj-menu[open] .rj-copy")
		ada.waitFor(`$(".rj-menu[open] .rj-copy").textContent === "Link copied." &&
			window.copied === location.href.split("#")[0] + "#" + $(".rj-menu[open]").closest("article").id`)
	})
	ada.checkClean()
}
