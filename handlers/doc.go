// Package handlers is HTTP and nothing else: it binds what came, calls a use-case of package moderation or
// auth, and writes the answer. Gin lives only here. No rule of the domain and no SQL may enter.
//
// routes.go is the whole outside shape on one screen, with the role each route needs. A handler is a method
// that returns an error; problem.go alone turns errors into answers. Start with server.go, then comments.go
// for the way in and thread.go for the way out. openapi.yaml is the contract; a test holds the routes against
// it both ways.
package handlers
