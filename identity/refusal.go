package identity

// Code says why a token was refused. It is stable: programs may compare it.
type Code string

// Codes of refusals.
const (
	Malformed Code = "malformed"  // not a token, or not one of ours
	TooLarge  Code = "too_large"  // longer than MaxTokenBytes
	Algorithm Code = "algorithm"  // signed in a way that no key of the site allows
	NoKey     Code = "no_key"     // no key of the site has this key ID
	Signature Code = "signature"  // no key of the site made the signature
	Duplicate Code = "duplicate"  // a claim or header occurs twice
	Missing   Code = "missing"    // a required claim is missing
	BadClaim  Code = "claim"      // a claim has a value that cannot be used
	Issuer    Code = "issuer"     // made by another issuer
	Audience  Code = "audience"   // made for another site
	Expired   Code = "expired"    // no longer valid: the reader needs a new token
	NotYet    Code = "not_yet"    // issued in the future
	TooLong   Code = "lifetime"   // valid for longer than MaxLifetime
	Unproved  Code = "unverified" // the email is not verified
)

// Refusal reports why a token or a key was refused. Its text is for developers; it never quotes a token, a
// name or an email.
type Refusal struct {
	Code   Code
	Claim  string // the claim or header that it is about; empty for none
	Detail string // a sentence
}

// Error implements error.
func (r *Refusal) Error() string { return "identity " + string(r.Code) + ": " + r.Detail }

func refuse(code Code, claim, detail string) *Refusal {
	return &Refusal{Code: code, Claim: claim, Detail: detail}
}
