package web

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"rejoinder/weburl"
)

// widgetParts are the files of the widget in the order in which they make one module.
var widgetParts = []string{"tools.js", "reading.js", "writing.js", "embed.js"}

// sheetPlace is where the style sheet's text goes in the module: as a module's own string it needs no
// request, and a host page whose policy forbids foreign style sheets does not mind.
const sheetPlace = `"embed.css"`

// trackingPlace marks where the list of tracking parameters goes in the module.
const trackingPlace = "tracking parameters"

// Widget returns the module that article pages load: its parts with the style sheet and the list of tracking
// parameters inserted, without comments and unneeded spaces, and with short private names.
func Widget() string {
	var module strings.Builder
	for _, name := range widgetParts {
		module.WriteString(withoutComments(part(name)))
	}
	return strings.NewReplacer(
		sheetPlace,
		jsString(squeezedSheet(part("embed.css"))),
		trackingPlace,
		weburl.TrackingPattern,
	).
		Replace(
			shortNames(tight.Replace(module.String())),
		)
}

// part reads a file that is part of the program.
func part(name string) string {
	content, err := widget.ReadFile("widget/" + name)
	if err != nil {
		panic("embedded widget: " + err.Error())
	}
	return string(content)
}

// lineComment is a comment on a line of its own, or behind a declaration.
var lineComment = regexp.MustCompile(`(^|[;{] )//.*$`)

// withoutComments leaves out comments, indentation and empty lines. No string in the widget goes over several
// lines, and none holds what looks like a comment.
func withoutComments(script string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(lineComment.ReplaceAllString(strings.TrimSpace(line), "$1"))
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// tight takes away space that means nothing. In the widget's strings these stand in lists of selectors only,
// where they mean nothing either.
var tight = strings.NewReplacer(
	" => ",
	"=>",
	" = ",
	"=",
	", ",
	",",
	"{ ",
	"{",
	" }",
	"}",
	") {",
	"){",
	" === ",
	"===",
	" !== ",
	"!==",
	" ?? ",
	"??",
	" && ",
	"&&",
	" || ",
	"||",
	" ? ",
	"?",
	" : ",
	":",
	"if (",
	"if(",
	"for (",
	"for(",
	"{\n",
	"{",
	",\n",
	",",
	";\n",
	";",
	"\n}",
	"}",
)

// privateName is a name that the widget's parts use among themselves.
var privateName = regexp.MustCompile(`\b_[a-z]\w*`)

// shortNames gives each private name a short one, in the order in which they come.
func shortNames(script string) string {
	names := map[string]string{}
	return privateName.ReplaceAllStringFunc(script, func(name string) string {
		if names[name] == "" {
			names[name] = "_" + strconv.FormatInt(int64(len(names)), 36)
		}
		return names[name]
	})
}

var (
	sheetComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	// Space before a colon means something in a selector, and so does space around + and -; around these it
	// never does.
	sheetSpace = regexp.MustCompile(`\s*([{};])\s*|([:,])\s+`)
)

// squeezedSheet leaves out of a style sheet what browsers pass over.
func squeezedSheet(sheet string) string {
	sheet = sheetSpace.ReplaceAllString(sheetComment.ReplaceAllString(sheet, ""), "$1$2")
	return strings.TrimSpace(strings.ReplaceAll(sheet, ";}", "}"))
}

// jsString writes a text as a string of JavaScript, of which those of JSON are a part (ECMA-262, section
// 12.9.4).
func jsString(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("a string as JSON: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}
