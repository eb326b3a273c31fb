package ruleform

import (
	"slices"
	"strings"

	"rejoinder/moderation/rules"
)

// Subject describes in words what a condition can compare: a fact, or a function with its lists.
type Subject struct {
	Path    string // of the fact, or the name of the function
	Group   string // heading in menus
	Label   string // in menus
	What    string // documentation of the fact
	Choices []Choice

	shape   shape
	whole   bool   // only whole numbers
	unless  string // the fact that says whether this one is known
	asks    []ValueKind
	subject string // in sentences, before the number or text
	one     string // unit, singular and plural
	many    string
	rest    string // in sentences, after the number
	yes, no string // sentences of yes and no

	family *Subject // of which this is the subject of a member; nil: of none
	member string
}

// Choice is a value of a fact, in words.
type Choice struct{ Value, Label string }

// Group names of the menus, by the groups of the registry.
var groupNames = map[string]string{
	"lists": "Words and lists", "text": "Text", "links": "Links", "author": "Commenter", "network": "Network", "form": "Form",
	"velocity": "Pace", "similarity": "Copies", "article": "Article", "reply": "Replies", "edit": "Edits", "blocks": "Blocks",
	"external": "Outside classifiers",
}

// The functions.
const (
	fnListed    = "listed"
	fnShare     = "listed_share"
	fnCount     = "listed_count"
	fnQuoted    = "quoted"
	fnAddressed = "addressed"
	fnByAuthor  = "by_author"
	fnHarmless  = "harmless"
	fnNear      = "near"
	fnNetwork   = "in_network"
)

// Constructors of the vocabulary, one per shape.

func is(path, label, yes, no string) Subject {
	return Subject{Path: path, Label: label, shape: yesNo, yes: yes, no: no}
}

func counts(path, label, subject, one, many, rest string) Subject {
	return Subject{Path: path, Label: label, shape: count, whole: true, subject: subject, one: one, many: many, rest: rest}
}

func shares(path, label, rest string) Subject {
	return Subject{Path: path, Label: label, shape: share, rest: rest}
}

func amounts(path, label, subject string) Subject {
	return Subject{Path: path, Label: label, shape: amount, subject: subject}
}

func spans(path, label, subject, unit, rest string) Subject {
	return Subject{Path: path, Label: label, shape: span, subject: subject, one: unit, rest: rest}
}

func word(path, label, subject string, choices ...Choice) Subject {
	return Subject{Path: path, Label: label, shape: text, subject: subject, Choices: choices}
}

func words(path, label, subject string, choices ...Choice) Subject {
	return Subject{Path: path, Label: label, shape: texts, subject: subject, Choices: choices}
}

func asks(path, label string, kinds []ValueKind, yes, no string) Subject {
	return Subject{Path: path, Label: label, shape: asked, asks: kinds, yes: yes, no: no}
}

// vocabulary lists all subjects with the documentation of their facts, in the order of menus.
var vocabulary = complete(slices.Concat(listWords, textWords, authorWords, formWords, paceWords, placeWords))

var subjectIndex = func() map[string]int {
	index := map[string]int{}
	for i, s := range vocabulary {
		index[s.Path] = i
	}
	return index
}()

// complete adds the documentation from the registry.
func complete(list []Subject) []Subject {
	docs := map[string]rules.FactDoc{}
	for _, doc := range rules.Registry() {
		docs[doc.Path] = doc
	}
	functions := map[string]rules.FunctionDoc{}
	for _, doc := range rules.Functions() {
		name, _, _ := strings.Cut(doc.Call, "(")
		functions[name] = doc
	}
	for i := range list {
		s := &list[i]
		group, _, isFact := strings.Cut(s.Path, ".")
		if !isFact {
			group = "lists"
		}
		s.Group, s.What, s.unless = groupNames[group], docs[s.Path].What+functions[s.Path].What, docs[s.Path].Unless
	}
	return list
}

// Subjects returns all subjects of conditions but those of families, in the order of menus.
func Subjects() []Subject { return slices.Clone(vocabulary) }

// FindSubject returns the subject of a fact or function, also of one of a family such as external.NAME.score; nil if
// there is none.
func FindSubject(path string) *Subject {
	if i, known := subjectIndex[path]; known {
		return &vocabulary[i]
	}
	return memberSubject(path)
}

// Unit returns what the numbers of the subject count, for the field beside them; empty for none.
func (s *Subject) Unit() string {
	switch s.shape {
	case share:
		return "%"
	case span:
		return s.one
	}
	return ""
}

var statuses = []Choice{{"approved", "approved"}, {"rejected", "rejected"}, {"spam", "spam"}}

var listWords = []Subject{
	asks(fnListed, "Contains a term from a list", []ValueKind{ValueList, ValueField},
		"it has a term from {0}", "it has no term from {0}"),
	{Path: fnShare, Label: "Share of the text from a list", shape: share, asks: []ValueKind{ValueList}, rest: "of the text is from {0}"},
	{Path: fnCount, Label: "Number of terms from a list", shape: count, whole: true, asks: []ValueKind{ValueList},
		subject: "it has", one: "term", many: "terms", rest: "from {0}"},
	asks(fnAddressed, "Term from a list, aimed at somebody", []ValueKind{ValueList},
		"a term from {0} is aimed at somebody", "no term from {0} is aimed at somebody"),
	asks(fnByAuthor, "Term from a list, said by the commenter of themselves", []ValueKind{ValueList},
		"the commenter says a term from {0} of themselves", "the commenter says no term from {0} of themselves"),
	asks(fnHarmless, "Terms from a list, all harmless", []ValueKind{ValueList},
		"its terms from {0} insult nobody", "its terms from {0} may insult somebody"),
	asks(fnQuoted, "Terms from a list, only quoted", []ValueKind{ValueList},
		"its terms from {0} are only quoted", "its terms from {0} are not only quoted"),
	asks(fnNear, "Terms from two lists, near each other", []ValueKind{ValueList, ValueList, ValueNumber},
		"a term from {0} is within {2} words of one from {1}", "no term from {0} is within {2} words of one from {1}"),
	asks(fnNetwork, "IP address in a network", []ValueKind{ValueNetwork},
		"the IP address is in {0}", "the IP address is not in {0}"),
}

var textWords = []Subject{
	word("text.shown", "Text as readers see it", "the text"),
	word("text.body", "Text as it was written", "the Markdown"),
	word("text.folded", "Text in lower case without accents", "the text in lower case without accents"),
	word("text.normalised", "Text in lower case", "the text in lower case"),
	counts("text.length", "Length of the text", "the text has", "character", "characters", ""),
	counts("text.words", "Number of words", "the text has", "word", "words", ""),
	counts("text.lines", "Number of lines", "the text has", "line", "lines", ""),
	counts("text.letters", "Number of letters", "the text has", "letter", "letters", ""),
	shares("text.capitals", "Share of capitals", "of the letters are capitals"),
	counts("text.longest_run", "Longest run of one character", "one character is repeated", "time", "times", "in a row"),
	counts("text.emoji", "Number of emoji", "the text has", "emoji", "emoji", ""),
	counts("text.hidden", "Hidden characters", "the text has", "hidden character", "hidden characters", ""),
	words("text.scripts", "Scripts of the letters", "the scripts of its letters"),
	counts("text.mixed_words", "Words that mix alphabets", "the text has", "word that mixes alphabets", "words that mix alphabets", ""),
	word("text.language", "Language of the text", "the language of the text"),
	amounts("text.hostile_score", "Hostility score (0 to 1)", "its hostility score is"),
	words("text.hostile_words", "Hostile words", "its hostile words"),
	is("text.spam_known", "Spam classifier has learned enough", "the spam classifier has learned enough", "the spam classifier has not learned enough"),
	amounts("text.spam_score", "Spam score (0 to 1)", "its spam score is"),
	words("text.spam_words", "Words that suggest spam", "the words that suggest spam"),

	counts("links.count", "Number of links", "it has", "link", "links", ""),
	words("links.hosts", "Hosts of the links", "the hosts of its links"),
	words("links.domains", "Domains of the links", "the domains of its links"),
	shares("links.share", "Share of the text that is links", "of the text is links"),
	counts("links.shorteners", "Shortened links", "it has", "shortened link", "shortened links", ""),
	counts("links.international", "Links to international domains", "it has", "link to an international domain",
		"links to international domains", ""),
	counts("links.mismatched", "Links that show another address", "it has", "link that shows another address",
		"links that show another address", ""),
	counts("links.disguised", "Disguised web addresses", "it has", "disguised web address", "disguised web addresses", ""),
	words("links.disguised_hosts", "Hosts of disguised addresses", "the hosts of its disguised addresses"),
}

var authorWords = []Subject{
	counts("author.approved", "Approved comments of the commenter", "the commenter has", "approved comment", "approved comments", ""),
	counts("author.rejected", "Rejected comments of the commenter", "the commenter has", "rejected comment", "rejected comments", ""),
	counts("author.spam", "Spam comments of the commenter", "the commenter has", "comment marked as spam", "comments marked as spam", ""),
	counts("author.pending", "Waiting comments of the commenter", "the commenter has", "waiting comment", "waiting comments", ""),
	is("author.recognised", "Browser is remembered", "the browser is remembered", "the browser is not remembered"),
	is("author.confirmed", "Email is confirmed", "the email is confirmed", "the email is not confirmed"),
	spans("author.hours_since_negative", "Time since the last refusal", "the commenter’s last refusal was", "hours", "ago"),
	spans("author.first_seen_hours", "Time since the first comment", "the commenter’s first comment came", "hours", "ago"),
	word("author.last_decided", "Last decision on the commenter", "the commenter’s most recently decided comment", statuses...),
	word("author.name", "Name", "the name"),
	is("author.names_moderator", "Name looks like a staff member’s", "the name looks like a staff member’s",
		"the name does not look like a staff member’s"),
	is("author.name_has_link", "Name contains a web address", "the name contains a web address", "the name contains no web address"),
	is("author.name_is_email", "Name contains an email address", "the name contains an email address", "the name contains no email address"),
	is("author.name_has_phone", "Name contains a phone number", "the name contains a phone number", "the name contains no phone number"),
	word("author.url", "Website", "the website"),
	word("author.url_host", "Host of the website", "the host of the website"),
	is("author.url_new", "Website is new", "the commenter’s website is new", "the commenter’s website is not new"),
	word("author.email_domain", "Domain of the email", "the email’s domain"),
	is("author.disposable", "Email is disposable", "the email is disposable", "the email is not disposable"),
	is("author.signed_in", "Signed in by the site", "the commenter is signed in by the site", "the commenter is not signed in by the site"),
	words("author.badges", "Badges from the site", "the commenter’s badges",
		Choice{"subscriber", "Subscriber"}, Choice{"author", "Author"}),
	spans("author.subject_age_days", "Time since a signed-in reader’s first comment", "the signed-in reader’s first comment came", "days", "ago"),

	is("network.known", "IP address is known", "the IP address is known", "the IP address is not known"),
	is("network.ipv6", "IP address is IPv6", "the IP address is IPv6", "the IP address is not IPv6"),
}

var formWords = []Subject{
	is("form.honeypot", "Hidden field is filled in", "the hidden field is filled in", "the hidden field is empty"),
	word("form.kind", "How it was sent", "it was sent with",
		Choice{"form", "the plain form"}, Choice{"json", "the widget or the API"}),
	is("form.age_known", "Time spent on the form is known", "the time spent on the form is known",
		"the time spent on the form is unknown"),
	spans("form.age_seconds", "Time spent on the form", "it was sent", "seconds", "after the form appeared"),
	is("form.paste_known", "Pasting is reported", "the page reports pasting", "the page does not report pasting"),
	counts("form.pasted", "Pasted characters", "", "character", "characters", "were pasted"),
	shares("form.pasted_share", "Share that was pasted", "of the text was pasted"),
}

var paceWords = []Subject{
	counts("velocity.author_1m", "Comments of the commenter in a minute", "the commenter sent", "earlier comment", "earlier comments",
		"in the last minute"),
	counts("velocity.author_1h", "Comments of the commenter in an hour", "the commenter sent", "earlier comment", "earlier comments",
		"in the last hour"),
	counts("velocity.author_24h", "Comments of the commenter in a day", "the commenter sent", "earlier comment", "earlier comments",
		"in the last 24 hours"),
	counts("velocity.address_1m", "Comments from the IP address in a minute", "the IP address sent", "earlier comment", "earlier comments",
		"in the last minute"),
	counts("velocity.address_1h", "Comments from the IP address in an hour", "the IP address sent", "earlier comment", "earlier comments",
		"in the last hour"),
	counts("velocity.address_24h", "Comments from the IP address in a day", "the IP address sent", "earlier comment", "earlier comments",
		"in the last 24 hours"),
	counts("velocity.article_1m", "Comments on the article in a minute", "the article received", "earlier comment", "earlier comments",
		"in the last minute"),
	counts("velocity.article_1h", "Comments on the article in an hour", "the article received", "earlier comment", "earlier comments",
		"in the last hour"),
	counts("velocity.article_24h", "Comments on the article in a day", "the article received", "earlier comment", "earlier comments",
		"in the last 24 hours"),

	counts("similarity.same_parent", "Same text from the commenter, in reply to the same comment",
		"the commenter posted the same text here", "time", "times", "in the last 24 hours"),
	counts("similarity.author_24h", "Same text from the commenter, on the site",
		"the commenter posted the same text", "time", "times", "in the last 24 hours"),
	counts("similarity.article_24h", "Same text from anyone, on the article",
		"the same text was posted on the article", "time", "times", "in the last 24 hours"),
	counts("similarity.site_24h", "Same text from anyone, on the site",
		"the same text was posted on the site", "time", "times", "in the last 24 hours"),
	counts("similarity.near_article_24h", "Nearly the same text from anyone, on the article",
		"nearly the same text was posted on the article", "time", "times", "in the last 24 hours"),
	counts("similarity.near_site_24h", "Nearly the same text from anyone, on the site",
		"nearly the same text was posted on the site", "time", "times", "in the last 24 hours"),
}

var placeWords = []Subject{
	is("article.closed", "Article is closed", "the article is closed", "the article is open"),
	spans("article.age_hours", "Age of the article", "the article was published", "hours", "ago"),
	counts("article.comments", "Comments on the article", "the article has", "comment", "comments", ""),
	word("article.mode", "Mode of the article", "the article’s own mode",
		Choice{"at_once", "“At once”"}, Choice{"hold_first", "“First ones wait”"}, Choice{"hold_all", "“All wait”"}),
	words("article.tags", "Tags of the article", "the article’s tags"),

	is("reply.is", "It is a reply", "it is a reply", "it is not a reply"),
	counts("reply.depth", "Depth of the reply", "it is nested", "level", "levels", "deep"),
	is("reply.to_self", "Replies to themselves", "it replies to the commenter’s own comment", "it does not reply to the commenter’s own comment"),
	is("reply.to_staff", "Replies to staff", "it replies to staff", "it does not reply to staff"),

	is("edit.is", "It is an edit", "it is an edit", "it is not an edit"),
	word("edit.status", "Status before the edit", "the comment’s status before the edit",
		append([]Choice{{"pending", "pending"}}, statuses...)...),
	counts("edit.links_added", "Links that the edit adds", "the edit adds", "link", "links", ""),
	counts("edit.length_added", "Characters that the edit adds", "the edit adds", "character", "characters", ""),
	counts("edit.new_hosts", "New hosts in the edit", "the edit links to", "new host", "new hosts", ""),
	counts("edit.replies", "Replies below the edited comment", "the edited comment has", "reply", "replies", ""),
	shares("edit.rewritten", "Share that the edit rewrites", "of the words are new in the edit"),

	word("blocks.action", "Action of a matching block", "the action of a matching block",
		Choice{"hold", "“Hold”"}, Choice{"reject", "“Reject”"}, Choice{"spam", "“Spam”"}),
	words("blocks.kinds", "Kinds of matching blocks", "the matching blocks are against",
		Choice{"email", "an email"}, Choice{"domain", "an email domain"}, Choice{"name", "a name"}, Choice{"host", "a link"},
		Choice{"prefix", "a network"}),
	words("blocks.ids", "IDs of matching blocks", "the IDs of the matching blocks"),
}
