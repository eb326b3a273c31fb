// Package mail sends mails: over SMTP, or as files for people who try Rejoinder out. It knows what a mail is and
// which failures there are; package notify decides who gets which mail, and when.
//
// Start with mail.go, then smtp.go.
package mail
