// Package route describes routes: method, path, access and limits. The table of all routes is in
// handlers/routes.go.
package route
