package page

import (
	"html/template"
	"strconv"
	"strings"
	"unicode"
)

// Avatar draws the initials of a name on a tint that a seed of eight hexadecimal digits chooses. It uses no
// external service, and neither seed nor tint reveals the email. Without a seed the tint is grey.
func Avatar(seed, name string) template.HTML {
	hue := ""
	if bits, err := strconv.ParseUint(seed, 16, 32); err == nil {
		hue = strconv.FormatUint(bits%avatarTints*(360/avatarTints)+20, 10)
	}
	var w Writer
	w.Markup(`<svg viewBox="0 0 36 36" width="36" height="36"><path fill="`)
	w.tint(tint{".92", ".04"}, tint{".36", ".04"}, hue)
	w.Markup(`" d="M0 0h36v36H0z"/>`)
	if text := initials(name); text != "" {
		w.Markup(`<text x="18" y="23" text-anchor="middle" font-size="14" font-weight="600" fill="`)
		w.tint(tint{".38", ".09"}, tint{".92", ".04"}, hue)
		w.Markup(`">`)
		w.Text(text)
		w.Markup("</text>")
	}
	w.Markup("</svg>")
	return w.HTML()
}

// AvatarOrPicture is the reader's own picture or, without one, Avatar. The picture's server does not learn on
// which page it is shown.
func AvatarOrPicture(picture, seed, name string) template.HTML {
	if picture == "" {
		return Avatar(seed, name)
	}
	var w Writer
	w.Markup(`<img alt="" width="36" height="36" loading="lazy" referrerpolicy="no-referrer"`)
	w.URL("src", picture)
	w.Markup(">")
	return w.HTML()
}

// tint is lightness and chroma of a colour, as oklch() takes them.
type tint struct{ lightness, chroma template.HTML }

// tint writes a colour for light and one for dark pages, both with a hue in degrees or without any.
func (w *Writer) tint(light, dark tint, hue string) {
	w.Markup("light-dark(")
	for i, t := range []tint{light, dark} {
		if i > 0 {
			w.Markup(",")
		}
		w.Markup("oklch(" + t.lightness + " ")
		if hue == "" {
			w.Markup("0 0)")
			continue
		}
		w.Markup(t.chroma + " ")
		w.Text(hue)
		w.Markup(")")
	}
	w.Markup(")")
}

// avatarTints is the number of tints. Text on each has a contrast of at least 7:1, in both colour schemes.
const avatarTints = 8

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
