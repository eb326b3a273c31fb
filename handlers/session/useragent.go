package session

import "strings"

// agentName maps a product token of User-Agent headers to the name of the product.
type agentName struct{ token, name string }

// Browsers and systems in the order of search: a browser also sends the tokens of those that it imitates. The
// tokens are those of MDN's "Browser detection using the user agent".
var (
	browserNames = []agentName{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systemNames = []agentName{
		{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iOS"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

// describeUserAgent names browser and system, as in "Firefox on Linux"; empty if it knows neither. It omits
// versions, which would help to identify a person.
func describeUserAgent(userAgent string) string {
	browser, system := findName(userAgent, browserNames), findName(userAgent, systemNames)
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func findName(userAgent string, names []agentName) string {
	for _, n := range names {
		if strings.Contains(userAgent, n.token) {
			return n.name
		}
	}
	return ""
}
