package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// Avatar draws a commenter's picture from a seed of eight hexadecimal digits: a symmetric pattern of five by
// five squares in one colour. It uses no external service, and the seed does not reveal the email. Without a
// seed the picture is plain grey.
func Avatar(seed string) template.HTML {
	bits, err := strconv.ParseUint(seed, 16, 32)
	if err != nil {
		return `<svg viewBox="0 0 5 5" width="36" height="36"><path fill="#8a929b" d="M0 0h5v5H0z"/></svg>`
	}
	var squares strings.Builder
	for column := range 3 {
		for row := range 5 {
			if bits>>(column*5+row)&1 == 0 {
				continue
			}
			fmt.Fprintf(&squares, "M%d %dh1v1h-1z", column, row)
			if column < 2 {
				fmt.Fprintf(&squares, "M%d %dh1v1h-1z", 4-column, row)
			}
		}
	}
	// The upper bits choose the hue. The fixed lightness has enough contrast to white in both colour schemes.
	hue := (bits >> 16) % 360
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 5 5" width="36" height="36">`+
		`<path fill="hsl(%d 42%% 42%%)" d="M0 0h5v5H0z"/><path fill="#fff" fill-opacity=".85" d="%s"/></svg>`,
		hue, squares.String()))
}
