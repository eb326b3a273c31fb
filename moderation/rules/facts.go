package rules

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"rejoinder/moderation/text"
)

// Never is how many hours ago something is that never happened: longer than any rule asks for.
const Never = 1e6

// Facts is everything about one submission that rules may look at. Registry documents every fact as rules see
// it.
//
// As JSON it is frozen: without the text, the name, the URL, the email and the address, which storage keeps
// elsewhere or not at all, and without zero values, as most are. Evaluation never changes it.
type Facts struct {
	Body string `json:"-"` // Markdown, as the commenter wrote it
	// Reading is of Body; nil if it has not been read yet.
	Reading    *text.Reading `json:"-"`
	Author     Author        `json:"author,omitzero"`
	Address    netip.Addr    `json:"-"` // the client's address; the zero value when unknown
	Form       Form          `json:"form,omitzero"`
	Velocity   Velocity      `json:"velocity,omitzero"`
	Similarity Similarity    `json:"similarity,omitzero"`
	Article    Article       `json:"article,omitzero"`
	Reply      Reply         `json:"reply,omitzero"`
	Edit       Edit          `json:"edit,omitzero"`
	Spam       SpamScore     `json:"spam,omitzero"`
	Blocks     Blocks        `json:"blocks,omitzero"`
	// External is what outside classifiers said, by their names.
	External map[string]*External `json:"external,omitempty"`

	// SiteLanguage is the language of the site, a BCP 47 primary tag such as "de"; empty is taken for "en". Lists
	// of words use it where the comment is too short to tell its own.
	SiteLanguage string `json:"site_language,omitempty"`

	// AddressPrefix is what is left of the address of a past submission; rules look at it when Address is
	// unknown.
	AddressPrefix netip.Prefix `json:"-"`
}

// Author is the commenter. The counts are of comments whose continuity is proved; see reputation in
// moderation/facts.go.
type Author struct {
	Name        string `json:"-"`
	URL         string `json:"-"` // empty for none
	Email       string `json:"-"`
	EmailDomain string `json:"email_domain,omitzero"` // taken from Email when that is known

	Confirmed  bool `json:"confirmed,omitzero"`  // the address was proved to be theirs
	Recognised bool `json:"recognised,omitzero"` // the browser showed a token handed out before
	Approved   int  `json:"approved,omitzero"`
	Rejected   int  `json:"rejected,omitzero"`
	Spam       int  `json:"spam,omitzero"`
	Pending    int  `json:"pending,omitzero"`

	FirstSeenHours     float64 `json:"first_seen_hours,omitzero"`     // since the first comment with the email, which nobody may have proved; 0 for a new commenter
	HoursSinceNegative float64 `json:"hours_since_negative,omitzero"` // since a moderator refused a comment, or Never
	LastDecided        string  `json:"last_decided,omitzero"`         // what their newest decided comment is; empty for none

	URLNew         bool `json:"url_new,omitzero"`         // no approved comment of theirs has a website on that host
	NamesModerator bool `json:"names_moderator,omitzero"` // the name is that of a moderator or the site, and the email is not

	SignedIn       bool     `json:"signed_in,omitzero"`        // by the publication, with a signed token
	Badges         []string `json:"badges,omitempty"`          // that the token gave them
	SubjectAgeDays float64  `json:"subject_age_days,omitzero"` // since their first comment; 0 for a new reader
}

// SpamScore is what the site's classifier said of the text when it arrived. The zero value: it said nothing.
type SpamScore struct {
	Known bool    `json:"known,omitzero"`
	Score float64 `json:"score,omitzero"`  // from 0, like what moderators approved, to 1, like what they called spam
	Model int     `json:"model,omitzero"`  // which version of the classifier said so
	Words []Place `json:"words,omitempty"` // what weighed most, the heaviest first
}

// Blocks are the blocks of moderators that fitted the submission when it arrived. The zero value: none did.
type Blocks struct {
	Action string   `json:"action,omitzero"` // the severest that one of them asks for: "hold", "reject" or "spam"
	Kinds  []string `json:"kinds,omitzero"`  // what they are against: "email", "domain", "name", "host", "prefix"; each once
	IDs    []string `json:"ids,omitzero"`    // the severest first, at most MaxBlocks
}

// Place is where something stands in the body: from a byte to before another.
type Place [2]int

// Form is what tells a person's form from a program's.
type Form struct {
	Kind       string  `json:"kind,omitzero"`        // "form" for the plain HTML form, "json" for the API
	Honeypot   bool    `json:"honeypot,omitzero"`    // a field that people do not see was filled in
	AgeKnown   bool    `json:"age_known,omitzero"`   // false when nothing says when the form was made
	AgeSeconds float64 `json:"age_seconds,omitzero"` // from the form's making to its sending; 0 when unknown
	PasteKnown bool    `json:"paste_known,omitzero"` // the page said how much was pasted
	Pasted     int     `json:"pasted,omitzero"`      // characters, as the page claims; what was taken away again counts too
}

// Velocity counts earlier submissions; the present one is not counted.
type Velocity struct {
	Author  Rate `json:"author,omitzero"`
	Address Rate `json:"address,omitzero"`
	Article Rate `json:"article,omitzero"`
}

// Rate counts submissions in the windows that end with the present one.
type Rate struct {
	Minute int `json:"minute,omitzero"`
	Hour   int `json:"hour,omitzero"`
	Day    int `json:"day,omitzero"`
}

// Similarity counts submissions of the last 24 hours that said the same; the present one is not counted.
type Similarity struct {
	Author     int `json:"author,omitzero"`      // by the same commenter, anywhere on the site
	SameParent int `json:"same_parent,omitzero"` // of these: replies to the same comment, or roots on the same article
	Article    int `json:"article,omitzero"`     // by anyone, on the same article
	Site       int `json:"site,omitzero"`        // by anyone, anywhere on the site

	NearArticle int `json:"near_article,omitzero"` // the same for what said nearly the same, copies included
	NearSite    int `json:"near_site,omitzero"`
}

// Article is the page that the comment is about.
type Article struct {
	AgeHours float64 `json:"age_hours,omitzero"` // since publication; 0 when it is not out yet
	Closed   bool    `json:"closed,omitzero"`    // takes no more comments
	Comments int     `json:"comments,omitzero"`  // approved ones

	Tags []string `json:"tags,omitempty"` // as an admin gave them
	Mode string   `json:"mode,omitempty"` // its own moderation mode; empty for the site's
}

// Reply is the comment's place in the conversation.
type Reply struct {
	Depth   int  `json:"depth,omitzero"`    // 0 for a comment on the article itself
	ToSelf  bool `json:"to_self,omitzero"`  // it replies to a comment under the same email
	ToStaff bool `json:"to_staff,omitzero"` // it replies to a comment under a moderator's email

	ParentName string `json:"-"` // the author of the comment replied to; empty for none and for past submissions
}

// Edit is what an edit changes. The zero value is a new comment.
type Edit struct {
	Is          bool   `json:"is,omitzero"`
	Status      string `json:"status,omitzero"`       // of the comment before the edit
	LinksAdded  int    `json:"links_added,omitzero"`  // never negative
	LengthAdded int    `json:"length_added,omitzero"` // characters; negative when the text became shorter

	Rewritten float64 `json:"rewritten,omitzero"` // the share of the words of the new text that the old one did not have

	NewHosts int `json:"new_hosts,omitzero"` // hosts of the new text, disguised ones included, that the old one did not have
	Replies  int `json:"replies,omitzero"`   // approved comments below it
}

// HoursSince returns the hours from then to now, to four decimals: Never for the zero time, and 0 for a time that
// is still to come. More decimals would take as many bytes of each frozen submission.
func HoursSince(then, now time.Time) float64 {
	if then.IsZero() {
		return Never
	}
	return math.Max(0, math.Round(now.Sub(then).Hours()*1e4)/1e4)
}

// EditOf describes the edit of a comment that had that status and text.
func EditOf(status string, before, after *text.Reading) Edit {
	return Edit{
		Is:          true,
		Status:      status,
		LinksAdded:  max(0, len(after.Links)-len(before.Links)),
		LengthAdded: text.Characters(after.Shown) - text.Characters(before.Shown),
		Rewritten:   rewritten(before, after),
		NewHosts:    newHosts(before, after),
	}
}

// newHosts counts the hosts of a text, disguised ones included, that an older one did not have.
func newHosts(before, after *text.Reading) int {
	had, fresh := before.Hosts(), 0
	for _, host := range after.Hosts() {
		if !slices.Contains(had, host) {
			fresh++
		}
	}
	return fresh
}

// hostsInName returns the hosts of the commenter's name.
func (e *evaluation) hostsInName() []string { return text.Read(e.facts.Author.Name).Hosts() }

// rewritten returns the share of the words of a text that an older one did not have, each word as often as it
// comes; 0 when there are none.
func rewritten(before, after *text.Reading) float64 {
	had := map[string]int{}
	for _, w := range before.Words() {
		had[w.Folded]++
	}
	words, fresh := after.Words(), 0
	for _, w := range words {
		if had[w.Folded]--; had[w.Folded] < 0 {
			fresh++
		}
	}
	if fresh == 0 {
		return 0
	}
	return float64(fresh) / float64(len(words))
}

// Neutral returns facts that speak neither for nor against a text: a known, trusted commenter, who took a
// minute over the form, replies to nobody and was not seen lately.
func Neutral(body string) *Facts {
	return &Facts{
		Body: body,
		Author: Author{
			Name: "Alex Example", Email: "alex@mail.example", Confirmed: true, Recognised: true,
			Approved: 25, FirstSeenHours: 365 * 24, HoursSinceNegative: Never,
		},
		Form:    Form{Kind: "form", AgeKnown: true, AgeSeconds: 60},
		Article: Article{AgeHours: 24, Comments: 5},
	}
}

// Newcomer is the author of Neutral with the record of somebody whom nobody knows.
func Newcomer() Author {
	return Author{Name: "Alex Example", Email: "alex@mail.example", HoursSinceNegative: Never}
}

// MarshalJSON freezes the facts.
func (f Facts) MarshalJSON() ([]byte, error) {
	type frozen Facts
	f.Author.EmailDomain = f.emailDomain()
	return json.Marshal(frozen(f))
}

// Kept is what storage keeps of a submission beside its frozen facts. The zero value of a field means: not
// known any more, and no rule about it fires.
type Kept struct {
	Body          string
	AuthorName    string
	AuthorURL     string
	AuthorEmail   string
	AddressPrefix netip.Prefix
}

// Unfreeze combines frozen facts with the data that is stored separately. A ruleset evaluates them as it did
// on arrival, except for rules about data that is not kept: the full IP address (rules see its prefix), and
// the email unless its sealed copy was opened for this.
func Unfreeze(frozen []byte, k Kept) (*Facts, error) {
	var f Facts
	if err := json.Unmarshal(frozen, &f); err != nil {
		return nil, fmt.Errorf("unfreeze facts: %w", err)
	}
	f.Body, f.AddressPrefix = k.Body, k.AddressPrefix
	f.Author.Name, f.Author.URL, f.Author.Email = k.AuthorName, k.AuthorURL, k.AuthorEmail
	return &f, nil
}

func (f *Facts) emailDomain() string {
	if f.Author.Email == "" {
		return f.Author.EmailDomain
	}
	return text.EmailDomain(f.Author.Email)
}

// network returns the address as a network of one, or what is left of it; the zero value when nothing is.
func (f *Facts) network() netip.Prefix {
	if f.Address.IsValid() {
		address := f.Address.Unmap().WithZone("")
		return netip.PrefixFrom(address, address.BitLen())
	}
	return f.AddressPrefix.Masked()
}
