package db_test

import (
	"flag"
	"testing"

	"rejoinder/db/dbtest"
)

func TestMain(m *testing.M) {
	// Thirty random histories take about a second on each engine; go test -rapid.checks=1000 tries more.
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
	dbtest.Main(m)
}
