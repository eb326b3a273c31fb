// Package dbtest gives storage tests a real database: a fresh SQLite file, and a fresh schema of a private
// PostgreSQL server that the tests start themselves and that ends with them.
//
// A package that uses it has a TestMain:
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// Each runs a test on both engines; Builder fills a database with fixtures under a fixed clock and sequential
// ids; StartPostgres gives a server that may be killed and started again. PostgreSQL missing on the machine
// is a failure that says which package to install. Only tests may import this package.
//
// Start with each.go.
package dbtest
