package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// inviteColleague invites a second moderator, who signs in with another browser and opens no page yet.
func (m consoleUser) inviteColleague() consoleUser {
	m.t.Helper()
	m.load("/console/moderators")
	m.fillForm("#invite", "email", "bo@desk.example", "name", "Bo Lind")
	link := m.eval(`$("#link").value`)
	other := m.newUser(link[len(m.p.url):])
	other.fillForm("#accept", "password", "nine lamps along the quay")
	other.waitFor(`$(".me a")?.textContent === "Bo Lind" && $("#held .words")?.textContent.startsWith("1 yours")`)
	other.load("/console/account")
	token := m.p.signIn(m.t)
	eventually(m.t, "the page that was left released its claim", func() bool {
		var waiting struct {
			Items []struct{ Claim *struct{} }
		}
		if status := call(m.t, http.MethodGet, m.p.url+"/api/v1/queue?site=demo", token, nil, &waiting); status != http.StatusOK {
			m.t.Fatalf("read the queue: status %d", status)
		}
		for _, c := range waiting.Items {
			if c.Claim != nil {
				return false
			}
		}
		return len(waiting.Items) > 0
	})
	return other
}

// Conditions of the list.
const (
	heldByBo = `$(".item .claim")?.textContent === "Bo Lind is on this"`
	chosenIs = `$(".item.chosen h2")?.textContent === `
)

func TestClaimedCommentsAreSkippedUntilReleased(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	ann := newConsoleUser(t, p)
	bo := ann.inviteColleague()
	bo.open("/console")
	bo.waitFor(`$("#held .words")?.textContent.startsWith("1 yours until ") && !$("#held .back").hidden`)
	ann.open("/console")
	ann.waitFor(heldByBo + ` && ` + chosenIs + `"Reader 01" && $("#pane h2")?.textContent === "Reader 01"`)
	ann.press("k")
	ann.waitFor(chosenIs + `"Reader 01"`)
	act(t, ann.browser, chromedp.Click(css(".item:first-child .body")))
	ann.waitFor(chosenIs + `"Reader 00" && $("#pane .claim")?.textContent === "Bo Lind is on this"`)
	ann.press("jk")
	ann.waitFor(chosenIs + `"Reader 01"`)

	bo.press("j")
	ann.waitFor(`$$(".item .claim")[0].textContent === ""`)
	bo.load("/console/account")
	ann.press("k")
	ann.waitFor(chosenIs + `"Reader 00" && $(".item .claim")?.textContent.startsWith("Yours until ")`)
	ann.checkClean()
}

func TestAClaimEndsByTheClock(t *testing.T) {
	t.Parallel()
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_CLAIM_LENGTH=3s"), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	ann := newConsoleUser(t, p)
	bo := ann.inviteColleague()
	ann.open("/console?status=approved")
	bo.open("/console")
	bo.waitFor(`$("#held .words")?.textContent.startsWith("1 yours")`)
	ann.open("/console")
	ann.waitFor(heldByBo + ` && ` + chosenIs + `"Reader 01"`)
	ann.waitFor(`$(".item .claim")?.textContent === ""`)
	ann.press("k")
	ann.waitFor(chosenIs + `"Reader 00" && $(".item .claim")?.textContent.startsWith("Yours until ")`)
	bo.waitFor(`$(".item .claim")?.textContent === "Demo moderator is on this"`)
}

func TestADecisionOnAClaimedCommentKeepsItsInput(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	ann := newConsoleUser(t, p)
	bo := ann.inviteColleague()
	bo.open("/console")
	bo.waitFor(`$("#held .words")?.textContent.startsWith("1 yours")`)
	ann.open("/console")
	ann.waitFor(heldByBo)
	act(t, ann.browser, chromedp.Click(css(".item .body")))
	ann.waitFor(`$("#pane h2")?.textContent === "Reader 00"`)
	ann.unfold("#pane details.reasons")
	act(t, ann.browser,
		chromedp.SendKeys(css(`#pane textarea[name="reason"]`), "Off topic, sadly."), chromedp.Click(css(`#pane button[name="reject"][value="off-topic"]`)))
	ann.waitFor(`$(".message.bad")?.textContent.includes("Bo Lind has claimed this comment until ") && waiting() === 2`)
	ann.waitFor(`$("#pane h2")?.textContent === "Reader 00" && $('#pane textarea[name="reason"]').value === "Off topic, sadly."`)
	act(t, ann.browser, chromedp.Click(css(".message.bad button")))
	ann.waitFor(`waiting() === 1 && $(".messages")?.textContent.includes("Rejected: Reader 00, off topic")`)
	ann.open("/console?status=rejected")
	ann.waitFor(`$("#pane .log")?.textContent.includes("Off topic, sadly.")`)
}

func TestOneKeyClaimsTheNextComments(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(24)...)
	ann := newConsoleUser(t, p)
	bo := ann.inviteColleague()
	ann.open("/console")
	ann.press("?")
	ann.waitFor(`$("dialog.help")?.textContent.includes("claim the next comments")`)
	act(t, ann.browser, chromedp.Click(css("dialog.help button")))
	ann.waitFor(`!$("dialog") && $("#held .words")?.textContent.startsWith("1 yours")`)
	ann.press("t")
	ann.waitFor(`$("#held .words")?.textContent.startsWith("21 yours until ") && location.search.includes("free=others") && $(".messages") && $(".item.chosen")`)
	bo.open("/console?free=others")
	bo.waitFor(`waiting() === 3`)
	ann.press("a")
	ann.waitFor(`$(".messages")?.textContent.includes("Approved: Reader 0")`)
	follow(t, ann.browser, chromedp.Click(css("#held .back")))
	ann.waitFor(`$("#notices")?.textContent.includes("You have released all claims.")`)
	bo.open("/console?free=others")
	bo.waitFor(`waiting() === 20`)
	ann.checkClean()
}

func TestOneOfTwoModeratorsOnACommentIsMovedOn(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	ann := newConsoleUser(t, p)
	bo := ann.inviteColleague()
	ann.open("/console")
	ann.waitFor(chosenIs + `"Reader 00" && $("#held .words")?.textContent.startsWith("1 yours")`)
	// Her next claim is in flight as long as his.
	ann.do(`const send = fetch; fetch = async (address, options) => {
		if (String(address).endsWith("/claim")) await new Promise((go) => { globalThis.go = go; });
		return send(address, options);
	}; true`)
	ann.press("j")
	ann.waitFor(chosenIs + `"Reader 01" && Boolean(globalThis.go)`)
	bo.open("/console")
	bo.waitFor(chosenIs + `"Reader 01" && $("#held .words")?.textContent.startsWith("1 yours")`)
	ann.do(`globalThis.go(), true`)
	ann.waitFor(chosenIs + `"Reader 02" && $(".messages")?.textContent.includes("Bo Lind is on this. Here is the next comment.") && $("#pane h2")?.textContent === "Reader 02"`)
	ann.checkClean()
}

// Until the browser has unloaded or frozen a page that is left, responses and events still arrive in it.
func TestAPageThatWasLeftClaimsNothing(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	ann := newConsoleUser(t, p)
	ann.open("/console")
	ann.waitFor(`$("#held .words")?.textContent.startsWith("1 yours")`)
	// The next claim is in flight until released. The one after it waits for that.
	ann.do(`const send = fetch, later = setTimeout;
		Object.assign(globalThis, { sent: 0, rested: 0, finished: 0 });
		setTimeout = (job, ms) => later(() => { job(); rested += ms === 250; }, ms);
		fetch = async (address, options) => {
			if (!String(address).endsWith("/claim")) return send(address, options);
			sent++;
			await new Promise((go) => { globalThis.go = go; });
			const response = await send(address, options), read = response.json.bind(response);
			response.json = async () => {
				const content = await read();
				later(() => { finished++; }, 0); // after what follows from the response
				return content;
			};
			return response;
		}; true`)
	ann.press("j")
	ann.waitFor(chosenIs + `"Reader 01" && sent === 1`)
	ann.press("j")
	ann.waitFor(chosenIs + `"Reader 02" && rested === 2`)
	ann.do(`dispatchEvent(new PageTransitionEvent("pagehide")); go(); true`)
	ann.waitFor(`globalThis.finished === 1`)
	ann.waitFor(`sent === 1`)
	ann.waitFor(`$("#held .words").textContent === ""`)
	ann.checkClean()
}

func TestADecisionIsKeptWhenThePageIsLeftAtOnce(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	ann := newConsoleUser(t, p)
	ann.open("/console")
	ann.waitFor(`$("#held .words")?.textContent.startsWith("1 yours")`)
	// The decision waits for a claim that stays in flight until the page is left.
	ann.do(`const send = fetch; fetch = async (address, options) => {
		if (String(address).endsWith("/claim")) { globalThis.claiming = true; await new Promise(() => {}); }
		return send(address, options);
	}; true`)
	ann.press("j")
	ann.waitFor(chosenIs + `"Reader 01" && Boolean(globalThis.claiming)`)
	ann.press("a")
	ann.waitFor(`waiting() === 2`)
	ann.open("/console?status=approved")
	ann.waitFor(`$("h1").textContent === "1 approved comment"`)
	ann.waitFor(`$("#held .words")?.textContent === ""`)
	ann.checkClean()
}

func TestAReloadKeepsClaims(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(4)...)
	ann := newConsoleUser(t, p)
	ann.open("/console")
	ann.waitFor(`$("#held .words")?.textContent.startsWith("1 yours")`)
	ann.press("t")
	ann.waitFor(`$("#held .words")?.textContent.startsWith("4 yours") && location.search.includes("free=others")`)
	act(t, ann.browser, chromedp.Reload())
	ann.waitFor(`$("#held .words")?.textContent.startsWith("4 yours") && $$('.claim[data-held="own"]').length >= 4`)
	ann.load("/console/account")
	ann.open("/console?status=approved")
	ann.waitFor(`$("#held .words")?.textContent === ""`)
	ann.checkClean()
}

// claimDelayer is a proxy before the program that holds back claims and forwards them on demand, even if the
// sender has gone.
type claimDelayer struct {
	url  string
	held chan struct{} // a claim has arrived
	on   chan struct{} // closed: forward the claims
	done chan struct{} // a delayed claim got its response
}

func (p *program) delayClaims(t *testing.T) claimDelayer {
	t.Helper()
	s := claimDelayer{held: make(chan struct{}, 100), on: make(chan struct{}), done: make(chan struct{}, 100)}
	target, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/claim") {
			proxy.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r = r.WithContext(context.WithoutCancel(r.Context()))
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.held <- struct{}{}
		<-s.on
		proxy.ServeHTTP(w, r)
		s.done <- struct{}{}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// TestAClaimInFlightIsReleasedToo leaves the queue before the claim of the open comment has arrived.
func TestAClaimInFlightIsReleasedToo(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	behind := p.delayClaims(t)
	through := *p
	through.url = behind.url
	ann := newConsoleUser(t, &through)
	<-behind.held
	ann.load("/console/account")
	bo := newConsoleUser(t, p)
	bo.waitFor(chosenIs + `"Reader 00"`)
	close(behind.on)
	<-behind.done
	bo.load("/console/account")
	bo.open("/console?status=approved")
	bo.waitFor(`$("#held .words") && $("#held .words").textContent === ""`)
}

func TestTimesAreThoseOfTheModeratorsZone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	ann := newConsoleUser(t, p)
	if _, err := chromedp.Call(ann.browser, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Kathmandu"}); err != nil {
		t.Fatal(err)
	}
	// Fifteen minutes from everybody else's, so that it can't be right by chance.
	local := `const local = (time) => new Date(new Date(time) - -345 * 60000).toISOString().slice(11, 16) + " GMT+5:45";`
	ann.open("/console")
	ann.waitFor(`(() => { ` + local + ` const log = $("#pane .log time"), bar = $("#held .words"); return log.textContent.endsWith(" at " + local(log.dateTime)) && log.title.endsWith(" UTC") &&
		bar.textContent.endsWith(local(bar.dataset.until).slice(0, 5)) && $(".item .claim").textContent.endsWith(bar.textContent.slice(-5)) && $(".item time").title.endsWith(" GMT+5:45") })()`)
	ann.press("j")
	ann.waitFor(`(() => { ` + local + ` const log = $("#pane .log time"); return $("#pane h2").textContent === "Reader 01" && log.textContent.endsWith(" at " + local(log.dateTime)) })()`)
	ann.checkClean()
}
