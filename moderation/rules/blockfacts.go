package rules

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
		what:    "The ids of these blocks, the severest first.",
		example: `blocks.ids.size() > 1`,
		at:      func(f *Facts) any { return &f.Blocks.IDs }},
}
