package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"unicode"
)

// Avatar is a picture of a reader: their own or, without one, the initials of their name.
type Avatar struct {
	Picture string // URL; the picture's server does not learn on which page it is shown
	Seed    string // eight hexadecimal digits that choose the tint; empty: grey
	Name    string
}

// HTML returns the avatar for a template.
func (a Avatar) HTML() template.HTML {
	var w Writer
	w.Avatar(a)
	return w.HTML()
}

// Avatar writes a reader's picture. Initials use no external service, and neither seed nor tint reveals the
// email.
func (w *Writer) Avatar(a Avatar) {
	if a.Picture != "" {
		w.Markup(`<img alt="" width="36" height="36" loading="lazy" referrerpolicy="no-referrer"`)
		w.URL("src", a.Picture)
		w.Markup(">")
		return
	}
	colours := grey
	if bits, err := strconv.ParseUint(a.Seed, 16, 32); err == nil {
		colours = tints[bits%uint64(len(tints))]
	}
	w.Markup(`<svg viewBox="0 0 36 36" width="36" height="36"><path fill="`)
	w.Markup(colours.ground)
	w.Markup(`" d="M0 0h36v36H0z"/>`)
	if text := initials(a.Name); text != "" {
		w.Markup(`<text x="18" y="23" text-anchor="middle" font-size="14" font-weight="600" fill="`)
		w.Markup(colours.letters)
		w.Markup(`">`)
		w.Text(text)
		w.Markup("</text>")
	}
	w.Markup("</svg>")
}

// tint are the colours of an avatar, for light and for dark pages.
type tint struct{ ground, letters template.HTML }

// tints have a contrast of at least 7:1 between letters and ground, in both colour schemes.
var tints = func() (all [8]tint) {
	for i := range all {
		all[i] = newTint(20 + i*360/len(all))
	}
	return all
}()

var grey = tint{"light-dark(oklch(.92 0 0),oklch(.36 0 0))", "light-dark(oklch(.38 0 0),oklch(.92 0 0))"}

// newTint returns the tint of a hue in degrees.
func newTint(hue int) tint {
	colours := func(format string) template.HTML { return template.HTML(fmt.Sprintf(format, hue)) }
	return tint{
		ground:  colours("light-dark(oklch(.92 .04 %[1]d),oklch(.36 .04 %[1]d))"),
		letters: colours("light-dark(oklch(.38 .09 %[1]d),oklch(.92 .04 %[1]d))"),
	}
}

// initials returns the first letters of the first two words of a name, in capitals. Letters of a script
// without capitals would join or look like a word, so there is one.
func initials(name string) string {
	var letters []rune
	for word := range strings.FieldsSeq(name) {
		i := strings.IndexFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
		if i < 0 {
			continue
		}
		letter := []rune(word[i:])[0]
		hasCase := unicode.ToUpper(letter) != unicode.ToLower(letter)
		if len(letters) == 1 && !hasCase {
			break
		}
		letters = append(letters, unicode.ToUpper(letter))
		if len(letters) == 2 || !hasCase {
			break
		}
	}
	return string(letters)
}
