package setup

import "testing"

func TestAddressesThatPeopleType(t *testing.T) {
	for typed, want := range map[string]string{
		"gazette.example":                "https://gazette.example",
		" www.gazette.example/2026/pier": "https://www.gazette.example",
		"localhost:8080":                 "https://localhost:8080",
		"192.0.2.7:8080/x":               "https://192.0.2.7:8080",
		"http://intranet/news":           "http://intranet",
		"gazette":                        "gazette", // a name, to be refused
		"gazette:8080/x":                 "gazette:8080/x",
		"":                               "",
	} {
		if got := typedOrigin(typed); got != want {
			t.Errorf("typedOrigin(%q) = %q, want %q", typed, got, want)
		}
	}
}
