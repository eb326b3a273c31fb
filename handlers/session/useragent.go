package session

import "strings"

// named is a word that User-Agent headers hold, and what people call the thing.
type named struct{ sign, name string }

// The order matters: browsers name those that they want to be taken for, too. The signs are those that MDN's
// "Browser detection using the user agent" lists.
var (
	browserNames = []named{
		{
			"Edg",
			"Edge",
		},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systemNames = []named{
		{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iOS"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

// clientWords says in words which browser on which system sent a User-Agent header, as "Firefox on Linux".
// Nothing else of the header is kept: with its versions it would tell one person from another. Empty when it
// names nothing that is known.
func clientWords(userAgent string) string {
	browser, system := nameIn(userAgent, browserNames), nameIn(userAgent, systemNames)
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func nameIn(text string, names []named) string {
	for _, n := range names {
		if strings.Contains(text, n.sign) {
			return n.name
		}
	}
	return ""
}
