package text

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Skeleton is a text reduced to what its characters look like, so that a disguised word and the word itself
// have the same skeleton. Reading removes accents, styles, repetitions and everything between words, and
// replaces look-alike letters of other alphabets, digits and symbols by the letters that they look like. It
// keeps the position of each piece in the text. The zero value is ready for Read, which can be called
// repeatedly and reuses memory.
type Skeleton struct {
	// Classes has one byte for each piece of the text that was read, or several for a letter that looks like no
	// Latin one. The keys of a Disguise (see NewDisguise) are searched in it.
	Classes []byte

	text    string   // what was read
	units   []unit   // one for each byte of Classes
	latin   int      // how many letters of the Latin alphabet there are
	foreign int      // and of others
	used    int      // how much of the memory has been written to since Forget
	apart   bool     // signs separate: see ReadApart
	signs   bool     // a sign or digit was read as a letter that it might also separate
	sought  Disguise // the one that Find was last asked for, without its Key
	written string   // the word that was last folded
	normal  string   // and its normal form
	asked   string   // the word that ordinary was last asked about
	known   bool     // it is an ordinary word
	english bool     // it is one of English
	closer  [2]int   // where the last ')' and the last '>' stand, found when needed
}

// unit is what one byte of Classes stands for.
type unit struct {
	start, end int32 // in the original
	may        readings
	native     rune   // the letter itself, when it is of another alphabet
	count      uint16 // how often it is repeated
	digit      bool   // it was written as a digit
	before     gap    // what separates it from the unit before
	kind       unitKind
}

type unitKind uint8

const (
	sign   unitKind = iota // a sign or digit that stands for a letter
	letter                 // a letter
	censor                 // a star, or several, in place of letters
	mask                   // a row of signs that words may also simply end with
)

// gap is what stands between two units.
type gap uint8

const (
	joined gap = iota // nothing
	spacing
	pointed // punctuation
	lined   // the end of a line
	broken  // the end of a sentence or paragraph
)

// shape is one letter that a character looks like.
type shape struct {
	may    readings
	native rune
	class  string // one byte, or the UTF-8 of native
}

// shapesOf returns what a character beyond ASCII looks like; nil for one that separates words.
func shapesOf(r rune, normal string) []shape {
	if like, is := shapes[r]; is {
		return []shape{likeLetter(like, nativeOf(r, normal))}
	}
	var list []shape
	for _, part := range norm.NFKD.String(normal) {
		like, is := shapes[part]
		switch {
		case overlay(part):
		case 'a' <= part && part <= 'z':
			list = append(list, likeLetter(byte(part), 0))
		case '0' <= part && part <= '9':
			list = append(list, shape{may: substitutes[byte(part)], class: string(classOfReadings(substitutes[byte(part)]))})
		case is:
			list = append(list, likeLetter(like, nativeOf(part, normal)))
		case unicode.In(part, unicode.L, unicode.M, unicode.N):
			list = append(list, shape{native: part, class: string(part)})
		}
	}
	return list
}

// nativeOf returns the letter of another alphabet that r is, folded; 0 for Latin ones and for signs.
func nativeOf(r rune, normal string) rune {
	if !unicode.IsLetter(r) || unicode.In(r, unicode.Latin, unicode.Common) {
		return 0
	}
	if folded, size := utf8.DecodeRuneInString(normal); size == len(normal) && size > 0 {
		return folded
	}
	return r
}

func likeLetter(like byte, native rune) shape {
	may := letters(string(like)) | substitutes[like]
	if native == 'ӏ' || native == 'ן' || native == 'ו' || like == 'i' && native == 0 { // upright strokes
		may |= letters("il")
	}
	return shape{may: may, native: native, class: string(classOfReadings(may))}
}

// Read makes k the skeleton of s. Signs and digits stand for letters where they can. It takes time and memory
// linear in the length of s, which is at most 2 GB.
func (k *Skeleton) Read(s string) {
	k.apart = false
	k.read(s)
}

// ReadApart makes k the other skeleton of the text that was last read: signs separate, as do digits at the
// edges of a word, as in "@idiot", "f*o*o*l" and "1idiot". It returns false if the text has no such signs, and
// then does nothing.
func (k *Skeleton) ReadApart() bool {
	if !k.signs {
		return false
	}
	k.apart = true
	k.read(k.text)
	return true
}

func (k *Skeleton) read(s string) {
	k.text, k.used = s, max(k.used, len(k.units))
	k.Classes, k.units = k.Classes[:0], k.units[:0]
	k.latin, k.foreign, k.closer, k.signs = 0, 0, [2]int{-1, -1}, false
	k.Classes, k.units = slices.Grow(k.Classes, len(s)), slices.Grow(k.units, len(s))
	before, last := broken, byte(0)
	for at := 0; at < len(s); {
		c := s[at]
		switch t := &ascii[c&(utf8.RuneSelf-1)]; {
		case c >= utf8.RuneSelf:
			at += k.readRune(s, at, &before)
		case k.apart && c <= '9' && t.plain && atEdge(s, at):
			before = max(before, pointed)
			at++
		case (c == 'l' || c == '1') && !k.apart && before != joined && strokeThree(s[at:]):
			k.signs = true
			k.add(unit{start: int32(at), end: int32(at + 2), may: letters("b"), count: 1, before: before}, 'b')
			before = joined
			at += 2
		case t.plain:
			u := unit{start: int32(at), end: int32(at + 1), may: t.may, count: 1, before: before, kind: t.kind, digit: c <= '9'}
			k.signs = k.signs || c <= '9' && besideLetter(s, at)
			if before == joined && (t.class == last || t.class == 'h' && last == 'p' && !beginsHead(s[at:])) {
				k.add(u, t.class)
			} else { // what add would do, without the questions that most letters answer with no
				k.units, k.Classes = append(k.units, u), append(k.Classes, t.class)
				k.latin += int(t.kind)
			}
			before = joined
			at++
		case c == ' ':
			before = max(before, spacing)
			at++
		default:
			at += k.readSign(s, at, &before)
		}
		if n := len(k.Classes); n > 0 {
			last = k.Classes[n-1]
		}
	}
}

// readRune reads one character beyond ASCII and returns its length.
func (k *Skeleton) readRune(s string, at int, before *gap) int {
	r, size := utf8.DecodeRuneInString(s[at:])
	t := traitsOf(r)
	switch {
	case overlay(r) && *before == joined && len(k.units) > 0:
		k.units[len(k.units)-1].end = int32(at + size)
	case t.hidden || overlay(r) || r == '’' && *before == joined:
	case r == 'ß' && *before != joined && partOfNext(s[at+size:]): // no word begins with it
		u := unit{start: int32(at), end: int32(at + size), may: onlyB, count: 1, before: *before, kind: letter}
		k.add(u, 'b')
		*before = joined
	case censorCircle(r) && *before == joined && k.afterUnspaced():
		k.signs = true
		k.add(unit{start: int32(at), end: int32(at + size), count: 1, kind: censor}, '*')
	case t.shapes == nil && !k.apart && *before == joined && wideSign(t.normal) && continues(s[at+size:]):
		may := substitutes[t.normal[0]]
		k.signs = true
		k.add(unit{start: int32(at), end: int32(at + size), may: may, count: 1}, classOfReadings(may))
	case t.shapes == nil || k.apart && !unicode.In(r, unicode.L, unicode.M, unicode.N):
		*before = max(*before, gapOf(r))
	default:
		if t.class == alone {
			*before = max(*before, spacing)
		}
		for _, one := range t.shapes {
			u := unit{
				start:  int32(at),
				end:    int32(at + size),
				may:    one.may,
				native: one.native,
				count:  1,
				before: *before,
				kind:   letter,
			}
			if one.native == 0 && !unicode.IsLetter(r) {
				u.kind = sign
				k.signs = true
			}
			k.addShape(u, one.class)
			*before = joined
		}
	}
	return size
}

func (k *Skeleton) addShape(u unit, class string) {
	k.add(u, class[0])
	for i := 1; i < len(class); i++ {
		u.before = joined
		k.units = append(k.units, u)
		k.Classes = append(k.Classes, class[i])
	}
}

// censorCircle reports whether a character is one of the circles that hide a letter in Japanese, as a star does
// elsewhere.
func censorCircle(r rune) bool { return r == '○' || r == '〇' || r == '◯' || r == '●' }

// afterUnspaced reports whether the last unit is a letter of a script without spaces.
func (k *Skeleton) afterUnspaced() bool {
	return len(k.units) > 0 && ofUnspacedScript(k.units[len(k.units)-1].native)
}

// ofUnspacedScript reports whether a letter, or the sound mark of one, is Japanese or Chinese.
func ofUnspacedScript(r rune) bool {
	return soundMark(r) || unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
}

// soundMark reports whether a rune is a mark that belongs to the Japanese letter before it.
func soundMark(r rune) bool { return r == '\u3099' || r == '\u309a' }

func gapOf(r rune) gap {
	if unicode.IsSpace(r) {
		return spacing
	}
	return pointed
}

// add appends a unit, or lengthens the last one if this repeats it. A letter that stands alone may repeat
// across a gap.
func (k *Skeleton) add(u unit, class byte) {
	if last := len(k.units) - 1; last >= 0 && u.before == joined && class < utf8.RuneSelf && k.Classes[last] == class {
		if p := &k.units[last]; p.may&u.may != 0 && p.native == u.native && (class != 'i' || p.may == u.may) ||
			u.kind == censor {
			p.end = u.end
			p.may |= u.may
			p.kind = max(p.kind, u.kind)
			p.count += min(1, 1<<15-p.count)
			if p.count == 2 && p.may == twoReadingsOfV && u.may == twoReadingsOfV { // vv is drawn for w
				k.become(p, 'w')
			}
			if p.count == 2 && p.may == readingsOfQ && u.may == readingsOfQ { // looks like gg
				k.become(p, 'g')
				p.count = 2
			}
			return
		}
	}
	if last := len(k.units) - 1; last >= 0 && u.before == joined && k.fuse(&k.units[last], u, class) {
		return
	}
	if u.kind == letter {
		if u.native != 0 {
			k.foreign++
		} else {
			k.latin++
		}
	}
	k.units = append(k.units, u)
	k.Classes = append(k.Classes, class)
}

var (
	twoReadingsOfV = letters("uv")
	readingsOfQ    = substitutes['q']
	onlyB          = letters("b")
	letterA        = letters("a")
	onlyP          = letters("p")
	letterY        = letters("iy")
	onlyY          = letters("y")
	onlyI          = letters("i")
	capitalI       = letters("il") // in many typefaces it is an l
)

// beginsHead reports whether s begins like head or hole, the ends of many compounds: an h there belongs to no
// p before it.
func beginsHead(s string) bool {
	return len(s) > 3 &&
		(s[1]|0x20 == 'e' && s[2]|0x20 == 'a' && s[3]|0x20 == 'd' || s[1]|0x20 == 'o' && s[2]|0x20 == 'l' && s[3]|0x20 == 'e')
}

// fuse merges two letters that sound like one into one unit: ph like f.
func (k *Skeleton) fuse(last *unit, u unit, class byte) bool {
	if class != 'h' || last.may != onlyP || last.count != 1 || last.native != 0 {
		return false
	}
	last.end = u.end
	k.become(last, 'f')
	return true
}

// become makes the last unit another letter.
func (k *Skeleton) become(last *unit, letter byte) {
	last.may, last.count = letters(string(letter)), 1
	k.Classes[len(k.Classes)-1] = classOfReadings(last.may)
}

// asciiShape is what an ASCII character looks like.
type asciiShape struct {
	may   readings
	class byte
	kind  unitKind
	plain bool // always a letter or digit, whatever is around
}

var ascii = func() (table [utf8.RuneSelf]asciiShape) {
	for c := range byte(utf8.RuneSelf) {
		if !isAlphanumeric(c) {
			continue
		}
		t := &table[c]
		t.plain, t.may = true, substitutes[c]
		if c > '9' {
			t.kind = letter
			t.may |= letters(string(c|0x20)) | substitutes[c|0x20]
			if c == 'I' {
				t.may = capitalI
			}
		}
		t.class = classOfReadings(t.may)
	}
	return table
}()

// Forget wipes what was read, keeping the memory.
func (k *Skeleton) Forget() {
	k.used = max(k.used, len(k.units))
	clear(k.Classes[:k.used])
	clear(k.units[:k.used])
	k.text, k.Classes, k.units, k.used = "", k.Classes[:0], k.units[:0], 0
	k.written, k.normal, k.asked = "", "", ""
}
