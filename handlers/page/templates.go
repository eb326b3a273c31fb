package page

import (
	"embed"
	"html/template"
	"strings"
	"sync"
	"time"

	"rejoinder/handlers/locale"
)

//go:embed templates/*.html templates/console/*.html
var templateFiles embed.FS

// parsed are all templates. The name of a template is that of its page.
var parsed = template.Must(
	template.New("").Funcs(templateFuncs(locale.Languages()[0])).
		ParseFS(templateFiles, "templates/*.html", "templates/console/*.html"),
)

// translated are the templates with the functions of each language, cloned when they are first used.
var translated = translations()

func translations() map[*locale.Language]func() *template.Template {
	all := map[*locale.Language]func() *template.Template{}
	for _, words := range locale.Languages() {
		all[words] = sync.OnceValue(func() *template.Template {
			return template.Must(parsed.Clone()).Funcs(templateFuncs(words))
		})
	}
	return all
}

// templatesIn returns all templates in a language.
func templatesIn(words *locale.Language) *template.Template { return translated[words]() }

// templateFuncs are the functions of templates in a language.
func templateFuncs(words *locale.Language) template.FuncMap {
	return template.FuncMap{
		"asset":       assetURL,
		"humanDate":   HumanDate,
		"humanTime":   HumanTime,
		"machineTime": MachineTime,
		"plural":      Plural,
		"t":           words.Text,
		"count":       words.Count,
		"number":      words.Number,
		"date":        words.Date,
		"moment":      words.Moment,
		"stage":       func(number, now int) stage { return stage{number, number < now, number == now} },
		"deadline":    func(key string, t time.Time) template.HTML { return Deadline(words, key, t) },
	}
}

// stage is a step of several: done, to be taken now, or still to come.
type stage struct {
	Number    int
	Done, Now bool
}

// Deadline is a text with a time, which scripts convert to the reader's time zone and format.
func Deadline(words *locale.Language, key string, t time.Time) template.HTML {
	element := `<time class="rj-clock" datetime="` + MachineTime(t) + `">` +
		template.HTMLEscapeString(words.Moment(t)) + `</time>`
	before, after, _ := strings.Cut(template.HTMLEscapeString(words.Text(key)), "{time}")
	return template.HTML(before + element + after)
}
