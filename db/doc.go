// Package db is all SQL: one text for PostgreSQL and SQLite alike.
//
// DB implements every storage interface that packages moderation and auth name. One exported method is one
// transaction, and no transaction leaves the package. The SQL stands in the function that runs it, one file
// for each aggregate; dialect.go holds what differs between the engines, and counters.go the one function
// that moves counters when a comment's status changes. Rules, text and HTTP must not enter.
//
// Start with db.go, then comments.go for the way a submission is committed.
package db
