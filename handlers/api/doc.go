// Package api holds the JSON endpoints under /api/v1, for readers, moderators and programs, with the types of
// their requests and responses. openapi.yaml documents them.
//
// Each group of endpoints is a type with the use-cases it needs: comments.go and thread.go are for readers,
// the others for moderators.
package api
