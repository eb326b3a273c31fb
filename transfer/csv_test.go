package transfer_test

import (
	"errors"
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

func TestAQuotationThatNothingEndsIsAFault(t *testing.T) {
	const head = "id,url,name,text\n"
	for name, tc := range map[string]struct {
		content, fault string
		read           int
	}{
		"in the last line": {head + "1,/a,Ann,Hi\n2,/a,Bob,\"Ho", "line 3, byte 38", 1},
		"in an earlier line, with others behind it": {
			head + "1,/a,Ann,Hi\r\n2,/a,Bob,\"Ho\n3,/a,Cy,Hey\n4,/a,Di,Hello\n", "line 3, byte 39", 1},
		"below the first line of a comment": {head + "1,/a,\"Ann\nLee\",\"Hi\nyou", "line 3, byte 32", 0},
		"behind empty lines":                {head + "1,/a,Ann,Hi\n\n\n2,/a,Bob,\"Ho\n", "line 5, byte 40", 1},
		"in the names of the columns":       {"id,url,\"name,text\n1,/a,Ann,Hi\n", "line 1, byte 7", 0},
		"with a quotation mark in it":       {head + "1,/a,Ann,\"Hi \"you\" there\n2,/a,Bob,Ho\n", "line 2, byte 26", 0},
		"nowhere":                           {head + "1,/a,Ann,\"Hi, \"\"you\"\"\"\n2,/a,Bob,\"Ho\"", "", 2},
		"nowhere, with a carriage return":   {head + "1,/a,Ann,\"Hi\"\r\n2,/a,Bob,Ho\r", "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := read(t, []byte(tc.content), transfer.Options{Format: "csv"})
			if len(all) != tc.read {
				t.Errorf("%d comments were read, want %d", len(all), tc.read)
			}
			var fault *transfer.Fault
			switch {
			case tc.fault == "" && err == nil:
			case !errors.As(err, &fault) || fault.Place.String() != tc.fault || !strings.Contains(fault.Detail, "quotation"):
				t.Errorf("%v, want a fault at %q", err, tc.fault)
			}
		})
	}
}
