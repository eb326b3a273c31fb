package identity

// VerifySignature lets tests verify signatures of payloads that contain no claims.
var VerifySignature = verifySignature
