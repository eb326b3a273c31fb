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

// published sends a comment and approves it.
func (r reader) published(p *program, body string) {
	r.t.Helper()
	r.sends("Ada Newcomer", "ada@mail.example", body)
	r.until(`$(".rj-own .rj-notice")?.textContent.startsWith("` + heldNotice + `") && !$("[name=body]").value`)
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
	ada.reads(p.url + plainPage)
	ada.published(p, remark)
	const mine = `!$(".rj-own") && $(".rj-you") && $$(".rj-manage").length === 2 && !$(".rj-report") && !$(".rj-vote") && $(".rj-reply")`
	ada.until(mine)
	ada.until(`$(".rj-title").textContent === "1 comment"`) // without a reload
	stranger.reads(p.url + plainPage)
	stranger.until(`$(".rj-report") && $(".rj-vote") && !$(".rj-you") && !$(".rj-manage")`)
	ada.reads(p.url + plainPage)
	ada.until(mine)
	ada.until(`new RegExp("^Edit .until (.+, )?" + new Date($(".rj-clock").dateTime).toLocaleTimeString("en", { timeStyle: "short" }) + ".$").test($(".rj-manage").textContent)`)

	t.Run("an edit shows at once", func(t *testing.T) {
		ada.clicks(`.rj-manage[href$="#edit"]`)
		ada.until(`focused(".rj-item .rj-panel textarea") && $$(".rj-item .rj-panel form").length === 1`)
		ada.do(`$(".rj-item .rj-panel textarea").value = "It is better still."`)
		ada.clicks(".rj-item .rj-panel [type=submit]")
		ada.until(`!$(".rj-item .rj-panel") && $(".rj-text").textContent === "It is better still."`)
	})
	t.Run("a server that is gone makes the browser forget nothing", func(t *testing.T) {
		ada.do(`localStorage.setItem("before", localStorage.getItem("rejoinder " + new URL("` + p.url + `").host + " demo"))`)
		p.kill()
		ada.do(`window.dispatchEvent(new Event("online"))`)
		ada.until(`localStorage.getItem("before").includes("receipt") &&
			localStorage.getItem("before") === localStorage.getItem("rejoinder " + new URL("` + p.url + `").host + " demo")`)
	})
	ada.clean()
}

// TestARejectionReachesAnOpenPage: only the writer may learn of a rejection, so the page polls.
func TestARejectionReachesAnOpenPage(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.reads(p.url + plainPage)
	ada.published(p, remark)
	ada.until(`$(".rj-you") && !$(".rj-own")`)
	p.decide(t, "approved", "reject")
	ada.until(`$(".rj-own .rj-notice")?.textContent.startsWith("Your comment was not published.") && $('.rj-manage[href$="#appeal"]')`)
	ada.sends("Ada Newcomer", "ada@mail.example", "Another one, about something else.")
	ada.until(`$$(".rj-own").length === 2 && !$("[name=body]").value`)
	p.decide(t, "pending", "reject")
	ada.until(`$$('.rj-manage[href$="#appeal"]').length === 2 && $("[role=status].rj-beside").textContent.startsWith("Your comment was not published.")`)

	t.Run("an appeal says that it was sent", func(t *testing.T) {
		ada.clicks(`.rj-manage[href$="#appeal"]`)
		ada.until(`focused(".rj-item .rj-panel textarea")`)
		ada.do(`$(".rj-item .rj-panel textarea").value = "Please read it again."`)
		ada.clicks(".rj-item .rj-panel [type=submit]")
		ada.until(`!$(".rj-item .rj-panel") && $(".rj-own .rj-notice").textContent.includes("You appealed. A moderator will read your appeal.")`)
	})
}

func TestDeletingAsksOnceAndReportsTheResult(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.reads(p.url + plainPage)
	ada.published(p, remark)
	ada.until(`$(".rj-you") && !$(".rj-own")`)
	ada.clicks(`.rj-manage[href*="ask=withdraw"]`)
	ada.until(`$(".rj-item .rj-panel h2")?.textContent === "Delete this comment?"`)
	ada.clicks(".rj-keep")
	ada.until(`!$(".rj-item .rj-panel") && $(".rj").textContent.includes("pleasant page")`)
	ada.clicks(`.rj-manage[href*="ask=withdraw"]`)
	ada.clicks(".rj-item .rj-panel [type=submit]")
	ada.until(`focused(".rj-ended") && $(".rj-item").textContent.trim() === "Your comment was deleted."`)
	ada.until(`!localStorage.getItem(Object.keys(localStorage).find((key) => key.endsWith(" demo")))?.includes("receipt")`)

	ada.sends("Ada Newcomer", "ada@mail.example", "Another one, about something else.")
	ada.clicks(`.rj-own .rj-manage[href*="ask=withdraw"]`)
	ada.clicks(`.rj-item .rj-panel .rj-manage[href*="ask=erase"]`)
	ada.until(`$(".rj-item .rj-panel h2")?.textContent === "Erase your data?"`)
	ada.clicks(".rj-item .rj-panel [type=submit]")
	ada.until(`focused(".rj-ended") && !$(".rj").textContent.includes("something else") && $$(".rj-ended").at(-1).textContent.startsWith("Your data was erased")`)
	ada.clean()
}

// The HTML of a comment is replaced when it is published. Keyboard users must not lose their place.
func TestTheFocusStaysOnACommentThatIsReplaced(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.reads(p.url + plainPage)
	ada.sends("Ada Newcomer", "ada@mail.example", remark)
	ada.until(`$(".rj-own .rj-manage")`)
	ada.do(`$(".rj-own .rj-manage").focus()`)
	p.decide(t, "pending", "approve")
	ada.until(`!$(".rj-own") && $(".rj-you")`)
	ada.until(`focused("article, article *")`)
	ada.clean()
}

func TestTheFormShowsRemainingFaults(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.reads(p.url + plainPage)
	ada.begins()
	ada.do(`$(".rj-preview").open = true`)
	ada.sends("", "ada@mail", remark)
	ada.until(`$$(".rj-summary li").length === 2 && $(".rj-preview")?.open && $(".rj-preview .rj-text").textContent.includes("pleasant page")`)
	ada.types("author_email", "ada@mail.ex")
	ada.until(`$$(".rj-summary li").length === 1 && $$(".rj-fault").length === 1 && !$("[name=author_email]").ariaInvalid`)
	ada.types("author_name", "  ")
	ada.until(`$$(".rj-fault").length === 1`)
	ada.types("author_name", "Ada Newcomer")
	ada.until(`!$(".rj-summary") && !$(".rj-fault") && !$("[aria-invalid=true]")`)
	ada.do(`const button = $(".rj-form [type=submit]"); window.said = []; button.click(); window.said.push(button.textContent, button.disabled);`)
	ada.until(`window.said.join() === "Sending…,true"`)
	ada.until(`$(".rj-own") && $(".rj-form [type=submit]").textContent === "Post Comment" && !$(".rj-form [type=submit]").disabled`)
}

func TestALinkToARemovedCommentSaysSo(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.reads(p.url + plainPage)
	ada.published(p, remark)
	id := p.decide(t, "approved", "reject")
	stranger := newReader(t)
	stranger.reads(p.url + plainPage + "#comment-" + id)
	stranger.until(`focused(".rj-lost") && $(".rj-lost").textContent.startsWith("The linked comment was removed")`)
	ada.reads(p.url + plainPage + "?again#comment-" + id)
	ada.until(`$(".rj-own") && !$(".rj-lost")`)
}

func TestASecondVoteFromOneNetworkSaysSo(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	p.letReadersVote(t)
	ada.reads(p.url + plainPage)
	ada.published(p, remark)
	here, there := newReader(t), newReader(t)
	here.reads(p.url + plainPage)
	there.reads(p.url + plainPage)
	here.clicks(`.rj-vote[value="1"]`)
	here.until(`$('.rj-vote[value="1"]').textContent.includes("1") && !$(".rj-voted")`)
	there.clicks(`.rj-vote[value="-1"]`)
	there.until(`$(".rj-voted")?.textContent === "Only one vote per network counts. An earlier vote from yours was replaced."`)
	there.clicks(`.rj-vote[value="-1"]`)
	there.until(`!$(".rj-voted")`)
}

// TestSmallMarginsDoNotScrollSideways puts the thread into pages with almost no margins.
func TestSmallMarginsDoNotScrollSideways(t *testing.T) {
	t.Parallel()
	p, ada := startDemo(t)
	ada.reads(p.url + plainPage)
	ada.published(p, remark)
	for _, width := range []int64{320, 360, 900} {
		size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 640, DeviceScaleFactor: 1, Mobile: width < 900}
		if _, err := chromedp.Call(ada.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
			t.Fatal(err)
		}
		ada.reads(p.url + plainPage)
		ada.sends("Ada Newcomer", "ada@mail.example", fmt.Sprintf("At a width of %d pixels, one waits.", width))
		ada.until(`$(".rj-own") && !$("[name=body]").value`)
		ada.clicks(`.rj-own .rj-manage[href$="#edit"]`)
		ada.until(`$(".rj-item .rj-panel")`)
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
