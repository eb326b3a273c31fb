package auth

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"image/png"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	// codePeriod, six digits and SHA-1 are the values of RFC 6238 that every authenticator app understands.
	codePeriod = 30 * time.Second
	// codeDrift is how many periods a phone's clock may be off, either way (RFC 6238, section 5.2: one at most).
	codeDrift = 1
	// factorSecretBytes is what RFC 4226 (section 4, R6) recommends.
	factorSecretBytes = 20
	qrPixels          = 256

	recoveryCodes = 10
	// recoveryGroups of four signs of 5 bits each: 80 bits can't be guessed, so a plain hash is enough.
	recoveryGroups = 4
)

var codeOptions = totp.ValidateOpts{
	Period:    uint(codePeriod / time.Second),
	Digits:    otp.DigitsSix,
	Algorithm: otp.AlgorithmSHA1,
}

// Enrolment is what an authenticator app needs. It is shown once.
type Enrolment struct {
	Secret string // base32, to be typed
	URL    string // otpauth://totp/…
	QR     []byte // the URL as a QR code: PNG, 256 pixels square
}

// newEnrolment draws a secret for an account at the installation that issuer names.
func newEnrolment(random io.Reader, issuer, account string) (Enrolment, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Period: codeOptions.Period,
		SecretSize: factorSecretBytes, Digits: codeOptions.Digits, Algorithm: codeOptions.Algorithm, Rand: random})
	if err != nil {
		return Enrolment{}, fmt.Errorf("draw a secret: %w", err)
	}
	picture, err := key.Image(qrPixels, qrPixels)
	if err != nil {
		return Enrolment{}, fmt.Errorf("draw the QR code: %w", err)
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		return Enrolment{}, fmt.Errorf("draw the QR code: %w", err)
	}
	return Enrolment{Secret: key.Secret(), URL: key.URL(), QR: encoded.Bytes()}, nil
}

// codeStep finds the period whose code this is, among those around now; false when there is none. Blanks that
// people put between the digits don't count.
func codeStep(secret, code string, now time.Time) (step int64, ok bool, err error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	for drift := -codeDrift; drift <= codeDrift; drift++ {
		at := now.Add(time.Duration(drift) * codePeriod)
		want, err := totp.GenerateCodeCustom(secret, at, codeOptions)
		if err != nil {
			return 0, false, fmt.Errorf("compute a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = at.Unix()/int64(codePeriod/time.Second), true
		}
	}
	return step, ok, nil
}

// newRecoveryCodes draws codes such as k7mq-2c9d-…, with the hashes under which they are stored.
func newRecoveryCodes(random io.Reader) (codes []string, hashes [][]byte, err error) {
	for range recoveryCodes {
		long, err := GeneratePassword(random)
		if err != nil {
			return nil, nil, fmt.Errorf("draw recovery codes: %w", err)
		}
		code := long[:recoveryGroups*5-1]
		codes, hashes = append(codes, code), append(hashes, recoveryHash(code))
	}
	return codes, hashes, nil
}

// recoveryHash is the hash of a code as people type it: capitals, blanks and hyphens don't count.
func recoveryHash(code string) []byte {
	code = strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(code)))
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
