package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestFirstStartMakesAPrivateKeyFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := newTestKeyRing(t, dir, (&clock{now: monday}).Now)
	info, err := os.Stat(first.Path())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode())
	}
	if !first.SigningKeySince().Equal(monday) {
		t.Errorf("signing key since %v, want %v", first.SigningKeySince(), monday)
	}
	again := newTestKeyRing(t, dir, (&clock{now: monday.Add(time.Hour)}).Now)
	if first.current().signing.id != again.current().signing.id {
		t.Error("the second start made another key")
	}
	leftovers, err := filepath.Glob(filepath.Join(dir, ".token-keys*"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("temporary files are left: %v, %v", leftovers, err)
	}
}

// TestMain lets TestProcessesThatStartAtOnceShareOneKey run this binary as a process that only opens a key
// ring.
func TestMain(m *testing.M) {
	if dir := os.Getenv("REJOINDER_TEST_OPEN_KEYS"); dir != "" {
		r, err := OpenKeyRing(KeyRingConfig{Dir: dir, Now: time.Now, Random: rand.Reader, Log: slog.Default()})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Print(r.current().signing.id)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestProcessesThatStartAtOnceShareOneKey(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	kids := map[string]int{}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "REJOINDER_TEST_OPEN_KEYS="+dir)
			out, err := cmd.Output()
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			kids[string(out)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(kids) != 1 {
		t.Errorf("the processes sign with %v, want one key", kids)
	}
}

func TestKeyRingsThatStartAtOnceShareOneKey(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		var rings [8]*KeyRing
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i := range rings {
			wg.Go(func() {
				<-start
				rings[i] = newTestKeyRing(t, dir, time.Now)
			})
		}
		close(start)
		wg.Wait()
		for _, r := range rings {
			if r.current().signing.id != rings[0].current().signing.id {
				t.Fatal("two key rings sign with different keys")
			}
		}
	}
}

func TestRotationsAtOnceLoseNoKey(t *testing.T) {
	dir := t.TempDir()
	c := &clock{now: monday}
	var mu sync.Mutex
	kids := []string{newTestKeyRing(t, dir, c.Now).current().signing.id}
	var wg sync.WaitGroup
	for range 8 {
		r := newTestKeyRing(t, dir, c.Now)
		wg.Go(func() {
			kid, err := r.Rotate()
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			kids = append(kids, kid)
			mu.Unlock()
		})
	}
	wg.Wait()
	after := newTestKeyRing(t, dir, c.Now)
	for _, kid := range kids {
		if _, ok := after.verifying(kid); !ok {
			t.Errorf("key %s was lost", kid)
		}
	}
}

func TestARotatedKeyVerifiesUntilItsLastTokenHasExpired(t *testing.T) {
	dir := t.TempDir()
	c := &clock{now: monday}
	r := newTestKeyRing(t, dir, c.Now)
	tokens := newTestTokens(t, r, c.Now)
	old, err := tokens.Issue(Moderator{ID: "m-1", Role: RoleModerator}, "s-1")
	if err != nil {
		t.Fatal(err)
	}
	oldKey := r.current().signing
	newID, err := r.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	if r.current().signing.id != newID || newID == oldKey.id {
		t.Error("the new key does not sign")
	}
	content, err := os.ReadFile(r.Path())
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := json.Marshal(oldKey.private.Seed()); err != nil || bytes.Contains(content, bytes.Trim(seed, `"=`)) {
		t.Error("the private half of the retired key is still in the file")
	}
	c.add(AccessTokenLife - time.Second)
	if _, err := tokens.Verify(old); err != nil {
		t.Errorf("a token of the old key, still in its life: %v", err)
	}
	c.add(keyKeptAfterRetirement)
	if _, ok := newTestKeyRing(t, dir, c.Now).verifying(oldKey.id); ok {
		t.Error("the old key verifies for ever")
	}
	if _, err := r.Rotate(); err != nil {
		t.Fatal(err)
	}
	content, err = os.ReadFile(r.Path())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, []byte(oldKey.id)) {
		t.Error("the next rotation left the old key in the file")
	}
}

func TestARotationReachesOtherNodes(t *testing.T) {
	dir := t.TempDir()
	c := &clock{now: monday}
	one, two := newTestKeyRing(t, dir, c.Now), newTestKeyRing(t, dir, c.Now)
	kid, err := one.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := two.verifying(kid); ok {
		t.Error("the other node read the file again within its interval: invented kids would cost a read each")
	}
	c.add(unknownKeyInterval)
	if _, ok := two.verifying(kid); !ok {
		t.Error("the other node does not find the new key")
	}
	if kid, err = two.Rotate(); err != nil {
		t.Fatal(err)
	}
	c.add(keyFileInterval)
	if got := one.current().signing.id; got != kid {
		t.Errorf("after a minute the first node signs with %s, want %s", got, kid)
	}
}

func TestANodeKeepsItsKeysWhenTheFileBreaks(t *testing.T) {
	c := &clock{now: monday}
	var logs logBuffer
	r, err := OpenKeyRing(KeyRingConfig{Dir: t.TempDir(), Now: c.Now, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(&logs, nil))})
	if err != nil {
		t.Fatal(err)
	}
	retired := r.current().signing.id
	kid, err := r.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.Path(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.add(time.Hour)
	if got := r.current().signing.id; got != kid {
		t.Errorf("signs with %s, want %s", got, kid)
	}
	if _, ok := r.verifying(retired); ok {
		t.Error("a retired key verifies for as long as the file is broken")
	}
	if !strings.Contains(logs.String(), "is damaged") {
		t.Errorf("the log does not tell: %s", logs.String())
	}
	if _, err := r.Rotate(); err == nil {
		t.Error("Rotate overwrote a damaged file")
	}
}

func TestOpenKeyRingRefusesAFileThatOthersCanRead(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o644, 0o777} {
		dir := t.TempDir()
		path := newTestKeyRing(t, dir, time.Now).Path()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := OpenKeyRing(KeyRingConfig{Dir: dir, Now: time.Now, Random: rand.Reader, Log: slog.Default()})
		if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %v: error is %v, want one that says chmod 600", mode, err)
		}
	}
}

func TestOpenKeyRingRefusesADamagedFile(t *testing.T) {
	dir := t.TempDir()
	c := &clock{now: monday}
	r := newTestKeyRing(t, dir, c.Now)
	if _, err := r.Rotate(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(r.Path())
	if err != nil {
		t.Fatal(err)
	}
	set := r.current()
	replace := func(old, by string) string {
		t.Helper()
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("the file does not contain %s", old)
		}
		return strings.Replace(string(good), old, by, 1)
	}
	other := strangersSeed(t)
	for name, content := range map[string]string{
		"empty":                       "",
		"cut short":                   string(good[:len(good)/2]),
		"something behind it":         string(good) + "{}",
		"not JSON":                    "token keys",
		"null":                        "null",
		"an unknown member":           replace(`"version"`, `"extra": 1, "version"`),
		"another version":             replace(`"version": 1`, `"version": 2`),
		"no keys":                     `{"version": 1, "keys": []}`,
		"a changed kid":               replace(set.signing.id, "AAAA"+set.signing.id[4:]),
		"no signing key":              replace(`"created_at"`, `"retired_at": "2026-03-02T09:00:00Z", "created_at"`),
		"two signing keys":            replace(`"retired_at": "2026-03-02T09:00:00Z"`, `"private": "AAAA"`),
		"the private key of another":  swapSeed(t, good, other),
		"a private key too short":     swapSeed(t, good, "AAAA"),
		"no creation time":            replace(`"created_at": "2026-03-02T09:00:00Z"`, `"created_at": "0001-01-01T00:00:00Z"`),
		"one key twice":               replace(`"keys": [`, `"keys": [`+retiredJSON(t, good)+`,`),
		"larger than any key file is": string(good) + strings.Repeat(" ", maxKeyFileBytes),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(r.Path(), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenKeyRing(KeyRingConfig{Dir: dir, Now: c.Now, Random: rand.Reader, Log: slog.Default()})
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range []string{r.Path() + " is damaged", "restore it from your backup"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), other) {
				t.Errorf("error %q quotes a key", err)
			}
			if after, err := os.ReadFile(r.Path()); err != nil || string(after) != content {
				t.Error("the damaged file was touched")
			}
		})
	}
}

func strangersSeed(t *testing.T) string {
	t.Helper()
	key, err := newSigningKey(monday, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(key.private.Seed())
}

func swapSeed(t *testing.T, content []byte, seed string) string {
	t.Helper()
	var file keyFile
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	file.Keys[0].Seed = seed
	changed, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(changed)
}

func retiredJSON(t *testing.T, content []byte) string {
	t.Helper()
	var file keyFile
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	key, err := json.Marshal(file.Keys[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(key)
}

func TestOpenKeyRingReportsWhatItCannotDo(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "taken", KeyFileName), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]KeyRingConfig{
		"no folder":               {Now: time.Now, Random: rand.Reader, Log: slog.Default()},
		"no clock":                {Dir: dir, Random: rand.Reader, Log: slog.Default()},
		"a file as its folder":    {Dir: filepath.Join(dir, "file"), Now: time.Now, Random: rand.Reader, Log: slog.Default()},
		"a folder as its file":    {Dir: filepath.Join(dir, "taken"), Now: time.Now, Random: rand.Reader, Log: slog.Default()},
		"randomness that is over": {Dir: filepath.Join(dir, "new"), Now: time.Now, Random: brokenRandom{}, Log: slog.Default()},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := OpenKeyRing(cfg); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "new", KeyFileName)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a failed first start left a key file")
	}
}
