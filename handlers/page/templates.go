package page

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"rejoinder/handlers/locale"
)

//go:embed templates/*.html templates/console/*.html
var templateFiles embed.FS

// parsed has all templates, which are parsed for the first page: commands need none.
var parsed = sync.OnceValue(parseTemplates)

// templateSet is a set of templates. The name of a template is that of its page.
type templateSet struct {
	all     *template.Template
	console []string // the names of those of the console
}

func parseTemplates() templateSet {
	all := template.Must(template.New("").Funcs(templateFuncs(locale.Languages()[0])).
		ParseFS(templateFiles, "templates/*.html"))
	before := map[string]bool{}
	for _, each := range all.Templates() {
		before[each.Name()] = true
	}
	template.Must(all.ParseFS(templateFiles, "templates/console/*.html"))
	var console []string
	for _, each := range all.Templates() {
		if !before[each.Name()] {
			console = append(console, each.Name())
		}
	}
	return templateSet{all, console}
}

// translated are the templates with the functions of each language, cloned when they are first used.
var translated = sync.OnceValue(translations)

func translations() map[*locale.Language]func() *template.Template {
	all := map[*locale.Language]func() *template.Template{}
	for _, words := range locale.Languages() {
		all[words] = sync.OnceValue(func() *template.Template {
			all := template.Must(parsed().all.Clone()).Funcs(templateFuncs(words))
			for _, name := range parsed().console {
				translator{words}.translate(all.Lookup(name))
			}
			return all
		})
	}
	return all
}

// templatesIn returns all templates in a language.
func templatesIn(words *locale.Language) *template.Template { return translated()[words.Base()]() }

// templateFuncs are the functions of templates in a language.
func templateFuncs(words *locale.Language) template.FuncMap {
	return template.FuncMap{
		"asset":          assetURL,
		"humanDate":      words.Date,
		"humanTime":      words.Moment,
		"machineTime":    MachineTime,
		"t":              words.Text, // in templates of the console: see translator
		"th":             func(string, ...any) (string, error) { return "", errNoLiteral },
		"scriptMessages": func() template.JS { return scriptMessages(words) },
		"message":        func(english any, values ...any) string { return words.T(fmt.Sprint(english), values...) },
		"tn":             words.N,
		"count":          words.Count,
		"number":         words.Number,
		"date":           words.Date,
		"moment":         words.Moment,
		"stage":          func(number, now int) stage { return stage{number, number < now, number == now} },
		"time":           func(t time.Time) template.HTML { return timeElement(words, t) },
		"deadline":       func(key string, t time.Time) template.HTML { return Deadline(words, key, t) },
	}
}

var errNoLiteral = errors.New("th takes a literal text, and is an action of its own")

// stage is a step of several: done, to be taken now, or still to come.
type stage struct {
	Number    int
	Done, Now bool
}

// timeElement is a time with its date, as the template "time" writes it.
func timeElement(words *locale.Language, t time.Time) template.HTML {
	return template.HTML(`<time datetime="` + MachineTime(t) + `">` + template.HTMLEscapeString(words.Moment(t)) + `</time>`)
}

// Deadline is a text with a time, which scripts convert to the reader's time zone and format.
func Deadline(words *locale.Language, key string, t time.Time) template.HTML {
	element := `<time class="rj-clock" datetime="` + MachineTime(t) + `">` +
		template.HTMLEscapeString(words.Moment(t)) + `</time>`
	before, after, _ := strings.Cut(template.HTMLEscapeString(words.Text(key)), "{time}")
	return template.HTML(before + element + after)
}
