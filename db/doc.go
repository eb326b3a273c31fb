// Package db is all SQL: one text for PostgreSQL and SQLite alike.
//
// DB implements the storage interfaces that the packages moderation, moderation/rulebook, moderation/stats and
// auth declare. One exported method is one transaction, and no transaction leaves the package. The SQL stands in
// the function that runs it. Rules, text and HTTP must not enter.
//
// Files are grouped by prefix: conn_ opens, limits and watches connections; executor runs statements (executor.go),
// transactions (executor_tx.go) and statements about many rows (executor_values.go); tx_ holds the order of locks
// and the announcements; submission_ reads the context of a submission, comment_ and decision_ write; counter_,
// queue_, claim, search_, thread, article and auth_ are what they say. dialect.go holds what differs between the
// engines.
//
// Start with db.go and executor.go, then comment_create.go for the way a submission is committed.
package db
