// Package api holds the JSON endpoints under /api/v1, with the types of their requests and responses.
// openapi.yaml documents them.
//
// Each group of endpoints is a type that holds the use cases it needs: Comments and Threads are for readers,
// the others for moderators.
package api
