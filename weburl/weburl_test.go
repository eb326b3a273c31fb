package weburl_test

import (
	"encoding/json"
	"os"
	"testing"

	"rejoinder/weburl"
)

func TestKeysOfAddresses(t *testing.T) {
	raw, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Name, Address, Key string }
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if got := weburl.Key(c.Address); got != c.Key {
				t.Errorf("the key of %q is %q, want %q", c.Address, got, c.Key)
			}
			if again := weburl.Key(c.Key); again != c.Key {
				t.Errorf("the key of the key %q is %q", c.Key, again)
			}
		})
	}
}

func TestOtherKeysStayAsTheyAre(t *testing.T) {
	for _, key := range []string{
		"", "welcome", "story-12?utm_source=x", "/bridge?utm_source=x#top", "urn:article:7", "mailto:ada@gazette.example",
		"//gazette.example/a?utm_source=x", "https:gazette.example", "https:///a?utm_source=x", "ftp://gazette.example/a?utm_source=x",
		"https://ada:secret@gazette.example/a?utm_source=x", "https://gazette example/?utm_source=x", "https://gazette.example:99999/?utm_id=1",
	} {
		if got := weburl.Key(key); got != key {
			t.Errorf("the key %q became %q", key, got)
		}
	}
}

func TestOrigin(t *testing.T) {
	for address, want := range map[string]string{
		"https://Gazette.example/a?b#c":       "https://gazette.example",
		"https://gazette.example:443/":        "https://gazette.example",
		"http://gazette.example:80":           "http://gazette.example",
		"https://gazette.example:8443/x":      "https://gazette.example:8443",
		"https://gazette.example@evil.test/":  "",
		"https://user:pw@gazette.example/":    "",
		"javascript:alert(1)":                 "",
		"//gazette.example":                   "",
		"null":                                "",
		"":                                    "",
		"https://":                            "",
		"HTTPS://münchen.example/x":           "https://xn--mnchen-3ya.example",
		"https://XN--MNCHEN-3YA.example":      "https://xn--mnchen-3ya.example",
		"https://my_paper.example":            "https://my_paper.example",
		"https://r3---sn.example":             "https://r3---sn.example",
		"https://gazette.example:":            "https://gazette.example",
		"https://gazette.example:08443":       "https://gazette.example:8443",
		"https://gazette.example:99999":       "",
		"https://*.gazette.example":           "",
		"http://[2001:DB8:0::1]:80/x":         "http://[2001:db8::1]",
		"http://192.0.2.1:8080":               "http://192.0.2.1:8080",
		"https://gazette.example.evil.test/x": "https://gazette.example.evil.test",
	} {
		if got := weburl.Origin(address); got != want {
			t.Errorf("Origin(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestDisplay(t *testing.T) {
	for key, want := range map[string]string{
		"https://gazette.example/":                         "gazette.example",
		"https://gazette.example/2026/bridge/?p=1":         "gazette.example/2026/bridge",
		"http://localhost:8080/a":                          "localhost:8080/a",
		"https://gazette.example/%C3%BCber/%E6%A9%8B":      "gazette.example/über/橋",
		"https://gazette.example/call%20me%0Anow%2Fplease": "gazette.example/call%20me%0Anow%2Fplease",
		"https://gazette.example/%E2%80%AEmoc.live":        "gazette.example/%E2%80%AEmoc.live", // right-to-left override
		"https://gazette.example/%FF%C3":                   "gazette.example/%FF%C3",
		"https://xn--bcher-kva.example/%D8%A7%D9%84%D8%AC": "xn--bcher-kva.example/الج",
		"welcome": "welcome",
	} {
		if got := weburl.Display(key); got != want {
			t.Errorf("%s is shown as %q, want %q", key, got, want)
		}
	}
}

// FuzzKeyIsStable looks for a URL whose key has a different key.
func FuzzKeyIsStable(f *testing.F) {
	f.Add("https://gazette.example/a/%2e./b?utm_source=x&id=1#c")
	f.Fuzz(func(t *testing.T, address string) {
		key := weburl.Key(address)
		if again := weburl.Key(key); again != key {
			t.Errorf("the key of %q is %q, and of that %q", address, key, again)
		}
		if weburl.Origin(key) != weburl.Origin(address) {
			t.Errorf("%q and its key %q have different origins", address, key)
		}
	})
}
