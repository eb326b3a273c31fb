package rules

import "slices"

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
	{group: "author", name: "disposable", kind: boolean, field: emailField, moderators: true,
		what:    "Whether the email is at a service for addresses that are thrown away after use, as far as the program knows them.",
		example: `author.disposable && author.approved == 0`,
		from:    func(e *evaluation) any { return disposable.has(e.facts.emailDomain()) }},
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
