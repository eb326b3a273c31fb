package transfer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/transfer"
)

func TestTheBeginningOfATableIsShown(t *testing.T) {
	file, err := transfer.Spool(strings.NewReader("Wer\tWas\tlikes\nMara\t\"Two\nlines\"\t3\nOtto\nIda\t"+
		strings.Repeat("é", 90)+"\t1\nMax\tfourth\t0\n"), t.TempDir(), "old.csv")
	if err != nil {
		t.Fatal(err)
	}
	table, err := transfer.ReadTable(file)
	if err != nil {
		t.Fatal(err)
	}
	want := transfer.Table{Columns: []string{"Wer", "Was", "likes"}, Fields: map[string]int{"up": 2},
		Rows: [][]string{{"Mara", "Two lines", "3"}, {"Otto", "", ""}, {"Ida", strings.Repeat("é", 80) + "…", "1"}}}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}
