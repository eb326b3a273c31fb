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

// joined invites a second moderator, who signs in with another browser and opens no page yet.
func (m moderatorAt) joined() moderatorAt {
	m.t.Helper()
	m.goes("/console/moderators")
	m.types("#invite", "email", "bo@desk.example", "name", "Bo Lind")
	link := m.gives(`$("#link").value`)
	other := m.anew(link[len(m.p.url):])
	other.types("#accept", "password", "nine lamps along the quay")
	other.shows(`$(".me a")?.textContent === "Bo Lind" && $("#held .words")?.textContent.startsWith("1 yours")`)
	other.goes("/console/account")
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
	p.submitted(t, bodies(3)...)
	ann := atConsole(t, p)
	bo := ann.joined()
	bo.opens("/console")
	bo.shows(`$("#held .words")?.textContent.startsWith("1 yours until ") && !$("#held .back").hidden`)
	ann.opens("/console")
	ann.shows(heldByBo + ` && ` + chosenIs + `"Reader 01" && $("#pane h2")?.textContent === "Reader 01"`)
	ann.presses("k")
	ann.shows(chosenIs + `"Reader 01"`)
	act(t, ann.browser, chromedp.Click(css(".item:first-child .body")))
	ann.shows(chosenIs + `"Reader 00" && $("#pane .claim")?.textContent === "Bo Lind is on this"`)
	ann.presses("jk")
	ann.shows(chosenIs + `"Reader 01"`)

	bo.presses("j")
	ann.shows(`$$(".item .claim")[0].textContent === ""`)
	bo.goes("/console/account")
	ann.presses("k")
	ann.shows(chosenIs + `"Reader 00" && $(".item .claim")?.textContent.startsWith("Yours until ")`)
	ann.clean()
}

func TestAClaimEndsByTheClock(t *testing.T) {
	t.Parallel()
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_CLAIM_LENGTH=3s"), "serve", "--demo")
	p.submitted(t, bodies(2)...)
	ann := atConsole(t, p)
	bo := ann.joined()
	ann.opens("/console?status=approved")
	bo.opens("/console")
	bo.shows(`$("#held .words")?.textContent.startsWith("1 yours")`)
	ann.opens("/console")
	ann.shows(heldByBo + ` && ` + chosenIs + `"Reader 01"`)
	ann.shows(`$(".item .claim")?.textContent === ""`)
	ann.presses("k")
	ann.shows(chosenIs + `"Reader 00" && $(".item .claim")?.textContent.startsWith("Yours until ")`)
	bo.shows(`$(".item .claim")?.textContent === "Demo moderator is on this"`)
}

func TestADecisionOnAClaimedCommentKeepsItsInput(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(2)...)
	ann := atConsole(t, p)
	bo := ann.joined()
	bo.opens("/console")
	bo.shows(`$("#held .words")?.textContent.startsWith("1 yours")`)
	ann.opens("/console")
	ann.shows(heldByBo)
	act(t, ann.browser, chromedp.Click(css(".item .body")))
	ann.shows(`$("#pane h2")?.textContent === "Reader 00"`)
	ann.unfolds("#pane details.reasons")
	act(t, ann.browser,
		chromedp.SendKeys(css(`#pane textarea[name="reason"]`), "Off topic, sadly."), chromedp.Click(css(`#pane button[name="reject"][value="off-topic"]`)))
	ann.shows(`$(".message.bad")?.textContent.includes("Bo Lind has claimed this comment until ") && waiting() === 2`)
	ann.shows(`$("#pane h2")?.textContent === "Reader 00" && $('#pane textarea[name="reason"]').value === "Off topic, sadly."`)
	act(t, ann.browser, chromedp.Click(css(".message.bad button")))
	ann.shows(`waiting() === 1 && $(".messages")?.textContent.includes("Rejected: Reader 00, off topic")`)
	ann.opens("/console?status=rejected")
	ann.shows(`$("#pane .log")?.textContent.includes("Off topic, sadly.")`)
}

func TestOneKeyClaimsTheNextComments(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(24)...)
	ann := atConsole(t, p)
	bo := ann.joined()
	ann.opens("/console")
	ann.presses("?")
	ann.shows(`$("dialog.help")?.textContent.includes("claim the next comments")`)
	act(t, ann.browser, chromedp.Click(css("dialog.help button")))
	ann.shows(`!$("dialog") && $("#held .words")?.textContent.startsWith("1 yours")`)
	ann.presses("t")
	ann.shows(`$("#held .words")?.textContent.startsWith("21 yours until ") && location.search.includes("free=others") && $(".messages") && $(".item.chosen")`)
	bo.opens("/console?free=others")
	bo.shows(`waiting() === 3`)
	ann.presses("a")
	ann.shows(`$(".messages")?.textContent.includes("Approved: Reader 0")`)
	follow(t, ann.browser, chromedp.Click(css("#held .back")))
	ann.shows(`$("#notices")?.textContent.includes("You have released all claims.")`)
	bo.opens("/console?free=others")
	bo.shows(`waiting() === 20`)
	ann.clean()
}

func TestOneOfTwoModeratorsOnACommentIsMovedOn(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	ann := atConsole(t, p)
	bo := ann.joined()
	ann.opens("/console")
	ann.shows(chosenIs + `"Reader 00" && $("#held .words")?.textContent.startsWith("1 yours")`)
	// Her next claim is in flight as long as his.
	ann.do(`const send = fetch; fetch = async (address, options) => {
		if (String(address).endsWith("/claim")) await new Promise((go) => { globalThis.go = go; });
		return send(address, options);
	}; true`)
	ann.presses("j")
	ann.shows(chosenIs + `"Reader 01" && Boolean(globalThis.go)`)
	bo.opens("/console")
	bo.shows(chosenIs + `"Reader 01" && $("#held .words")?.textContent.startsWith("1 yours")`)
	ann.do(`globalThis.go(), true`)
	ann.shows(chosenIs + `"Reader 02" && $(".messages")?.textContent.includes("Bo Lind is on this. Here is the next comment.") && $("#pane h2")?.textContent === "Reader 02"`)
	ann.clean()
}

// Until the browser has unloaded or frozen a page that is left, responses and events still arrive in it.
func TestAPageThatWasLeftClaimsNothing(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	ann := atConsole(t, p)
	ann.opens("/console")
	ann.shows(`$("#held .words")?.textContent.startsWith("1 yours")`)
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
	ann.presses("j")
	ann.shows(chosenIs + `"Reader 01" && sent === 1`)
	ann.presses("j")
	ann.shows(chosenIs + `"Reader 02" && rested === 2`)
	ann.do(`dispatchEvent(new PageTransitionEvent("pagehide")); go(); true`)
	ann.shows(`globalThis.finished === 1`)
	ann.shows(`sent === 1`)
	ann.shows(`$("#held .words").textContent === ""`)
	ann.clean()
}

func TestADecisionIsKeptWhenThePageIsLeftAtOnce(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	ann := atConsole(t, p)
	ann.opens("/console")
	ann.shows(`$("#held .words")?.textContent.startsWith("1 yours")`)
	// The decision waits for a claim that stays in flight until the page is left.
	ann.do(`const send = fetch; fetch = async (address, options) => {
		if (String(address).endsWith("/claim")) { globalThis.claiming = true; await new Promise(() => {}); }
		return send(address, options);
	}; true`)
	ann.presses("j")
	ann.shows(chosenIs + `"Reader 01" && Boolean(globalThis.claiming)`)
	ann.presses("a")
	ann.shows(`waiting() === 2`)
	ann.opens("/console?status=approved")
	ann.shows(`$("h1").textContent === "1 approved comment"`)
	ann.shows(`$("#held .words")?.textContent === ""`)
	ann.clean()
}

func TestAReloadKeepsClaims(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(4)...)
	ann := atConsole(t, p)
	ann.opens("/console")
	ann.shows(`$("#held .words")?.textContent.startsWith("1 yours")`)
	ann.presses("t")
	ann.shows(`$("#held .words")?.textContent.startsWith("4 yours") && location.search.includes("free=others")`)
	act(t, ann.browser, chromedp.Reload())
	ann.shows(`$("#held .words")?.textContent.startsWith("4 yours") && $$('.claim[data-held="own"]').length >= 4`)
	ann.goes("/console/account")
	ann.opens("/console?status=approved")
	ann.shows(`$("#held .words")?.textContent === ""`)
	ann.clean()
}

// slowly is a proxy before the program that holds back claims and forwards them on demand, even if the sender
// has gone.
type slowly struct {
	url  string
	held chan struct{} // a claim has arrived
	on   chan struct{} // closed: forward the claims
	done chan struct{} // a delayed claim got its response
}

func (p *program) slowly(t *testing.T) slowly {
	t.Helper()
	s := slowly{held: make(chan struct{}, 100), on: make(chan struct{}), done: make(chan struct{}, 100)}
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
	p.submitted(t, bodies(2)...)
	behind := p.slowly(t)
	through := *p
	through.url = behind.url
	ann := atConsole(t, &through)
	<-behind.held
	ann.goes("/console/account")
	bo := atConsole(t, p)
	bo.shows(chosenIs + `"Reader 00"`)
	close(behind.on)
	<-behind.done
	bo.goes("/console/account")
	bo.opens("/console?status=approved")
	bo.shows(`$("#held .words") && $("#held .words").textContent === ""`)
}

func TestTimesAreThoseOfTheModeratorsZone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(2)...)
	ann := atConsole(t, p)
	if _, err := chromedp.Call(ann.browser, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Kathmandu"}); err != nil {
		t.Fatal(err)
	}
	// Fifteen minutes from everybody else's, so that it can't be right by chance.
	local := `const local = (time) => new Date(new Date(time) - -345 * 60000).toISOString().slice(11, 16) + " GMT+5:45";`
	ann.opens("/console")
	ann.shows(`(() => { ` + local + ` const log = $("#pane .log time"), bar = $("#held .words"); return log.textContent.endsWith(" at " + local(log.dateTime)) && log.title.endsWith(" UTC") &&
		bar.textContent.endsWith(local(bar.dataset.until).slice(0, 5)) && $(".item .claim").textContent.endsWith(bar.textContent.slice(-5)) && $(".item time").title.endsWith(" GMT+5:45") })()`)
	ann.presses("j")
	ann.shows(`(() => { ` + local + ` const log = $("#pane .log time"); return $("#pane h2").textContent === "Reader 01" && log.textContent.endsWith(" at " + local(log.dateTime)) })()`)
	ann.clean()
}
