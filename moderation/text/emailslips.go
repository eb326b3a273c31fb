package text

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed mailproviders.txt
var mailProviderList string

// mailProvider is a provider's name with the endings of its domains.
type mailProvider struct {
	name    string
	endings []string
}

var mailProviders = parseMailProviders(mailProviderList)

func parseMailProviders(list string) (providers []mailProvider) {
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			providers = append(providers, mailProvider{words[0], words[1:]})
		}
	}
	return providers
}

// endingSlips are mistyped endings of domains. None of them is a top-level domain.
var endingSlips = map[string]string{
	"con": "com", "cpm": "com", "cim": "com", "clm": "com", "vom": "com", "xom": "com", "ocm": "com", "cmo": "com",
	"comm": "com", "coom": "com", "ccom": "com", "ner": "net", "nte": "net", "nett": "net", "ogr": "org", "orgg": "org",
	"ed": "de", "dee": "de", "rf": "fr",
}

// shortenedCom are endings that are top-level domains, but mistyped after the name of a provider that has .com.
var shortenedCom = []string{"co", "cm", "om"}

// SuggestEmail returns the address that was probably meant if the domain of an email is mistyped: the domain of
// a common provider with one or two slips, or an ending that does not exist. It returns "" for all others,
// domains of known providers among them.
func SuggestEmail(email string) string {
	domain := EmailDomain(email)
	if domain == "" {
		return ""
	}
	meant := meantDomain(domain)
	if meant == "" {
		return ""
	}
	return email[:strings.LastIndexByte(email, '@')+1] + meant
}

// meantDomain returns the domain that a mistyped one stands for; empty if it is not known to be mistyped.
func meantDomain(domain string) string {
	at := strings.LastIndexByte(domain, '.')
	ending, slipped := endingSlips[domain[at+1:]]
	if slipped {
		domain = domain[:at+1] + ending
	}
	name, rest, _ := strings.Cut(domain, ".")
	best, distance := "", 3
	for _, p := range mailProviders {
		near := editDistance(name, p.name, min(distance, p.slips()+1))
		if near >= distance || near > p.slips() {
			continue
		}
		if to := p.ending(rest, near > 0); to != "" {
			best, distance = p.name+"."+to, near
		}
	}
	switch {
	case best == domain && !slipped, best == "" && !slipped:
		return ""
	case best == "":
		return domain
	}
	return best
}

// slips is how many slips a name may have: short ones have too many neighbours that are other domains.
func (p mailProvider) slips() int {
	switch n := len(p.name); {
	case n < 5:
		return 0
	case n < 7:
		return 1
	}
	return 2
}

// ending returns which of the provider's endings is meant; empty if it has none like that. Of a name without
// slips, every other ending is accepted as it is.
func (p mailProvider) ending(typed string, slipped bool) string {
	switch {
	case slices.Contains(p.endings, typed):
		return typed
	case slices.Contains(shortenedCom, typed) && slices.Contains(p.endings, "com"):
		return "com"
	case slipped:
		return ""
	}
	return typed
}
