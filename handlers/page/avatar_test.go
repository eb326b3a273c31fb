package page

import (
	"strings"
	"testing"
)

func TestAnAvatarShowsInitialsOnATintOfItsSeed(t *testing.T) {
	const want = `<svg viewBox="0 0 36 36" width="36" height="36">` +
		`<path fill="light-dark(oklch(.92 .04 65),oklch(.36 .04 65))" d="M0 0h36v36H0z"/>` +
		`<text x="18" y="23" text-anchor="middle" font-size="14" font-weight="600"` +
		` fill="light-dark(oklch(.38 .09 65),oklch(.92 .04 65))">IK</text></svg>`
	if got := string(Avatar{Seed: "00000001", Name: "Ines Kettler"}.HTML()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if same := string(Avatar{Seed: "00000009", Name: "Ines Kettler"}.HTML()); same != want {
		t.Errorf("a seed of the same tint: %s", same)
	}
	if other := string(Avatar{Seed: "00000002", Name: "Ines Kettler"}.HTML()); !strings.Contains(other, "oklch(.92 .04 110)") {
		t.Errorf("another seed: %s", other)
	}
	for _, seed := range []string{"", "x", "123456789"} {
		if got := string(Avatar{Seed: seed}.HTML()); !strings.Contains(got, "oklch(.92 0 0)") || strings.Contains(got, "<text") {
			t.Errorf("without a name, and with the seed %q: %s", seed, got)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "  ": "", "***": "", "Ines Kettler": "IK", "ines": "I", "Jean-Luc de Picard": "JD", "«Ana» (Editor)": "AE", "Ω mega": "ΩM",
		"émile straße": "ÉS", "عمر خالد": "ع", "田中 太郎": "田", "שרה לוי": "ש", "Ali عمر": "A", "42 cats": "4", "<b>": "B", "🙂 Ben": "B",
		"\u202eevil": "E", "ǆ": "Ǆ",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
