package identity

// VerifySignature lets tests verify signatures of payloads that are no claims.
var VerifySignature = verifySignature
