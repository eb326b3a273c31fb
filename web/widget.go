package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"rejoinder/weburl"
)

// widgetParts are the files of the widget in the order in which they are concatenated into one module.
var widgetParts = []string{"tools.js", "reading.js", "writing.js", "embed.js"}

// composerParts are the files of the second module, which the widget loads when somebody begins to write.
var composerParts = []string{"compose.js"}

// identityParts are the files of the third module, which the widget loads when the page signs a reader in.
var identityParts = []string{"identity.js"}

// versionPlace marks where the version of the other modules goes in their URLs. It changes with their
// content, so that a browser never uses them with another version of the widget.
const versionPlace = "modules' version"

// trackingPlace marks where the list of tracking parameters goes in the module.
const trackingPlace = "tracking parameters"

// Widget returns the module that article pages load: its parts with the style sheet and the tracking
// parameters inserted, minified by removing comments and spaces and by shortening private names.
func Widget() string {
	sum := sha256.Sum256([]byte(Composer() + Identity()))
	return strings.NewReplacer(versionPlace, hex.EncodeToString(sum[:4]), trackingPlace, weburl.TrackingPattern).
		Replace(module(widgetParts, "embed.css"))
}

// Composer returns the module with the writing tools, minified like the widget.
func Composer() string { return module(composerParts, "compose.css") }

// Identity returns the module for readers whom the page signs in, minified like the widget. It has no style
// sheet.
func Identity() string { return module(identityParts, "") }

// module returns the minified concatenation of files. The style sheet's text takes the place of its name: a
// string needs no request, and works under a Content-Security-Policy that forbids foreign style sheets.
func module(parts []string, sheet string) string {
	var b strings.Builder
	for _, name := range parts {
		b.WriteString(withoutComments(part(name)))
	}
	script := shortNames(tight.Replace(b.String()))
	if sheet == "" {
		return script
	}
	return strings.Replace(script, jsString(sheet), jsString(squeezedSheet(part(sheet))), 1)
}

// part reads an embedded file.
func part(name string) string {
	content, err := widget.ReadFile("widget/" + name)
	if err != nil {
		panic("embedded widget: " + err.Error())
	}
	return string(content)
}

// lineComment is a comment on its own line, or after a statement or an opening brace.
var lineComment = regexp.MustCompile(`(^|[;{] )//.*$`)

// withoutComments removes comments, indentation and empty lines. No string in the widget spans lines or
// contains something that looks like a comment.
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

// tight removes insignificant space. In the widget's strings, these patterns occur only in lists of
// selectors, where the space is insignificant too.
var tight = strings.NewReplacer(" => ", "=>", " = ", "=", ", ", ",", "{ ", "{", " }", "}", ") {", "){",
	" === ", "===", " !== ", "!==", " ?? ", "??", " && ", "&&", " || ", "||", " ? ", "?", " : ", ":", "if (",
	"if(", "for (", "for(", "{\n", "{", ",\n}", "}", ",\n", ",", ";\n}", "}", "; }", "}", ";\n", ";", "\n}", "}", " + ", "+", " * ", "*",
	" < ", "<", " > ", ">", "} else", "}else", "else {", "else{",
	": `", ":`", ": \"", ":\"")

// privateName matches names that only the widget's parts use.
var privateName = regexp.MustCompile(`\b_[a-z]\w*`)

// shortNames replaces each private name with a short one, in order of appearance.
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
	// Space around these is insignificant. Space before a colon, or around + and -, is significant in
	// selectors.
	sheetSpace = regexp.MustCompile(`\s*([{};>])\s*|([:,])\s+`)
)

// squeezedSheet minifies a style sheet.
func squeezedSheet(sheet string) string {
	sheet = sheetSpace.ReplaceAllString(sheetComment.ReplaceAllString(sheet, ""), "$1$2")
	return strings.TrimSpace(strings.ReplaceAll(sheet, ";}", "}"))
}

// jsString returns a text as a JavaScript string literal. Every JSON string is one (ECMA-262, section
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
