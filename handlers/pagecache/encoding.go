package pagecache

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// Encoding is a content coding of a response. They are in order of preference, for clients without one.
type Encoding int

// The encodings.
const (
	EncodingBrotli Encoding = iota
	encodingGzip
	EncodingIdentity
	Encodings // number of encodings
)

// EncodingNames are the names in headers (RFC 9110, section 8.4.1, and RFC 7932 for br).
var EncodingNames = [Encodings]string{"br", "gzip", "identity"}

// Levels of compression. On a thread of 40 kB, higher levels take several times as long to save 5%.
const (
	brotliLevel = 5
	gzipLevel   = 6
	// brotliWindow is the size of brotli's window as a power of two. 256 KiB exceeds a page; the default of 4
	// MiB would take as much memory for each page being compressed.
	brotliWindow = 18
)

// compressors are reused, since each has tables of several megabytes.
var compressors = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
	if err != nil {
		panic("gzip level: " + err.Error())
	}
	return &compressor{
		brotli: brotli.NewWriterOptions(io.Discard, brotli.WriterOptions{Quality: brotliLevel, LGWin: brotliWindow}),
		gzip:   z,
	}
}}

type compressor struct {
	brotli *brotli.Writer
	gzip   *gzip.Writer
}

// Quality values, in thousandths.
const (
	maxWeight = 1000
	noWeight  = -1 // the fields do not name the encoding
)

// NegotiateEncoding returns the encoding that the Accept-Encoding fields prefer (RFC 9110, section 12.5.3).
// It is EncodingIdentity without any field, and also if the client accepts no encoding: an unacceptable
// response is better than none.
func NegotiateEncoding(fields []string) Encoding {
	named := [Encodings]int{noWeight, noWeight, noWeight}
	rest := noWeight // weight of *
	for _, field := range fields {
		for field != "" {
			var element string
			element, field, _ = strings.Cut(field, ",")
			coding, weight, ok := codingWeight(element)
			switch {
			case !ok:
			case coding == "*":
				rest = weight
			case strings.EqualFold(coding, "br"):
				named[EncodingBrotli] = weight
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				named[encodingGzip] = weight
			case strings.EqualFold(coding, "identity"):
				named[EncodingIdentity] = weight
			}
		}
	}
	best, most := EncodingIdentity, 0
	for e, weight := range named {
		if weight == noWeight && Encoding(e) != EncodingIdentity {
			weight = max(rest, 0)
		}
		if weight > most {
			best, most = Encoding(e), weight
		}
	}
	return best
}

// codingWeight parses an element of an Accept-Encoding field, as "gzip;q=0.8"; false for a malformed element,
// which is ignored.
func codingWeight(element string) (coding string, weight int, ok bool) {
	coding, parameter, has := strings.Cut(element, ";")
	coding = strings.Trim(coding, " \t")
	if !has {
		return coding, maxWeight, coding != ""
	}
	name, value, _ := strings.Cut(strings.Trim(parameter, " \t"), "=")
	if !strings.EqualFold(name, "q") {
		return "", 0, false
	}
	weight, ok = parseWeight(value)
	return coding, weight, ok && coding != ""
}

// parseWeight parses a quality value: a number from 0 to 1 with at most three decimals.
func parseWeight(s string) (int, bool) {
	if s == "" || s[0] != '0' && s[0] != '1' {
		return 0, false
	}
	weight := int(s[0]-'0') * maxWeight
	if len(s) == 1 {
		return weight, true
	}
	digits := s[2:]
	if s[1] != '.' || len(digits) > 3 {
		return 0, false
	}
	unit := maxWeight / 10
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		weight += int(digits[i]-'0') * unit
		unit /= 10
	}
	return weight, weight <= maxWeight
}

// Compress returns the body in every encoding, in slices without spare capacity.
func Compress(body []byte) [Encodings][]byte {
	c := compressors.Get().(*compressor)
	defer compressors.Put(c)
	var br, gz bytes.Buffer
	c.brotli.Reset(&br)
	c.gzip.Reset(&gz)
	for _, w := range []io.WriteCloser{c.brotli, c.gzip} {
		_, err := w.Write(body)
		if err := errors.Join(err, w.Close()); err != nil {
			panic("compress in memory: " + err.Error())
		}
	}
	return [Encodings][]byte{bytes.Clone(br.Bytes()), bytes.Clone(gz.Bytes()), bytes.Clone(body)}
}
