package archive

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed subject.html
var subjectSource string

var subjectPage = template.Must(template.New("subject").Parse(subjectSource))

// WriteSubjectPage writes the data stored about a person as a page to read.
func WriteSubjectPage(w io.Writer, found []Subject) error {
	return subjectPage.Execute(w, found)
}
