package queue

// EscapeFormula is tested on its own.
var EscapeFormula = escapeFormula
