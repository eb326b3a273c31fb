package rules

import (
	"slices"
	"strings"
)

// FactDoc documents one fact: what rules call it, its type, what it says, and a condition that uses it.
type FactDoc struct {
	Path    string // "group.name"
	Type    string // "bool", "int", "double", "string" or "list of strings"
	What    string
	Example string
}

// Registry returns the documentation of every fact, group by group.
func Registry() []FactDoc {
	docs := make([]FactDoc, len(registry))
	for i, f := range registry {
		docs[i] = FactDoc{Path: f.path(), Type: f.kind.String(), What: f.what, Example: f.example}
	}
	return docs
}

// kind is the type of a fact.
type kind uint8

const (
	boolean kind = iota
	integer
	number
	word
	wordList
)

func (k kind) String() string {
	return [...]string{"bool", "int", "double", "string", "list of strings"}[k]
}

// fact is one entry of the registry. Exactly one of at and from is set.
type fact struct {
	group, name string
	kind        kind
	what        string
	example     string
	at          func(*Facts) any      // points at the bool, int, float64 or string that holds it
	from        func(*evaluation) any // computes what follows from other facts: bool, int, float64, string or []string
	limit       uint64                // for strings: the most characters; for lists: the most elements
	unless      string                // the fact that must be asked first, because this one may be unknown
	moderators  bool                  // never quoted in a public reason
	field       field                 // where hits of rules about it point; noField for the group
}

func (f *fact) path() string { return f.group + "." + f.name }

// The limits of what the facts of one submission can hold; conditions are costed with them.
const (
	limitBody   = 10_000
	limitName   = 100
	limitURL    = 2_000
	limitDomain = 253
	limitWord   = 32
	limitLinks  = limitBody / 7 // "www.a.b" is the shortest address that is a link
)

// registry is every fact: the single place from which conditions are typed, tests are set up and documentation is
// made. The order is that of the documentation.
var registry = slices.Concat(textFacts, linkFacts, authorFacts, networkFacts, formFacts, velocityFacts,
	similarityFacts, articleFacts, replyFacts, editFacts)

var textFacts = []fact{
	{group: "text", name: "body", kind: word, limit: limitBody, field: bodyField,
		what:    "The comment as it was written, in Markdown.",
		example: `text.body.contains("http") && links.count == 0`,
		at:      func(f *Facts) any { return &f.Body }},
	{group: "text", name: "folded", kind: word, limit: 2 * limitBody, field: bodyField,
		what:    "The comment in lower case, without accents, invisible characters and repeated white space.",
		example: `text.folded.startsWith("first")`,
		from:    func(e *evaluation) any { return e.folded() }},
	{group: "text", name: "length", kind: integer, field: bodyField,
		what:    "How many characters the comment has.",
		example: `text.length < 3`,
		from:    func(e *evaluation) any { return e.measures().characters }},
	{group: "text", name: "words", kind: integer, field: bodyField,
		what:    "How many words the comment has; every character of Chinese, Japanese or Thai counts as one.",
		example: `text.words > 1500`,
		from:    func(e *evaluation) any { return len(e.words(bodyField)) }},
	{group: "text", name: "lines", kind: integer, field: bodyField,
		what:    "How many lines the comment has, empty ones included.",
		example: `text.lines > 100`,
		from:    func(e *evaluation) any { return e.measures().lines }},
	{group: "text", name: "letters", kind: integer, field: bodyField,
		what:    "How many letters of any script the comment has.",
		example: `text.letters == 0`,
		from:    func(e *evaluation) any { return e.measures().letters }},
	{group: "text", name: "capitals", kind: number, field: bodyField,
		what:    "Which share of the letters that can be capital are, from 0 to 1.",
		example: `text.letters > 20 && text.capitals > 0.7`,
		from:    func(e *evaluation) any { return e.measures().capitals() }},
	{group: "text", name: "longest_run", kind: integer, field: bodyField,
		what:    "How often the most repeated character stands in a row; white space does not count.",
		example: `text.longest_run > 10`,
		from:    func(e *evaluation) any { return e.measures().longestRun }},
}

var linkFacts = []fact{
	{group: "links", name: "count", kind: integer, field: bodyField,
		what:    "How many links the comment has, addresses that are merely spelled out included.",
		example: `links.count > 2`,
		from:    func(e *evaluation) any { return len(e.links()) }},
	{group: "links", name: "hosts", kind: wordList, limit: limitLinks, field: bodyField,
		what:    "The hosts that the comment links to, each once, in lower-case ASCII.",
		example: `links.hosts.exists(h, h.startsWith("xn--"))`,
		from:    func(e *evaluation) any { return e.hosts() }},
	{group: "links", name: "domains", kind: wordList, limit: limitLinks, field: bodyField,
		what:    "The registrable domains that the comment links to, each once: example.co.uk for shop.example.co.uk.",
		example: `links.domains.size() > 3`,
		from:    func(e *evaluation) any { return e.domains() }},
}

var authorFacts = []fact{
	{group: "author", name: "name", kind: word, limit: limitName, field: nameField,
		what:    "The name that the commenter gave.",
		example: `author.name.contains("http")`,
		at:      func(f *Facts) any { return &f.Author.Name }},
	{group: "author", name: "url", kind: word, limit: limitURL, field: urlField,
		what:    "The website that the commenter gave; empty for none.",
		example: `author.url != "" && text.words < 5`,
		at:      func(f *Facts) any { return &f.Author.URL }},
	{group: "author", name: "url_host", kind: word, limit: limitDomain, field: urlField,
		what:    "The host of that website, in lower-case ASCII; empty for none.",
		example: `author.url_host.endsWith(".example")`,
		from:    func(e *evaluation) any { return e.urlHost() }},
	{group: "author", name: "email_domain", kind: word, limit: limitDomain, field: emailField,
		what:    "What stands after the @ of the commenter's email, in lower-case ASCII.",
		example: `author.email_domain == "mail.example"`,
		from:    func(e *evaluation) any { return e.facts.emailDomain() }},
	{group: "author", name: "confirmed", kind: boolean,
		what:    "Whether the email address was proved to be theirs.",
		example: `!author.confirmed && links.count > 0`,
		at:      func(f *Facts) any { return &f.Author.Confirmed }},
	{group: "author", name: "recognised", kind: boolean,
		what:    "Whether the browser is one that was remembered with an earlier comment under the same email.",
		example: `author.recognised && author.approved >= 3`,
		at:      func(f *Facts) any { return &f.Author.Recognised }},
	{group: "author", name: "approved", kind: integer, moderators: true,
		what:    "How many of their comments are approved. 0 for whoever cannot prove to be that commenter: an email alone proves nothing.",
		example: `author.approved == 0`,
		at:      func(f *Facts) any { return &f.Author.Approved }},
	{group: "author", name: "rejected", kind: integer, moderators: true,
		what:    "How many of their comments are rejected.",
		example: `author.rejected > author.approved`,
		at:      func(f *Facts) any { return &f.Author.Rejected }},
	{group: "author", name: "spam", kind: integer, moderators: true,
		what:    "How many of their comments are spam.",
		example: `author.spam > 0`,
		at:      func(f *Facts) any { return &f.Author.Spam }},
	{group: "author", name: "pending", kind: integer, moderators: true,
		what:    "How many of their comments wait for a moderator.",
		example: `author.pending > 5`,
		at:      func(f *Facts) any { return &f.Author.Pending }},
	{group: "author", name: "first_seen_hours", kind: number, moderators: true,
		what:    "How many hours ago their first comment came; 0 for a new commenter.",
		example: `author.first_seen_hours < 24`,
		at:      func(f *Facts) any { return &f.Author.FirstSeenHours }},
	{group: "author", name: "hours_since_negative", kind: number, moderators: true,
		what:    "How many hours ago a comment of theirs was last rejected or called spam; a million when none ever was.",
		example: `author.hours_since_negative < 24 * 30`,
		at:      func(f *Facts) any { return &f.Author.HoursSinceNegative }},
}

var networkFacts = []fact{
	{group: "network", name: "known", kind: boolean, field: addressField,
		what:    "Whether the client's address is known. Use in_network(\"192.0.2.0/24\") or in_network(\"a-list\") to look where it is.",
		example: `!network.known`,
		from:    func(e *evaluation) any { return e.facts.network().IsValid() }},
	{group: "network", name: "ipv6", kind: boolean, field: addressField,
		what:    "Whether the client's address is one of IPv6.",
		example: `network.ipv6 && velocity.address_1m > 3`,
		from:    func(e *evaluation) any { return e.facts.network().Addr().Is6() }},
}

var formFacts = []fact{
	{group: "form", name: "kind", kind: word, limit: limitWord,
		what:    "How the comment was sent: \"form\" for the plain HTML form, \"json\" for the API, which the widget uses too.",
		example: `form.kind == "form" && !form.age_known`,
		at:      func(f *Facts) any { return &f.Form.Kind }},
	{group: "form", name: "honeypot", kind: boolean, moderators: true,
		what:    "Whether a field was filled in that people do not see.",
		example: `form.honeypot`,
		at:      func(f *Facts) any { return &f.Form.Honeypot }},
	{group: "form", name: "age_known", kind: boolean, moderators: true,
		what:    "Whether it is known when the form was made.",
		example: `form.kind == "form" && !form.age_known`,
		at:      func(f *Facts) any { return &f.Form.AgeKnown }},
	{group: "form", name: "age_seconds", kind: number, moderators: true, unless: "form.age_known",
		what:    "How many seconds passed from the form's making to its sending. Ask form.age_known first.",
		example: `form.age_known && form.age_seconds < 3`,
		at:      func(f *Facts) any { return &f.Form.AgeSeconds }},
}

var velocityFacts = slices.Concat(
	rateFacts("author", "came from the same commenter", func(f *Facts) *Rate { return &f.Velocity.Author }),
	rateFacts("address", "came from the same address", func(f *Facts) *Rate { return &f.Velocity.Address }),
	rateFacts("article", "were about the same article", func(f *Facts) *Rate { return &f.Velocity.Article }),
)

func rateFacts(name, which string, rate func(*Facts) *Rate) []fact {
	window := func(suffix, span, example string, at func(*Rate) *int) fact {
		return fact{group: "velocity", name: name + "_" + suffix, kind: integer, moderators: true,
			what:    "How many earlier submissions of the last " + span + " " + which + ".",
			example: "velocity." + name + "_" + suffix + " " + example,
			at:      func(f *Facts) any { return at(rate(f)) }}
	}
	return []fact{
		window("1m", "minute", "> 3", func(r *Rate) *int { return &r.Minute }),
		window("1h", "hour", "> 20", func(r *Rate) *int { return &r.Hour }),
		window("24h", "24 hours", "> 100", func(r *Rate) *int { return &r.Day }),
	}
}

var similarityFacts = []fact{
	{group: "similarity", name: "author_24h", kind: integer, field: bodyField,
		what:    "How many submissions of the same commenter said the same within 24 hours, anywhere on the site.",
		example: `similarity.author_24h > 0`,
		at:      func(f *Facts) any { return &f.Similarity.Author }},
	{group: "similarity", name: "article_24h", kind: integer, field: bodyField, moderators: true,
		what:    "How many submissions about the same article said the same within 24 hours, by anyone.",
		example: `similarity.article_24h > 0`,
		at:      func(f *Facts) any { return &f.Similarity.Article }},
	{group: "similarity", name: "site_24h", kind: integer, field: bodyField, moderators: true,
		what:    "How many submissions said the same within 24 hours, by anyone, anywhere on the site.",
		example: `similarity.site_24h > 2`,
		at:      func(f *Facts) any { return &f.Similarity.Site }},
}

var articleFacts = []fact{
	{group: "article", name: "age_hours", kind: number,
		what:    "How many hours ago the article was published; 0 when it is not out yet.",
		example: `article.age_hours > 24 * 90 && links.count > 0`,
		at:      func(f *Facts) any { return &f.Article.AgeHours }},
	{group: "article", name: "closed", kind: boolean,
		what:    "Whether the article takes no more comments.",
		example: `article.closed`,
		at:      func(f *Facts) any { return &f.Article.Closed }},
	{group: "article", name: "comments", kind: integer,
		what:    "How many approved comments the article has.",
		example: `article.comments > 500`,
		at:      func(f *Facts) any { return &f.Article.Comments }},
}

var replyFacts = []fact{
	{group: "reply", name: "is", kind: boolean,
		what:    "Whether the comment replies to another one.",
		example: `reply.is && text.length > 5000`,
		from:    func(e *evaluation) any { return e.facts.Reply.Depth > 0 }},
	{group: "reply", name: "depth", kind: integer,
		what:    "How deep in the conversation the comment stands; 0 for a comment on the article itself.",
		example: `reply.depth > 5`,
		at:      func(f *Facts) any { return &f.Reply.Depth }},
}

var editFacts = []fact{
	{group: "edit", name: "is", kind: boolean,
		what:    "Whether this is the edit of a comment that is there already.",
		example: `edit.is && links.count > 0`,
		at:      func(f *Facts) any { return &f.Edit.Is }},
	{group: "edit", name: "status", kind: word, limit: limitWord,
		what:    "What the edited comment was before: \"pending\", \"approved\", \"rejected\" or \"spam\"; empty for a new one.",
		example: `edit.status == "rejected"`,
		at:      func(f *Facts) any { return &f.Edit.Status }},
	{group: "edit", name: "links_added", kind: integer, field: bodyField,
		what:    "How many more links the text has after the edit; never negative.",
		example: `edit.links_added > 0`,
		at:      func(f *Facts) any { return &f.Edit.LinksAdded }},
	{group: "edit", name: "length_added", kind: integer, field: bodyField,
		what:    "How many more characters the text has after the edit; negative when it became shorter.",
		example: `edit.length_added > 500`,
		at:      func(f *Facts) any { return &f.Edit.LengthAdded }},
}

// factIndex finds facts by group and name, in registry order.
var factIndex = func() map[string]map[string]int {
	groups := map[string]map[string]int{}
	for i, f := range registry {
		if groups[f.group] == nil {
			groups[f.group] = map[string]int{}
		}
		groups[f.group][f.name] = i
	}
	return groups
}()

// findFact finds a fact by its path.
func findFact(path string) (int, bool) {
	group, name, _ := strings.Cut(path, ".")
	i, ok := factIndex[group][name]
	return i, ok
}

// factPaths returns the paths of all facts.
func factPaths() []string {
	paths := make([]string, len(registry))
	for i := range registry {
		paths[i] = registry[i].path()
	}
	return paths
}

// hitField is where a hit of a rule about this fact points.
func (f *fact) hitField() string {
	if f.field != noField {
		return f.field.String()
	}
	return f.group
}
