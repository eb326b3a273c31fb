// Package db contains all SQL, with the same text for PostgreSQL and SQLite.
//
// A DB has a store for each entity: db.Articles is an *ArticleStore, whose doc comment names its tables. The
// packages of the use cases declare the storage that they need as interfaces. If one spans several entities,
// a method of DB combines their stores (usecases.go).
//
// Each exported method of a store is one transaction, and no transaction leaves the package. Code that
// several transactions share is a function that takes the transaction's executor, such as insertAudit. Each
// function contains the SQL that it runs. Rules, text processing and HTTP do not belong here.
//
// Files are grouped by prefix:
//
//   - core.go: what the stores share, and running transactions
//   - conn_: opening, limiting and probing connections
//   - executor: running statements, over many rows (executor_values.go) and into many tables
//     (executor_insert.go, executor_copy.go)
//   - types_: ids, times and other values as the engines store them
//   - tx_: the lock order, and notifications of changes
//   - submission_: reading the context of a submission
//   - comment_, decision_: writing comments and decisions
//   - upkeep.go: maintenance while others write
//   - dialect.go: the differences between the engines
//
// Start with db.go, core.go and executor.go, then comment_create.go for the way a submission is committed.
package db
