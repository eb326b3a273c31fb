// Package mailconsole serves the pages of the console about mail: what a moderator gets, the outbox, and a forgotten
// password. Its API does the same for programs. The pages behind the links in mails are in package notices.
package mailconsole
