// Package mailconsole serves the pages and API endpoints of the console about mail: a moderator's mail
// settings, the outbox, and forgotten passwords. The pages behind the links in mails are in package notices.
package mailconsole
