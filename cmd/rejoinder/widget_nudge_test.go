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

// TestAMistypedEmailIsCorrectedWithOneClick: the comment takes the place of the words for an empty thread.
func TestAMistypedEmailIsCorrectedWithOneClick(t *testing.T) {
	t.Parallel()
	_, ada := startAlone(t)
	ada.until(`$(".rj-empty")`)
	ada.do(`$("[name=remember]").checked = true`)
	ada.sends("Ada Newcomer", "ada@gmial.com", remark)
	ada.until(`$(".rj-respond .rj-notice")?.textContent.includes("Did you mean ada@gmail.com?") && !$(".rj-item")`)
	ada.clicks(`.rj-respond button[name=author_email]`)
	ada.until(`$(".rj-own") && !$(".rj-empty") && !$("button[name=author_email]") && !$("[name=email_asked]")`)
	ada.until(`Object.values(localStorage).join().includes("ada@gmail.com")`)
	ada.clean()
}
