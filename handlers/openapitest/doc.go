// Package openapitest checks requests and responses of tests against an OpenAPI document. Only tests may
// import it.
//
// It is small on purpose. Libraries that model all of OpenAPI take minutes to compile, more than the rest of
// the tests together. A schema of OpenAPI 3.1 is a JSON Schema, so a library for those does most of the work.
//
// Start with contract.go.
package openapitest
