package main

import "testing"

// TestANudgeGoesWithItsComment: the author is asked once, and the form for the next comment says nothing of it.
func TestANudgeGoesWithItsComment(t *testing.T) {
	t.Parallel()
	_, ada := startAlone(t)
	ada.sends("Ada Newcomer", "ada@mail.example", "THIS IS WHAT EVERYBODY IN THE HARBOUR THINKS ABOUT THE NEW LAMPS")
	ada.until(`$(".rj-respond .rj-notice")?.textContent.startsWith("Before you post") && $("[name=body]").value.startsWith("THIS IS")`)
	ada.until(`!$(".rj-item") && $("[name=nudged]")`)
	ada.clicks(".rj-respond [type=submit]")
	ada.until(`$(".rj-own") && !$("[name=body]").value`)
	ada.until(`!$(".rj-respond .rj-notice") && !$("[name=nudged]")`)
	ada.clean()
}
