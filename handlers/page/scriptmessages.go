package page

import (
	"encoding/json"
	"html/template"
	"path"
	"regexp"
	"strconv"
	"sync"

	"rejoinder/handlers/locale"
	"rejoinder/web"
)

// scriptTexts are the texts of the console's modules, in English.
var scriptTexts = sync.OnceValue(findScriptTexts)

// scriptText matches a text of a module: t("…") and, by its form for one, tn("…", "…").
var scriptText = regexp.MustCompile(`\btn?\(("(?:[^"\\]|\\.)*")`)

func findScriptTexts() []string {
	var texts []string
	entries, err := web.Assets.ReadDir("console")
	if err != nil {
		panic("embedded assets: " + err.Error())
	}
	for _, entry := range entries {
		if path.Ext(entry.Name()) != ".js" {
			continue
		}
		source, err := web.Assets.ReadFile("console/" + entry.Name())
		if err != nil {
			panic("embedded assets: " + err.Error())
		}
		for _, match := range scriptText.FindAllSubmatch(source, -1) {
			if text, err := strconv.Unquote(string(match[1])); err == nil {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// statusTexts are texts of modules that are values of the API.
var statusTexts = []string{"pending", "approved", "rejected", "spam", "deleted"}

// scriptMessages returns the translations of the modules' texts, as JSON; empty if there are none.
func scriptMessages(words *locale.Language) template.JS {
	found := map[string]any{}
	for _, text := range append(statusTexts, scriptTexts()...) {
		if message := words.Translation(text); message != nil {
			found[text] = message
		}
	}
	if len(found) == 0 {
		return ""
	}
	raw, err := json.Marshal(found)
	if err != nil {
		panic("messages are plain data: " + err.Error())
	}
	return template.JS(raw)
}
