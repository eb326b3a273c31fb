package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const heldNotice = "Your comment is awaiting moderation."

// startDemo starts a program with its demo, and a reader with a browser.
func startDemo(t *testing.T, env ...string) (*program, reader) {
	t.Helper()
	return startProgram(t, append(env, "REJOINDER_DATA_DIR="+t.TempDir()), "serve", "--demo"), newReader(t)
}

// publish sends a comment and approves it.
func (r reader) publish(p *program, body string) {
	r.t.Helper()
	r.submit("Ada Newcomer", "ada@mail.example", body)
	r.waitFor(`$(".rj-own .rj-notice")?.textContent.startsWith("` + heldNotice + `") && !$("[name=body]").value`)
	p.decide(r.t, "pending", "approve")
}

func (p *program) letReadersVote(t *testing.T) {
	t.Helper()
	votes := map[string]any{"settings": map[string]any{"votes": "up_down"}}
	if got := call(t, http.MethodPatch, p.url+"/api/v1/sites/demo", p.signIn(t), votes, nil); got != http.StatusOK {
		t.Fatalf("let readers vote: status %d", got)
	}
}

func TestAPublishedCommentStaysItsWriters(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	stranger := newReader(t)
	p.letReadersVote(t)
	ada.openThread(p.url + plainPage)
	ada.publish(p, remark)
	const mine = `!$(".rj-own") && $(".rj-you") && $$(".rj-manage").length === 2 && !$(".rj-report") && !$(".rj-vote") && $(".rj-reply")`
	ada.waitFor(mine)
	ada.waitFor(`$(".rj-title").textContent === "1 comment"`) // without a reload
	stranger.openThread(p.url + plainPage)
	stranger.waitFor(`$(".rj-report") && $(".rj-vote") && !$(".rj-you") && !$(".rj-manage")`)
	ada.openThread(p.url + plainPage)
	ada.waitFor(mine)
	ada.waitFor(`new RegExp("^Edit .until (.+, )?" + new Date($(".rj-clock").dateTime).toLocaleTimeString("en", { timeStyle: "short" }) + ".$").test($(".rj-manage").textContent)`)

	t.Run("an edit shows at once", func(t *testing.T) {
		ada.click(`.rj-manage[href$="#edit"]`)
		ada.waitFor(`focused(".rj-item .rj-panel textarea") && $$(".rj-item .rj-panel form").length === 1`)
		ada.do(`$(".rj-item .rj-panel textarea").value = "It is better still."`)
		ada.click(".rj-item .rj-panel [type=submit]")
		ada.waitFor(`!$(".rj-item .rj-panel") && $(".rj-text").textContent === "It is better still."`)
	})
	t.Run("a server that is gone makes the browser forget nothing", func(t *testing.T) {
		ada.do(`localStorage.setItem("before", localStorage.getItem("rejoinder " + new URL("` + p.url + `").host + " demo"))`)
		p.kill()
		ada.do(`window.dispatchEvent(new Event("online"))`)
		ada.waitFor(`localStorage.getItem("before").includes("receipt") &&
			localStorage.getItem("before") === localStorage.getItem("rejoinder " + new URL("` + p.url + `").host + " demo")`)
	})
	ada.checkClean()
}

// TestARejectionReachesAnOpenPage: only the writer may learn of a rejection, so the page polls.
func TestARejectionReachesAnOpenPage(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	ada.publish(p, remark)
	ada.waitFor(`$(".rj-you") && !$(".rj-own")`)
	p.decide(t, "approved", "reject")
	ada.waitFor(`$(".rj-own .rj-notice")?.textContent.startsWith("Your comment was not published.") && $('.rj-manage[href$="#appeal"]')`)
	ada.submit("Ada Newcomer", "ada@mail.example", "Another one, about something else.")
	ada.waitFor(`$$(".rj-own").length === 2 && !$("[name=body]").value`)
	p.decide(t, "pending", "reject")
	ada.waitFor(`$$('.rj-manage[href$="#appeal"]').length === 2 && $("[role=status].rj-beside").textContent.startsWith("Your comment was not published.")`)

	t.Run("an appeal says that it was sent", func(t *testing.T) {
		ada.click(`.rj-manage[href$="#appeal"]`)
		ada.waitFor(`focused(".rj-item .rj-panel textarea")`)
		ada.do(`$(".rj-item .rj-panel textarea").value = "Please read it again."`)
		ada.click(".rj-item .rj-panel [type=submit]")
		ada.waitFor(`!$(".rj-item .rj-panel") && $(".rj-own .rj-notice").textContent.includes("You appealed. A moderator will read your appeal.")`)
	})
}

func TestDeletingAsksOnceAndReportsTheResult(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	ada.publish(p, remark)
	ada.waitFor(`$(".rj-you") && !$(".rj-own")`)
	ada.click(`.rj-manage[href*="ask=withdraw"]`)
	ada.waitFor(`$(".rj-item .rj-panel h2")?.textContent === "Delete this comment?"`)
	ada.click(".rj-keep")
	ada.waitFor(`!$(".rj-item .rj-panel") && $(".rj").textContent.includes("pleasant page")`)
	ada.click(`.rj-manage[href*="ask=withdraw"]`)
	ada.click(".rj-item .rj-panel [type=submit]")
	ada.waitFor(`focused(".rj-ended") && $(".rj-item").textContent.trim() === "Your comment was deleted."`)
	ada.waitFor(`!localStorage.getItem(Object.keys(localStorage).find((key) => key.endsWith(" demo")))?.includes("receipt")`)

	ada.submit("Ada Newcomer", "ada@mail.example", "Another one, about something else.")
	ada.click(`.rj-own .rj-manage[href*="ask=withdraw"]`)
	ada.click(`.rj-item .rj-panel .rj-manage[href*="ask=erase"]`)
	ada.waitFor(`$(".rj-item .rj-panel h2")?.textContent === "Erase your data?"`)
	ada.click(".rj-item .rj-panel [type=submit]")
	ada.waitFor(`focused(".rj-ended") && !$(".rj").textContent.includes("something else") && $$(".rj-ended").at(-1).textContent.startsWith("Your data was erased")`)
	ada.checkClean()
}

// The HTML of a comment is replaced when it is published. Keyboard users must not lose their place.
func TestTheFocusStaysOnACommentThatIsReplaced(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`$(".rj-own .rj-manage")`)
	ada.do(`$(".rj-own .rj-manage").focus()`)
	p.decide(t, "pending", "approve")
	ada.waitFor(`!$(".rj-own") && $(".rj-you")`)
	ada.waitFor(`focused("article, article *")`)
	ada.checkClean()
}

func TestTheFormShowsRemainingFaults(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	ada.focusComposer()
	ada.do(`$(".rj-preview").open = true`)
	ada.submit("", "ada@mail", remark)
	ada.waitFor(`$$(".rj-summary li").length === 2 && $(".rj-preview")?.open && $(".rj-preview .rj-text").textContent.includes("pleasant page")`)
	ada.fill("author_email", "ada@mail.ex")
	ada.waitFor(`$$(".rj-summary li").length === 1 && $$(".rj-fault").length === 1 && !$("[name=author_email]").ariaInvalid`)
	ada.fill("author_name", "  ")
	ada.waitFor(`$$(".rj-fault").length === 1`)
	ada.fill("author_name", "Ada Newcomer")
	ada.waitFor(`!$(".rj-summary") && !$(".rj-fault") && !$("[aria-invalid=true]")`)
	ada.do(`const button = $(".rj-form [type=submit]"); window.said = []; button.click(); window.said.push(button.textContent, button.disabled);`)
	ada.waitFor(`window.said.join() === "Sending…,true"`)
	ada.waitFor(`$(".rj-own") && $(".rj-form [type=submit]").textContent === "Post Comment" && !$(".rj-form [type=submit]").disabled`)
}

func TestALinkToARemovedCommentSaysSo(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	ada.publish(p, remark)
	id := p.decide(t, "approved", "reject")
	stranger := newReader(t)
	stranger.openThread(p.url + plainPage + "#comment-" + id)
	stranger.waitFor(`focused(".rj-lost") && $(".rj-lost").textContent.startsWith("The linked comment was removed")`)
	ada.openThread(p.url + plainPage + "?again#comment-" + id)
	ada.waitFor(`$(".rj-own") && !$(".rj-lost")`)
}

func TestASecondVoteFromOneNetworkSaysSo(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	p.letReadersVote(t)
	ada.openThread(p.url + plainPage)
	ada.publish(p, remark)
	here, there := newReader(t), newReader(t)
	here.openThread(p.url + plainPage)
	there.openThread(p.url + plainPage)
	here.click(`.rj-vote[value="1"]`)
	here.waitFor(`$('.rj-vote[value="1"]').textContent.includes("1") && !$(".rj-voted")`)
	there.click(`.rj-vote[value="-1"]`)
	there.waitFor(`$(".rj-voted")?.textContent === "Only one vote per network counts. An earlier vote from yours was replaced."`)
	there.click(`.rj-vote[value="-1"]`)
	there.waitFor(`!$(".rj-voted")`)
}

// TestSmallMarginsDoNotScrollSideways puts the thread into pages with almost no margins.
func TestSmallMarginsDoNotScrollSideways(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.openThread(p.url + plainPage)
	ada.publish(p, remark)
	for _, width := range []int64{320, 360, 900} {
		size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 640, DeviceScaleFactor: 1, Mobile: width < 900}
		if _, err := chromedp.Call(ada.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
			t.Fatal(err)
		}
		ada.openThread(p.url + plainPage)
		ada.submit("Ada Newcomer", "ada@mail.example", fmt.Sprintf("At a width of %d pixels, one waits.", width))
		ada.waitFor(`$(".rj-own") && !$("[name=body]").value`)
		ada.click(`.rj-own .rj-manage[href$="#edit"]`)
		ada.waitFor(`$(".rj-item .rj-panel")`)
		for _, direction := range []string{"ltr", "rtl"} {
			for _, margin := range []int{0, 2, 4, 8, 12} {
				ada.do(fmt.Sprintf(`document.documentElement.dir = $(".rj").dir = "%s";
					for (let e = host.parentNode; e.nodeType === 1; e = e.parentNode) Object.assign(e.style, { margin: 0, padding: 0, maxWidth: "none" });
					document.body.style.margin = "0 %dpx"; $(".rj-own article").focus(); $(".rj-own article").classList.add("rj-target")`, direction, margin))
				if got := ada.text("document.documentElement.scrollWidth"); got != fmt.Sprint(width) {
					t.Errorf("%d pixels wide, %s, with margins of %d: %s pixels", width, direction, margin, got)
				}
			}
		}
		apart := ada.text(`(() => { const [face, notice] = ["avatar", "notice"].map((name) => $(".rj-own .rj-" + name).getBoundingClientRect());
			return face.top >= notice.bottom })()`)
		if apart != "true" {
			t.Errorf("%d pixels wide: the face covers the notice", width)
		}
	}
}
