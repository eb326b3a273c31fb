package handlers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParameterLinesHaveAllParameters(t *testing.T) {
	whole, err := readOperations(contract)
	if err != nil {
		t.Fatal(err)
	}
	needed := parameterLines(contract)
	operations, err := readOperations(needed)
	if err != nil {
		t.Fatalf("%v in\n%s", err, needed)
	}
	if diff := cmp.Diff(whole, operations, cmp.AllowUnexported(queryParameter{})); diff != "" {
		t.Errorf("-whole +needed\n%s", diff)
	}
	if len(whole) < 50 || len(needed) > len(contract)/2 {
		t.Errorf("%d operations, %d of %d bytes", len(whole), len(needed), len(contract))
	}
}
