package outbound_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/outbound"
)

var limits = outbound.Limits{Timeout: 5 * time.Second, Response: 64}

func get(t *testing.T, c *outbound.Client, address string) (outbound.Response, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(t.Context(), r)
}

func TestRequestsReachPermittedAddressesOnly(t *testing.T) {
	reached := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	t.Cleanup(server.Close)
	own, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	byName := "http://localhost:" + own.Port() // DNS answers with a loopback address
	for _, address := range []string{server.URL, byName} {
		var refused *outbound.AddressError
		if _, err := get(t, outbound.New(limits, nil), address); !errors.As(err, &refused) || !refused.Address.IsLoopback() {
			t.Errorf("%s: %v", address, err)
		}
	}
	if reached != 0 {
		t.Errorf("%d requests reached the server", reached)
	}
	response, err := get(t, outbound.New(limits, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}), server.URL)
	if err != nil || response.Status != http.StatusOK || reached != 1 {
		t.Errorf("permitted: %+v, %v", response, err)
	}
}

func TestAddressesThatAreNotPublicAreRefused(t *testing.T) {
	c := outbound.New(limits, []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16")})
	for host, public := range map[string]bool{
		"127.0.0.1": false, "[::1]": false, "0.0.0.0": false, "10.1.2.3": false, "10.2.3.4": true, "172.16.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.100.100.200": false, "224.0.0.1": false, "255.255.255.255": false,
		"198.18.0.1": false, "192.0.2.1": false, "[::ffff:127.0.0.1]": false, "[fd00:ec2::254]": false, "[fe80::1]": false,
		"[64:ff9b::7f00:1]": false, "[64:ff9b::808:808]": true, "[2002:7f00:1::]": false, "[::7f00:1]": false, "[2001:db8::1]": false,
		"8.8.8.8": true, "[2606:4700::1111]": true,
	} {
		_, err := c.ParseURL("https://" + host + "/hook")
		if (err == nil) != public {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestInvalidServerURLsAreRefused(t *testing.T) {
	c := outbound.New(limits, nil)
	for typed, want := range map[string]string{
		"":                          "this is not a URL such as https://example.org/hook",
		"example.org":               "this is not a URL such as https://example.org/hook",
		"https://":                  "this is not a URL such as https://example.org/hook",
		"https://:443/":             "this is not a URL such as https://example.org/hook",
		"ftp://example.org/":        "the URL must begin with https:// or http://",
		"https://a:b@example.org/":  "the URL must not contain a user name or password",
		"https://example.org/#part": "the URL must not contain a fragment (#part)",
		"https://127.0.0.1/":        "127.0.0.1 is not a public address",
		"https://example.org/" + strings.Repeat("a", 2000): "the URL is longer than 2000 bytes",
	} {
		if _, err := c.ParseURL(typed); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", typed, err, want)
		}
	}
	if u, err := c.ParseURL(" https://hooks.example.org/a?b=c "); err != nil || u.String() != "https://hooks.example.org/a?b=c" {
		t.Errorf("%v, %v", u, err)
	}
}

func TestResponsesAreBounded(t *testing.T) {
	hold := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 65)) }) //nolint:errcheck // the client may hang up
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/large", http.StatusFound) })
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hold) })
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	if r, err := get(t, outbound.New(limits, local), server.URL+"/large"); !errors.Is(err, outbound.ErrTooLarge) || len(r.Body) != 64 {
		t.Errorf("a large response: %d bytes, %v", len(r.Body), err)
	}
	if r, err := get(t, outbound.New(limits, local), server.URL+"/away"); err != nil || r.Status != http.StatusFound || r.OK() {
		t.Errorf("a redirect: %+v, %v", r, err)
	}
	short := outbound.Limits{Timeout: 10 * time.Millisecond, Response: 64}
	var late interface{ Timeout() bool }
	if _, err := get(t, outbound.New(short, local), server.URL+"/never"); !errors.As(err, &late) || !late.Timeout() {
		t.Errorf("no response: %v", err)
	}
}
