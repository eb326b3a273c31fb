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
	secretHint := "Empty: it stays as it is."
	if fresh {
		fields = append(fields, console.Field{Name: "name", Label: "Name", Kind: "text", Value: r.Name, Required: true,
			Hint: "Rules use it, as in external.toxicity.score. Lower-case letters, digits and underscores."})
		secretHint = "The API key of the service. Empty for Rejoinder’s protocol: a secret is made and shown once."
	}
	fields = append(fields,
		console.Field{Name: "protocol", Label: "Protocol", Kind: "select", Choices: protocolChoices(r.Protocol)},
		console.Field{Name: "url", Label: "URL", Kind: "url", Value: r.URL, Required: true,
			Hint: "For Akismet: https://rest.akismet.com/1.1"},
		console.Field{Name: "secret", Label: "Secret or API key", Kind: "password", Hint: secretHint},
		console.Field{Name: "secret_in_file", Label: "Read the secret from a file", Kind: "check",
			Value: checked(r.SecretInFile),
			Hint: "The operator puts it into the data folder: classifier-secrets/NAME. Enter it above once, too, " +
				"so that it may be sent to this host."},
		console.Field{Name: "enabled", Label: "On", Kind: "check", Value: checked(r.Enabled)},
		console.Field{Name: "all_sites", Label: "All sites use it, including future ones", Kind: "check",
			Value: checked(r.AllSites)},
	)
	which := console.Field{Name: "sites", Label: "Only these sites use it", Kind: "checks"}
	for _, site := range sites {
		which.Choices = append(which.Choices, console.Choice{Value: site.Slug, Label: site.Name, Verbatim: true,
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
			Hint: "The text is always sent. Tell your readers in your privacy notice what is sent."},
		{Name: "send_url", Label: "Send the website", Kind: "check", Value: checked(s.URL), Pointer: "/sends/url"},
		{Name: "send_pseudonym", Label: "Send a pseudonym", Kind: "check", Value: checked(s.Pseudonym),
			Pointer: "/sends/pseudonym", Hint: "The same for all comments of a person, different for each classifier."},
		{Name: "send_address_prefix", Label: "Send the network of the IP address", Kind: "check",
			Value: checked(s.AddressPrefix), Pointer: "/sends/address_prefix", Hint: "Akismet requires it."},
	}
}

func limitFields(r external.Request) []console.Field {
	number := func(name, label string, value int, hint string) console.Field {
		return console.Field{Name: name, Label: label, Kind: "number", Value: strconv.Itoa(value), Required: true, Hint: hint}
	}
	return []console.Field{
		{Name: "on_late", Label: "If it does not respond in time", Kind: "select", Choices: []console.Choice{
			{Value: string(external.LateJudge), Label: "Judge the comment without it", Selected: r.OnLate == external.LateJudge},
			{Value: string(external.LateHold), Label: "Hold the comment until it responds",
				Selected: r.OnLate == external.LateHold},
		}},
		number("timeout_ms", "Time limit in milliseconds", r.TimeoutMS, "Readers wait for it when they send a comment."),
		number("concurrency", "Concurrent calls", r.Concurrency, "For each server process."),
		number("daily_budget", "Calls per day", r.DailyBudget, "0: no limit. Days end at midnight UTC."),
		number("cache_minutes", "Minutes to cache scores", r.CacheMinutes,
			"For comments with exactly the same text. 0: no cache."),
		{Name: "feedback", Label: "Send moderators’ decisions", Kind: "check", Value: checked(r.Feedback),
			Hint: "Only for Akismet: submit-spam and submit-ham, eleven minutes later."},
		{Name: "blog", Label: "URL of the site (Akismet)", Kind: "url", Value: r.Blog},
		{Name: "model", Label: "Model (OpenAI)", Kind: "text", Value: r.Model, Hint: "Empty: the server’s default."},
		{Name: "labels", Label: "Categories or attributes that count", Kind: "text", Value: strings.Join(r.Labels, ", "),
			Hint: "Separated by commas. Empty: all categories of OpenAI, or TOXICITY of Perspective."},
	}
}
