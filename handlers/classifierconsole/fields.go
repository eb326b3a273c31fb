package classifierconsole

import (
	"slices"
	"strconv"
	"strings"

	"rejoinder/handlers/console"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

// words splits a list that is separated by commas.
func words(typed string) []string {
	var list []string
	for word := range strings.SplitSeq(typed, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}

func checked(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// fieldsOf are the fields of a classifier's form. The name of one that exists is fixed.
func fieldsOf(r external.Request, sites []moderation.Site, fresh bool) []console.Field {
	var fields []console.Field
	secretHint := "Leave it empty to keep the present one."
	if fresh {
		fields = append(fields, console.Field{Name: "name", Label: "Name", Kind: "text", Value: r.Name, Required: true,
			Hint: "Rules use it, as in external.toxicity.score. Lower-case letters, digits and underscores."})
		secretHint = "The key of the service. Leave it empty for our own protocol: a secret is made and shown once."
	}
	fields = append(fields,
		console.Field{Name: "protocol", Label: "Protocol", Kind: "select", Choices: protocolChoices(r.Protocol)},
		console.Field{Name: "url", Label: "Address of the server", Kind: "url", Value: r.URL, Required: true,
			Hint: "For Akismet, the folder of its calls: https://rest.akismet.com/1.1"},
		console.Field{Name: "secret", Label: "Secret or API key", Kind: "password", Hint: secretHint},
		console.Field{Name: "secret_in_file", Label: "Read the secret from a file of the operator", Kind: "check",
			Value: checked(r.SecretInFile), Hint: "In the data folder: " + external.SecretsFolder + "/ and the name."},
		console.Field{Name: "enabled", Label: "On", Kind: "check", Value: checked(r.Enabled)},
		console.Field{Name: "all_sites", Label: "All sites use it", Kind: "check", Value: checked(r.AllSites)},
	)
	which := console.Field{Name: "sites", Label: "Only these sites use it", Kind: "checks"}
	for _, site := range sites {
		which.Choices = append(which.Choices, console.Choice{Value: site.Slug, Label: site.Name,
			Selected: slices.Contains(r.Sites, site.Slug)})
	}
	fields = append(fields, which)
	fields = append(fields, sendFields(r.Sends)...)
	return append(fields, limitFields(r)...)
}

func protocolChoices(chosen external.Protocol) []console.Choice {
	var choices []console.Choice
	for _, p := range external.Protocols() {
		choices = append(choices, console.Choice{Value: string(p), Label: protocolLabels[p], Selected: p == chosen})
	}
	return choices
}

func sendFields(s external.Sends) []console.Field {
	return []console.Field{
		{Name: "send_name", Label: "Send the name", Kind: "check", Value: checked(s.Name), Pointer: "/sends/name",
			Hint: "The text is always sent. Tell your readers what else is, in your privacy notice."},
		{Name: "send_url", Label: "Send the website", Kind: "check", Value: checked(s.URL), Pointer: "/sends/url"},
		{Name: "send_pseudonym", Label: "Send a pseudonym", Kind: "check", Value: checked(s.Pseudonym),
			Pointer: "/sends/pseudonym", Hint: "The same for all comments of a person, and another for each classifier."},
		{Name: "send_address_prefix", Label: "Send the network of the IP address", Kind: "check",
			Value: checked(s.AddressPrefix), Pointer: "/sends/address_prefix", Hint: "Akismet requires it."},
	}
}

func limitFields(r external.Request) []console.Field {
	number := func(name, label string, value int, hint string) console.Field {
		return console.Field{Name: name, Label: label, Kind: "number", Value: strconv.Itoa(value), Required: true, Hint: hint}
	}
	return []console.Field{
		{Name: "on_late", Label: "If it does not answer in time", Kind: "select", Choices: []console.Choice{
			{Value: string(external.LateJudge), Label: "Judge the comment without it", Selected: r.OnLate == external.LateJudge},
			{Value: string(external.LateHold), Label: "Hold the comment until it answers", Selected: r.OnLate == external.LateHold},
		}},
		number("timeout_ms", "Time limit in milliseconds", r.TimeoutMS, "Readers wait for it when they send a comment."),
		number("concurrency", "Calls at once", r.Concurrency, "Of each server process."),
		number("daily_budget", "Calls in a day", r.DailyBudget, "0: no limit. Days end at midnight UTC."),
		number("cache_minutes", "Keep answers for minutes", r.CacheMinutes, "For comments that say exactly the same. 0: not at all."),
		{Name: "feedback", Label: "Send what moderators decide", Kind: "check", Value: checked(r.Feedback),
			Hint: "Akismet: submit-spam and submit-ham, eleven minutes later."},
		{Name: "blog", Label: "Address of the site (Akismet)", Kind: "url", Value: r.Blog},
		{Name: "model", Label: "Model (OpenAI)", Kind: "text", Value: r.Model, Hint: "Empty: the server’s default."},
		{Name: "labels", Label: "Categories or attributes that count", Kind: "text", Value: strings.Join(r.Labels, ", "),
			Hint: "OpenAI and Perspective, separated by commas. Empty: all, or TOXICITY."},
	}
}
