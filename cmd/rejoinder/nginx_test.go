package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// behindNginx starts nginx with the example configuration in front of the server and returns its URL. With a
// CDN, it enables the lines for that, and this machine acts as the CDN.
func behindNginx(t *testing.T, p *program, cdn bool) string {
	t.Helper()
	example, err := os.ReadFile("../../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir, address := t.TempDir(), freeAddress(t)
	changes := []string{
		"/var/cache/nginx/rejoinder", filepath.Join(dir, "cache"),
		"server 127.0.0.1:8080;", "server " + strings.TrimPrefix(p.url, "http://") + ";",
		"listen 443 ssl http2;", "listen " + address + ";", "listen [::]:443 ssl http2;", "",
		"ssl_certificate ", "#ssl_certificate ", "ssl_certificate_key ", "#ssl_certificate_key ",
	}
	if cdn {
		changes = append(changes, "#set_real_ip_from 192.0.2.0/24;", "set_real_ip_from 127.0.0.1;", "#set_real_ip_from", "set_real_ip_from",
			"#real_ip_header", "real_ip_header", "#real_ip_recursive", "real_ip_recursive")
	}
	config := fmt.Sprintf("daemon off;\nmaster_process off;\npid %[1]s/pid;\nerror_log %[1]s/error.log;\nevents {}\nhttp {\naccess_log off;\n", dir)
	for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		config += fmt.Sprintf("%s_temp_path %s/%s;\n", of, dir, of)
	}
	config += strings.NewReplacer(changes...).Replace(string(example)) + "}\n"
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	startNginx(t, dir, file)
	url := "http://" + address
	eventually(t, "nginx answers", func() bool {
		answer, err := http.Get(url + "/healthz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return url
}

func startNginx(t *testing.T, dir, file string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // not on everyone's PATH
	}
	cmd := exec.Command(path, "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", file)
	said := &lockedBuffer{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start nginx (make needs installs it): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // it was stopped
		if t.Failed() {
			logged, err := os.ReadFile(filepath.Join(dir, "error.log"))
			logged = logged[max(0, len(logged)-2000):]
			t.Logf("nginx: %s%s%v", said, logged, err)
		}
	})
}

// sendFrom submits a comment with that X-Forwarded-For, and returns the response's status.
func sendFrom(t *testing.T, url, forwarded, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/sites/demo/comments", strings.NewReader(
		fmt.Sprintf(`{"article":{"key":"welcome"},"author_name":"Ada","author_email":"ada@mail.example","body":%q}`, body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", forwarded)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// forwarded is the X-Forwarded-For of a client or the CDN, and the response's status.
type forwarded struct {
	addresses string
	status    int
}

// TestReadersAddressesArriveThroughNginx allows one submission a minute per address, so that a second one
// from the same address is refused.
func TestReadersAddressesArriveThroughNginx(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		cdn  bool
		sent []forwarded
	}{
		{"what a client claims of its address is not believed", false, []forwarded{{"203.0.113.7", 201}, {"203.0.113.8", 429}}},
		{"behind a CDN every reader has an address", true, []forwarded{
			{"203.0.113.7", 201}, {"203.0.113.8", 201}, {"203.0.113.7", 429},
			{"198.51.100.1, 203.0.113.8", 429},                    // the CDN appends the address that it sees
			{"203.0.113.9, 127.0.0.1", 201}, {"203.0.113.9", 429}, // passed through two of the CDN's servers
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := []string{"REJOINDER_DATA_DIR=" + t.TempDir(), throughProxy, "REJOINDER_ADDRESS_LIMIT=1"}
			url := behindNginx(t, startProgram(t, env, "serve", "--demo"), tc.cdn)
			for i, one := range tc.sent {
				if status := sendFrom(t, url, one.addresses, fmt.Sprintf("Remark number %d, at %s.", i, time.Now())); status != one.status {
					t.Errorf("%d, from %q: status %d, want %d", i, one.addresses, status, one.status)
				}
			}
		})
	}
}

// TestLargeFilesAreImportedThroughNginx sends a body that is too large for anything but an import.
func TestLargeFilesAreImportedThroughNginx(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), throughProxy}, "serve", "--demo")
	url, token := behindNginx(t, p, false), p.signIn(t)
	file := "url,name,text\n" + strings.Repeat("http://127.0.0.1/quay,Ines,"+strings.Repeat("the tide ", 100)+"\n", 6_000)
	for path, want := range map[string]int{
		"/api/v1/sites/demo/imports?format=csv&dry_run=true": http.StatusOK,
		"/api/v1/sites/demo/comments":                        http.StatusRequestEntityTooLarge,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+path, strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/octet-stream")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want || err != nil {
			t.Errorf("%s with %d bytes: status %d, want %d: %.300s (%v)", path, len(file), answer.StatusCode, want, body, err)
		}
	}
}
