package privacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func fixedNow() time.Time { return testTime }

// openRing opens dir and fails the test on error.
func openRing(t testing.TB, dir string) *Keyring {
	t.Helper()
	ring, err := Open(dir, fixedNow)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return ring
}

func TestTheFirstOpenMakesKeysThatOnlyTheOwnerCanRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	ring := openRing(t, dir)
	if !ring.Created() {
		t.Error("Created is false for a folder that held no keys")
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700, ring.Path(): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != FileName {
		t.Errorf("the folder holds %v, want only %s", entries, FileName)
	}
}

func TestTheSecondOpenFindsTheSameKeys(t *testing.T) {
	dir := t.TempDir()
	first := openRing(t, dir)
	second := openRing(t, dir)
	if second.Created() {
		t.Error("Created is true for keys that were there")
	}
	sealed, err := first.Seal("ada@example.org", "commenter 1")
	if err != nil {
		t.Fatal(err)
	}
	email, err := second.Open(sealed, "commenter 1")
	if err != nil || email != "ada@example.org" {
		t.Errorf("Open = %q, %v", email, err)
	}
	if !bytes.Equal(first.Index("ada@example.org"), second.Index("ada@example.org")) {
		t.Error("the index changed")
	}
	if !second.VerifyToken("receipt", "c1", first.Token("receipt", "c1")) {
		t.Error("the token is no longer valid")
	}
}

func TestProcessesThatStartAtOnceAgreeOnTheKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	const starters = 16
	rings := make([]*Keyring, starters)
	errs := make([]error, starters)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range starters {
		done.Go(func() {
			start.Wait()
			rings[i], errs[i] = Open(dir, fixedNow)
		})
	}
	start.Done()
	done.Wait()
	created := 0
	for i, ring := range rings {
		if errs[i] != nil {
			t.Fatalf("starter %d: %v", i, errs[i])
		}
		if ring.Created() {
			created++
		}
		if ring.Token("receipt", "x") != rings[0].Token("receipt", "x") {
			t.Errorf("starter %d has other keys", i)
		}
	}
	if created != 1 {
		t.Errorf("%d starters say that they made the keys, want 1", created)
	}
}

func TestLoadNeverMakesKeys(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir, fixedNow); !errors.Is(err, ErrNoKeys) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("Load = %v, want ErrNoKeys that speaks of the backup", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("Load left %v behind", entries)
	}
}

func TestKeysThatOthersCanReachAreRefused(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o644, 0o660, 0o601} {
		t.Run(fmt.Sprintf("a file of mode %04o", mode), func(t *testing.T) {
			dir := t.TempDir()
			path := openRing(t, dir).Path()
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, fixedNow)
			if !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), "chmod 600 "+path) {
				t.Errorf("Open = %v, want ErrExposed with the chmod to run", err)
			}
		})
	}
	t.Run("a folder that everyone may write", func(t *testing.T) {
		dir := t.TempDir()
		openRing(t, dir)
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, fixedNow); !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), "chmod 700 "+dir) {
			t.Errorf("Open = %v, want ErrExposed with the chmod to run", err)
		}
	})
}

func TestDamagedKeysAreRefusedAndLeftAlone(t *testing.T) {
	good := func(t *testing.T) []byte {
		raw, err := os.ReadFile(openRing(t, t.TempDir()).Path())
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	cases := map[string]func(raw []byte) []byte{
		"an empty file":                   func([]byte) []byte { return nil },
		"a file cut in half":              func(raw []byte) []byte { return raw[:len(raw)/2] },
		"a file that lost its last brace": func(raw []byte) []byte { return bytes.TrimRight(raw, "}\n") },
		"a file with text after the end":  func(raw []byte) []byte { return append(raw, '{') },
		"another JSON document":           func([]byte) []byte { return []byte(`{"primaryKeyId":1,"key":[]}`) },
		"a later format": func(raw []byte) []byte {
			return bytes.Replace(raw, []byte("privacy keys 1"), []byte("privacy keys 2"), 1)
		},
		"a flipped bit inside a key": flipKeyBit,
		"a file without its tokens": func(raw []byte) []byte {
			return bytes.Replace(raw, []byte(`"tokens"`), []byte(`"notokens"`), 1)
		},
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, FileName)
			damaged := damage(good(t))
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, fixedNow)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "restore it from your backup") {
				t.Errorf("Open = %v, want ErrDamaged with a remedy", err)
			}
			after, readErr := os.ReadFile(path)
			if readErr != nil || !bytes.Equal(after, damaged) {
				t.Errorf("the damaged file was touched (%v)", readErr)
			}
		})
	}
}

// flipKeyBit changes one letter in the middle of the first key's value.
func flipKeyBit(raw []byte) []byte {
	at := bytes.Index(raw, []byte(`"value"`)) + len(`"value": "`) + 12
	if raw[at] == 'A' {
		raw[at] = 'B'
	} else {
		raw[at] = 'A'
	}
	return raw
}

func TestAKeyringNeverShowsItself(t *testing.T) {
	ring := openRing(t, t.TempDir())
	raw, err := os.ReadFile(ring.Path())
	if err != nil {
		t.Fatal(err)
	}
	var file keyFile
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "keys", ring, "nested", map[string]any{"keys": ring})
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "keys", ring)
	encoded, err := json.Marshal(ring)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + fmt.Sprintf("%v %+v %#v %s %q", ring, ring, ring, ring, ring) + string(encoded)
	for _, secret := range []string{file.SHA256, "keyData", "primaryKeyId", ring.Path()} {
		if strings.Contains(shown, secret) {
			t.Errorf("a printed keyring contains %q", secret)
		}
	}
	if count := strings.Count(shown, redacted); count != 9 {
		t.Errorf("%d printed forms say %q, want 9: %s", count, redacted, shown)
	}
}

func TestKeyInfoNamesEveryKeyWithItsTime(t *testing.T) {
	clock := testTime
	ring, err := Open(t.TempDir(), func() time.Time { return clock })
	if err != nil {
		t.Fatal(err)
	}
	clock = testTime.Add(24 * time.Hour)
	if err := ring.Rotate(); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Set     string
		Created time.Time
		Primary bool
	}
	var got []row
	ids := map[uint32]bool{}
	for _, info := range ring.KeyInfo() {
		got = append(got, row{info.Set, info.Created, info.Primary})
		ids[info.ID] = true
	}
	var want []row
	for _, set := range []string{"sealing", "index", "tokens"} {
		want = append(want, row{set, testTime, false}, row{set, clock, true})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("KeyInfo (-want +got):\n%s", diff)
	}
	if len(ids) != 6 {
		t.Errorf("%d distinct ids, want 6", len(ids))
	}
}

func TestOpeningIsFast(t *testing.T) {
	dir := t.TempDir()
	openRing(t, dir)
	best := time.Hour
	for range 20 {
		started := time.Now()
		openRing(t, dir)
		best = min(best, time.Since(started))
	}
	if best > 5*time.Millisecond {
		t.Errorf("the fastest of 20 openings took %v, want under 5 ms", best)
	}
}
