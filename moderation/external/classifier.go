package external

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Protocol is how a classifier is asked.
type Protocol string

// Protocols.
const (
	Signed      Protocol = "signed"      // our own JSON, signed in the form of Standard Webhooks
	Akismet     Protocol = "akismet"     // comment-check, submit-spam and submit-ham
	OpenAI      Protocol = "openai"      // POST /v1/moderations
	Perspective Protocol = "perspective" // POST comments:analyze
)

// Protocols returns all protocols.
func Protocols() []Protocol { return []Protocol{Signed, Akismet, OpenAI, Perspective} }

// OnLate is what happens to a submission whose classifier does not answer in time.
type OnLate string

// What can happen.
const (
	LateJudge OnLate = "judge" // it is judged without the answer
	LateHold  OnLate = "hold"  // it is held, and judged again when the answer comes
)

// Sends says what a classifier gets besides the text.
type Sends struct {
	Name          bool `json:"name"`
	URL           bool `json:"url"`
	Pseudonym     bool `json:"pseudonym"`      // keyed, the same for all comments of a commenter, different for each classifier
	AddressPrefix bool `json:"address_prefix"` // the network of the client's address: /24 of IPv4, /48 of IPv6
}

// Settings are a classifier's settings besides its name, sites and secret.
type Settings struct {
	Protocol Protocol `json:"protocol"`
	URL      string   `json:"url"`
	Enabled  bool     `json:"enabled"`
	AllSites bool     `json:"all_sites"` // otherwise those that are listed
	Sends    Sends    `json:"sends"`
	// TimeoutMS is the time limit of a call in milliseconds.
	TimeoutMS int `json:"timeout_ms"`
	// Concurrency is the maximum number of concurrent calls of a node.
	Concurrency int `json:"concurrency"`
	// DailyBudget is the maximum number of requests in a day (UTC) of all nodes together; 0: no limit.
	DailyBudget int `json:"daily_budget"`
	// CacheMinutes is how long a node keeps an answer for submissions that say exactly the same; 0: not at all.
	CacheMinutes int    `json:"cache_minutes"`
	OnLate       OnLate `json:"on_late"`
	// Feedback tells the classifier what moderators decided, if the protocol has a way.
	Feedback bool `json:"feedback"`
	// SecretInFile reads the secret from a file of the operator; otherwise it is stored sealed.
	SecretInFile bool `json:"secret_in_file"`
	// Blog is the address of the site, for Akismet.
	Blog string `json:"blog,omitempty"`
	// Model is the model's name, for OpenAI; empty: the server's default.
	Model string `json:"model,omitempty"`
	// Labels are the categories (OpenAI) or attributes (Perspective) that count; empty: all, or TOXICITY.
	Labels []string `json:"labels,omitempty"`
}

// DefaultSettings returns the settings of a new classifier.
func DefaultSettings() Settings {
	return Settings{
		Protocol: Signed, Enabled: true, TimeoutMS: 400, Concurrency: 8, CacheMinutes: 60, OnLate: LateJudge,
	}
}

// Classifier is a classifier outside of this program.
type Classifier struct {
	ID   string
	Name string // in rules: external.<Name>.score
	Settings
	SiteIDs      []string // unless AllSites
	SecretSealed []byte   // nil: none, or in a file
	// SecretHost is where the secret of the file may be sent: scheme and host, as https://api.example. Empty without
	// a file.
	SecretHost string
	Version    int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// hostOf returns scheme and host of a URL, as https://api.example.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// Timeout is the time limit of a call.
func (c Classifier) Timeout() time.Duration { return time.Duration(c.TimeoutMS) * time.Millisecond }

// serves reports whether the classifier is asked about submissions to a site.
func (c Classifier) serves(siteID string) bool {
	return c.Enabled && (c.AllSites || slices.Contains(c.SiteIDs, siteID))
}

// Document is what a classifier is asked about: the text, and what may be sent with it.
type Document struct {
	SiteSlug   string
	Text       string // Markdown, as the commenter wrote it
	Language   string // of the text, or else of the site; a BCP 47 primary tag
	AuthorName string
	AuthorURL  string
	Pseudonym  string
	Address    string // network prefix; empty when it is unknown
	Edit       bool
}

// only removes the fields that are not switched on.
func (d Document) only(s Sends) Document {
	if !s.Name {
		d.AuthorName = ""
	}
	if !s.URL {
		d.AuthorURL = ""
	}
	if !s.Pseudonym {
		d.Pseudonym = ""
	}
	if !s.AddressPrefix {
		d.Address = ""
	}
	return d
}

// Answer is the result of a call.
type Answer struct {
	Score float64 // from 0 to 1
	Label string  // empty for none
}

// Flagged reports whether the classifier speaks against the comment. It is compared with what moderators
// decided.
func (a Answer) Flagged() bool { return a.Score >= 0.5 }

// Errors of calls, besides those of the network.
var (
	// ErrAnswer: the answer is not what the protocol says.
	ErrAnswer = errors.New("the response does not follow the protocol")
	// ErrStatus: the server answered with a status other than success.
	ErrStatus = errors.New("the server responded with an error")
)
