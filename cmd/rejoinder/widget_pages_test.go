package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"rejoinder/weburl"
)

// hostPage is an article page of a website that embeds threads. said holds its console messages.
const hostPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
%s
<title>The page %s</title>
<script>
window.said = [];
console.error = (...words) => said.push(words.join(" "));
if (location.search === "?old") Object.defineProperty(window, "navigation", { value: undefined });
</script>
<script type="module" src="%s/embed.js"></script>
</head>
<body>%s</body>
</html>`

// publisher is a website whose pages embed the threads of a server.
type publisher struct {
	url string

	mu         sync.Mutex
	head, body string // added to every page
}

// setContent changes the content of the pages.
func (s *publisher) setContent(head, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head, s.body = head, body
}

func (s *publisher) page(path, scripts string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf(hostPage, s.head, path, scripts, s.body)
}

const plainThread = `<rejoinder-thread site="gazette"></rejoinder-thread>`

// newPublisher starts a website and registers it as the site gazette, unless slug is empty.
func newPublisher(t *testing.T, p *program, slug string) *publisher {
	t.Helper()
	site := &publisher{body: plainThread}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, site.page(r.URL.Path, p.url))
	}))
	t.Cleanup(server.Close)
	site.url = server.URL
	if slug == "" {
		return site
	}
	body := map[string]any{"slug": slug, "name": "The Gazette", "origins": []string{site.url}}
	if got := call(t, http.MethodPost, p.url+"/api/v1/sites", p.signIn(t), body, nil); got != http.StatusCreated {
		t.Fatalf("add the site: status %d", got)
	}
	return site
}

// waitForArticle waits until the thread with its form is that of an article.
func (r reader) waitForArticle(key string) {
	r.t.Helper()
	r.waitFor(`$('.rj-respond [name="article"]')?.value === ` + strconv.Quote(key))
}

// pendingComments returns the pending comments of the site gazette: each comment's text by the key, URL and
// title of its article.
func (p *program) pendingComments(t *testing.T) map[string]string {
	t.Helper()
	var queue struct {
		Items []struct {
			Body    string
			Article struct{ Key, URL, Title string }
		}
	}
	if got := call(t, http.MethodGet, p.url+"/api/v1/queue?site=gazette", p.signIn(t), nil, &queue); got != http.StatusOK {
		t.Fatalf("queue: status %d", got)
	}
	found := map[string]string{}
	for _, item := range queue.Items {
		found[item.Body] = item.Article.Key + " " + item.Article.URL + " " + item.Article.Title
	}
	return found
}

func TestTheThreadFollowsAPageThatChangesWithoutAReload(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	site := newPublisher(t, p, "gazette")
	key := func(path string) string { return site.url + path }
	ada.openThread(key("/a?utm_source=mail"))
	ada.waitForArticle(key("/a"))
	ada.fill("body", "A draft about a.")

	ada.do(`history.pushState(null, "", "/b?fbclid=x"); document.title = "The page /b";`)
	ada.waitForArticle(key("/b"))
	ada.waitFor(`!$("[name=body]").value`)
	ada.submit("Ada Newcomer", "ada@mail.example", "About b.")
	ada.waitFor(`$(".rj-own") && !$("[name=body]").value`)
	if got, want := p.pendingComments(t)["About b."], key("/b")+" "+key("/b")+" The page /b"; got != want {
		t.Errorf("the comment under the second page went to %q, want %q", got, want)
	}

	ada.do(`history.back()`)
	ada.waitForArticle(key("/a"))
	ada.waitFor(`$("[name=body]").value === "A draft about a." && !$(".rj-own")`)
	ada.do(`history.forward()`)
	ada.waitForArticle(key("/b"))
	ada.waitFor(`$(".rj-own") && !$("[name=body]").value`)

	// Changes that keep the article leave the thread alone.
	for _, change := range []string{`location.hash = "top"`, `history.replaceState(null, "", "/b?utm_medium=x#top")`, `history.pushState(null, "", "/b?gclid=1")`} {
		ada.do(`$(".rj").marked = true; ` + change)
		if ada.text(`$(".rj")?.marked && !$(".rj").inert`) != "true" {
			t.Errorf("%s: the thread is reloaded", change)
		}
	}
	ada.do(`history.replaceState(null, "", "/c?id=2026/11/28&utm_source=x")`)
	ada.waitForArticle(key("/c?id=2026/11/28"))
	ada.checkClean()
}

func TestTheThreadFollowsTheCanonicalLink(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	site := newPublisher(t, p, "gazette")
	site.setContent(`<link rel="canonical" href="/first">`, plainThread)
	ada.openThread(site.url + "/first-article?page=2")
	ada.waitForArticle(site.url + "/first")
	ada.do(`history.pushState(null, "", "/first-article?page=3")`)
	if got := ada.text(`$(".rj").inert`); got != "false" {
		t.Error("another page of the same article reloads the thread")
	}
	ada.do(`history.pushState(null, "", "/second-article?ref=home")`)
	ada.waitForArticle(site.url + "/second-article?ref=home")
	ada.do(`document.querySelector("link[rel=canonical]").href = "/second"`)
	ada.waitForArticle(site.url + "/second")
	ada.do(`document.querySelector("link[rel=canonical]").remove()`)
	ada.waitForArticle(site.url + "/second-article?ref=home")
	ada.checkClean()
}

func TestTheThreadFollowsTheAttributesOfAFramework(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	site := newPublisher(t, p, "gazette")
	site.setContent("", `<rejoinder-thread site="gazette" article="story-1" title="The first story"></rejoinder-thread>`)
	ada.openThread(site.url + "/one")
	ada.waitForArticle("story-1")
	ada.fill("body", "A draft about the first.")
	ada.do(`history.pushState(null, "", "/two")`)
	if got := ada.text(`$(".rj").inert`); got != "false" {
		t.Error("an article with a key of its own is reloaded when the URL changes")
	}
	ada.do(`host.setAttribute("article", "story-2"); host.setAttribute("title", "The second story")`)
	ada.waitForArticle("story-2")
	ada.submit("Ada Newcomer", "ada@mail.example", "About the second.")
	ada.waitFor(`$(".rj-own")`)
	if got, want := p.pendingComments(t)["About the second."], "story-2 "+site.url+"/two The second story"; got != want {
		t.Errorf("the comment went to %q, want %q", got, want)
	}
	ada.do(`history.back(); host.setAttribute("article", "story-1")`)
	ada.waitForArticle("story-1")
	ada.waitFor(`$("[name=body]").value === "A draft about the first."`)
	ada.checkClean()
}

// TestOlderBrowsersSendNothingElsewhere: no Navigation API, and no change in the page's head either.
func TestOlderBrowsersSendNothingElsewhere(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	site := newPublisher(t, p, "gazette")
	ada.openThread(site.url + "/a?old")
	ada.fill("author_name", "Ada Newcomer")
	ada.fill("author_email", "ada@mail.example")
	ada.fill("body", "A draft about a.")
	ada.do(`history.pushState(null, "", "/b")`)
	ada.click(`.rj-respond [type=submit]`)
	ada.waitForArticle(site.url + "/b")
	if got := p.pendingComments(t); len(got) > 0 {
		t.Errorf("a comment written under one page was sent from another: %v", got)
	}
	ada.do(`history.back()`)
	ada.waitForArticle(site.url + "/a?old")
	ada.waitFor(`$("[name=body]").value === "A draft about a."`)
	ada.do(`history.pushState(null, "", "/c"); $("[name=body]").dispatchEvent(new FocusEvent("focusin", { bubbles: true, composed: true }))`)
	ada.waitForArticle(site.url + "/c")
	ada.checkClean()
}

func TestBrowserAndServerMakeTheSameKeys(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../weburl/testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Name, Address, Key string }
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	ada.openThread(newPublisher(t, p, "gazette").url)
	ada.do(`
		window.asked = [];
		const ask = fetch;
		window.fetch = (url, ...rest) => { asked.push(url.searchParams.get("article")); return ask(url, ...rest); };
		import("` + p.url + `/embed.js").then(async ({ countLinks }) => {
			for (const address of ` + addressesOf(t, cases) + `) {
				const link = Object.assign(document.createElement("a"), { href: address });
				link.dataset.rejoinderCount = "";
				const root = document.createElement("p");
				root.append(link);
				await countLinks(root);
			}
			window.asked.all = true;
		});`)
	ada.waitFor(`asked.all`)
	var asked []string
	if err := json.Unmarshal([]byte(ada.text(`JSON.stringify(asked)`)), &asked); err != nil || len(asked) != len(cases) {
		t.Fatalf("%d of %d keys: %v", len(asked), len(cases), err)
	}
	for i, c := range cases {
		if asked[i] != c.Key {
			t.Errorf("%s: the widget's key of %q is %q, want %q", c.Name, c.Address, asked[i], c.Key)
		}
		if server := weburl.Key(c.Address); server != asked[i] {
			t.Errorf("%s: the server's key of %q is %q", c.Name, c.Address, server)
		}
	}
}

func addressesOf(t *testing.T, cases []struct{ Name, Address, Key string }) string {
	t.Helper()
	var addresses []string
	for _, c := range cases {
		addresses = append(addresses, c.Address)
	}
	list, err := json.Marshal(addresses)
	if err != nil {
		t.Fatal(err)
	}
	return string(list)
}

func TestInstallationErrorsAreExplained(t *testing.T) {
	t.Parallel()
	p, eve := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	newPublisher(t, p, "gazette")
	site := newPublisher(t, p, "") // has another origin, as www. is
	const broken = "Comments could not be loaded."
	for _, c := range []struct{ what, head, body, want string }{
		{"an origin that is not the site's", "", plainThread, site.url + " is not an origin of site gazette."},
		{"a site that is not there", "", `<rejoinder-thread site="gazete"></rejoinder-thread>`, p.url + " has no site gazete."},
		{"no site", "", `<rejoinder-thread></rejoinder-thread>`, "The attribute site is missing"},
		{"a policy that does not allow the server", `<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">`, plainThread,
			p.url + " can't be reached. Does the page's CSP (connect-src) allow it?"},
		{"counts without a site", "", `<a data-rejoinder-count="a">Comments</a>`, "embed.js?site=…"},
		{"counts of another origin's site", "", `<a data-rejoinder-count="a">Comments</a>` + plainThread, site.url + " is not an origin of site gazette."},
	} {
		site.setContent(c.head, c.body)
		eve.open(site.url)
		eve.waitFor(`said.some((line) => line.startsWith("[rejoinder] ") && line.includes(` + strconv.Quote(c.want) + `))`)
		if strings.Contains(c.body, "rejoinder-thread") {
			eve.waitForText(broken)
			eve.waitForText("Try again")
		}
		if got := eve.text("failed.join()"); got != "" {
			t.Errorf("%s: %s", c.what, got)
		}
	}

	texts := map[string]string{}
	for _, lang := range []string{"en", "de", "fr", "es", "it", "pl", "uk", "ar", "ja"} {
		eve.do(`host.lang = "` + lang + `"; host.shadowRoot.replaceChildren()`)
		eve.waitFor(`$(".rj button")`)
		text := eve.text(`$(".rj").textContent`)
		if other := texts[text]; other != "" {
			t.Errorf("%s says what %s says: %s", lang, other, text)
		}
		texts[text] = lang
	}
}

func TestAnUnreachableServerIsReportedAndRetried(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_ADDR=" + freeAddress(t)}
	p, ada := startProgram(t, env, "serve", "--demo"), newReader(t)
	site := newPublisher(t, p, "gazette")
	ada.openThread(site.url + "/a")
	p.kill()
	ada.do(`history.pushState(null, "", "/b")`)
	ada.waitForText("Comments could not be loaded.")
	ada.waitFor(`said.at(-1)?.includes("can't be reached")`)
	startProgram(t, env, "serve", "--demo")
	ada.click(".rj button")
	ada.waitForArticle(site.url + "/b")
}
