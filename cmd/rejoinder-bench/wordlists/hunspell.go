package wordlists

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// affixes are the suffix rules of a Hunspell .aff file (hunspell(5)). Prefixes, compounds and second suffixes
// are not expanded: in French and Italian the prefixes are elisions, which are words of their own here.
type affixes struct {
	flagType  string // "", "long", "num" or "UTF-8"
	aliases   []string
	suffixes  map[string][]suffix
	needAffix string // the flag of stems that are no words
	forbidden string
}

// suffix replaces the end of a stem if the stem meets the condition.
type suffix struct {
	strip, add string
	condition  []charClass
}

// charClass is one position of a condition: one of its characters or, if negated, none of them.
type charClass struct {
	chars  string
	negate bool
}

// readHunspell calls word for every word of the dictionary at path without extension, stems and other forms.
func readHunspell(path string, word func(form string, stem bool)) error {
	rules, err := readAffixes(path + ".aff")
	if err != nil {
		return err
	}
	first := true
	return eachLine(path+".dic", func(line string) {
		if first { // the number of words
			first = false
			return
		}
		line, _, _ = strings.Cut(line, "\t")
		line, _, _ = strings.Cut(line, " ")
		stem, flags, _ := strings.Cut(line, "/")
		rules.expand(stem, flags, word)
	})
}

// expand calls word for a stem and its suffixed forms.
func (a *affixes) expand(stem, flags string, word func(form string, stem bool)) {
	split := a.split(flags)
	bare := true
	for _, flag := range split {
		if flag == a.forbidden && flag != "" {
			return
		}
		bare = bare && flag != a.needAffix
	}
	if bare {
		word(stem, true)
	}
	for _, flag := range split {
		for _, s := range a.suffixes[flag] {
			if form, ok := s.apply(stem); ok {
				word(form, form == stem)
			}
		}
	}
}

// split returns the single flags of a flag field.
func (a *affixes) split(flags string) []string {
	if i, err := strconv.Atoi(flags); err == nil && len(a.aliases) > 0 {
		if i < 1 || i > len(a.aliases) {
			return nil
		}
		flags = a.aliases[i-1]
	}
	switch a.flagType {
	case "num":
		return strings.Split(flags, ",")
	case "long":
		var split []string
		for len(flags) >= 2 {
			split, flags = append(split, flags[:2]), flags[2:]
		}
		return split
	}
	return strings.Split(flags, "")
}

// apply returns the form of a stem, and whether the suffix fits it.
func (s suffix) apply(stem string) (string, bool) {
	if !strings.HasSuffix(stem, s.strip) {
		return "", false
	}
	runes := []rune(stem)
	if len(runes) < len(s.condition) {
		return "", false
	}
	for i, class := range s.condition {
		if strings.ContainsRune(class.chars, runes[len(runes)-len(s.condition)+i]) == class.negate {
			return "", false
		}
	}
	return strings.TrimSuffix(stem, s.strip) + s.add, true
}

func readAffixes(path string) (*affixes, error) {
	a := &affixes{suffixes: map[string][]suffix{}}
	err := eachLine(path, func(line string) {
		fields := strings.Fields(strings.TrimPrefix(line, "\uFEFF"))
		if len(fields) < 2 {
			return
		}
		switch fields[0] {
		case "FLAG":
			a.flagType = fields[1]
		case "AF":
			if _, err := strconv.Atoi(fields[1]); err != nil || len(fields) > 2 {
				a.aliases = append(a.aliases, fields[1])
			}
		case "NEEDAFFIX":
			a.needAffix = fields[1]
		case "FORBIDDENWORD":
			a.forbidden = fields[1]
		case "SFX":
			if len(fields) >= 5 {
				a.suffixes[fields[1]] = append(a.suffixes[fields[1]], parseSuffix(fields[2:5]))
			}
		}
	})
	return a, err
}

func parseSuffix(fields []string) suffix {
	var s suffix
	if fields[0] != "0" {
		s.strip = fields[0]
	}
	if add, _, _ := strings.Cut(fields[1], "/"); add != "0" {
		s.add = add
	}
	for rest := fields[2]; rest != "" && fields[2] != "."; {
		inside, after, found := strings.Cut(rest, "]")
		if rest[0] == '[' && found {
			chars, negate := strings.CutPrefix(inside[1:], "^")
			s.condition, rest = append(s.condition, charClass{chars, negate}), after
			continue
		}
		_, size := utf8.DecodeRuneInString(rest)
		char := rest[:size]
		s.condition, rest = append(s.condition, charClass{chars: char, negate: char == "."}), rest[size:]
	}
	return s
}

// eachLine calls line for every line of a file in UTF-8.
func eachLine(path string, line func(string)) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read word list: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line(strings.TrimSuffix(lines.Text(), "\r"))
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read word list %s: %w", path, err)
	}
	return nil
}
