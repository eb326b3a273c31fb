package session

import "testing"

func TestDescribeUserAgent(t *testing.T) {
	for _, tc := range []struct{ name, agent, want string }{
		{"a browser on a desk", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"},
		{"one that names two others", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
			"Edge on Windows"},
		{"a phone whose system names another", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
			"Chrome on Android"},
		{"a foreign browser on a phone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
			"Firefox on iOS"},
		{"a laptop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari on macOS"},
		{"a script", "curl/8.5.0", "curl"},
		{"a system alone", "Something (Windows)", "Windows"},
		{"nothing that is known", "Ines Weber's own", ""},
		{"nothing", "", ""},
	} {
		if got := describeUserAgent(tc.agent); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
