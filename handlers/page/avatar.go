package page

import (
	"html/template"
	"strconv"
)

// Avatar draws a commenter's picture from a seed of eight hexadecimal digits: a symmetric pattern of five by
// five squares in one colour. It uses no external service, and the seed does not reveal the email. Without a
// seed the picture is plain grey.
func Avatar(seed string) template.HTML {
	bits, err := strconv.ParseUint(seed, 16, 32)
	if err != nil {
		return `<svg viewBox="0 0 5 5" width="36" height="36"><path fill="#8a929b" d="M0 0h5v5H0z"/></svg>`
	}
	// The upper bits choose the hue. The fixed lightness has enough contrast to white in both colour schemes.
	hue := strconv.FormatUint((bits>>16)%360, 10)
	var w Writer
	w.Markup(`<svg viewBox="0 0 5 5" width="36" height="36"><path fill="hsl(`)
	w.Text(hue)
	w.Markup(` 42% 42%)" d="M0 0h5v5H0z"/><path fill="#fff" fill-opacity=".85" d="`)
	for column := range 3 {
		for row := range 5 {
			if bits>>(column*5+row)&1 == 0 {
				continue
			}
			w.square(column, row)
			if column < 2 {
				w.square(4-column, row)
			}
		}
	}
	w.Markup(`"/></svg>`)
	return w.HTML()
}

// square writes a square of an avatar as part of a path.
func (w *Writer) square(column, row int) {
	w.buf.Write([]byte{'M', '0' + byte(column), ' ', '0' + byte(row)})
	w.Markup("h1v1h-1z")
}
