package console

import "testing"

func TestOnlyTheConsoleIsNextAfterSigningIn(t *testing.T) {
	for next, want := range map[string]string{
		"": "/console", "/console": "/console", "/console?status=spam": "/console?status=spam", "/console/x": "/console/x",
		"/console/groups?by=host": "/console/groups?by=host", "/console/a//b": "/console", "/consolex": "/console", "/console/%2e%2e/x": "/console",
		"https://evil.example/console": "/console", "//evil.example/console": "/console", "/\\evil.example": "/console",
		"/console/../sites": "/console", "javascript:alert(1)": "/console", "http:/console": "/console", "/sites/x": "/console",
		"\x00": "/console", "/console?a=%zz": "/console", "/console?x=\r\nSet-Cookie: a": "/console", "///console": "/console",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("safeNext(%q) = %q, want %q", next, got, want)
		}
	}
}
