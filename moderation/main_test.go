package moderation_test

import (
	"testing"

	"rejoinder/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
