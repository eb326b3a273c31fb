package main

import "testing"

// TestReadersFoldBranchesAndCopyLinks reads the demo's thread of fourteen comments.
func TestReadersFoldBranchesAndCopyLinks(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo=full")
	ada := newReader(t)
	ada.reads(p.url + plainPage)
	const first = `$(".rj-branch")`
	ada.until(`$$(".rj-item").length === 14 && ` + first + `.open`)
	if got := ada.text(`getComputedStyle($(".rj-branch > summary span")).fontSize`); got != "0px" {
		t.Errorf("the label of an open branch is %s high", got)
	}

	t.Run("a folded branch stays folded", func(t *testing.T) {
		ada.clicks(".rj-branch > summary")
		ada.until(`!` + first + `.open && !$(".rj-branch .rj-item").checkVisibility()`)
		if got := ada.text(`$(".rj-branch > summary").textContent`); got != "3 replies" {
			t.Errorf("a folded branch is labelled %q", got)
		}
		ada.reads(p.url + plainPage)
		ada.until(first + ` && !` + first + `.open && $$(".rj-branch")[1].open`)
	})
	t.Run("a link to a comment opens its branch", func(t *testing.T) {
		ada.do(`location.hash = "#" + $(".rj-branch .rj-comment").id`)
		ada.until(first + `.open && focused(".rj-branch .rj-comment")`)
	})
	t.Run("one menu is open at a time", func(t *testing.T) {
		ada.clicks(".rj-menu summary")
		ada.until(`$(".rj-report").checkVisibility()`)
		ada.do(`$$(".rj-menu summary")[1].click()`)
		ada.until(`$$(".rj-menu[open]").length === 1 && $$(".rj-menu")[1].open`)
	})
	t.Run("a link is copied", func(t *testing.T) {
		ada.do(`navigator.clipboard.writeText = async (text) => { window.copied = text }`) // no permission is needed
		ada.clicks(".rj-menu[open] .rj-copy")
		ada.until(`$(".rj-menu[open] .rj-copy").textContent === "Link copied." &&
			window.copied === location.href.split("#")[0] + "#" + $(".rj-menu[open]").closest("article").id`)
	})
	ada.clean()
}
