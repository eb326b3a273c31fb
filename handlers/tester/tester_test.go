package tester

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

const (
	harbour = "https://harbour.example"
	server  = "https://comments.harbour.example"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// watch is contacts with a clock that tests move, and the situation of a site.
type watch struct {
	*Contacts
	Situation
	now time.Time
}

func newWatch() *watch {
	w := &watch{now: noon}
	w.Contacts = NewContacts(func() time.Time { return w.now })
	w.Situation = Situation{Words: locale.Languages()[0], Site: moderation.Site{Slug: "gazette", Origins: []string{harbour}}, Server: server, Since: noon,
		Others: []moderation.Site{{Slug: "lake", Origins: []string{"https://lake.example"}}}}
	return w
}

// states are the titles of all checks with their states, after some time.
func (w *watch) states(later time.Duration) []string {
	w.now = w.now.Add(later)
	w.Situation.Now = w.now
	var lines []string
	for _, c := range w.Checks(w.Situation) {
		lines = append(lines, string(c.State)+" "+c.Title)
	}
	return lines
}

func (w *watch) want(t *testing.T, later time.Duration, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.states(later)); diff != "" {
		t.Error(diff)
	}
}

// check returns the check with that title.
func (w *watch) check(t *testing.T, title string) Check {
	t.Helper()
	for _, c := range w.Checks(w.Situation) {
		if c.Title == title {
			return c
		}
	}
	t.Fatalf("there is no check %q", title)
	return Check{}
}

func script(origin string) Contact { return Contact{Kind: LoadedScript, Origin: origin} }

func thread(site, origin string, allowed bool) Contact {
	return Contact{Kind: AskedForThread, Site: site, Known: site != "gazete", Origin: origin, Allowed: allowed, Page: origin + "/ferry"}
}

func TestSilenceIsAFaultAfterAMinute(t *testing.T) {
	w := newWatch()
	w.want(t, 0, "wait Your page loads the script", "wait First comment")
	w.want(t, Patience, "no Nothing yet", "wait First comment")
	if c := w.check(t, "Nothing yet"); !c.Again || !strings.Contains(c.Text, "name "+server+" in script-src") {
		t.Errorf("silence is explained by %+v", c)
	}
}

func TestAPageThatWorksPassesAllChecks(t *testing.T) {
	w := newWatch()
	w.Record(script(harbour))
	w.want(t, time.Second, "ok Your page loads the script", "wait The site name is right", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
	w.Record(thread("gazette", harbour, true))
	w.want(t, time.Second, "ok Your page loads the script", "ok The site name is right", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
	w.Record(Contact{Kind: SentComment, Site: "gazette", Known: true, Origin: harbour, Allowed: true})
	w.Comments, w.Waiting = 1, 1
	w.want(t, time.Second, "ok Your page loads the script", "ok The site name is right", "ok "+harbour+" may show comments",
		"ok The form can be sent", "ok First comment")
	if c := w.check(t, "Your page loads the script"); c.Text != harbour+", 3 seconds ago" {
		t.Errorf("the script was seen at %q", c.Text)
	}
}

func TestAWrongSiteNameIsNamed(t *testing.T) {
	w := newWatch()
	w.Record(script(harbour))
	w.Record(thread("gazete", harbour, false))
	w.want(t, time.Second, "ok Your page loads the script", "no There is no site “gazete”", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
	w.now = w.now.Add(time.Second)
	w.Record(thread("gazette", harbour, true)) // mended
	w.want(t, 0, "ok Your page loads the script", "ok The site name is right", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
}

func TestAStrictPolicyIsRecognisedByItsSilence(t *testing.T) {
	w := newWatch()
	w.Record(script(harbour))
	w.want(t, scriptPatience, "ok Your page loads the script", "no The page loads the script, but requests no thread",
		"ok "+harbour+" may show comments", "wait The form can be sent", "wait First comment")
	if c := w.check(t, "The page loads the script, but requests no thread"); c.Copy != PolicyID ||
		!strings.Contains(c.Text, "connect-src") {
		t.Errorf("it is explained by %+v", c)
	}
}

func TestAnOriginThatIsNotAllowedCanBe(t *testing.T) {
	w := newWatch()
	www := "https://www.harbour.example"
	w.Record(script(www))
	w.Record(thread("gazette", www, false))
	w.want(t, time.Second, "ok Your page loads the script", "ok The site name is right", "no "+www+" may not show comments yet",
		"wait The form can be sent", "wait First comment")
	if c := w.check(t, www+" may not show comments yet"); c.Allow != www {
		t.Errorf("the button allows %q", c.Allow)
	}
	w.Situation.Site.Origins = append(w.Situation.Site.Origins, www)
	if c := w.check(t, www+" may show comments"); c.Text != "It is allowed now. Reload your page." {
		t.Errorf("once it is allowed, it says %q", c.Text)
	}
	w.Record(script("null"))
	w.Situation.Now = w.now
	if c := w.check(t, "The page has no address"); c.Allow != "" {
		t.Error("a page without an origin can be allowed")
	}
}

func TestDifferencesOfOrigins(t *testing.T) {
	for origin, want := range map[string]string{
		"https://www.harbour.example":  "You allowed https://harbour.example, without www. To a browser these are two addresses.",
		"http://harbour.example":       "You allowed https://harbour.example, with https instead of http. To a browser these are two addresses.",
		"https://harbour.example:8443": "You allowed https://harbour.example, without a port. To a browser these are two addresses.",
		"http://www.harbour.example:8": "You allowed https://harbour.example, without www and with https instead of http and without a port. To a browser these are two addresses.",
		"https://evil.example":         "You allowed https://harbour.example. Allow this one only if the page is yours.",
	} {
		if got := Difference(locale.Languages()[0], []string{harbour}, origin); got != want {
			t.Errorf("%s: %s", origin, got)
		}
	}
	if got := Difference(locale.Languages()[0], nil, harbour); got != "The site has no address yet." {
		t.Error(got)
	}
}

func TestOtherSitesAndStrangersDoNotShow(t *testing.T) {
	w := newWatch()
	w.Record(script("https://lake.example"))
	w.Record(thread("lake", "https://lake.example", true))
	w.want(t, 0, "wait Your page loads the script", "wait First comment")

	w.Record(script(harbour))
	w.Record(thread("gazette", harbour, true))
	for i := range 1000 { // anybody can send these
		stranger := fmt.Sprintf("https://s%d.example", i)
		w.Record(script(stranger))
		w.Record(thread("gazete", stranger, false))
		w.Record(thread(fmt.Sprintf("unknown-%d", i), stranger, false))
	}
	if c := w.check(t, "The site name is right"); c.State != Passed {
		t.Errorf("after a flood, the site name is %s", c.State)
	}
	if c := w.check(t, harbour+" may show comments"); c.State != Passed {
		t.Errorf("after a flood, the origin is %s", c.State)
	}
}

func TestAFloodIsForgottenAndTakesBoundedMemory(t *testing.T) {
	w := newWatch()
	for i := range 5000 {
		origin := fmt.Sprintf("https://s%d.example", i)
		w.Record(script(origin))
		w.Record(Contact{Kind: AskedForThread, Site: fmt.Sprint("site-", i), Known: true, Origin: origin, Allowed: i%2 == 0})
		w.Record(thread("gazette", origin, false))
	}
	count := 0
	for _, list := range w.buckets {
		count += len(list)
	}
	if len(w.buckets) > maxBuckets || count > maxBuckets+2*contactsPerBucket {
		t.Errorf("%d contacts in %d buckets", count, len(w.buckets))
	}
	w.want(t, contactLife+time.Second, "no Nothing yet", "wait First comment")
	w.Record(thread("gazette", harbour, true)) // makes room
	w.Record(Contact{Kind: SentComment, Site: "another", Known: true, Origin: harbour, Allowed: true})
	if len(w.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(w.buckets))
	}
}

func TestOriginsThatNoBrowserSendsAreIgnored(t *testing.T) {
	w := newWatch()
	for _, origin := range []string{"", "harbour.example", harbour + "/path", "javascript:alert(1)", "https://" + strings.Repeat("a", 400) + ".example"} {
		w.Record(script(origin))
	}
	w.want(t, 0, "wait Your page loads the script", "wait First comment")
	w.Record(Contact{Kind: LoadedScript, Origin: harbour, Page: "https://evil.example/"})
	if c := w.check(t, "Your page loads the script"); c.Text != harbour+", just now" {
		t.Errorf("a page of another origin is believed: %q", c.Text)
	}
}
