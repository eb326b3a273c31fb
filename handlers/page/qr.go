package page

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrMargin is the quiet zone around a QR code, in modules (ISO/IEC 18004, section 6.3.8: four).
const qrMargin = 4

// QRView is a QR code for an SVG element.
type QRView struct {
	Size int    // side length in modules, including the margin
	Path string // of the dark modules, as SVG path data
}

// NewQR returns a QR code with error correction level M.
func NewQR(text string) (*QRView, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("encode QR code: %w", err)
	}
	side := code.Bounds().Dx()
	dark := func(x, y int) bool { return x < side && color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128 }
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			start := x
			for dark(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", start+qrMargin, y+qrMargin, x-start, x-start)
			}
		}
	}
	return &QRView{Size: side + 2*qrMargin, Path: path.String()}, nil
}
