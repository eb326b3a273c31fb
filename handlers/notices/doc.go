// Package notices serves the pages behind the links in mails: readers confirm their address, choose what they
// get and stop it; moderators decide on a comment. Opening a page changes nothing; only its form does. The
// links are signed, so no page needs a login.
//
// The pages of the console about mail are in package mailconsole.
package notices
