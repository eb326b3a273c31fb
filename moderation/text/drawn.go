package text

import "strings"

// drawn are letters made of several signs, longer ones before those that they begin with.
var drawn = []struct {
	signs  string
	letter byte
	inside bool // only between letters: elsewhere the signs mean themselves
}{
	{
		`|_|`,
		'u',
		false,
	},
	{`(_)`, 'u', true},
	{`[_]`, 'u', true},
	{`/-\`, 'a', false},
	{`|-|`, 'h', false},
	{`}{`, 'h', true},
	{`/\/\`, 'm', false},
	{`|\/|`, 'm', false},
	{`|\|`, 'n', false},
	{`/\/`, 'n', false},
	{`/|`, 'n', false}, // Markdown shows /\| so
	{`/\|`, 'n', false},
	{`\/\/`, 'w', false},
	{`()`, 'o', true},
	{`[]`, 'o', true},
	{`/\`, 'a', false},
	{`\/`, 'v', false},
	{`|<`, 'k', false},
	{`|)`, 'd', false},
	{`|]`, 'd', false},
	{`|=`, 'f', false},
	{`|>`, 'p', false},
	{`|3`, 'b', false},
	{`><`, 'x', true},
}

// strokes are what letters are drawn with: a drawn letter may stand beside another.
const strokes = `|/\`

// readDrawn reads a letter drawn with several symbols and returns its length; 0 if there is none.
func (k *Skeleton) readDrawn(s string, at int, before *gap) int {
	for i := range drawn {
		d := &drawn[i]
		if d.signs[0] != s[at] || !strings.HasPrefix(s[at:], d.signs) || !drawnThere(s, at, at+len(d.signs), d.inside) {
			continue
		}
		may := letters(string(d.letter))
		k.add(unit{start: int32(at), end: int32(at + len(d.signs)), may: may, count: 1, before: *before},
			classOfReadings(may))
		*before = joined
		return len(d.signs)
	}
	return 0
}

// drawnThere reports whether the signs from at to end are drawn into a word: between letters, or, for most,
// at its beginning or its end.
func drawnThere(s string, at, end int, inside bool) bool {
	left, right := at > 0 && partOfWord(s[at-1]), end < len(s) && partOfWord(s[end])
	if inside || left && right {
		return left && right
	}
	begins := at == 0 || isSpaceByte(s[at-1]) || strings.IndexByte(strokes, s[at-1]) >= 0
	ends := end == len(s) || isSpaceByte(s[end]) || strings.IndexByte(strokes, s[end]) >= 0
	return left && ends || right && begins
}

func partOfWord(c byte) bool { return isAlphanumeric(c) || c >= 0x80 }

// partOfNext reports whether s begins with what may be part of a word.
func partOfNext(s string) bool { return s != "" && partOfWord(s[0]) }
