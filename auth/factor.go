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
	// codePeriod, six digits and SHA-1 are the RFC 6238 values that every authenticator app supports.
	codePeriod = 30 * time.Second
	// codeDrift is the allowed clock drift of a phone in periods, either way (RFC 6238, section 5.2: at most
	// one).
	codeDrift = 1
	// factorSecretBytes is the length recommended by RFC 4226 (section 4, R6).
	factorSecretBytes = 20
	qrPixels          = 256

	recoveryCodes = 10
	// recoveryGroups is the number of groups of four characters, 5 bits each. 80 bits can't be guessed, so a
	// plain hash is enough.
	recoveryGroups = 4
)

var codeOptions = totp.ValidateOpts{
	Period:    uint(codePeriod / time.Second),
	Digits:    otp.DigitsSix,
	Algorithm: otp.AlgorithmSHA1,
}

// Enrolment is the set-up data for an authenticator app. It is shown once.
type Enrolment struct {
	Secret string // base32, for manual entry
	URL    string // otpauth://totp/…
	QR     []byte // URL as a QR code: PNG, 256 × 256 pixels
}

// newEnrolment generates a secret for an account. issuer names the installation.
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

// codeStep returns the period of a code, among the periods around now, and false if none matches. Spaces
// between the digits are ignored.
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

// newRecoveryCodes generates recovery codes such as k7mq-2c9d-…, and the hashes to store.
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

// recoveryHash returns the hash of a recovery code as typed. Case, spaces and hyphens are ignored.
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
