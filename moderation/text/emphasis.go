package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// emphasis parses *, _ and ~~. It differs from CommonMark where that removes characters from ordinary text:
//
//   - Between two letters or digits they are literal: "2*3*4", "sh*t", "10~~14". Not so in scripts that are
//     written without spaces, where there is no other place for them.
//   - Between two identical characters they are part of an emoticon: "^_^", "*_*", ">_<".
//   - One "~", or more than two, are literal: "9~17", "~5 €". So are more than three of the others.
//
// In scripts without spaces, emphasis also works next to punctuation: "これは**「強調」**です".
type emphasis struct{}

// maxRun is the longest run of * or _ with a meaning: emphasis inside strong emphasis.
const maxRun = 3

// maxDelimiters bounds the marks of one paragraph. For each mark that closes nothing, the parser checks all
// marks before it.
const maxDelimiters = 1000

var delimitersSeen = parser.NewContextKey()

// Trigger implements goldmark's parser.InlineParser.
func (emphasis) Trigger() []byte { return []byte("*_~") }

// Parse implements goldmark's parser.InlineParser.
func (emphasis) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	delimiter := parser.ScanDelimiter(line, before, 1, delimiters{line[0]})
	length := delimiter.OriginalLength
	after, _ := utf8.DecodeRune(line[length:])
	segment = segment.WithStop(segment.Start + length)
	block.Advance(length)
	seen, _ := pc.Get(delimitersSeen).(int)
	if pc.Set(delimitersSeen, seen+1); seen >= maxDelimiters {
		return ast.NewTextSegment(segment)
	}
	if length > maxRun || line[0] == '~' && length != 2 || betweenWords(before, after) || face(before, after) {
		return ast.NewTextSegment(segment)
	}
	if line[0] != '_' {
		delimiter.CanOpen = delimiter.CanOpen || solid(before) && !unicode.IsSpace(after)
		delimiter.CanClose = delimiter.CanClose || solid(after) && !unicode.IsSpace(before)
	}
	delimiter.Segment = segment
	pc.PushDelimiter(delimiter)
	return delimiter
}

// CloseBlock implements goldmark's parser.CloseBlocker.
func (emphasis) CloseBlock(_ ast.Node, _ text.Reader, pc parser.Context) { pc.Set(delimitersSeen, 0) }

// delimiters implements goldmark's parser.DelimiterProcessor.
type delimiters struct{ char byte }

// IsDelimiter implements goldmark's parser.DelimiterProcessor.
func (delimiters) IsDelimiter(c byte) bool { return c == '*' || c == '_' || c == '~' }

// CanOpenCloser implements goldmark's parser.DelimiterProcessor.
func (delimiters) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

// OnMatch implements goldmark's parser.DelimiterProcessor.
func (d delimiters) OnMatch(consumes int) ast.Node {
	if d.char == '~' {
		return extensionast.NewStrikethrough()
	}
	return ast.NewEmphasis(consumes)
}

func betweenWords(before, after rune) bool { return spacedWord(before) && spacedWord(after) }

// spacedWord reports whether r is part of a word in a script that puts spaces between words.
func spacedWord(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) && !solid(r) }

// face reports whether the run between two characters is the nose or mouth of an emoticon.
func face(before, after rune) bool {
	if !unicode.In(before, unicode.P, unicode.S) {
		return false
	}
	return before == after || (before == '<' || before == '>') && (after == '<' || after == '>')
}

// solidScripts are scripts that are written without spaces between words or, like Korean, attach endings to
// anything.
var solidScripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

func solid(r rune) bool {
	punctuation := 0x3001 <= r && r <= 0x301F || 0xFF01 <= r && r <= 0xFF0F
	return r >= 0x0E00 && (punctuation || r == 'ー' || unicode.In(r, solidScripts...))
}
