// Package setup serves the pages of the first hour: the link with which the first admin is created, the set-up of
// the first site, and the tester of its embed code.
package setup
