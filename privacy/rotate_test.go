package privacy

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestAfterRotationOldValuesStillOpenAndNewOnesUseNewKeys(t *testing.T) {
	dir := t.TempDir()
	ring := openRing(t, dir)
	other := openRing(t, dir)
	const email = "ada@example.org"
	oldSealed, err := ring.Seal(email, "1")
	if err != nil {
		t.Fatal(err)
	}
	oldIndex, oldAddress, oldToken := ring.Index(email), ring.AddressIndex(addr("192.0.2.1")), ring.Token("receipt", "c")

	if err := ring.Rotate(); err != nil {
		t.Fatal(err)
	}
	if opened, err := ring.Open(oldSealed, "1"); err != nil || opened != email {
		t.Errorf("an email sealed before the rotation opens as %q, %v", opened, err)
	}
	indexes := ring.Indexes(email)
	if len(indexes) != 2 || !bytes.Equal(indexes[0], ring.Index(email)) || !bytes.Equal(indexes[1], oldIndex) {
		t.Errorf("Indexes = %x, want the new index, then %x", indexes, oldIndex)
	}
	if bytes.Equal(indexes[0], oldIndex) {
		t.Error("the index still uses the old key")
	}
	addresses := ring.AddressIndexes(addr("192.0.2.1"))
	if len(addresses) != 2 || !bytes.Equal(addresses[1], oldAddress) {
		t.Errorf("AddressIndexes = %x, want the old index last", addresses)
	}
	if !ring.VerifyToken("receipt", "c", oldToken) || ring.Token("receipt", "c") == oldToken {
		t.Error("old tokens must verify, new tokens must be new")
	}

	newSealed, err := ring.Seal(email, "1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(newSealed, "1"); err == nil {
		t.Error("a process that started before the rotation opened an email sealed with the new key")
	}
	if opened, err := openRing(t, dir).Open(newSealed, "1"); err != nil || opened != email {
		t.Errorf("a process that starts later opens the email as %q, %v", opened, err)
	}
}

func TestIndexesGoFromTheNewestKeyToTheOldest(t *testing.T) {
	ring := openRing(t, t.TempDir())
	var history [][]byte
	for range 4 {
		history = append([][]byte{ring.Index("a@example.org")}, history...)
		if err := ring.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	got := ring.Indexes("a@example.org")[1:]
	for i := range history {
		if !bytes.Equal(got[i], history[i]) {
			t.Fatalf("index %d = %x, want %x", i, got[i], history[i])
		}
	}
}

func TestConcurrentRotationsLoseNoKey(t *testing.T) {
	dir := t.TempDir()
	openRing(t, dir)
	const processes, attempts = 8, 40
	var done sync.WaitGroup
	var mu sync.Mutex
	var sealed [][]byte
	for range processes {
		ring := openRing(t, dir)
		done.Go(func() {
			for range attempts {
				if ring.Rotate() != nil {
					continue // another one is under way: refused, and nothing changed
				}
				one, err := ring.Seal("a@example.org", "1")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				sealed = append(sealed, one)
				mu.Unlock()
			}
		})
	}
	done.Wait()
	if len(sealed) == 0 {
		t.Fatal("no rotation succeeded")
	}
	ring := openRing(t, dir)
	if got, want := len(ring.Indexes("a@example.org")), 1+len(sealed); got != want {
		t.Errorf("%d keys in the file after %d rotations, want %d", got, len(sealed), want)
	}
	for _, one := range sealed {
		if _, err := ring.Open(one, "1"); err != nil {
			t.Errorf("an email sealed right after a rotation: %v", err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v; want the key file alone", left, err)
	}
}

func TestAnInterruptedRotationIsReportedAndHarmless(t *testing.T) {
	dir := t.TempDir()
	ring := openRing(t, dir)
	leftover := ring.Path() + ".new"
	if err := os.WriteFile(leftover, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := ring.Token("receipt", "c")
	if err := ring.Rotate(); err == nil || !strings.Contains(err.Error(), leftover) {
		t.Errorf("Rotate = %v, want an error that names %s", err, leftover)
	}
	if ring.Token("receipt", "c") != before || openRing(t, dir).Token("receipt", "c") != before {
		t.Error("the refused rotation changed the keys")
	}
}

func TestRotationFollowsALinkToTheRealFile(t *testing.T) {
	secrets, data := t.TempDir(), t.TempDir()
	target := openRing(t, secrets).Path()
	link := filepath.Join(data, FileName)
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	ring := openRing(t, data)
	if err := ring.Rotate(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone (%v)", err)
	}
	if openRing(t, secrets).Token("receipt", "c") != ring.Token("receipt", "c") {
		t.Error("the file behind the link was not rotated")
	}
}

func TestARotatedFileStaysPrivate(t *testing.T) {
	ring := openRing(t, t.TempDir())
	if err := ring.Rotate(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(ring.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestUseDuringRotationNeverFails(t *testing.T) {
	ring := openRing(t, t.TempDir())
	stop := make(chan struct{})
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				sealed, err := ring.Seal("a@example.org", "1")
				if err != nil {
					t.Error(err)
				}
				if _, err := ring.Open(sealed, "1"); err != nil {
					t.Error(err)
				}
				if !ring.VerifyToken("p", "s", ring.Token("p", "s")) {
					t.Error("a token does not verify")
				}
			}
		})
	}
	for range 5 {
		if err := ring.Rotate(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	done.Wait()
}
