// Package db is all SQL: one text for PostgreSQL and SQLite alike.
//
// A DB has a store for each entity: db.Articles is an *ArticleStore, whose doc comment names its tables. The
// packages moderation, moderation/queue, moderation/rulebook, moderation/stats and auth declare the storage
// that each use case needs. Where that spans several entities, a method of DB combines their stores
// (usecases.go).
//
// One exported method of a store is one transaction, and no transaction leaves the package. What several
// transactions share is a function that takes the executor of the transaction, such as insertAudit. Each
// function contains the SQL that it runs. Rules, text and HTTP do not belong here.
//
// Files are grouped by prefix: core.go holds what the stores share, and runs transactions; conn_ opens,
// limits and watches connections; executor runs statements (executor.go), also about many rows
// (executor_values.go) and into many tables (executor_insert.go); types_ holds ids, times and other values as
// the engines keep them; tx_ holds the order of locks and the announcements; submission_ reads the context of
// a submission, comment_ and decision_ write; counter_, queue_, claim, search_, thread, article and auth_
// are what they say. upkeep.go maintains the database beside the writers. dialect.go holds what differs between
// the engines.
//
// Start with db.go, core.go and executor.go, then comment_create.go for the way a submission is committed.
package db
