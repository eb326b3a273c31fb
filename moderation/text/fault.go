package text

import "fmt"

// Fault is what is wrong with something a reader typed, as a whole sentence in
// plain English that can stand beside the field. It never quotes more of the
// input than one character.
type Fault string

// Error returns the sentence.
func (f Fault) Error() string { return string(f) }

// Faults of any text.
const (
	ErrUTF8 Fault = "The text contains bytes that are not valid UTF-8."
	ErrNUL  Fault = "The text contains a NUL character." // databases and browsers cut text there
)

func faultf(format string, values ...any) Fault { return Fault(fmt.Sprintf(format, values...)) }
