package rules

import (
	"slices"
	"strings"
	"unicode"

	"rejoinder/moderation/text"
)

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
	{
		group:      "author",
		name:       "url_new",
		kind:       boolean,
		field:      urlField,
		moderators: true,
		what: "Whether the website is on a host that no approved comment of theirs has had. True for whoever cannot prove to be that " +
			"commenter; false without a website.",
		example: `author.url_new && author.approved < 5`,
		at:      func(f *Facts) any { return &f.Author.URLNew },
	},
	{
		group:      "author",
		name:       "names_moderator",
		kind:       boolean,
		field:      nameField,
		moderators: true,
		what: "Whether the name is, or looks like, that of a moderator, of the site, or a word such as \"admin\", and the email is no " +
			"moderator's.",
		example: `author.names_moderator`,
		at:      func(f *Facts) any { return &f.Author.NamesModerator },
	},
	{group: "author", name: "name_is_email", kind: boolean, field: nameField,
		what:    "Whether the name contains an email address.",
		example: `author.name_is_email`,
		from:    func(e *evaluation) any { return hasEmail(e.facts.Author.Name) }},
	{group: "author", name: "name_has_phone", kind: boolean, field: nameField,
		what:    "Whether the name has a phone number in it: seven digits after a + or a 0, or nine others, with signs between at most.",
		example: `author.name_has_phone`,
		from:    func(e *evaluation) any { return hasPhone(e.facts.Author.Name) }},
	{group: "author", name: "name_has_link", kind: boolean, field: nameField,
		what:    "Whether the name contains a web address, even a disguised one.",
		example: `author.name_has_link`,
		from:    func(e *evaluation) any { return len(e.hostsInName()) > 0 }},
	{group: "author", name: "email_domain", kind: word, limit: limitDomain, field: emailField,
		what:    "The domain of the commenter's email, in lower-case ASCII.",
		example: `author.email_domain == "mail.example"`,
		from:    func(e *evaluation) any { return e.facts.emailDomain() }},
	{
		group:      "author",
		name:       "disposable",
		kind:       boolean,
		field:      emailField,
		moderators: true,
		what:       "Whether the email is at a known provider of disposable addresses.",
		example:    `author.disposable && author.approved == 0`,
		from:       func(e *evaluation) any { return disposable.has(e.facts.emailDomain()) },
	},
	{group: "author", name: "confirmed", kind: boolean,
		what:    "Whether they confirmed the email address by mail, in this remembered browser, or the publication signed them in.",
		example: `!author.confirmed && links.count > 0`,
		at:      func(f *Facts) any { return &f.Author.Confirmed }},
	{group: "author", name: "recognised", kind: boolean,
		what:    "Whether the publication signed them in, or the browser was remembered with an earlier comment under the same email.",
		example: `author.recognised && author.approved >= 3`,
		at:      func(f *Facts) any { return &f.Author.Recognised }},
	{
		group:      "author",
		name:       "approved",
		kind:       integer,
		moderators: true,
		what:       "How many of their comments are approved. 0 for whoever cannot prove to be that commenter: an email alone proves nothing.",
		example:    `author.approved == 0`,
		at:         func(f *Facts) any { return &f.Author.Approved },
	},
	{group: "author", name: "rejected", kind: integer, moderators: true,
		what:    "How many of their comments are rejected.",
		example: `author.rejected > author.approved`,
		at:      func(f *Facts) any { return &f.Author.Rejected }},
	{group: "author", name: "spam", kind: integer, moderators: true,
		what:    "How many of their comments are spam.",
		example: `author.spam > 0`,
		at:      func(f *Facts) any { return &f.Author.Spam }},
	{group: "author", name: "pending", kind: integer, moderators: true,
		what:    "How many of their comments are pending.",
		example: `author.pending > 5`,
		at:      func(f *Facts) any { return &f.Author.Pending }},
	{group: "author", name: "first_seen_hours", kind: number, moderators: true,
		what:    "How many hours ago the first comment with their email came; 0 for a new commenter. Anybody can type an email: test author.recognised, too.",
		example: `author.first_seen_hours < 24`,
		at:      func(f *Facts) any { return &f.Author.FirstSeenHours }},
	{group: "author", name: "hours_since_negative", kind: number, moderators: true,
		what:    "How many hours ago a moderator last rejected a comment of theirs or called it spam; a million when none ever did.",
		example: `author.hours_since_negative < 24 * 30`,
		at:      func(f *Facts) any { return &f.Author.HoursSinceNegative }},
	{
		group:      "author",
		name:       "last_decided",
		kind:       word,
		limit:      limitWord,
		moderators: true,
		what: "What the newest of their comments that is decided is now: \"approved\", \"rejected\" or \"spam\"; empty for none, and " +
			"instead of \"approved\" for whoever cannot prove to be that commenter.",
		example: `author.last_decided == "spam"`,
		at:      func(f *Facts) any { return &f.Author.LastDecided },
	},
}

var networkFacts = []fact{
	{group: "network", name: "known", kind: boolean, field: addressField,
		what: "Whether the client's address is known. Use in_network(\"192.0.2.0/24\") or in_network(\"a-list\") to look " +
			"where it is. Neither the address nor its network can be quoted: they stand in no answer, not even for moderators.",
		example: `!network.known`,
		from:    func(e *evaluation) any { return e.facts.network().IsValid() }},
	{group: "network", name: "ipv6", kind: boolean, field: addressField,
		what:    "Whether the client's address is one of IPv6.",
		example: `network.ipv6 && velocity.address_1m > 3`,
		from:    func(e *evaluation) any { return e.facts.network().Addr().Is6() }},
}

var formFacts = []fact{
	{
		group:   "form",
		name:    "kind",
		kind:    word,
		limit:   limitWord,
		what:    "How the comment was sent: \"form\" for the plain HTML form, \"json\" for the API, which the widget uses too.",
		example: `form.kind == "form" && !form.age_known`,
		at:      func(f *Facts) any { return &f.Form.Kind },
	},
	{group: "form", name: "honeypot", kind: boolean, moderators: true,
		what:    "Whether a field was filled in that is hidden from people (a honeypot).",
		example: `form.honeypot`,
		at:      func(f *Facts) any { return &f.Form.Honeypot }},
	{group: "form", name: "age_known", kind: boolean, moderators: true,
		what:    "Whether the time at which the form was generated is known.",
		example: `form.kind == "form" && !form.age_known`,
		at:      func(f *Facts) any { return &f.Form.AgeKnown }},
	{group: "form", name: "age_seconds", kind: number, moderators: true, unless: "form.age_known",
		what:    "How many seconds passed between generating the form and submitting it. Test form.age_known first.",
		example: `form.age_known && form.age_seconds < 3`,
		at:      func(f *Facts) any { return &f.Form.AgeSeconds }},
	{group: "form", name: "paste_known", kind: boolean, moderators: true,
		what:    "Whether the page said how much of the text was pasted. The widget does; a form without JavaScript cannot.",
		example: `form.kind == "form" && !form.paste_known`,
		at:      func(f *Facts) any { return &f.Form.PasteKnown }},
	{
		group:      "form",
		name:       "pasted",
		kind:       integer,
		moderators: true,
		unless:     "form.paste_known",
		what: "How many characters were pasted and not typed, including any deleted again. It is a claim of the page: " +
			"a program can say what it likes. Ask form.paste_known first.",
		example: `form.paste_known && form.pasted > 500`,
		at:      func(f *Facts) any { return &f.Form.Pasted },
	},
	{
		group:      "form",
		name:       "pasted_share",
		kind:       number,
		moderators: true,
		unless:     "form.paste_known",
		what:       "That number as a share of the text, from 0 to 1: 0 if all was typed, 1 if all was pasted. Test form.paste_known first.",
		example:    `form.paste_known && form.pasted_share > 0.9 && links.count > 0`,
		from:       func(e *evaluation) any { return e.pastedShare() },
	},
}

var velocityFacts = slices.Concat(
	rateFacts("author",
		"came from the same commenter, in the same remembered browser or else from the same address",
		func(f *Facts) *Rate { return &f.Velocity.Author }),
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
	{
		group: "similarity",
		name:  "author_24h",
		kind:  integer,
		field: bodyField,
		what: "How many submissions of the same commenter, in the same remembered browser or else from the same address, said the " +
			"same within 24 hours, anywhere on the site.",
		example: `similarity.author_24h > 0`,
		at:      func(f *Facts) any { return &f.Similarity.Author },
	},
	{
		group: "similarity",
		name:  "same_parent",
		kind:  integer,
		field: bodyField,
		what: "How many of these submissions (similarity.author_24h) reply to the same comment or, for a comment on the article itself, " +
			"are comments on the same article itself.",
		example: `similarity.same_parent > 0`,
		at:      func(f *Facts) any { return &f.Similarity.SameParent },
	},
	{group: "similarity", name: "article_24h", kind: integer, field: bodyField, moderators: true,
		what:    "How many submissions about the same article said the same within 24 hours, by anyone.",
		example: `similarity.article_24h > 0`,
		at:      func(f *Facts) any { return &f.Similarity.Article }},
	{group: "similarity", name: "site_24h", kind: integer, field: bodyField, moderators: true,
		what:    "How many submissions said the same within 24 hours, by anyone, anywhere on the site.",
		example: `similarity.site_24h > 2`,
		at:      func(f *Facts) any { return &f.Similarity.Site }},
	{
		group:      "similarity",
		name:       "near_article_24h",
		kind:       integer,
		field:      bodyField,
		moderators: true,
		what: "How many submissions about the same article said nearly the same within 24 hours, by anyone: about three quarters of all their " +
			"words in common, in whatever order; copies included. 0 for a text of fewer than eight different words. A few may be missed.",
		example: `similarity.near_article_24h > 1`,
		at:      func(f *Facts) any { return &f.Similarity.NearArticle },
	},
	{group: "similarity", name: "near_site_24h", kind: integer, field: bodyField, moderators: true,
		what:    "How many submissions said nearly the same within 24 hours, by anyone, anywhere on the site.",
		example: `similarity.near_site_24h > 2`,
		at:      func(f *Facts) any { return &f.Similarity.NearSite }},
}

var articleFacts = []fact{
	{group: "article", name: "age_hours", kind: number,
		what:    "How many hours ago the article was published; 0 if it is not published yet.",
		example: `article.age_hours > 24 * 90 && links.count > 0`,
		at:      func(f *Facts) any { return &f.Article.AgeHours }},
	{group: "article", name: "closed", kind: boolean,
		what:    "Whether the article is closed for comments.",
		example: `article.closed`,
		at:      func(f *Facts) any { return &f.Article.Closed }},
	{group: "article", name: "comments", kind: integer,
		what:    "How many approved comments the article has.",
		example: `article.comments > 500`,
		at:      func(f *Facts) any { return &f.Article.Comments }},
	{group: "article", name: "mode", kind: word, limit: limitWord,
		what:    "The article's own moderation mode, at_once, hold_first or hold_all; empty when the site's settings decide.",
		example: `article.mode == "hold_all"`,
		at:      func(f *Facts) any { return &f.Article.Mode }},
	{group: "article", name: "tags", kind: wordList, limit: MaxTags,
		what:    "The tags of the article, in the order and case in which they were given.",
		example: `"obituaries" in article.tags && links.count > 0`,
		at:      func(f *Facts) any { return &f.Article.Tags }},
}

var replyFacts = []fact{
	{group: "reply", name: "is", kind: boolean,
		what:    "Whether the comment replies to another one.",
		example: `reply.is && text.length > 5000`,
		from:    func(e *evaluation) any { return e.facts.Reply.Depth > 0 }},
	{group: "reply", name: "depth", kind: integer,
		what:    "The depth of the comment in its thread; 0 for a comment on the article itself.",
		example: `reply.depth > 5`,
		at:      func(f *Facts) any { return &f.Reply.Depth }},
	{group: "reply", name: "to_self", kind: boolean,
		what:    "Whether it replies to a comment under the same email.",
		example: `reply.to_self && reply.depth > 2`,
		at:      func(f *Facts) any { return &f.Reply.ToSelf }},
	{
		group:   "reply",
		name:    "to_staff",
		kind:    boolean,
		what:    "Whether it replies to a comment under the email of a moderator. An email alone proves nothing of who wrote that comment.",
		example: `reply.to_staff && text.capitals > 0.7`,
		at:      func(f *Facts) any { return &f.Reply.ToStaff },
	},
}

var editFacts = []fact{
	{group: "edit", name: "is", kind: boolean,
		what:    "Whether this is an edit of an existing comment.",
		example: `edit.is && links.count > 0`,
		at:      func(f *Facts) any { return &f.Edit.Is }},
	{
		group:   "edit",
		name:    "status",
		kind:    word,
		limit:   limitWord,
		what:    "What the edited comment was before: \"pending\", \"approved\", \"rejected\" or \"spam\"; empty for a new one.",
		example: `edit.status == "rejected"`,
		at:      func(f *Facts) any { return &f.Edit.Status },
	},
	{group: "edit", name: "links_added", kind: integer, field: bodyField,
		what:    "How many more links the text has after the edit; never negative.",
		example: `edit.links_added > 0`,
		at:      func(f *Facts) any { return &f.Edit.LinksAdded }},
	{group: "edit", name: "length_added", kind: integer, signed: true, field: bodyField,
		what:    "How many more characters the text has after the edit; negative when it became shorter.",
		example: `edit.length_added > 500`,
		at:      func(f *Facts) any { return &f.Edit.LengthAdded }},
	{group: "edit", name: "new_hosts", kind: integer, field: bodyField,
		what:    "How many hosts the new text has, disguised ones included, that the old one did not have.",
		example: `edit.new_hosts > 0`,
		at:      func(f *Facts) any { return &f.Edit.NewHosts }},
	{group: "edit", name: "replies", kind: integer, field: bodyField,
		what:    "How many approved replies the edited comment has, at any depth.",
		example: `edit.replies > 0 && edit.rewritten > 0.5`,
		at:      func(f *Facts) any { return &f.Edit.Replies }},
	{group: "edit", name: "rewritten", kind: number, field: bodyField,
		what:    "The share of words in the new text that were not in the old one, from 0 to 1; 0 for a new comment.",
		example: `edit.rewritten > 0.5`,
		at:      func(f *Facts) any { return &f.Edit.Rewritten }},
}

var blockFacts = []fact{
	{
		group:      "blocks",
		name:       "action",
		kind:       word,
		limit:      limitWord,
		moderators: true,
		what: "The severest action of the blocks of moderators that fit the submission: \"hold\", \"reject\" or \"spam\"; empty when none " +
			"does. A block does nothing by itself: a ruleset that never asks for this fact ignores all blocks.",
		example: `blocks.action == "spam"`,
		at:      func(f *Facts) any { return &f.Blocks.Action },
	},
	{
		group:      "blocks",
		name:       "kinds",
		kind:       wordList,
		limit:      limitBlockKinds,
		moderators: true,
		what: "What these blocks are against, each once: \"email\", \"domain\" (of the email), \"name\", \"host\" (of a link or the " +
			"commenter's website), \"prefix\" (of the client's address).",
		example: `"prefix" in blocks.kinds && author.approved == 0`,
		at:      func(f *Facts) any { return &f.Blocks.Kinds },
	},
	{group: "blocks", name: "ids", kind: wordList, limit: MaxBlocks, moderators: true,
		what:    "The ids of these blocks, the most severe first.",
		example: `blocks.ids.size() > 1`,
		at:      func(f *Facts) any { return &f.Blocks.IDs }},
}

// hasEmail reports whether a word of a name is an email address.
func hasEmail(name string) bool {
	for _, word := range strings.Fields(name) {
		if word = strings.Trim(word, "()[]<>{}.,:;\"'"); strings.Contains(word, "@") && text.CheckEmail(word) == nil {
			return true
		}
	}
	return false
}

// The least digits of a phone number: with the prefix of a country or of a long-distance call, and without.
// Years and postcodes have fewer.
const (
	prefixedPhoneDigits = 7
	plainPhoneDigits    = 9
)

// hasPhone reports whether a name has a phone number in it: a run of digits with signs of phone numbers between.
func hasPhone(name string) bool {
	digits, prefixed, plus := 0, false, false
	for _, r := range name + "x" {
		switch {
		case unicode.IsDigit(r):
			if digits == 0 {
				prefixed = plus || r == '0'
			}
			digits++
		case r == '+' && digits == 0:
			plus = true
		case strings.ContainsRune(" -–./()", r):
		default:
			if digits >= plainPhoneDigits || prefixed && digits >= prefixedPhoneDigits {
				return true
			}
			digits, plus = 0, false
		}
	}
	return false
}
