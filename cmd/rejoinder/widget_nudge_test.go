package main

import "testing"

// TestANudgeGoesWithItsComment: the author is asked once, and the form for the next comment says nothing of it.
func TestANudgeGoesWithItsComment(t *testing.T) {
	t.Parallel()
	_, ada := startWithEmptyThread(t)
	ada.submit("Ada Newcomer", "ada@mail.example", "THIS IS WHAT EVERYBODY IN THE HARBOUR THINKS ABOUT THE NEW LAMPS")
	ada.waitFor(`$(".rj-respond .rj-notice")?.textContent.startsWith("Before you post") && $("[name=body]").value.startsWith("THIS IS")`)
	ada.waitFor(`!$(".rj-item") && $("[name=nudged]")`)
	ada.click(".rj-respond [type=submit]")
	ada.waitFor(`$(".rj-own") && !$("[name=body]").value`)
	ada.waitFor(`!$(".rj-respond .rj-notice") && !$("[name=nudged]")`)
	ada.checkClean()
}

// TestAMistypedEmailIsCorrectedWithOneClick: the comment takes the place of the words for an empty thread.
func TestAMistypedEmailIsCorrectedWithOneClick(t *testing.T) {
	t.Parallel()
	_, ada := startWithEmptyThread(t)
	ada.waitFor(`$(".rj-empty")`)
	ada.do(`$("[name=remember]").checked = true`)
	ada.submit("Ada Newcomer", "ada@gmial.com", remark)
	ada.waitFor(`$(".rj-respond .rj-notice")?.textContent.includes("Did you mean ada@gmail.com?") && !$(".rj-item")`)
	ada.click(`.rj-respond button[name=author_email]`)
	ada.waitFor(`$(".rj-own") && !$(".rj-empty") && !$("button[name=author_email]") && !$("[name=email_asked]")`)
	ada.waitFor(`Object.values(localStorage).join().includes("ada@gmail.com")`)
	ada.checkClean()
}
