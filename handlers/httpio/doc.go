// Package httpio reads requests and writes responses: JSON bodies and forms, the checks that every value
// passes, cookies, client addresses, and the table that turns errors into RFC 9457 problems. It knows no
// route and no page.
//
// Start with problemkinds.go for errors, bind.go for input and respond.go for output.
package httpio
