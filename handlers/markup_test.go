package handlers_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// pageResponse is a response as a browser sees it.
type pageResponse struct {
	t      testing.TB
	path   string
	status int
	header http.Header
	body   string
}

// send sends a request like a browser. Every page in a response is checked for valid markup and the strict
// policy.
func (b *browser) send(r *http.Request) pageResponse {
	b.t.Helper()
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := pageResponse{t: b.t, path: r.URL.RequestURI(), status: resp.StatusCode, header: resp.Header, body: string(body)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && resp.StatusCode != http.StatusSeeOther {
		a.checkPage()
	}
	return a
}

// follow follows a redirect.
func (b *browser) follow(a pageResponse) pageResponse {
	b.t.Helper()
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("%s: status %d, want 303:\n%s", a.path, a.status, a.body)
	}
	location := must(url.Parse(a.header.Get("Location")))(b.t)
	if location.Host != "" {
		b.t.Fatalf("redirected to another host: %s", location)
	}
	return b.get(location.RequestURI())
}

func (a pageResponse) want(status int, texts ...string) {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: status %d, want %d:\n%s", a.path, a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("%s: the page lacks %q:\n%s", a.path, text, a.body)
		}
	}
}

func (a pageResponse) wantWithout(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.t.Errorf("%s: the page has %q:\n%s", a.path, text, a.body)
		}
	}
}

// form returns the fields of the page's form that posts to an action with this beginning, as a browser would
// send them.
func (a pageResponse) form(action string) (target string, values url.Values) {
	a.t.Helper()
	forms := a.find("form")
	at := slices.IndexFunc(forms, func(form *html.Node) bool { return attr(form, "action") == action })
	if at < 0 {
		at = slices.IndexFunc(forms, func(form *html.Node) bool { return strings.HasPrefix(attr(form, "action"), action) })
	}
	if at >= 0 {
		return attr(forms[at], "action"), formValues(forms[at])
	}
	a.t.Fatalf("%s: no form with action %s:\n%s", a.path, action, a.body)
	return "", nil
}

// fieldsOf returns the names of all editable fields of a form, each once.
func (a pageResponse) fieldsOf(action string) (names []string) {
	a.t.Helper()
	for _, form := range a.find("form") {
		if attr(form, "action") != action {
			continue
		}
		for n := range form.Descendants() {
			name := attr(n, "name")
			if n.Type == html.ElementNode && name != "" && attr(n, "type") != "hidden" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		a.t.Fatalf("%s: no form with action %s has fields", a.path, action)
	}
	return names
}

func formValues(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		switch {
		case n.Type == html.ElementNode && n.Data == "option" && has(n, "selected"):
			of := n.Parent
			if of.Data == "optgroup" {
				of = of.Parent
			}
			values.Set(attr(of, "name"), attr(n, "value"))
		case n.Type != html.ElementNode || attr(n, "name") == "":
		case n.Data == "textarea":
			values.Set(attr(n, "name"), textOf(n))
		case n.Data == "input" && (attr(n, "type") == "checkbox" || attr(n, "type") == "radio") && !has(n, "checked"):
		case n.Data == "input":
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

// find returns all elements of that name.
func (a pageResponse) find(element string) []*html.Node {
	a.t.Helper()
	var found []*html.Node
	for n := range must(html.Parse(strings.NewReader(a.body)))(a.t).Descendants() {
		if n.Type == html.ElementNode && n.Data == element {
			found = append(found, n)
		}
	}
	return found
}

// link returns the target of the first link with that text.
func (a pageResponse) link(text string) string {
	a.t.Helper()
	for _, n := range a.find("a") {
		if strings.TrimSpace(textOf(n)) == text {
			return attr(n, "href")
		}
	}
	a.t.Fatalf("%s: no link %q:\n%s", a.path, text, a.body)
	return ""
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// demoWantPolicy is wantPolicy for the demo article, which embeds the widget.
const demoWantPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

const wantPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

func (a pageResponse) checkPage() {
	a.t.Helper()
	want := wantPolicy
	if strings.Contains(a.body, "<rejoinder-thread") || strings.Contains(a.body, `<header class="bar">`) {
		want = demoWantPolicy
	}
	if got := a.header.Get("Content-Security-Policy"); got != want {
		a.t.Errorf("%s: Content-Security-Policy is %q", a.path, got)
	}
	if a.header.Get("Cache-Control") == "" {
		a.t.Errorf("%s: no Cache-Control", a.path)
	}
	for _, fault := range markupFaults(a.body) {
		a.t.Errorf("%s: %s", a.path, fault)
	}
	if a.t.Failed() {
		a.t.Logf("%s", a.body)
	}
}

// markupFaults lists the errors of a page: tags that do not match, duplicate ids, dangling references,
// controls without a name, headings that skip a level, inline scripts or styles.
func markupFaults(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	c := &markupCheck{ids: map[string]int{}, labelled: map[string]bool{}, elements: map[string]int{}}
	c.faults = unbalanced(page)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			c.collect(n)
		}
	}
	whole := strings.HasPrefix(page, "<!DOCTYPE html>")
	if !whole {
		c.level = 1
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (whole || n.Data != "html") {
			c.check(n)
		}
	}
	// The response to a script or an include is a fragment, not a page.
	if !whole {
		return c.faults
	}
	for _, once := range []string{"h1", "main", "title"} {
		if c.elements[once] != 1 {
			c.fault("%d elements %s, want 1", c.elements[once], once)
		}
	}
	return c.faults
}

// ownModule matches the URL of one of the console's modules, with its hash.
var ownModule = regexp.MustCompile(`^/assets/[a-z]+-[0-9a-f]{16}\.js$`)

type markupCheck struct {
	ids      map[string]int
	labelled map[string]bool
	elements map[string]int
	level    int
	faults   []string
}

func (c *markupCheck) fault(format string, values ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, values...))
}

func (c *markupCheck) collect(n *html.Node) {
	if n.Namespace == "" { // a drawing has titles of its own
		c.elements[n.Data]++
	}
	if id := attr(n, "id"); id != "" {
		c.ids[id]++
	}
	if n.Data == "label" {
		c.labelled[attr(n, "for")] = true
	}
}

func (c *markupCheck) check(n *html.Node) {
	if id := attr(n, "id"); c.ids[id] > 1 {
		c.fault("id %q occurs %d times", id, c.ids[id])
	}
	for _, name := range []string{"for", "aria-describedby", "aria-labelledby"} {
		for _, id := range strings.Fields(attr(n, name)) {
			if c.ids[id] == 0 {
				c.fault("%s of %s refers to %q, which is not there", name, n.Data, id)
			}
		}
	}
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "ZgotmplZ") {
			c.fault("%s has %s=%q", n.Data, a.Key, a.Val)
		}
	}
	switch n.Data {
	case "script":
		if strings.HasPrefix(attr(n, "type"), "application/") && n.FirstChild != nil && json.Valid([]byte(n.FirstChild.Data)) {
			return
		}
		own := attr(n, "src") == "/embed.js" || ownModule.MatchString(attr(n, "src"))
		if !own || attr(n, "type") != "module" || n.FirstChild != nil {
			c.fault("a script other than the widget and the console's modules")
		}
	case "style", "iframe", "object", "embed", "base":
		c.fault("element %s", n.Data)
	case "html":
		if attr(n, "lang") == "" {
			c.fault("no language")
		}
	case "a":
		if href := attr(n, "href"); strings.HasPrefix(href, "#") && c.ids[href[1:]] == 0 {
			c.fault("link to %s, which is not there", href)
		}
	case "input", "textarea", "select":
		if attr(n, "type") != "hidden" && !c.labelled[attr(n, "id")] && attr(n, "aria-label") == "" {
			c.fault("%s %q has no label", n.Data, attr(n, "name"))
		}
	case "h1", "h2", "h3", "h4":
		level := int(n.Data[1] - '0')
		if level > c.level+1 {
			c.fault("h%d follows h%d", level, c.level)
		}
		c.level = level
	}
}

var voidElements = []string{"meta", "link", "input", "br", "hr", "img", "path"}

// unbalanced names tags that are closed by another or not at all.
func unbalanced(page string) []string {
	var open, faults []string
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				faults = append(faults, fmt.Sprintf("left open: %v", open))
			}
			return faults
		case html.StartTagToken:
			name, _ := tokens.TagName()
			if !slices.Contains(voidElements, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return append(faults, fmt.Sprintf("</%s> closes %v", name, open))
			}
			open = open[:len(open)-1]
		}
	}
}
