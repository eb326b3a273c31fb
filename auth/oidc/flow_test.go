package oidc

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"rejoinder/auth"
)

func TestARedirectNamesItsProvider(t *testing.T) {
	p := &provider{ProviderConfig: ProviderConfig{Issuer: "https://login.example"}}
	for _, tc := range []struct {
		name   string
		sends  bool // the provider's metadata says that it sends its issuer
		params url.Values
		want   error
	}{
		{"the issuer", true, url.Values{"code": {"x"}, "iss": {"https://login.example"}}, nil},
		{"the issuer, unannounced", false, url.Values{"code": {"x"}, "iss": {"https://login.example"}}, nil},
		{"no issuer, as announced", false, url.Values{"code": {"x"}}, nil},
		{"no issuer, though announced", true, url.Values{"code": {"x"}}, auth.ErrMixUp},
		{"another issuer", false, url.Values{"code": {"x"}, "iss": {"https://other.example"}}, auth.ErrMixUp},
		{"two issuers", false, url.Values{"code": {"x"}, "iss": {"https://login.example", "https://other.example"}}, auth.ErrMixUp},
		{"an error of another provider", false, url.Values{"error": {"x"}, "iss": {"https://other.example"}}, auth.ErrMixUp},
		{"nothing", false, url.Values{}, auth.ErrProviderResponse},
	} {
		err := p.checkSender(&endpoints{sendsIssuer: tc.sends}, tc.params)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestErrorCodesAreMadePrintable(t *testing.T) {
	for code, want := range map[string]string{
		"access_denied": "access_denied", "a b\n\"c\"": "abc", "\u00e4\x00": "", strings.Repeat("x", 100): strings.Repeat("x", 60),
	} {
		if got := printable(code); got != want {
			t.Errorf("printable(%q) = %q, want %q", code, got, want)
		}
	}
}
