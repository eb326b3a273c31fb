// Package route describes a route: method, path, who may use it, and how its limits differ from the usual
// ones. The table of all routes is handlers/routes.go.
package route
