// Package mailconsole serves the console pages and API endpoints about mail: a moderator's mail settings, the
// outbox, and forgotten passwords. The pages behind the links in mails are in package notices.
package mailconsole
