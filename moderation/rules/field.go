package rules

// field is a part of a submission that lists and spans are about.
type field uint8

const (
	noField field = iota
	bodyField
	nameField
	urlField
	emailField
	addressField
	fieldCount
)

// fieldNames is what rulesets call the fields.
var fieldNames = [fieldCount]string{
	bodyField:    "body",
	nameField:    "author_name",
	urlField:     "author_url",
	emailField:   "author_email",
	addressField: "address",
}

func (f field) String() string { return fieldNames[f] }

// fieldNamed finds a field by its name; noField when there is none.
func fieldNamed(name string) field {
	for f := bodyField; f < fieldCount; f++ {
		if fieldNames[f] == name {
			return f
		}
	}
	return noField
}

// quotable reports whether hits may show what they found in the field. Emails and addresses are never shown.
func (f field) quotable() bool { return f == bodyField || f == nameField || f == urlField }

// fieldSet is a set of fields.
type fieldSet uint8

func setOf(fields ...field) fieldSet {
	var s fieldSet
	for _, f := range fields {
		s |= 1 << f
	}
	return s
}

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }

// all yields the fields of the set in their order.
func (s fieldSet) all(yield func(field) bool) {
	for f := bodyField; f < fieldCount; f++ {
		if s.has(f) && !yield(f) {
			return
		}
	}
}

// names returns the names of the fields of the set.
func (s fieldSet) names() []string {
	var names []string
	for f := range s.all {
		names = append(names, f.String())
	}
	return names
}
