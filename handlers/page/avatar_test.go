package page

import (
	"strings"
	"testing"
)

func TestAnAvatarIsSymmetricAndFollowsItsSeed(t *testing.T) {
	const frame = `<svg viewBox="0 0 5 5" width="36" height="36"><path fill="hsl(`
	for seed, want := range map[string]string{
		"00000000": frame + `0 42% 42%)" d="M0 0h5v5H0z"/><path fill="#fff" fill-opacity=".85" d=""/></svg>`,
		"00000001": frame + `0 42% 42%)" d="M0 0h5v5H0z"/><path fill="#fff" fill-opacity=".85" d="M0 0h1v1h-1zM4 0h1v1h-1z"/></svg>`,
		"01690840": frame + `1 42% 42%)" d="M0 0h5v5H0z"/><path fill="#fff" fill-opacity=".85" d="M1 1h1v1h-1zM3 1h1v1h-1zM2 1h1v1h-1z"/></svg>`,
	} {
		if got := string(Avatar(seed)); got != want {
			t.Errorf("%s: %s, want %s", seed, got, want)
		}
	}
	if got := string(Avatar("x")); !strings.Contains(got, "#8a929b") {
		t.Errorf("without a seed: %s", got)
	}
}
