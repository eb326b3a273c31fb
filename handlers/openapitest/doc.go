// Package openapitest checks requests and responses of tests against an OpenAPI document. Only tests may
// import it.
//
// It is a separate package to keep compile times low: a package that uses the OpenAPI library's generic types
// directly takes a minute and a gigabyte to compile, and the tests of handlers are compiled often.
//
// Start with contract.go.
package openapitest
