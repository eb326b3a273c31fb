package rules

import (
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"

	"rejoinder/moderation/text"
)

// shortened counts the links that lead through a link shortener.
func (e *evaluation) shortened() int {
	n := 0
	for _, l := range e.links() {
		if shorteners().has(l.Host) {
			n++
		}
	}
	return n
}

// international counts the links whose host is written in ASCII only for machines: it has letters of other alphabets.
func (e *evaluation) international() int {
	n := 0
	for _, l := range e.links() {
		if strings.HasPrefix(l.Host, "xn--") || strings.Contains(l.Host, ".xn--") {
			n++
		}
	}
	return n
}

// mismatched counts the links that show one site and lead to another.
func (e *evaluation) mismatched() int {
	n := 0
	for _, l := range e.links() {
		if shown := shownDomain(l.Text); shown != "" && shown != registrable(l.Host) {
			n++
		}
	}
	return n
}

// address finds what looks like a host in the text of a link.
var address = regexp.MustCompile(`(?:[\pL\pN](?:[\pL\pN-]{0,61}[\pL\pN])?\.)+\pL[\pL\pN-]{1,61}`)

// maxShown is how much of the text of a link is looked at; no address that a reader believes is longer.
const maxShown = 300

// shownDomain returns the registrable domain of the first address in the text of a link; empty when it shows none.
// Only domains under a suffix of the public list count, so that "Node.js" and "e.g." are no addresses.
func shownDomain(shown string) string {
	found := address.FindString(shown[:min(len(shown), maxShown)])
	if found == "" {
		return ""
	}
	canonical, err := text.CheckURL("http://" + found)
	if err != nil {
		return ""
	}
	host := hostOf(canonical)
	suffix, official := publicsuffix.PublicSuffix(host)
	if !official && !strings.Contains(suffix, ".") {
		return "" // an unknown last label; a suffix with a dot is a provider's own, and listed
	}
	return registrable(host)
}
