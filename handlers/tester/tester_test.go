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

// fixture is contacts with a clock that tests move, and the situation of a site.
type fixture struct {
	*Contacts
	Situation
	now time.Time
}

func newFixture() *fixture {
	f := &fixture{now: noon}
	f.Contacts = NewContacts(func() time.Time { return f.now })
	f.Situation = Situation{Words: locale.Languages()[0], Site: moderation.Site{Slug: "gazette", Origins: []string{harbour}}, Server: server, Since: noon,
		Others: []moderation.Site{{Slug: "lake", Origins: []string{"https://lake.example"}}}}
	return f
}

// states are the titles of all checks with their states, after some time.
func (f *fixture) states(later time.Duration) []string {
	f.now = f.now.Add(later)
	f.Situation.Now = f.now
	var lines []string
	for _, c := range f.Checks(f.Situation) {
		lines = append(lines, string(c.State)+" "+c.Title)
	}
	return lines
}

func (f *fixture) want(t *testing.T, later time.Duration, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, f.states(later)); diff != "" {
		t.Error(diff)
	}
}

// check returns the check with that title.
func (f *fixture) check(t *testing.T, title string) Check {
	t.Helper()
	for _, c := range f.Checks(f.Situation) {
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
	f := newFixture()
	f.want(t, 0, "wait Your page loads the script", "wait First comment")
	f.want(t, Patience, "no Nothing yet", "wait First comment")
	if c := f.check(t, "Nothing yet"); !c.Again || !strings.Contains(c.Text, "name "+server+" in script-src") {
		t.Errorf("silence is explained by %+v", c)
	}
}

func TestAPageThatWorksPassesAllChecks(t *testing.T) {
	f := newFixture()
	f.Record(script(harbour))
	f.want(t, time.Second, "ok Your page loads the script", "wait The site name is right", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
	f.Record(thread("gazette", harbour, true))
	f.want(t, time.Second, "ok Your page loads the script", "ok The site name is right", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
	f.Record(Contact{Kind: SentComment, Site: "gazette", Known: true, Origin: harbour, Allowed: true})
	f.Comments, f.Waiting = 1, 1
	f.want(t, time.Second, "ok Your page loads the script", "ok The site name is right", "ok "+harbour+" may show comments",
		"ok The form can be sent", "ok First comment")
	if c := f.check(t, "Your page loads the script"); c.Text != harbour+", 3 seconds ago" {
		t.Errorf("the script was seen at %q", c.Text)
	}
}

func TestAWrongSiteNameIsNamed(t *testing.T) {
	f := newFixture()
	f.Record(script(harbour))
	f.Record(thread("gazete", harbour, false))
	f.want(t, time.Second, "ok Your page loads the script", "no There is no site “gazete”", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
	f.now = f.now.Add(time.Second)
	f.Record(thread("gazette", harbour, true)) // mended
	f.want(t, 0, "ok Your page loads the script", "ok The site name is right", "ok "+harbour+" may show comments",
		"wait The form can be sent", "wait First comment")
}

func TestAStrictPolicyIsRecognisedByItsSilence(t *testing.T) {
	f := newFixture()
	f.Record(script(harbour))
	f.want(t, scriptPatience, "ok Your page loads the script", "no The page loads the script, but requests no thread",
		"ok "+harbour+" may show comments", "wait The form can be sent", "wait First comment")
	if c := f.check(t, "The page loads the script, but requests no thread"); c.Copy != PolicyID ||
		!strings.Contains(c.Text, "connect-src") {
		t.Errorf("it is explained by %+v", c)
	}
}

func TestAnOriginThatIsNotAllowedCanBe(t *testing.T) {
	f := newFixture()
	www := "https://www.harbour.example"
	f.Record(script(www))
	f.Record(thread("gazette", www, false))
	f.want(t, time.Second, "ok Your page loads the script", "ok The site name is right", "no "+www+" may not show comments yet",
		"wait The form can be sent", "wait First comment")
	if c := f.check(t, www+" may not show comments yet"); c.Allow != www {
		t.Errorf("the button allows %q", c.Allow)
	}
	f.Situation.Site.Origins = append(f.Situation.Site.Origins, www)
	if c := f.check(t, www+" may show comments"); c.Text != "It is allowed now. Reload your page." {
		t.Errorf("once it is allowed, it says %q", c.Text)
	}
	f.Record(script("null"))
	f.Situation.Now = f.now
	if c := f.check(t, "The page has no address"); c.Allow != "" {
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
	f := newFixture()
	f.Record(script("https://lake.example"))
	f.Record(thread("lake", "https://lake.example", true))
	f.want(t, 0, "wait Your page loads the script", "wait First comment")

	f.Record(script(harbour))
	f.Record(thread("gazette", harbour, true))
	for i := range 1000 { // anybody can send these
		stranger := fmt.Sprintf("https://s%d.example", i)
		f.Record(script(stranger))
		f.Record(thread("gazete", stranger, false))
		f.Record(thread(fmt.Sprintf("unknown-%d", i), stranger, false))
	}
	if c := f.check(t, "The site name is right"); c.State != Passed {
		t.Errorf("after a flood, the site name is %s", c.State)
	}
	if c := f.check(t, harbour+" may show comments"); c.State != Passed {
		t.Errorf("after a flood, the origin is %s", c.State)
	}
}

func TestAFloodIsForgottenAndTakesBoundedMemory(t *testing.T) {
	f := newFixture()
	for i := range 5000 {
		origin := fmt.Sprintf("https://s%d.example", i)
		f.Record(script(origin))
		f.Record(Contact{Kind: AskedForThread, Site: fmt.Sprint("site-", i), Known: true, Origin: origin, Allowed: i%2 == 0})
		f.Record(thread("gazette", origin, false))
	}
	count := 0
	for _, list := range f.buckets {
		count += len(list)
	}
	if len(f.buckets) > maxBuckets || count > maxBuckets+2*contactsPerBucket {
		t.Errorf("%d contacts in %d buckets", count, len(f.buckets))
	}
	f.want(t, contactLife+time.Second, "no Nothing yet", "wait First comment")
	f.Record(thread("gazette", harbour, true)) // makes room
	f.Record(Contact{Kind: SentComment, Site: "another", Known: true, Origin: harbour, Allowed: true})
	if len(f.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(f.buckets))
	}
}

func TestOriginsThatNoBrowserSendsAreIgnored(t *testing.T) {
	f := newFixture()
	for _, origin := range []string{"", "harbour.example", harbour + "/path", "javascript:alert(1)", "https://" + strings.Repeat("a", 400) + ".example"} {
		f.Record(script(origin))
	}
	f.want(t, 0, "wait Your page loads the script", "wait First comment")
	f.Record(Contact{Kind: LoadedScript, Origin: harbour, Page: "https://evil.example/"})
	if c := f.check(t, "Your page loads the script"); c.Text != harbour+", just now" {
		t.Errorf("a page of another origin is believed: %q", c.Text)
	}
}
