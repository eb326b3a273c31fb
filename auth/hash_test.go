package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
)

func TestHasherRoundTrip(t *testing.T) {
	h := newTestHasher(t, DefaultHashParams)
	encoded, err := h.Hash(t.Context(), adaPassword)
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(encoded, want) {
		t.Errorf("hash is %q, want prefix %q", encoded, want)
	}
	again, err := h.Hash(t.Context(), adaPassword)
	if err != nil {
		t.Fatal(err)
	}
	if encoded == again {
		t.Error("two hashes of one password are equal: the salt is missing")
	}
	for password, want := range map[string]bool{adaPassword: true, adaPassword + " ": false, "": false} {
		if got, err := h.Verify(t.Context(), encoded, password); got != want || err != nil {
			t.Errorf("Verify(%q) = %v, %v, want %v", password, got, err, want)
		}
	}
	if h.NeedsRehash(encoded) {
		t.Error("a hash just made needs a rehash")
	}
}

// The three hashes are test vectors of the argon2 reference implementation.
func TestHasherAgreesWithTheReferenceImplementation(t *testing.T) {
	h := newTestHasher(t, lightParams)
	for _, encoded := range []string{
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	} {
		if ok, err := h.Verify(t.Context(), encoded, "password"); !ok || err != nil {
			t.Errorf("%s: Verify = %v, %v", encoded, ok, err)
		}
		if !h.NeedsRehash(encoded) {
			t.Errorf("%s: made with other parameters, but needs no rehash", encoded)
		}
	}
}

func TestPasswordsTypedOnDifferentKeyboardsAreTheSame(t *testing.T) {
	h := newTestHasher(t, lightParams)
	composed, decomposed := "caf\u00e9 au lait, s'il vous pla\u00eet", "cafe\u0301 au lait, s'il vous plai\u0302t"
	encoded, err := h.Hash(t.Context(), composed)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Verify(t.Context(), encoded, decomposed); !ok || err != nil {
		t.Errorf("Verify = %v, %v, want true", ok, err)
	}
}

func TestParseHashRefuses(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if _, err := parseHash("$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key); err != nil {
		t.Fatalf("the pattern for the cases below is refused itself: %v", err)
	}
	for name, encoded := range map[string]string{
		"nothing":                        "",
		"plain text":                     "password",
		"another algorithm":              "$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"bcrypt":                         "$2b$12$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"an older version":               "$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + key,
		"no version":                     "$argon2id$m=256,t=2,p=1$" + salt + "$" + key,
		"text before it":                 "x$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"a part too many":                "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "$",
		"a line break at the end":        "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "\n",
		"a line break in the salt":       "$argon2id$v=19$m=256,t=2,p=1$c29tZX\nNhbHQ$" + key,
		"parameters in another order":    "$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + key,
		"a parameter too many":           "$argon2id$v=19$m=256,t=2,p=1,x=1$" + salt + "$" + key,
		"a sign":                         "$argon2id$v=19$m=+256,t=2,p=1$" + salt + "$" + key,
		"a leading zero":                 "$argon2id$v=19$m=0256,t=2,p=1$" + salt + "$" + key,
		"no passes":                      "$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + key,
		"too many passes":                "$argon2id$v=19$m=256,t=17,p=1$" + salt + "$" + key,
		"no lanes":                       "$argon2id$v=19$m=256,t=2,p=0$" + salt + "$" + key,
		"lanes that overflow a byte":     "$argon2id$v=19$m=4096,t=2,p=257$" + salt + "$" + key,
		"too little memory for its lane": "$argon2id$v=19$m=7,t=2,p=1$" + salt + "$" + key,
		"memory of terabytes":            "$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + key,
		"memory that overflows":          "$argon2id$v=19$m=4294967552,t=2,p=1$" + salt + "$" + key,
		"a short salt":                   "$argon2id$v=19$m=256,t=2,p=1$c29tZQ$" + key,
		"a long salt":                    "$argon2id$v=19$m=256,t=2,p=1$" + strings.Repeat("c29t", 22) + "$" + key,
		"a short key":                    "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$nf65EOgL",
		"a long key":                     "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat("nf65", 22),
		"padding":                        "$argon2id$v=19$m=256,t=2,p=1$" + salt + "==$" + key,
		"stray bits in the salt":         "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHR$" + key,
		"the other base64 alphabet":      "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.ReplaceAll(key, "/", "_"),
	} {
		t.Run(name, func(t *testing.T) {
			h := newTestHasher(t, lightParams)
			if ok, err := h.Verify(t.Context(), encoded, "password"); ok || err == nil {
				t.Errorf("Verify = %v, %v, want an error", ok, err)
			}
			if !h.NeedsRehash(encoded) {
				t.Error("needs no rehash")
			}
			if h.Computations() != 0 {
				t.Error("something was computed")
			}
		})
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$$")
	f.Fuzz(func(t *testing.T, encoded string) {
		h, err := parseHash(encoded)
		if err != nil {
			return
		}
		if h.String() != encoded {
			t.Errorf("%q is accepted but means %q", encoded, h.String())
		}
		if h.params.MemoryKiB > maxMemoryKiB || h.params.Passes > maxPasses || len(h.key) > maxKeyBytes {
			t.Errorf("%q is accepted beyond the bounds", encoded)
		}
	})
}

func TestHasherRunsNoMoreThanItsSlots(t *testing.T) {
	h := newTestHasher(t, lightParams)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	refused := make(chan error)
	go func() {
		_, err := h.Hash(ctx, adaPassword)
		refused <- err
	}()
	cancel()
	if err := <-refused; !errors.Is(err, context.Canceled) {
		t.Errorf("with every slot taken, Hash = %v, want context.Canceled", err)
	}
	if h.Computations() != 0 {
		t.Error("something was computed without a slot")
	}
	<-h.slots
	if _, err := h.Hash(t.Context(), adaPassword); err != nil {
		t.Errorf("with a slot free, Hash = %v", err)
	}
	if len(h.slots) != cap(h.slots)-1 {
		t.Error("the slot was not given back")
	}
}

func TestHasherServesMoreCallersThanSlots(t *testing.T) {
	h := newTestHasher(t, lightParams)
	const callers = 50
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := h.Hash(t.Context(), adaPassword); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := h.Computations(); got != callers {
		t.Errorf("%d computations, want %d", got, callers)
	}
}

func TestNothingIsHashedAfterTheContextEnds(t *testing.T) {
	h := newTestHasher(t, lightParams)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.VerifyDummy(ctx, adaPassword); !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyNobody = %v, want context.Canceled", err)
	}
	if h.Computations() != 0 {
		t.Error("something was computed")
	}
}

func TestNewHasherRefuses(t *testing.T) {
	for name, cfg := range map[string]HasherConfig{
		"no randomness":             {Params: lightParams, AtOnce: 1},
		"broken randomness":         {Params: lightParams, AtOnce: 1, Random: brokenRandom{}},
		"no slots":                  {Params: lightParams, Random: rand.Reader},
		"parameters out of bounds":  {Params: HashParams{MemoryKiB: 1 << 30, Passes: 1, Parallelism: 1}, AtOnce: 1, Random: rand.Reader},
		"parameters left at zero":   {AtOnce: 1, Random: rand.Reader},
		"more lanes than memory is": {Params: HashParams{MemoryKiB: 8, Passes: 1, Parallelism: 2}, AtOnce: 1, Random: rand.Reader},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewHasher(cfg); err == nil {
				t.Error("accepted")
			}
		})
	}
}
