package privacy

import (
	"slices"
	"strings"
)

// mailProvider is a provider with published address rules: its equivalent domains, and the characters that it
// ignores in the local part.
type mailProvider struct {
	domain  string
	others  []string
	ignored string
}

var mailProviders = []mailProvider{
	{"gmail.com", []string{"googlemail.com"}, "."},
	{"proton.me", []string{"protonmail.com", "protonmail.ch", "pm.me"}, ".-_"},
	{"icloud.com", []string{"me.com", "mac.com"}, ""},
	{"yandex.ru", []string{"yandex.com", "ya.ru", "yandex.by", "yandex.kz", "yandex.ua"}, ".-"},
}

// Mailbox returns the same spelling for all emails that probably reach the same mailbox: CanonicalEmail
// without a "+" suffix, normalized by the rules of some large providers. At other providers these emails may
// belong to different people, so use it to match blocks, never to decide whose reputation counts.
func Mailbox(email string) string {
	canonical := CanonicalEmail(email)
	at := strings.LastIndexByte(canonical, '@')
	if at < 0 {
		return canonical
	}
	local, domain := canonical[:at], canonical[at+1:]
	if untagged, _, _ := strings.Cut(local, "+"); untagged != "" {
		local = untagged
	}
	for _, provider := range mailProviders {
		if domain == provider.domain || slices.Contains(provider.others, domain) {
			domain = provider.domain
			if kept := strings.Map(without(provider.ignored), local); kept != "" {
				local = kept
			}
		}
	}
	return local + "@" + domain
}

func without(signs string) func(rune) rune {
	return func(r rune) rune {
		if strings.ContainsRune(signs, r) {
			return -1
		}
		return r
	}
}
