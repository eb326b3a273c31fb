// Package setup serves the pages that set up a new server: the creation of the first admin with a set-up
// link, the first site, and the tester of its embed code.
package setup
