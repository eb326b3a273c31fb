// Package handlers is the HTTP server: the route table, middleware, load limits, health checks and the wiring
// of the packages below it. Neither it nor those packages contain domain rules or SQL.
//
// Start with routes.go, which lists every route with who may use it; openapi.yaml is the contract, and a test
// compares the two. The handlers themselves are in handlers/api (JSON), handlers/reader (pages for readers)
// and handlers/console (pages for moderators). A handler returns an error; fail.go turns it into a response,
// with the table in handlers/httpio/problemkinds.go.
package handlers
