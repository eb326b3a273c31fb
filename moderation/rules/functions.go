package rules

import "slices"

// FunctionDoc documents one function of conditions: how it is called, its type, what it says, and a condition
// that uses it.
type FunctionDoc struct {
	Call    string
	Type    string // "bool", "int" or "double"
	What    string
	Example string
}

// Functions returns the documentation of every function that asks about lists and networks.
func Functions() []FunctionDoc { return slices.Clone(functionDocs) }

var functionDocs = []FunctionDoc{
	{Call: `listed("list", "field"…)`, Type: "bool",
		What:    "Whether the list finds something, in the given fields or else in all into which it looks.",
		Example: `listed("insults", "body")`},
	{Call: `listed_count("list", "field"…)`, Type: "int",
		What:    "How often it does.",
		Example: `listed_count("insults") > 3`},
	{Call: `listed_share("list", "field"…)`, Type: "double",
		What:    "How much of a field the list covers, from 0 to 1, white space aside, in the field where it is most.",
		Example: `listed_share("insults") > 0.5`},
	{Call: `in_network("network or list")`, Type: "bool",
		What:    "Whether the client's address lies in a network, or in one of a list of mode cidr.",
		Example: `in_network("192.0.2.0/24")`},
	{Call: `near("list", "other list", words)`, Type: "bool",
		What: "Whether the body has a match of each list with at most that many words between them, in either order. Matches that " +
			"overlap are not near each other.",
		Example: `near("insults", "groups", 2)`},
	{Call: `addressed("list")`, Type: "bool",
		What: "Whether a match of the list in the body is aimed at somebody: at \"you\" in one of 14 languages, at the writer replied to " +
			"by name, at anybody by @name, or by calling them so (\"Fool!\", \"Read it, fool.\"). What is said of a third person is not. " +
			"The name of the writer replied to is known on arrival only.",
		Example: `addressed("insults") && !quoted("insults")`},
	{Call: `quoted("list")`, Type: "bool",
		What: "Whether the list finds something in the body and all of it stands in quotations: lines that begin with \">\", or between " +
			"double quotation marks. A comment that is nothing but a quotation counts as the writer's own.",
		Example: `listed("insults") && !quoted("insults")`},
	{Call: `by_writer("list")`, Type: "bool",
		What: "Whether a match of the list in the body is what the writer says of themselves (\"I will …\", \"we are going to …\"), wishes " +
			"(\"somebody should …\", \"I hope they …\") or orders (\"… yourself!\"). What others do or are said to have said is not, and " +
			"neither is a quotation. Best in English; in languages that leave out the pronoun it finds less.",
		Example: `by_writer("threats")`},
}
